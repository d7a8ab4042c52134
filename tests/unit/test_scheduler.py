"""The order in which visitors' work gets the processors: small before large, in turn, none for closed pages."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from ae_demo.inference.scheduler import (
    PATIENCE,
    SHORT_PIXELS,
    SMALL_PIXELS,
    Cancelled,
    Client,
    Scheduler,
    client,
    improvement,
)

LONG = 10**6  # pixels


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def one(now):
    """A scheduler with one place, which is taken; the others get it in the order of their turns."""
    scheduler = Scheduler(1, clock=lambda: now[0])
    scheduler.first = scheduler.enqueue("first", 0)
    return scheduler


def order(scheduler, works):
    """The names of tasks in the order in which they get their turn; each ends before the next starts."""
    scheduler.leave(scheduler.first)
    names, left = [], dict(works)
    while left:
        granted = [name for name, work in left.items() if work.granted.is_set()]
        assert len(granted) == 1
        names += granted
        scheduler.leave(left.pop(granted[0]))
    return names


def test_small_work_comes_first_then_previews_then_whole_photographs(one):
    sizes = {"long": LONG, "preview": SHORT_PIXELS, "a": 0, "long b": LONG, "c": SMALL_PIXELS}
    works = {name: one.enqueue(name, pixels) for name, pixels in sizes.items()}
    assert order(one, works) == ["a", "c", "preview", "long", "long b"]


def test_visitors_take_turns(one):
    works = {f"{name}{i}": one.enqueue(name, 0) for name in "ab" for i in range(3)}
    assert order(one, works) == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_long_work_is_not_forgotten(one, now):
    works = {"long": one.enqueue("a", LONG)}
    now[0] = PATIENCE[2] + 0.1
    works["short"] = one.enqueue("b", 0)
    assert order(one, works) == ["long", "short"]


def test_comparisons_come_last(one):
    works = {"comparison": one.enqueue("a", 0, True), "long comparison": one.enqueue("b", LONG, True)}
    works |= {"long": one.enqueue("c", LONG), "short": one.enqueue("d", 0)}
    assert order(one, works) == ["short", "long", "comparison", "long comparison"]


def test_comparisons_are_not_forgotten(one, now):
    works = {"comparison": one.enqueue("a", 0, True)}
    now[0] = PATIENCE[3] - 0.1
    works["long"] = one.enqueue("b", LONG)
    now[0] = PATIENCE[3] + 0.1
    works["short"] = one.enqueue("c", 0)
    assert order(one, works) == ["comparison", "short", "long"]


def test_the_improvement_of_a_shown_result_comes_after_first_results(one):
    def work(name):
        with one.turn(LONG):
            done.append(name)

    def improve(shown):
        with improvement(shown):
            work("improvement" if shown else "first result")

    done: list[str] = []
    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(improve, True), pool.submit(improve, False), pool.submit(work, "another's")]
        while len(one._waiting) < len(tasks):
            time.sleep(0.01)
        one.leave(one.first)
        for task in tasks:
            task.result()
    assert done[-1] == "improvement"


def test_a_scheduler_is_crowded_while_work_waits(one):
    assert not one.crowded
    waiting = one.enqueue("a", 0)
    assert one.crowded
    one.leave(one.first)
    assert waiting.granted.is_set()
    assert not one.crowded


@pytest.mark.parametrize("pixels", [LONG, SHORT_PIXELS])
def test_as_many_at_once_as_there_are_places_and_one_for_small_work(pixels):
    scheduler = Scheduler(2)
    long = [scheduler.enqueue(name, pixels) for name in "abc"]
    assert [each.granted.is_set() for each in long] == [True, False, False]
    small = [scheduler.enqueue(name, 0) for name in "de"]
    assert [each.granted.is_set() for each in small] == [True, False]
    scheduler.leave(small[0])
    assert small[1].granted.is_set()
    scheduler.leave(long[0])
    assert [each.granted.is_set() for each in long] == [True, True, False]


def test_work_that_is_no_longer_wanted_gets_no_turn():
    scheduler, left, ended = Scheduler(1), threading.Event(), []

    def wait():
        client.set(Client("a", left.is_set))
        try:
            with scheduler.turn():
                ended.append("worked")
        except Cancelled:
            ended.append("cancelled")

    with scheduler.turn():
        thread = threading.Thread(target=wait)
        thread.start()
        left.set()
        thread.join(10)
    assert ended == ["cancelled"]
    with scheduler.turn():  # it left no place taken
        pass
    assert scheduler.enqueue("b", LONG).granted.is_set()


def test_work_under_way_gives_its_place_to_work_of_a_class_before_and_continues_before_its_own():
    scheduler, at, done = Scheduler(1), threading.Event(), threading.Event()

    def work():
        with scheduler.turn(LONG):
            at.set()
            done.wait(10)
            scheduler.give_way()

    with ThreadPoolExecutor(1) as other:
        photograph = other.submit(work)
        at.wait(10)
        next_photograph = scheduler.enqueue("a", LONG)
        preview = scheduler.enqueue("b", SHORT_PIXELS)
        assert not preview.granted.is_set()
        done.set()
        assert preview.granted.wait(10)
        assert not photograph.done()
        assert not next_photograph.granted.is_set()
        scheduler.leave(preview)
        photograph.result(10)
    assert next_photograph.granted.is_set()


def test_work_that_has_waited_for_too_long_keeps_its_place(one, now):
    photograph = one.enqueue("photograph", LONG)
    now[0] = PATIENCE[2] + 0.1
    one.leave(one.first)
    assert photograph.granted.is_set()
    assert photograph.rank == 0


def test_large_work_of_a_server_divides_the_threads_of_pytorch_and_all_else_uses_one():
    scheduler, before = Scheduler(3), torch.get_num_threads()
    with scheduler.turn():
        assert torch.get_num_threads() == before  # a library leaves them as they are
    torch.set_num_threads(4)
    scheduler.set_threads()
    with scheduler.turn():
        assert torch.get_num_threads() == 1
    with scheduler.turn(10**6):
        assert torch.get_num_threads() == 4
    assert torch.get_num_threads() == 1
    other = scheduler.enqueue("other", 10**6)
    with scheduler.turn(10**6):
        assert torch.get_num_threads() == 2
    scheduler.leave(other)
    torch.set_num_threads(before)


def test_comparisons_leave_a_place_to_photographs():
    scheduler = Scheduler(3)
    works = [scheduler.enqueue(name, LONG, comparison=name != "photograph") for name in ("a", "b", "photograph")]
    assert [work.granted.is_set() for work in works] == [True, False, True]
    scheduler.leave(works[0])
    assert works[1].granted.is_set()


def test_a_turn_within_a_turn_is_part_of_it_and_an_error_ends_it():
    scheduler = Scheduler(1)
    with pytest.raises(ValueError, match="wrong"), scheduler.turn(), scheduler.turn(10**6):
        raise ValueError("wrong")
    assert scheduler.enqueue("b", 0).granted.is_set()
