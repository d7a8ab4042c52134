"""The words: the bundled list, its parts, and words as symbols."""

import pytest
import torch

from ae_demo.data import DATA_SETS, load_dataset
from ae_demo.data.words import ALPHABET, WORDS_FILE, list_words, load_words, to_symbols, to_words
from ae_demo.errors import DataError


@pytest.mark.slow
def test_the_parts_share_no_word_and_are_as_the_catalogue_says():
    samples, entry = load_dataset("words"), DATA_SETS["words"]
    assert samples.train.shape == (entry.train_count, *entry.sample_shape)
    assert samples.test.shape == (entry.test_count, *entry.sample_shape)
    assert samples.train.dtype == torch.int64
    assert samples.train.max().item() == entry.symbols - 1 == len(ALPHABET) - 1
    train, test = set(to_words(samples.train)), set(to_words(samples.test))
    assert len(train) + len(test) == len(list_words()) == 60_540
    assert not train & test
    assert all(3 <= len(word) <= 12 and word.isalpha() and word.islower() for word in train | test)


def test_the_first_samples_are_as_varied_as_all():
    first = to_words(load_words().train[:500])
    assert len({word[0] for word in first}) > 20  # a limit takes these


def test_words_as_symbols_and_back():
    symbols = to_symbols(["cat", " Zebra "])
    assert symbols.tolist() == [[3, 1, 20] + [0] * 9, [26, 5, 2, 18, 1] + [0] * 7]
    assert to_words(symbols) == ["cat", "zebra"]
    assert to_words(torch.tensor([[0, 1, 0, 2, 0]])) == [" a b"]
    assert to_symbols([]).shape == (0, 12)


@pytest.mark.parametrize("word", ["", "  ", "it's", "naïve", "two words", "incomprehensible", "字"])
def test_a_word_that_cannot_be_taken_is_named(word):
    with pytest.raises(DataError, match="letters"):
        to_symbols(["fine", word])


def test_a_damaged_list(tmp_path, monkeypatch):
    monkeypatch.setattr("ae_demo.data.words.ASSETS", tmp_path)
    list_words.cache_clear()
    (tmp_path / WORDS_FILE).write_bytes(b"not xz")
    with pytest.raises(DataError, match="damaged"):
        list_words()
    list_words.cache_clear()
