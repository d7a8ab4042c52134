"""Series of every form in users' files, from the file to scores by steps or one clear sentence."""

import numpy as np
import pytest

from ae_demo.analysis.anomaly import anomaly_detector
from ae_demo.cli import main
from ae_demo.data.named_samples import load_samples
from ae_demo.errors import DataError, ShapeError
from ae_demo.inference import reconstruct_series
from ae_demo.ui.tabs.anomaly.endpoint import anomaly

WAVE = np.sin(np.arange(600) / 8).round(4)
FORMS = {
    "a header": "x\n" + "\n".join(map(str, WAVE)),
    "a time column": "time,x\n" + "\n".join(f"2026-01-01 00:{i // 60:02}:{i % 60:02},{v}" for i, v in enumerate(WAVE)),
    "several channels": "\n".join(f"{v},{2 * v},{i % 50}" for i, v in enumerate(WAVE)),
    "gaps": "a,b\n"
    + "\n".join(f"{'' if 100 < i < 200 else v},{'n/a' if i % 7 == 0 else i}" for i, v in enumerate(WAVE)),
    "a constant channel": "\n".join(f"{v},5" for v in WAVE),
    "an empty channel": "a,b\n" + "\n".join(f"{v}," for v in WAVE),
    "constant": "5\n" * 600,
    "rows of unequal length": "a,b\n" + "1,2\n3\n" * 300,
    "few rows": "1\n2\n4\n8\n16\n",
    "a hundred rows": "\n".join(map(str, WAVE[:100])),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_series_of_any_form_is_scored_by_steps(tmp_path, form):
    path = tmp_path / "mine.csv"
    path.write_text(FORMS[form])
    samples = load_samples(path)
    steps = len(samples.series()[0].values)
    detector = anomaly_detector(samples, data="series", model="pca")
    scores = detector.scores(samples)
    assert scores.shape == (steps,)
    assert np.isfinite(scores).all()
    found = reconstruct_series(samples.series()[0].values[:100])
    assert np.isfinite(found.scores).all()
    assert len(anomaly([str(path)], [str(path)], "pca", "mse", 32, 0.95)["samples"]) == steps


@pytest.mark.parametrize(
    ("normal", "test", "message"),
    [
        ("a,b\n1,2\n3,high\n", "1,2\n", "mine.csv, row 3, column b: 'high' is not a number"),
        ("1\n", "1\n", "1 window of 2 steps"),
        ("a,b\n", "1\n", "has a header but no rows"),
        ("1,2\n3,5\n" * 20, "1\n2\n3\n", "has 1 channels, the first normal one 2"),
    ],
)
def test_one_sentence_says_what_is_wrong(tmp_path, capsys, normal, test, message):
    paths = [tmp_path / "mine.csv", tmp_path / "judged.csv"]
    for path, text in zip(paths, (normal, test), strict=True):
        path.write_text(text)
    with pytest.raises((DataError, ShapeError), match=message):
        anomaly_detector(load_samples(paths[0]), data="series", model="pca").scores(load_samples(paths[1]))
    given = ["anomaly", "--normal", str(paths[0]), "--test", str(paths[1]), "--model", "pca", "--score", "mse"]
    assert main([*given, "--out", str(tmp_path / "flags.csv")]) == 1
    assert message in capsys.readouterr().err


def test_series_of_unequal_lengths_have_a_score_each(tmp_path):
    np.savez(tmp_path / "mine.npz", a=WAVE[:300], b=WAVE, c=WAVE[:90])
    samples = load_samples(tmp_path / "mine.npz")
    assert anomaly_detector(samples, data="series", model="neighbors").scores(samples).shape == (3,)
