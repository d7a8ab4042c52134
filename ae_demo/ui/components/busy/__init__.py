from ae_demo.ui.components.busy.component import busy, busy_value

__all__ = ["busy", "busy_value"]
