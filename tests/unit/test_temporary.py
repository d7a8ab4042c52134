"""The temporary folders of servers: old files, what killed servers leave, and a clean-up that survives errors."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ae_demo.ui import temporary
from ae_demo.ui.temporary import Sweeper, remove_folder, remove_leftovers, remove_old_files

HOLD = """
import os, sys
from ae_demo.ui.temporary import server_folder
print(server_folder(), flush=True)
sys.stdin.read()
os._exit(0)  # as a server that is killed: its folder stays
"""


@pytest.fixture
def server(tmp_path):
    """A process with a server's folder in `tmp_path`, and the folder."""
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLD], env=environment, **pipes) as process:
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_only_folders_of_servers_that_have_ended_are_removed(server, tmp_path, monkeypatch):
    process, folder = server
    (folder / "upload.png").write_bytes(b"x")
    for name in ("ae-demo-server-new", "somebody-elses"):
        (tmp_path / name).mkdir()
    (tmp_path / "ae-demo-server-link").symlink_to(tmp_path / "somebody-elses")
    remove_leftovers(tmp_path)
    assert (folder / "upload.png").exists()  # the server lives
    process.stdin.close()
    process.wait()
    remove_leftovers(tmp_path)
    assert not folder.exists()
    assert (tmp_path / "ae-demo-server-new").exists()  # its server may be about to lock it
    monkeypatch.setattr(temporary, "UNLOCKED_SECONDS", -1)
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ae-demo-server-link", "somebody-elses"]


def test_a_folder_that_is_written_to_during_its_removal_is_removed(tmp_path, monkeypatch):
    folder = tmp_path / "ae-demo-server-a"
    folder.mkdir()
    rmtree, writers = shutil.rmtree, [folder / "first", folder / "second"]

    def remove_while_written_to(path, **settings):
        rmtree(path, **settings)
        if writers:
            folder.mkdir()
            writers.pop().write_text("late")

    monkeypatch.setattr(temporary.shutil, "rmtree", remove_while_written_to)
    remove_folder(folder)
    assert not folder.exists()


def test_old_files_go_and_new_and_kept_ones_stay(tmp_path):
    for name in ("a/old.png", "b/kept.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    time.sleep(0.05)
    kept, before = str(tmp_path / "b" / "kept.png"), time.time()
    (tmp_path / "new.png").write_bytes(b"x")
    removed = remove_old_files(tmp_path, time.time() - before + 0.02, keep={kept})
    assert removed == {str(tmp_path / "a" / "old.png")}
    assert (tmp_path / "a").exists()  # somebody may be about to write there
    time.sleep(0.02)
    remove_old_files(tmp_path, 0, keep={kept})
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b", "kept.png"]


def test_a_file_that_cannot_be_removed_does_not_keep_the_others(tmp_path, monkeypatch, caplog):
    for name in "abc":
        (tmp_path / name).write_bytes(b"x")
    remove = os.remove

    def fail_for_b(path):
        if path.endswith("b"):
            raise PermissionError(13, "Permission denied")
        remove(path)

    monkeypatch.setattr(os, "remove", fail_for_b)
    assert len(remove_old_files(tmp_path, -1)) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert "Permission denied" in caplog.text


def test_the_sweeper_continues_after_a_task_raises(caplog):
    third = threading.Event()
    calls = []

    def fail():
        calls.append("fail")
        raise RuntimeError("Set changed size during iteration")

    def work():
        calls.append("work")
        if calls.count("work") == 3:
            third.set()

    sweeper = Sweeper(0.01, fail, work)
    assert third.wait(10)
    sweeper.close()
    assert calls[:6] == ["fail", "work"] * 3
    assert "Set changed size" in caplog.text
