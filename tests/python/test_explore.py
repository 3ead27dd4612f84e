# SPDX-License-Identifier: MIT
"""Proves: a seed determines the order in which threads run, and an exploration
tries every order. Twin of t-seed-replays-orders.c and t-explore-*.c."""
import errno

import green
import pytest
from green import core


@pytest.fixture(autouse=True)
def first_in_first_out():
    yield
    green.seed(0)


def order():
    steps = []

    def work(name):
        for _ in range(3):
            steps.append(name)
            green.yield_()

    with green.virtual_clock():
        threads = [green.spawn(work, name) for name in "abcd"]
        threads += [green.spawn(green.sleep, 0.1) for _ in range(3)]
        for thread in threads:
            thread.join()
            steps.append(".")
    return "".join(steps)


def test_a_seed_replays_its_order():
    plain = order()
    assert plain.startswith("abcdabcdabcd")
    green.seed(42)
    first = order()
    assert first != plain and sorted(first) == sorted(plain)
    assert order() != first
    green.seed(42)
    assert order() == first
    green.seed(43)
    assert order() != first
    green.seed(0)
    assert order() == plain


def test_every_order_comes_up():
    seen = set()
    for seed in range(1, 100):
        steps = []
        green.seed(seed)
        for thread in [green.spawn(steps.append, n) for n in range(3)]:
            thread.join()
        seen.add(tuple(steps))
    assert len(seen) == 6


@pytest.mark.parametrize("seed", [-1, 1 << 64, "1", None])
def test_bad_seeds(seed):
    with pytest.raises((OverflowError, TypeError)):
        green.seed(seed)


def test_reports_tell_it(capsys):
    green.seed(4711)
    green.dump()
    assert ", seed 4711" in capsys.readouterr().err
    green.seed(0)
    green.dump()
    assert "seed" not in capsys.readouterr().err


def test_the_environment_says_it(python, monkeypatch):
    monkeypatch.setenv("GREEN_SEED", "5")
    done = python("import green\ngreen.yield_()\ngreen.dump()")
    assert ", seed 5" in done.stderr


# ---- explorations ----------------------------------------------------------

def interleave(names, yields, orders):
    def run():
        steps = []

        def work(name):
            for _ in range(yields):
                steps.append(name)
                green.yield_()
            steps.append(name)
            ended.append(name)
            if len(ended) == len(names):
                orders.append("".join(steps))

        ended = []
        for name in names:
            green.spawn(work, name)

    return run


@pytest.mark.parametrize("names, yields, runs", [
    ("a", 3, 1), ("ab", 0, 2), ("ab", 2, 20), ("abc", 1, 90)])
def test_every_order_once(names, yields, runs):
    orders = []
    found = green.explore(interleave(names, yields, orders))
    assert found == (runs, True, found.choices)
    assert len(orders) == len(set(orders)) == runs
    assert found.choices <= len(names) * (yields + 1)


def test_limits():
    orders = []
    run = interleave("abc", 2, orders)
    assert green.explore(run, max_runs=17)[:2] == (17, False)
    assert green.explore(run, max_choices=3)[:2] == (27, False)
    with pytest.raises(OSError) as info:
        green.explore(run, max_steps=2)
    assert info.value.errno == errno.ELOOP
    assert green.explore(interleave("ab", 1, orders)).complete


def racy():
    """Wrong when the second one is faster."""
    stage = []
    threads = [green.spawn(lambda: stage.append(1)),
               green.spawn(lambda: stage.append(2))]
    for thread in threads:
        thread.join()
    assert stage == [1, 2], "out of order"


def test_an_assertion_is_found_and_made_again(monkeypatch):
    with pytest.raises(AssertionError, match="out of order") as info:
        green.explore(racy)
    note = info.value.__notes__[-1]
    assert note.endswith("; GREEN_SCHEDULE=1 runs it again")
    with pytest.raises(AssertionError) as info:
        green.explore(racy, schedule="1")
    assert info.value.__notes__[-1].startswith("in run 1 ")
    assert green.explore(racy, schedule="0")[:2] == (1, False)
    monkeypatch.setenv("GREEN_SCHEDULE", "racy:1")
    with pytest.raises(AssertionError) as info:
        green.explore(racy, name="racy")
    assert info.value.__notes__[-1] == (
        "in run 1 of an exploration; GREEN_SCHEDULE=racy:1 runs it again")


def test_a_deadlock_is_found():
    def work(own, other):
        green.yield_()
        if waits:
            waits.append(own)
            threads[other].join()
        waits.append(own)
        green.yield_()

    def run():
        waits.clear()
        threads[:] = [green.spawn(work, n, 1 - n, name=f"thread {n}")
                      for n in range(2)]
        for thread in threads:
            thread.join()

    def stuck():
        threads[:] = [green.spawn(lambda: threads[1].join(), name="one"),
                      green.spawn(lambda: threads[0].join(), name="two")]
        threads[0].join()

    waits, threads = [], []
    assert green.explore(run).complete
    with pytest.raises(green.Deadlock) as info:
        green.explore(stuck, name="stuck")
    assert '"one"' in str(info.value) and '"two"' in str(info.value)
    assert "GREEN_SCHEDULE=stuck:" in info.value.__notes__[-1]
    # Those are lost, and life goes on.
    for thread in threads:
        with pytest.raises(ProcessLookupError):
            thread.join()
    assert green.spawn(lambda: 3).result() == 3
    assert green.explore(run).complete


def test_timeouts_at_any_time():
    def run():
        green.spawn(messages.append, 1)
        green.sleep(3600)
        slept.append(len(messages))
        messages.clear()

    def joined():
        thread = green.spawn(lambda: [green.yield_() for _ in range(3)])
        try:
            thread.join(1)
        except TimeoutError:
            late.append(green.now())
        thread.join()

    messages, slept, late = [], [], []
    assert green.explore(run).complete
    assert slept == [1]
    assert green.explore(joined).complete and not late
    assert green.explore(joined, timeouts=True).complete
    assert late and set(late) == {2.0}


def test_rules():
    kept = []

    def unjoined():
        kept.append(green.spawn(len, "x"))

    def grows():
        kept.append(None)
        for _ in range(len(kept)):
            green.spawn(green.yield_)

    def number(fn, **kwargs):
        kept[:] = [None]
        with pytest.raises(OSError) as info:
            green.explore(fn, **kwargs)
        return info.value.errno

    assert number(unjoined) == errno.ECHILD
    assert number(grows) == errno.EILSEQ
    assert number(lambda: green.explore(len)) == errno.EBUSY
    assert number(racy, schedule="-") == errno.EINVAL
    assert number(lambda: green.seed(1)) == errno.EBUSY
    assert number(lambda: core.green_clock_real()) == errno.EBUSY
    thread = green.spawn(green.yield_)
    assert number(racy) == errno.EBUSY
    thread.join()
    with pytest.raises(TypeError):
        green.explore(3)
    with pytest.raises(TypeError):
        green.explore(lambda: green.explore())


def test_exceptions_for_the_main_flow_end_it():
    def interrupted():
        raise KeyboardInterrupt

    def run():
        green.spawn(interrupted)
        green.yield_()

    with pytest.raises(KeyboardInterrupt):
        green.explore(run)
    assert green.spawn(lambda: 3).result() == 3


def test_clock_and_seed_are_put_back():
    times = []

    def run():
        times.append(green.now())
        green.sleep(60)
        times.append(green.now())

    with green.virtual_clock(500):
        green.explore(run)
        assert green.now() == 500.0
    assert times == [1.0, 61.0]
