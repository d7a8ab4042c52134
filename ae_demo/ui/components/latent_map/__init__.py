from ae_demo.ui.components.latent_map.component import landed_value, latent_map, read_place

__all__ = ["landed_value", "latent_map", "read_place"]
