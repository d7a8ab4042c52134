from ae_demo.ui.components.detection.component import Sheet, detection, detection_value, line_sheet

__all__ = ["Sheet", "detection", "detection_value", "line_sheet"]
