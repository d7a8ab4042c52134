from ae_demo.ui.components.latent_path.component import latent_path

__all__ = ["latent_path"]
