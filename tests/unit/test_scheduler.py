"""The order in which visitors' work gets the processors: short before long, in turn, none for closed pages."""

import threading

import pytest

from ae_demo.inference.scheduler import COMPARISON_PATIENCE, PATIENCE, Cancelled, Client, Scheduler, client


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def one(now):
    """A scheduler with one place, which is taken; the others get it in the order of their turns."""
    scheduler = Scheduler(1, clock=lambda: now[0])
    scheduler.first = scheduler.enqueue("first", False)
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


def test_short_work_comes_before_long_work(one):
    works = {name: one.enqueue(name, name.startswith("long")) for name in ("long a", "b", "long c", "d")}
    assert order(one, works) == ["b", "d", "long a", "long c"]


def test_visitors_take_turns(one):
    works = {f"{name}{i}": one.enqueue(name, False) for name in "ab" for i in range(3)}
    assert order(one, works) == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_long_work_is_not_forgotten(one, now):
    works = {"long": one.enqueue("a", True)}
    now[0] = PATIENCE + 0.1
    works["short"] = one.enqueue("b", False)
    assert order(one, works) == ["long", "short"]


def test_comparisons_come_last(one):
    works = {"comparison": one.enqueue("a", False, True), "long comparison": one.enqueue("b", True, True)}
    works |= {"long": one.enqueue("c", True), "short": one.enqueue("d", False)}
    assert order(one, works) == ["short", "long", "comparison", "long comparison"]


def test_comparisons_are_not_forgotten(one, now):
    works = {"comparison": one.enqueue("a", False, True)}
    now[0] = PATIENCE + 0.1
    works["long"] = one.enqueue("b", True)
    now[0] = COMPARISON_PATIENCE + 0.1
    works["short"] = one.enqueue("c", False)
    assert order(one, works) == ["comparison", "long", "short"]


def test_a_scheduler_is_crowded_while_work_waits(one):
    assert not one.crowded
    waiting = one.enqueue("a", False)
    assert one.crowded
    one.leave(one.first)
    assert waiting.granted.is_set()
    assert not one.crowded


def test_as_many_at_once_as_there_are_places_and_one_for_short_work():
    scheduler = Scheduler(2)
    long = [scheduler.enqueue(name, True) for name in "abc"]
    assert [each.granted.is_set() for each in long] == [True, False, False]
    short = [scheduler.enqueue(name, False) for name in "de"]
    assert [each.granted.is_set() for each in short] == [True, False]
    scheduler.leave(short[0])
    assert short[1].granted.is_set()
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
    assert scheduler.enqueue("b", True).granted.is_set()


def test_a_turn_within_a_turn_is_part_of_it_and_an_error_ends_it():
    scheduler = Scheduler(1)
    with pytest.raises(ValueError, match="wrong"), scheduler.turn(), scheduler.turn(10**6):
        raise ValueError("wrong")
    assert scheduler.enqueue("b", False).granted.is_set()
