from ae_demo.ui.components.bars.component import bars, bars_value, decoded_value, editable_code, read_code

__all__ = ["bars", "bars_value", "decoded_value", "editable_code", "read_code"]
