"""The class-conditional model: how labels reach it, and pictures without labels."""

import math
from dataclasses import replace

import pytest
import torch
from families import build, pictures, training_pictures
from training_runs import start

from ae_demo.data import DATA_SETS, Samples
from ae_demo.errors import ConfigError, DataError
from ae_demo.functional import losses
from ae_demo.models import FAMILIES
from ae_demo.training import RunSettings, run_to_end
from ae_demo.training.distributed import ProcessGroup


def test_the_engine_gives_each_picture_its_own_label(monkeypatch):
    given = []
    family = FAMILIES["cvae"]
    learn = family.batch_loss

    def record(self, x, labels=None):
        given.append((x[:, 0, 0, 0].mul(255).round().long(), labels))
        return learn(self, x, labels)

    monkeypatch.setattr(family, "batch_loss", record)
    monkeypatch.setattr(ProcessGroup, "split", lambda self, x: (x[1::2], 0.5))  # as on one of two processes
    labels = torch.randint(10, (100,), generator=torch.Generator().manual_seed(0))
    x = labels.to(torch.uint8)[:, None, None, None].expand(100, 1, 28, 28)
    run_to_end(start("cvae", Samples("grey", x, x[:10], labels, labels[:10]), epochs=2)[1])
    assert sum(len(seen) for seen, _ in given) == 2 * 50
    assert all(torch.equal(seen, known) for seen, known in given)


def test_labels_that_are_missing_or_unknown_are_refused(digits):
    with pytest.raises(DataError, match="learns from labels, which digits does not have"):
        next(start("cvae", replace(digits, train_labels=None))[1])
    with pytest.raises(DataError, match=r"up to 9, .* 4 classes"):
        next(start("cvae", digits, model_settings={"classes": 4})[1])


def test_it_is_offered_for_labelled_pictures_and_receives_their_classes():
    allowed = {name for name, entry in DATA_SETS.items() if entry.suits(FAMILIES["cvae"])}
    assert allowed == {"mnist", "fashion", "digits", "fashion-small"}
    assert RunSettings.from_flat("cvae", "fashion").config.classes == 10
    with pytest.raises(ConfigError, match="cannot be trained on folder; choose one of mnist"):
        RunSettings.from_flat("cvae", "folder")


def test_the_label_of_a_picture_is_the_one_of_the_best_bound():
    model, x = build("cvae", classes=3).eval(), training_pictures("cvae", 20)
    with torch.no_grad():
        for part in (model.encoder, model.decoder):
            part[0].weight[:, -3:].normal_(std=2, generator=torch.Generator().manual_seed(0))
        expected = []
        for label in range(3):
            known = torch.full((20,), label)
            mu, logvar = model.encode_as(x, known)
            one_hot = torch.nn.functional.one_hot(known, 3).float()
            raw = model.decode_raw(torch.cat([mu, one_hot], dim=1))
            expected.append(-losses.elbo(raw, x, mu, logvar))
        expected = torch.stack(expected, dim=1)
        torch.testing.assert_close(model.label_scores(x), expected)
        labels = expected.argmin(1)
        assert len(set(labels.tolist())) > 1
        (mu, logvar), (z_mu, z_logvar) = model.encode(x), model.encode_as(x, labels)
    assert torch.equal(mu[:, -3:].argmax(1), labels)
    assert mu[:, -3:].sum(1).tolist() == [1.0] * 20
    torch.testing.assert_close(mu[:, :-3], z_mu)
    torch.testing.assert_close(logvar[:, :-3], z_logvar)
    torch.testing.assert_close(model.decode(mu), model.decode_as(z_mu, labels))
    torch.testing.assert_close(model.reparameterize(mu, logvar)[:, -3:], mu[:, -3:], atol=1e-3, rtol=0)
    assert torch.equal(model.measure(x, labels)["label_accuracy"], torch.ones(20))
    assert model.measure(x, (labels + 1) % 3)["label_accuracy"].sum() == 0


def test_the_divergence_counts_a_uniform_label():
    model = build("cvae").eval()
    x = pictures(model)
    figures = model.measure(x)
    expected = losses.kl_divergence(*model.encode_as(x, model.infer_labels(x))) + math.log(10)
    torch.testing.assert_close(figures["kl"], expected)
    torch.testing.assert_close(figures["negative_elbo"], figures["bce"] + figures["kl"])
