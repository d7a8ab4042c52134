"""The installed package: built, installed into an environment of its own, and used without the clone."""

import json
import os
import site
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

import ae_demo
from ae_demo import checkpoints
from ae_demo.data import ASSETS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
USE_ALL = """
import json, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import ae_demo
from ae_demo.data import ASSETS, load_dataset, load_picture
from ae_demo.ui.app import build_app
digit = load_picture(ASSETS / "examples" / "digit-2.png").pixels
result = ae_demo.reconstruct(digit, checkpoint="dense-mnist")
build_app()
print(json.dumps({
    "shape": result.image.shape, "psnr": result.psnr, "samples": len(load_dataset("digits").test), "opened": opened
}))
"""


def run(*command, cwd=ROOT):
    """The standard output of a command, which sees no variable that would lead it to the clone."""
    hidden = ("PYTHONPATH", "AE_CHECKPOINTS")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """The folder of the commands of an environment with the wheel, which finds all other packages in this one."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    venv.create(folder)
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    packages = Path(run(commands / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (packages / "requirements.pth").write_text("\n".join(site.getsitepackages()))
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    run(sys.executable, "-m", "pip", "--python", commands / "python", "install", *options, wheel)
    return commands


def test_the_wheel_holds_every_file_of_the_package_and_its_data(wheel):
    held = set(ZipFile(wheel).namelist())
    package = [path for path in (ROOT / "ae_demo").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {".js", ".css", ".json", ".html"} < {path.suffix for path in package}
    assert {path.relative_to(ROOT).as_posix() for path in package} <= held
    for name in checkpoints.list_checkpoints():
        for file in (checkpoints.WEIGHTS, checkpoints.CONFIG, checkpoints.METRICS):
            assert f"ae_demo/_checkpoints/{name}/{file}" in held
    for path in (*ASSETS.glob("*.np?"), *ASSETS.glob("LICENSE*"), *ASSETS.glob("examples/*"), *ASSETS.glob("photos/*")):
        assert f"ae_demo/_assets/{path.relative_to(ASSETS).as_posix()}" in held
    assert not [name for name in held if name.startswith("ae_demo/_") and name.endswith(".py") and "/" in name[8:]]
    assert wheel.stat().st_size < 100_000_000  # the usual limit of package registries


def test_the_installed_package_uses_no_file_of_the_clone(environment, tmp_path):
    answer = json.loads(run(environment / "python", "-c", USE_ALL, cwd=tmp_path).splitlines()[-1])
    assert answer["shape"] == [28, 28]
    assert answer["psnr"] > 15
    assert answer["samples"] == 500
    elsewhere = tuple(site.getsitepackages())  # inside the clone, where `make` put it
    used = [name for name in answer["opened"] if name.startswith(str(ROOT)) and not name.startswith(elsewhere)]
    assert used == []
    assert any(name.endswith("dense-mnist/model.safetensors") or "_assets" in name for name in answer["opened"])


def test_the_command_lists_the_checkpoints(environment, tmp_path):
    listed = json.loads(run(environment / "ae-demo", "list", "--json", cwd=tmp_path))
    assert set(listed) == set(checkpoints.list_checkpoints())
    assert run(environment / "ae-demo", "--version", cwd=tmp_path).strip() == ae_demo.__version__
