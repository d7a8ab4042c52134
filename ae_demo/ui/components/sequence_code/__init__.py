from ae_demo.ui.components.sequence_code.component import sequence_code

__all__ = ["sequence_code"]
