from ae_demo.ui.components.link.component import link, link_ignored

__all__ = ["link", "link_ignored"]
