from ae_demo.ui.components.examples.component import examples

__all__ = ["examples"]
