"""A run on two processes, started by torchrun, beside the same run on one."""

import json
import os
import subprocess
import sys

import pytest
import torch

from ae_demo import checkpoints
from ae_demo.training.distributed import ProcessGroup, join_process_group

pytestmark = pytest.mark.slow
RUN = ["-m", "ae_demo", "train", "dense", "--data", "digits", "--limit", "257", "--epochs", "2", "--batch-size", "64"]
MODEL = ["--hidden", "32", "--latent-dim", "8", "--lr", "0.003", "--augment", "0.1", "--l2", "0.0001", "--threads", "1"]


def run(folder, processes, *more):
    """The command's events; the last batch of an epoch has one picture, too few for two."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    command = [sys.executable, *(torchrun if processes > 1 else []), *RUN, *MODEL, *more, "--json", "--out", folder]
    environment = {**os.environ, "AE_DEVICE": "cpu", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=250)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="this build of torch has no gloo")
def test_two_processes_follow_the_curve_of_one(tmp_path):
    one, two = (run(str(tmp_path / str(n)), n) for n in (1, 2))
    for name in ("started", "evaluated", "finished"):
        assert sum(event["event"] == name for event in two) == sum(event["event"] == name for event in one)
    curves = [
        [event["losses"]["loss"] for event in run_events if event["event"] == "evaluated"] for run_events in (one, two)
    ]
    assert curves[1] == pytest.approx(curves[0], rel=1e-5)
    assert curves[0][1] < 0.98 * curves[0][0]  # and something was learnt
    assert two[-1]["figures"] == pytest.approx(one[-1]["figures"], rel=1e-3)
    weights = [checkpoints.load(tmp_path / str(n), "cpu").state_dict() for n in (1, 2)]
    for name, value in weights[0].items():
        torch.testing.assert_close(weights[1][name], value, rtol=1e-2, atol=1e-3)


def test_without_torchrun_a_process_is_alone(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    group = join_process_group()
    assert type(group) is ProcessGroup
    x = torch.rand(3, 2)
    assert group.split(x) == (x, 1.0)
