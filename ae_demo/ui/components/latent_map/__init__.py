from ae_demo.ui.components.latent_map.component import EXTENT, latent_map, latent_map_value, move_marker, read_place

__all__ = ["EXTENT", "latent_map", "latent_map_value", "move_marker", "read_place"]
