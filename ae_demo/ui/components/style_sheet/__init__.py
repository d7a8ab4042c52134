from ae_demo.ui.components.style_sheet.component import style_sheet

__all__ = ["style_sheet"]
