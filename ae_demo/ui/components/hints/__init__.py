from ae_demo.ui.components.hints.component import hints, hints_value, likely_value, read_hints

__all__ = ["hints", "hints_value", "likely_value", "read_hints"]
