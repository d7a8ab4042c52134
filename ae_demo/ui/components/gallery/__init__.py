from ae_demo.ui.components.gallery.component import SHOWN, gallery

__all__ = ["SHOWN", "gallery"]
