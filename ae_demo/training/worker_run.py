"""The run of a worker process: trains under the parent's control, and yields the events that the page shows."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..data import get_data_set, load_dataset
from ..data.listing import join_notices
from ..errors import AEDemoError, ConfigError, DataError, TrainingError
from ..models import Autoencoder, get_family
from . import own_pictures, state
from .controls import RunControls
from .engine import train
from .events import Evaluated, Event, Failed, Finished, Paused, Preparing, Started, Steered, Stepped
from .options import TrainOptions
from .preview import preview
from .worker import PATCHES_PER_EPOCH, TEST_SAMPLES, RunSpec

if TYPE_CHECKING:
    from .worker_process import RemoteControl

PREVIEW_SECONDS = 0.25  # minimum time between two previews
PREVIEW_SHARE = 0.1  # maximum share of the run's time for previews
NICE = 6  # of 19; with a busy thread of the server on the same core, a run gets a fifth of it
MAX_BYTES = 4 << 30  # of memory


def run_or_fail(spec: dict[str, Any], remote: RemoteControl) -> Iterator[Event]:
    """Run the `RunSpec` given as JSON values; the last event is `Finished` or `Failed`."""
    limit_memory()
    try:
        yield from run(RunSpec.from_json(spec), remote)
    except Exception as error:
        if not isinstance(error, AEDemoError):
            traceback.print_exc()
        yield Failed(user_error(error).message)


def user_error(error: Exception) -> AEDemoError:
    """The error to show to the user: what happened, and what to do."""
    if isinstance(error, AEDemoError):
        return error
    words = str(error).lower()
    if isinstance(error, MemoryError) or "out of memory" in words or "can't allocate memory" in words:
        if torch.cuda.is_available():
            return TrainingError(
                "The run needs more memory than the GPU has. Choose smaller layers or a smaller batch size."
            )
        return TrainingError(
            "The run needs more memory than is allowed ({most} GB). Choose smaller layers or a smaller batch size.",
            most=MAX_BYTES >> 30,
        )
    if isinstance(error, OSError):
        return TrainingError(
            "A file could not be read or written ({reason}). Start the run again.",
            reason=error.strerror or "unknown reason",
        )
    return TrainingError(
        "The run ended with an unexpected error, which is in the server's log. Start it again, or undo your last "
        "change of the settings."
    )


def lower_priority() -> None:
    """Lower the priority below that of the server and the browser.

    Linux divides the processors among sessions first, where it groups processes so (`sched_autogroup_enabled`), and
    niceness counts within a session alone. A browser on the same machine would have no more than the server and all its
    runs together. The process therefore gets a session of its own, with the same niceness.
    """
    if hasattr(os, "nice"):
        os.nice(NICE)
        with suppress(OSError):
            os.setsid()
            Path("/proc/self/autogroup").write_text(str(NICE))


def limit_memory() -> None:
    """Limit the memory of the process to `MAX_BYTES`, on Linux and without a GPU."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        if not torch.cuda.is_available():  # CUDA reserves more than it uses
            resource.setrlimit(resource.RLIMIT_DATA, (MAX_BYTES, MAX_BYTES))


def warm_up() -> None:
    """Trigger PyTorch's imports at first use, which take seconds."""
    torch.set_num_threads(1)
    torch.optim.Adam([torch.zeros(1)])


def run(spec: RunSpec, remote: RemoteControl) -> Iterator[Event]:
    """Train, controlled by `remote`; yield the engine's events and previews."""
    settings = spec.settings
    options = replace(settings.options, threads=settings.options.threads or 1)
    torch.set_num_threads(options.threads)
    yield Preparing("data")
    data = load_dataset(
        settings.data, data_dir=spec.data_dir, limit=settings.limit, patches_per_epoch=PATCHES_PER_EPOCH
    )
    labels = None if data.test_labels is None else data.test_labels[:TEST_SAMPLES]
    notice = join_notices(spec.notice, data.notice)
    data = replace(data, test=data.test[:TEST_SAMPLES], test_labels=labels, notice=notice)
    if not get_family(settings.family).takes(data.sample_shape):
        raise DataError(
            "The family {family} cannot be trained on samples of shape {shape}. Upload other pictures, in "
            "colour if the family needs them so, or choose another family.",
            family=settings.family,
            shape=data.sample_shape,
        )
    yield Preparing("model")
    torch.manual_seed(options.seed)
    model = settings.build_model(data.sample_shape)
    controls = RunControls(resumable=spec.save_seconds is not None, save_seconds=spec.save_seconds)
    resume = spec.resume and state.is_saved(spec.folder)
    if resume:
        state.restore_live_options(model, spec.folder)
    due, epoch = 0.0, 0.0

    def make_preview(phase: str | None = None) -> Event:
        nonlocal due
        began = time.monotonic()
        made = preview(model, data, epoch, phase)
        now = time.monotonic()
        due = now + max(PREVIEW_SECONDS, (now - began) / PREVIEW_SHARE)
        return made

    for event in train(
        model,
        data,
        options,
        folder=spec.folder,
        resume=resume,
        command="the Train tab",
        should_stop=lambda: remote.stopped,
        controls=controls,
    ):
        if isinstance(event, Finished):
            state.clear_state(Path(spec.folder))
            yield make_preview()  # of the checkpoint
            if get_data_set(settings.data).own and data.test.ndim == 4 and event.folder and model.code_shape == (2,):
                own_pictures.save_pictures(data, event.folder)
        yield event
        controls.every_step = remote.mode in ("pause", "step")
        if isinstance(event, Started):
            epoch = event.first_epoch
            yield make_preview()
            lower_priority()
        if not isinstance(event, (Stepped, Evaluated)):
            continue
        at_end = isinstance(event, Evaluated)
        epoch = epoch if at_end else event.epoch  # of the last step, also of a part of an epoch
        pauses = epoch < options.epochs and remote.pauses_after(event)
        if (at_end or pauses or time.monotonic() > due) and not remote.stopped:
            yield make_preview(event.phase if at_end else None)
        if pauses:
            yield Paused(epoch)
        began = time.monotonic()
        while pauses:
            pauses = remote.wait()
            yield from change_settings(model, options, controls, remote, epoch)
        controls.paused_seconds += time.monotonic() - began
        controls.every_step = remote.mode in ("pause", "step")
        yield from change_settings(model, options, controls, remote, epoch)


def change_settings(
    model: Autoencoder, options: TrainOptions, controls: RunControls, remote: RemoteControl, epoch: float
) -> Iterator[Event]:
    """Apply the parent's changes of settings, and report them."""
    values = remote.take_values()
    if not values:
        return
    try:
        controls.change(model, options, epoch, values)
        yield Steered(epoch, values)
    except ConfigError as error:
        yield Steered(epoch, {}, error.message)
