"""Windows of series, and series put together from windows."""

import numpy as np
import pytest
import torch

from ae_demo.data.windows import cut_windows, fill_gaps, fit_range
from ae_demo.errors import ConfigError


def test_windows_cover_the_series_and_join_to_it():
    values = np.random.default_rng(0).random((103, 2)).astype(np.float32)
    windows = cut_windows(values, 20)
    assert windows.x.shape == (6, 20, 2)
    assert windows.starts.tolist() == [0, 20, 40, 60, 80, 83]  # the last one ends with the series
    np.testing.assert_allclose(windows.join(windows.x), values, atol=1e-6)


def test_overlapping_windows_are_averaged():
    values = np.zeros((8, 1), np.float32)
    windows = cut_windows(values, 4, hop=2)
    joined = windows.join(torch.arange(3.0).view(3, 1, 1).expand(3, 4, 1))
    assert joined[:, 0].tolist() == [0, 0, 0.5, 0.5, 1.5, 1.5, 2, 2]


def test_a_short_series_is_padded_and_cut_again():
    windows = cut_windows(np.array([[0.2], [0.4]], np.float32), 5)
    assert windows.padded == 3
    np.testing.assert_allclose(windows.x[0, :, 0], [0.2, 0.4, 0.4, 0.4, 0.4])
    assert windows.join(windows.x).shape == (2, 1)


@pytest.mark.parametrize("length", [30, 120])
def test_another_length_is_resampled(length):
    t = np.linspace(0, 1, 240, dtype=np.float32)[:, None]
    windows = cut_windows(t, 60, length=length)
    assert windows.x.shape == (240 // length, 60, 1)
    np.testing.assert_allclose(windows.join(windows.x), t, atol=0.01)


def test_starts_beyond_the_series_are_left_out():
    windows = cut_windows(np.zeros((50, 1), np.float32), 10, starts=[-3, 0, 17, 41])
    assert windows.starts.tolist() == [0, 17]
    assert np.isnan(windows.join(windows.x)[12, 0])  # no window covers it


def test_gaps_are_filled_in_a_line():
    filled = fill_gaps(np.array([[np.nan, 1], [2, np.nan], [np.nan, np.nan], [5, np.nan]], np.float32))
    np.testing.assert_allclose(filled, [[2, 1], [2, 1], [3.5, 1], [5, 1]])
    assert not fill_gaps(np.full((3, 1), np.nan, np.float32)).any()


def test_the_range_of_channels():
    values = np.stack([np.linspace(-50, 50, 2001), np.full(2001, 7.0)], axis=1).astype(np.float32)
    low, high = fit_range(values, (0.25, 0.75))
    windows = cut_windows(values, 2001, low=low, high=high)
    np.testing.assert_allclose(np.quantile(windows.x[0, :, 0], (0.005, 0.995)), (0.25, 0.75), atol=1e-3)
    np.testing.assert_allclose(windows.x[0, :, 1], 0.5)  # a constant channel lies in the middle
    np.testing.assert_allclose(windows.join(windows.x)[:, 1], 7, atol=1e-5)


@pytest.mark.parametrize("settings", [{"length": 1}, {"hop": -1}, {"starts": [99]}, {"steps": 2, "hop": 1}])
def test_settings_that_do_not_fit(settings):
    with pytest.raises(ConfigError):
        cut_windows(np.zeros((30_000 if "steps" in settings else 50, 1), np.float32), **{"steps": 10, **settings})
