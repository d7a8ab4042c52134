from ae_demo.ui.components.thumbnails.component import name_thumbnails

__all__ = ["name_thumbnails"]
