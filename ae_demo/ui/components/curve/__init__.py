from ae_demo.ui.components.curve.component import curve, curve_value

__all__ = ["curve", "curve_value"]
