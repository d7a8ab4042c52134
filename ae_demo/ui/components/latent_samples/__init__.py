from ae_demo.ui.components.latent_samples.component import latent_samples

__all__ = ["latent_samples"]
