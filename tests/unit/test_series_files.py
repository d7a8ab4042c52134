"""Series in users' files: what is read, and the errors for what cannot be read."""

import numpy as np
import pytest

from ae_demo.data.series_files import as_series, load_series
from ae_demo.errors import DataError


def write(tmp_path, text, name="mine.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_header_a_time_column_channels_and_gaps(tmp_path):
    text = "time,pulse,pressure\n2026-01-01 10:00,1,10\n2026-01-01 10:01,,11\n\n2026-01-01 10:02,3,n/a\n"
    (series,) = load_series(write(tmp_path, text))
    assert (series.name, series.channels, series.time) == ("mine.csv", ("pulse", "pressure"), "time")
    np.testing.assert_array_equal(series.values, [[1, 10], [np.nan, 11], [3, np.nan]])


@pytest.mark.parametrize(
    ("text", "channels", "time"),
    [
        ("1\n2\n3\n", ("1",), None),
        ("0.0;1,5\n0.1;2,5\n0.2;3,5\n", ("2",), "1"),
        ("a\tb\n1\t2\n3\t4\n", ("a", "b"), None),
        ("t (s),x\n0,5\n1,4\n2,7\n", ("x",), "t (s)"),
        ("10:00,5\n10:01,6\n", ("2",), "1"),
        ("height,x\n1,5\n2,4\n3,7\n", ("height", "x"), None),
        ("x,y\n1,2\n3\n", ("x", "y"), None),
        ("\ufeffx\n1\n2\n", ("x",), None),
        ("x\r1\r2\r", ("x",), None),
        ("day,x\n31.01.2026,1\n01.02.2026,2\n", ("x",), "day"),
        ("day,x\n1/31/2026 9:30 AM,1\n2/1/2026 9:30 PM,2\n", ("x",), "day"),
        ("day,x\n2026/1/31,1\n2026/2/1,2\n", ("x",), "day"),
        ("day,x\n2026年1月31日,1\n2026年2月1日,2\n", ("x",), "day"),
        ("month,x\n2026-01,1\n2026-02,2\n", ("x",), "month"),
        ("day,x\n31 Jan 2026,1\n1 February 2026,2\n", ("x",), "day"),
        ('day,x\n"Jan 31, 2026",1\n"Feb 1, 2026",2\n', ("x",), "day"),
        ("version,x\n1.2,1\n1.1,2\n", ("version", "x"), None),
    ],
)
def test_forms_of_tables(tmp_path, text, channels, time):
    (series,) = load_series(write(tmp_path, text))
    assert (series.channels, series.time) == (channels, time)
    assert series.values.shape[1] == len(channels)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x\n0,5\n-1,25\n", [[0.5], [-1.25]]),
        ("x;y\n0,5;1.234,5\n1,234;2\n", [[0.5, 1234.5], [1.234, 2]]),
        ('x,y\n"1,234.5",1\n"1,234,567",2\n', [[1234.5, 1], [1234567, 2]]),
        ("x\n\N{MINUS SIGN}2.5\n3\n", [[-2.5], [3]]),
    ],
)
def test_numbers_as_spreadsheets_write_them(tmp_path, text, values):
    (series,) = load_series(write(tmp_path, text))
    np.testing.assert_allclose(series.values, values)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_encodings_that_spreadsheets_write(tmp_path, encoding):
    (series,) = load_series(write(tmp_path, "größe\ty\n1\t2\n3\t4\n", encoding=encoding))
    assert series.channels == ("größe", "y")


def test_channels_of_unequal_lengths_end_in_gaps(tmp_path):
    (series,) = load_series(write(tmp_path, "a,b\n1,2\n3,\n5,\n"))
    np.testing.assert_array_equal(series.values, [[1, 2], [3, np.nan], [5, np.nan]])


def test_a_hundred_thousand_rows(tmp_path):
    text = "time,x\n" + "".join(f"{i},{i % 7}\n" for i in range(100_000))
    (series,) = load_series(write(tmp_path, text))
    assert series.values.shape == (100_000, 1)
    assert series.values[-1, 0] == 99_999 % 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,2\n3,high\n", r"row 3, column y: 'high' is not a number"),
        ("x\n\n1\n\n1.2.3\n", r"row 5, column x: '1.2.3'"),
        ("x,y\n", "no rows"),
        ("\n \n", "empty"),
        ("x\nnan\n", "no numbers"),
        ('x,y\n"0,500",1\n', r"row 2, column x: '0,500'"),
        ("a\0b\n", "not a text file"),
    ],
)
def test_one_sentence_names_what_is_wrong(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        load_series(write(tmp_path, text))


def test_arrays(tmp_path):
    np.save(tmp_path / "one.npy", np.arange(5))
    np.save(tmp_path / "batch.npy", np.zeros((3, 4, 2), np.float32))
    np.savez(tmp_path / "several.npz", a=np.arange(3.0), b=np.arange(8.0))
    assert load_series(tmp_path / "one.npy")[0].values.shape == (5, 1)
    assert [series.name for series in load_series(tmp_path / "batch.npy")] == [f"batch.npy[{i}]" for i in range(3)]
    assert [len(series.values) for series in load_series(tmp_path / "several.npz")] == [3, 8]


def test_files_that_are_refused(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}, []], dtype=object))
    np.save(tmp_path / "text.npy", np.array(["a", "b"]))
    np.save(tmp_path / "four.npy", np.zeros((1, 2, 3, 4)))
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY\x01\x00v")
    (tmp_path / "sheet.xlsx").write_bytes(b"PK")
    for name in ("objects.npy", "text.npy", "four.npy", "cut.npy", "sheet.xlsx", "none.csv"):
        with pytest.raises(DataError):
            load_series(tmp_path / name)


@pytest.mark.filterwarnings("error")
def test_values_too_large_for_single_precision_are_gaps_without_a_warning(tmp_path):
    np.testing.assert_array_equal(as_series(np.array([1, 1e300])).values, [[1], [np.nan]])
    (series,) = load_series(write(tmp_path, "x\n1\n1e300\n"))
    np.testing.assert_array_equal(series.values, [[1], [np.nan]])


def test_values_other_than_series_are_refused():
    assert np.isnan(as_series([1, np.inf, 2]).values[1, 0])
    for values in ("abc", [], [[[1]]], [np.nan], [[1, 2], [3]], np.zeros((2, 300))):
        with pytest.raises(DataError):
            as_series(values)
