# SPDX-License-Identifier: MIT
"""Proves: an exception that ends a thread is never lost in silence."""
import gc
import sys

import green
import pytest


def boom(text="boom"):
    raise ValueError(text)


@pytest.fixture
def reported(monkeypatch):
    calls = []
    monkeypatch.setattr(green, "excepthook", calls.append)
    return calls


def test_nobody_holds_the_thread(reported):
    green.spawn(boom, name="named")
    green.yield_()
    (args,) = reported
    assert args.exc_type is ValueError and str(args.exc_value) == "boom"
    assert args.exc_traceback is not None
    assert args.thread.name == "named" and args.thread.done()


def test_the_last_holder_lets_go(reported):
    thread = green.spawn(boom)
    green.yield_()
    assert reported == []
    del thread
    gc.collect()
    assert len(reported) == 1


def test_joining_is_not_looking(reported):
    thread = green.spawn(boom)
    thread.join()
    del thread
    gc.collect()
    assert len(reported) == 1


@pytest.mark.parametrize("look", ["result", "exception"])
def test_who_looks_hears_of_it_once(reported, look):
    thread = green.spawn(boom)
    try:
        getattr(thread, look)()
    except ValueError:
        pass
    del thread
    gc.collect()
    assert reported == []


def test_a_weak_reference_does_not_hold(reported):
    import weakref
    thread = green.spawn(boom)
    gone = []
    weak = weakref.ref(thread, gone.append)
    del thread
    green.yield_()
    green.yield_()
    reported.clear()
    gc.collect()
    assert weak() is None and gone == [weak]


def test_the_hook_may_wait_and_spawn(monkeypatch):
    steps = []

    def hook(args):
        steps.append("hook")
        green.yield_()
        green.spawn(steps.append, "spawned")
        steps.append("end")

    monkeypatch.setattr(green, "excepthook", hook)
    green.spawn(boom)
    for _ in range(4):
        green.yield_()
    assert steps == ["hook", "end", "spawned"]


def test_output_is_that_of_threads(capsys):
    green.spawn(boom, name="worker 7")
    green.yield_()
    err = capsys.readouterr().err
    assert err.startswith("Exception in green thread worker 7:\nTraceback")
    assert err.endswith("ValueError: boom\n")


def test_system_exit_is_silent(capsys):
    green.spawn(sys.exit, 1)
    green.yield_()
    assert capsys.readouterr().err == ""


def test_a_hook_that_fails(monkeypatch, capsys):
    monkeypatch.setattr(green, "excepthook", lambda args: 1 / 0)
    green.spawn(boom)
    green.yield_()
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err and "ValueError: boom" in err


def test_no_hook_means_the_default(monkeypatch, capsys):
    monkeypatch.setattr(green, "excepthook", None)
    green.spawn(boom)
    green.yield_()
    assert "ValueError: boom" in capsys.readouterr().err


def test_held_until_the_program_ends(python):
    done = python("""
import green
def boom():
    raise ValueError("held")
keep = [green.spawn(boom)]
green.yield_()
print("end of main")
""")
    assert done.returncode == 0 and done.stdout == "end of main\n"
    assert done.stderr.count("ValueError: held") == 1
