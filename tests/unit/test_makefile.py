"""Which build of torch `make demo` installs, with fake commands in place of uv, uname and nvidia-smi."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "-r requirements.txt"
UV = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in *--torch-backend*) exit $INDEX ;; esac
"""

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="needs make")


@pytest.fixture
def install(tmp_path):
    """Makes the environment as on a given machine; the exit status, and what uv was asked for, call by call."""
    commands, venv, log = tmp_path / "commands", tmp_path / "venv", tmp_path / "log"

    def write(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(*variables, system="Linux", gpu=False, index=True):
        write(venv / "bin" / "python", "#!/bin/sh\n")
        write(venv / "bin" / "uv", UV)
        write(commands / "uname", f"#!/bin/sh\necho {system}\n")
        write(commands / "nvidia-smi", f"#!/bin/sh\nexit {int(not gpu)}\n")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        environment |= {"PATH": f"{commands}:{os.environ['PATH']}", "LOG": str(log), "INDEX": str(int(not index))}
        command = ["make", "--silent", f"VENV={venv}", *variables, f"{venv}/demo"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        calls = [line.split(f"{venv}/bin/python ")[1] for line in log.read_text().splitlines()]
        assert (venv / "demo").exists() == (done.returncode == 0)
        return done.returncode, calls

    return run


PROBE = "--dry-run --no-deps --torch-backend cpu torch"


def test_without_a_gpu_the_build_without_cuda_is_installed(install):
    assert install() == (0, [PROBE, f"--torch-backend cpu {PLAIN}"])


def test_where_its_index_does_not_answer_the_plain_build_is_installed(install):
    assert install(index=False) == (0, [PROBE, PLAIN])


@pytest.mark.parametrize("machine", [{"gpu": True}, {"system": "Darwin"}])
def test_a_gpu_or_a_mac_gets_the_plain_build(install, machine):
    assert install(**machine) == (0, [PLAIN])


@pytest.mark.parametrize("gpu", [False, True])
def test_the_build_can_be_chosen(install, gpu):
    assert install("TORCH=cu128", gpu=gpu) == (0, [f"--torch-backend cu128 {PLAIN}"])


def test_plain_never_asks_the_index(install):
    assert install("TORCH=plain") == (0, [PLAIN])


def test_a_chosen_build_that_cannot_be_had_is_an_error(install):
    status, calls = install("TORCH=cpu", index=False)
    assert status != 0
    assert calls == [f"--torch-backend cpu {PLAIN}"]
