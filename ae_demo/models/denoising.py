"""The denoising autoencoder: it is trained to reconstruct a clean picture from a noisy one.

With x̃ ~ noise(x), ‖g(f(x̃)) − x‖² is minimised. The noise, not a narrow code, keeps the model from learning the
identity, so the code may be larger than the picture (Vincent et al., 2008, "Extracting and Composing Robust
Features with Denoising Autoencoders"). One blind model learns all kinds and levels of noise, and their mixtures.
The encoder is a U-Net on 2 × 2 patches (as in FFDNet, Zhang et al., 2018); its code is a map at half resolution. The
network is initialised as the identity: the first channels of the code pass the patches through, and training learns
the residual (Zhang et al., 2017, "Beyond a Gaussian Denoiser").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..functional import metrics, noise
from ..functional.noise import Noise
from .base import Autoencoder, FullyConvolutionalConfig, Output
from .blocks import UNet, convolution_reach, pad_to_multiple, scale_shapes, zero_bias
from .options import option

MEASURED = {  # the noise at which a checkpoint's PSNR is measured, by the metric's name
    "clean": Noise(),
    "gaussian_0.1": Noise(gaussian=0.1),
    "gaussian_0.3": Noise(gaussian=0.3),
    "salt_and_pepper_0.3": Noise(salt_and_pepper=0.3),
    "mask_0.5": Noise(mask=0.5),
    "mixture": Noise(gaussian=0.1, salt_and_pepper=0.1, mask=0.2),
}


@dataclass(frozen=True, kw_only=True)
class DenoisingConfig(FullyConvolutionalConfig):
    """Widths of the U-Net, and the maximum of each kind of noise in training."""

    input_shape: tuple[int, ...] = option((1, 28, 28), "shape of one picture: C H W", minimum=1, length=(3, 3))
    loss: str = option(
        "psnr",
        "reconstruction loss; psnr weights all levels of noise equally",
        choices=("psnr", "rmse", "mse", "l1", "ssim"),
    )
    channels: tuple[int, ...] = option(
        (32, 64), "channels at each scale, finest first", minimum=1, maximum=1024, length=(1, 8)
    )
    blocks: int = option(1, "residual blocks at each scale, twice as many at the coarsest", minimum=1, maximum=16)
    patch: int = option(2, "side of the squares of pixels that become channels", minimum=1, maximum=8)
    gaussian: float = option(0.5, "largest standard deviation of Gaussian noise", minimum=0.0, maximum=1.0)
    salt_and_pepper: float = option(0.5, "largest share of salt-and-pepper pixels", minimum=0.0, maximum=0.95)
    mask: float = option(0.7, "largest share of masked pixels", minimum=0.0, maximum=0.95)
    dropout_noise: float = option(0.5, "largest share of dropped pixels", minimum=0.0, maximum=0.95)
    grain: float = option(0.0, "largest standard deviation of coarse, camera-like noise", minimum=0.0, maximum=1.0)
    grey: float = option(0.2, "share of colour pictures converted to grey, with grey noise", minimum=0.0, maximum=1.0)

    @property
    def factor(self) -> int:
        """Downsampling factor of the coarsest scale."""
        return self.patch * 2 ** (len(self.channels) - 1)

    @property
    def code_stride(self) -> int:
        """Downsampling factor of the code map."""
        return self.patch

    @property
    def reach(self) -> int:
        """Upper bound of the receptive field's radius of encoder and decoder, in pixels."""
        return convolution_reach(self.patch, len(self.channels), self.blocks)


class DenoisingAutoencoder(Autoencoder):
    """`(B, C, H, W)` of any size to a map `(B, channels[0], ⌈H/patch⌉, ⌈W/patch⌉)` and back to the same size."""

    Config = DenoisingConfig
    family = "denoising"
    task = "denoise"
    output = "linear"
    config: DenoisingConfig

    def __init__(self, config: DenoisingConfig) -> None:
        super().__init__(config)
        numbers = config.input_shape[0] * config.patch**2
        first = nn.Conv2d(numbers, config.channels[0], 3, padding=1)
        unet = UNet(config.channels, config.blocks)
        last = nn.Conv2d(config.channels[0], numbers, 3, padding=1)
        nn.init.dirac_(first.weight[:numbers])
        nn.init.dirac_(last.weight)
        upsamplings = [layer for layer in unet.ups if isinstance(layer, nn.ConvTranspose2d)]
        for layer in (first, last, *upsamplings):
            zero_bias(layer)
        for layer in upsamplings:  # small, as in the residual blocks
            nn.init.normal_(layer.weight, std=0.01 * layer.in_channels**-0.5)
        self.encoder = nn.Sequential(nn.PixelUnshuffle(config.patch), first, unet)
        self.decoder = nn.Sequential(last, nn.PixelShuffle(config.patch))

    def encode(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` in [0, 1], noisy or not, to a map `(B, channels[0], ⌈H/patch⌉, ⌈W/patch⌉)`."""
        self.check_channels(x)
        return self.encoder(pad_to_multiple(x, self.config.patch))

    def decode_raw(self, z: Tensor) -> Tensor:
        return self.decoder(z)

    def forward(self, x: Tensor) -> Output:
        z = self.encode(x)
        raw = self.decode_raw(z)[..., : x.shape[-2], : x.shape[-1]]
        return Output(raw, z, self.activate)

    def prepare(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Noisy and clean pictures. A share `grey` of colour pictures is converted to grey and gets grey noise."""
        c = self.config
        maxima = Noise(c.gaussian, c.salt_and_pepper, c.mask, c.dropout_noise, c.grain)
        if x.shape[1] == 1:
            return noise.corrupt(x, noise.random_noise(len(x), maxima)), x
        grey = round(len(x) * c.grey)
        x = torch.cat([x[:grey].mean(1, keepdim=True).expand_as(x[:grey]), x[grey:]])
        noisy_grey = noise.corrupt(x[:grey, :1], noise.random_noise(grey, maxima)).expand_as(x[:grey])
        noisy_color = noise.corrupt(x[grey:], noise.random_noise(len(x) - grey, maxima))
        return torch.cat([noisy_grey, noisy_color]), x

    @torch.no_grad()
    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """PSNR at the noise levels of `MEASURED`, with a fixed seed; mse, psnr and ssim for Gaussian noise, σ = 0.1."""
        measured = {}
        for name, levels in MEASURED.items():
            noisy = noise.corrupt(x, levels, seed=len(x))
            x_hat = self.reconstruct(noisy)
            measured[f"psnr_{name}"] = metrics.psnr(x_hat, x)
            measured[f"psnr_{name}_noisy"] = metrics.psnr(noisy, x)
            if name == "gaussian_0.1":
                measured |= {"mse": metrics.mse(x_hat, x), "psnr": metrics.psnr(x_hat, x)}
                measured |= {"ssim": metrics.ssim(x_hat, x)}
        return measured

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        shape = self.config.input_shape
        scales = scale_shapes(shape, self.config.patch, self.config.channels)
        yield "input", shape
        yield from (("conv", scale) for scale in scales)
        yield from (("conv", scale) for scale in reversed(scales[:-1]))
        yield "code", scales[0]
        yield "output", shape

    def layer_modules(self) -> Iterator[nn.Module]:
        unet = self.encoder[-1]
        assert isinstance(unet, UNet)
        yield from unet.scales()
