from ae_demo.ui.components.preview.component import preview, preview_value

__all__ = ["preview", "preview_value"]
