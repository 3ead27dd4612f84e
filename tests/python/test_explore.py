# SPDX-License-Identifier: MIT
"""Proves: a seed determines the order in which threads run. Twin of
t-seed-replays-orders.c."""
import green
import pytest


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
