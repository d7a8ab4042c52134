"""Runs on a Ray cluster of two nodes, which are processes of this machine."""

import time
from functools import partial
from itertools import count

import pytest
import torch

from ae_demo import cluster
from ae_demo.analysis.sweep import sweep
from ae_demo.data.bundled import load_bundled
from ae_demo.errors import ConfigError
from ae_demo.inference import get_model, tiles
from ae_demo.inference.scheduler import Cancelled
from ae_demo.training import cluster_worker
from ae_demo.training.cluster_worker import ClusterWorker
from ae_demo.training.events import Finished, Moved, Started, Stepped
from ae_demo.training.settings import RunSettings
from ae_demo.training.worker import RunSpec

try:
    import ray
except ImportError:
    ray = None

needs_ray = pytest.mark.skipif(ray is None, reason="RUNS ON A CLUSTER ARE NOT TESTED: the package ray is not installed")


def double(number):
    return 2 * number


def located(function, item):
    """The result of a task, and the node on which it ran."""
    return function(item), ray.get_runtime_context().get_node_id()


def doze(seconds):
    for _ in range(10 * seconds):
        time.sleep(0.1)


def fail(number):
    raise ConfigError("{number} is too much.", number=number)


@pytest.fixture
def two_nodes(monkeypatch):
    """A head node that takes no runs, and two nodes that take one run each."""
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        nodes.add_node(num_cpus=1)
    monkeypatch.setenv("AE_CLUSTER", nodes.address)
    yield nodes
    ray.shutdown()
    nodes.shutdown()


def spec_of(folder, epochs):
    settings = RunSettings.from_flat("dense", "digits", {"epochs": epochs, "hidden": (16,), "latent_dim": 2})
    return RunSpec(settings, str(folder))


def node_of(worker, nodes):
    """The node on which a run is."""

    (actor,) = [each for each in ray._private.state.actors().values() if each["State"] == "ALIVE"]
    return next(n for n in nodes.worker_nodes if n.node_id == actor["Address"]["NodeID"])


@needs_ray
@pytest.mark.serial
@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_a_run_whose_node_is_lost_goes_on_at_another_from_its_last_save(two_nodes, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_worker, "SAVE_SECONDS", 0.0)
    assert cluster.places() == 2
    assert list(cluster.map_tasks(double, [1, 2, 3])) == [2, 4, 6]
    with pytest.raises(ConfigError, match="7 is too much"):
        list(cluster.map_tasks(fail, [7]))

    with ClusterWorker(spec_of(tmp_path / "run", 400)) as worker:
        seen, removed = [], False
        for events in worker.events():
            seen += events
            if not removed and any(isinstance(e, Stepped) and e.epoch > 3 for e in events):
                worker.set(lr=0.002)
                two_nodes.remove_node(node_of(worker, two_nodes), allow_graceful=False)
                removed = True
            if any(isinstance(e, Started) and e.first_epoch for e in events):
                worker.stop()
    moved = next(i for i, event in enumerate(seen) if isinstance(event, Moved))
    begun = next(event for event in seen[moved:] if isinstance(event, Started))
    assert begun.first_epoch >= 3
    assert isinstance(seen[-1], Finished)
    assert seen[-1].stopped
    assert (tmp_path / "run" / "model.safetensors").exists()
    assert not (tmp_path / "run" / "state.json").exists()
    assert len(seen[-1].figures)


@needs_ray
@pytest.mark.serial
@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_two_sizes_of_a_sweep_train_on_two_nodes(two_nodes):
    nodes = []

    def each(function, sizes):
        for point, node in cluster.map_tasks(partial(located, function), sizes):
            nodes.append(node)
            yield point

    data = load_bundled("digits")
    points = list(sweep("dense", data, [2, 4], {"epochs": 1, "hidden": (16,)}, each=each))
    assert [point.latent_dim for point in points] == [2, 4]
    assert sorted(nodes) == sorted(node.node_id for node in two_nodes.worker_nodes)


@needs_ray
@pytest.mark.serial
@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_the_tiles_of_a_large_picture_are_processed_by_several_nodes(two_nodes, monkeypatch):
    nodes, map_tasks = set(), cluster.map_tasks

    def noted(function, items, **settings):
        for result, node in map_tasks(partial(located, function), items, **settings):
            nodes.add(node)
            yield result

    monkeypatch.setattr(cluster, "map_tasks", noted)
    model, x = get_model("conv-photo"), torch.randint(0, 256, (1, 3, 150, 200), dtype=torch.uint8)
    settings = {"tile": 64, "overlap": 16, "channels": 8, "orientations": 2}
    alone = tiles.run_tiled(model, x, **settings)
    assert not nodes
    monkeypatch.setattr(tiles, "DISTRIBUTED_PIXELS", 150 * 200)
    shares = []
    distributed = tiles.run_tiled(model, x, progress=shares.append, **settings)
    assert len(nodes) > 1
    assert (alone[0].int() - distributed[0]).abs().max() <= 1  # the number of threads changes the order of sums
    assert torch.allclose(alone[1], distributed[1], atol=1e-4)
    assert shares[-1] == 1


@needs_ray
@pytest.mark.serial
@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_work_ends_when_its_visitor_leaves(two_nodes, tmp_path):
    assert list(cluster.map_tasks(double, [1, 2])) == [2, 4]  # the processes have started
    polls = count()

    def leave():
        if next(polls) == 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(cluster.map_tasks(doze, [60, 60], waiting=leave))
    assert freed_within(2.0)
    with ClusterWorker(spec_of(tmp_path / "run", 400)) as worker:
        assert any(isinstance(event, Stepped) for events in worker.events() for event in events)
        assert not freed_within(0.0)
        worker.kill()
        assert freed_within(2.0)


def freed_within(seconds):
    """Whether both nodes are free in time."""
    deadline = time.monotonic() + seconds
    while ray.available_resources().get("CPU", 0) < 2:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_without_ray_the_reason_is_said(monkeypatch):
    monkeypatch.delenv("AE_CLUSTER", raising=False)
    assert cluster.address() is None
    monkeypatch.setenv("AE_CLUSTER", "auto")
    assert cluster.address() == "auto"
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ConfigError, match="pip install"):
        cluster.connect()


def test_the_share_of_a_gpu_is_checked(monkeypatch):
    monkeypatch.setenv("AE_CLUSTER_GPU", "2")
    with pytest.raises(ConfigError, match="from 0 to 1"):
        cluster.resources()
