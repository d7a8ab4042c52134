"""Every family fulfils the contract of `Autoencoder`."""

import dataclasses
import itertools
import json

import pytest
import torch
from families import build, every_family, in_unit_range, pictures, training_labels, training_pictures

from ae_demo.errors import ConfigError, ShapeError
from ae_demo.models import FAMILIES, build_model


@every_family
def test_contract_shapes(family):
    model = build(family).eval()
    x = pictures(model)
    with torch.no_grad():
        z, x_hat = model.encode(x), model.reconstruct(x)
        for part in z if isinstance(z, tuple) else (z,):
            assert part.shape == (3, *model.code_shape)
            if hasattr(model.config, "latent_dim"):
                assert part.shape == (3, model.config.latent_dim + getattr(model.config, "classes", 0))
        decoded = model.decode(z[0] if isinstance(z, tuple) else z)
    assert isinstance(z, tuple) == model.variational
    assert x_hat.shape == x.shape
    assert x_hat.dtype == torch.float32
    assert in_unit_range(x_hat)
    # What the colorizer decodes is ab, and its reconstruction has the picture's own lightness beside it.
    assert decoded.shape == ((3, 2, 16, 16) if family == "colorization" else x.shape)
    assert in_unit_range(decoded)
    if family != "colorization":
        torch.testing.assert_close(decoded, x_hat)


@every_family
def test_contract_layers(family):
    model = build(family)
    labels, shapes = zip(*model.layers(), strict=True)
    assert labels[0] == "input"
    assert labels[-1] == "output"
    assert labels.count("code") == 1
    assert all(isinstance(n, int) and n > 0 for shape in shapes for n in shape)
    assert model.parameter_count() == sum(p.numel() for p in model.parameters()) > 0
    assert model.family == family
    assert type(model).__module__ == f"ae_demo.models.{family}"


@every_family
def test_contract_loss_reaches_every_parameter(family):
    model = build(family)
    given, target = model.prepare(pictures(model, 8))
    parts = model.loss(model(given), target)
    assert set(parts) > {"loss"}
    assert all(value.ndim == 0 and value.isfinite() for value in parts.values())
    parts["loss"].backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    still = [name for name, p in model.named_parameters() if not p.grad.abs().max() > 0]
    assert not still, f"no gradient reaches {still}"


@every_family
def test_contract_phases(family):
    model = build(family)
    phases = model.phases()
    assert sum(phase.share for phase in phases) == pytest.approx(1)
    assert len({phase.name for phase in phases}) == len(phases)
    own = {id(p) for p in model.parameters()}
    for phase in phases:
        assert {id(p) for p in phase.parameters} <= own
        assert phase.loss(pictures(model))["loss"].isfinite()
    assert {id(p) for p in phases[-1].parameters} == own


@every_family
def test_contract_measure(family):
    model = build(family).eval()
    x = pictures(model)
    figures = model.measure(x)
    assert {"mse", "psnr", "ssim"} <= set(figures)
    assert all(value.shape == (3,) and value.isfinite().all() for value in figures.values())
    if family != "denoising":  # its figures are of noisy pictures
        expected = (model.reconstruct(x) - x).square().flatten(1).mean(1)
        torch.testing.assert_close(figures["mse"], expected)


@every_family
def test_config_goes_through_json(family):
    config = build(family).config
    again = FAMILIES[family].Config.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config


@every_family
def test_config_refuses_what_is_off(family):
    with pytest.raises(ConfigError, match="has no hiden"):
        build_model(family, hiden=3)
    for field in dataclasses.fields(FAMILIES[family].Config):
        wrong = {tuple: "wide", int: "3", float: "much", bool: "yes", str: 5}[type(field.default)]
        with pytest.raises(ConfigError, match=field.name):
            build_model(family, **{field.name: wrong})
        about = field.metadata
        beyond = [about[end] + step for end, step in (("minimum", -1), ("maximum", 1)) if about[end] is not None]
        beyond += [float("nan")] if isinstance(field.default, float) else []
        beyond += ["no such choice"] if about["choices"] else []
        for value in beyond:
            value = (value,) * max(1, len(field.default)) if isinstance(field.default, tuple) else value
            with pytest.raises(ConfigError, match=field.name):
                build_model(family, **{field.name: value})
        if isinstance(field.default, tuple):
            least, most = about["length"]
            for length in (least - 1, most + 1):
                if length >= 0:
                    with pytest.raises(ConfigError, match=f"{field.name}.*{length} entries"):
                        build_model(family, **{field.name: (1,) * length})


def test_an_unknown_family_is_named():
    with pytest.raises(ConfigError, match=r"'gan'.*dense"):
        build_model("gan")


@every_family
def test_wrong_input_shapes_are_refused(family):
    model = build(family)
    _, height, width = model.config.input_shape
    for shape in ((2, 2, height, width), (height, width)):
        with pytest.raises(ShapeError):
            model.encode(torch.rand(shape))
        with pytest.raises(ShapeError):
            model.reconstruct(torch.rand(shape))


@every_family
def test_learns(family):
    model, x, labels = build(family), training_pictures(family), training_labels(family)
    model.fit_statistics(x)
    phase, history = model.phases()[-1], []
    optimizer = torch.optim.Adam(phase.parameters, lr=4e-3)
    batches = zip(x.split(32), *(each.split(32) for each in labels), strict=True)
    for _, batch in zip(range(50), itertools.cycle(batches)):
        loss = phase.loss(*batch)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    start, end = sum(history[:3]) / 3, sum(history[-8:]) / 8
    if family == "denoising":  # its loss is in decibels
        assert end < start - 2
    else:
        assert end < 0.75 * start


@every_family
def test_bfloat16_computes_the_same_loss(family):
    model, x = build(family), training_pictures(family, 64)
    losses = []
    for enabled in (False, True):
        torch.manual_seed(3)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            losses.append(model.batch_loss(x)["loss"].item())
    assert losses[1] == pytest.approx(losses[0], rel=0.01)
