"""Damaged files of every kind for every reader: a short seeded run of `tests/fuzzing.py`."""

import pytest
from fuzzing import run


@pytest.mark.filterwarnings("ignore")
def test_damaged_files_are_read_or_refused_with_a_sentence(tmp_path):
    assert list(run(40, tmp_path)) == []
