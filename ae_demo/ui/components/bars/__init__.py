from ae_demo.ui.components.bars.component import bars, bars_value

__all__ = ["bars", "bars_value"]
