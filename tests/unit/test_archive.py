"""Zip files from visitors: what is unpacked, and what is refused with a message."""

import io
import struct
import zipfile

import pytest

from ae_demo.data.archive import unpack
from ae_demo.errors import DataError


def make(path, files, **settings):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **settings) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def unpack_text(path, folder, **settings):
    about = {"wanted": lambda inside: inside.suffix == ".txt", "most_files": 3, "most_bytes": 1_000_000}
    return unpack(path, folder, **{**about, **settings})


def test_only_what_is_wanted_comes_out(tmp_path):
    path = make(tmp_path / "a.zip", {"cats/1.txt": "one", "dogs/2.txt": "two", "x.exe": "no", "__MACOSX/3.txt": "no"})
    found = unpack_text(path, tmp_path / "out")
    assert sorted(p.relative_to(tmp_path / "out").as_posix() for p in found) == ["cats/1.txt", "dogs/2.txt"]
    assert sorted(p.read_text() for p in found) == ["one", "two"]
    assert len([p for p in (tmp_path / "out").rglob("*") if p.is_file()]) == 2
    with pytest.raises(DataError, match=r"x\.exe"):
        unpack_text(path, tmp_path / "strict", strict=True)


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "..\\evil.txt", "C:\\evil.txt"])
def test_paths_that_climb_are_refused(tmp_path, name):
    path = make(tmp_path / "a.zip", {"fine.txt": "x", name: "y"})
    with pytest.raises(DataError, match="outside its folder"):
        unpack_text(path, tmp_path / "inner" / "out")
    assert not list(tmp_path.rglob("evil*"))


def test_a_link_is_not_followed(tmp_path):
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")
    assert unpack_text(path, tmp_path / "out") == []


def test_a_bomb_is_refused_by_its_header(tmp_path):
    path = make(tmp_path / "a.zip", {"zeros.txt": bytes(20_000_000)})
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match="20 MB; 1 MB are allowed"):
        unpack_text(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_bomb_with_a_false_header_is_stopped_while_unpacking(tmp_path):
    path = make(tmp_path / "a.zip", {"zeros.txt": bytes(20_000_000)})
    content = path.read_bytes().replace(struct.pack("<I", 20_000_000), struct.pack("<I", 10))
    path.write_bytes(content)
    with pytest.raises(DataError):
        unpack_text(path, tmp_path / "out")
    assert sum(p.stat().st_size for p in (tmp_path / "out").rglob("*.txt")) <= 1_000_000


def test_too_many_files_are_refused(tmp_path):
    path = make(tmp_path / "a.zip", {f"{i}.txt": "" for i in range(4)})
    with pytest.raises(DataError, match="4 files; 3 are allowed"):
        unpack_text(path, tmp_path / "out")


def test_damaged_files_and_other_formats_are_refused(tmp_path):
    whole = make(tmp_path / "a.zip", {"a.txt": bytes(range(256)) * 100}).read_bytes()
    for number, content in enumerate((b"", b"no zip at all", whole[: len(whole) // 2], b"PK\x03\x04" + bytes(500))):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read as a zip"):
            unpack_text(path, tmp_path / "out")
    flipped = bytearray(whole)
    flipped[60] ^= 255
    with pytest.raises(DataError, match="cannot be read as a zip"):
        unpack_text(io.BytesIO(bytes(flipped)), tmp_path / "out")


def test_an_encrypted_zip_is_refused(tmp_path):
    path = make(tmp_path / "a.zip", {"a.txt": "x"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="without a password"):
        unpack_text(path, tmp_path / "out")
