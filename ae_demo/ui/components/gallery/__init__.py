from ae_demo.ui.components.gallery.component import gallery

__all__ = ["gallery"]
