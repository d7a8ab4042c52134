from ae_demo.ui.components.steps.component import steps

__all__ = ["steps"]
