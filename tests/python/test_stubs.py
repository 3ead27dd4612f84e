# SPDX-License-Identifier: MIT
"""Proves: __init__.pyi says what the package has, and how it is called."""
import ast
import contextlib
import inspect
import os

import green
import pytest


def stub():
    path = os.path.join(os.path.dirname(green.__file__), "__init__.pyi")
    with open(path) as text:
        return ast.parse(text.read()).body


def names(body):
    found = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign):
            found[node.target.id] = node
    return {name: node for name, node in found.items()
            if not name.startswith("_") or name.startswith("__")}


def parameters(node):
    args = node.args
    found = [a.arg for a in args.posonlyargs + args.args]
    found += ["*" + args.vararg.arg] if args.vararg else []
    found += [a.arg for a in args.kwonlyargs]
    found += ["**" + args.kwarg.arg] if args.kwarg else []
    return [name for name in found if name != "self"]


def real_parameters(function):
    marks = {inspect.Parameter.VAR_POSITIONAL: "*",
             inspect.Parameter.VAR_KEYWORD: "**"}
    found = inspect.signature(function).parameters.values()
    return [marks.get(p.kind, "") + p.name for p in found if p.name != "self"]


def test_the_same_names():
    public = set(green.__all__) | {"__version__", "__excepthook__"}
    assert set(names(stub())) | {"core"} == public
    assert {name for name in dir(green) if not name.startswith("_")} - \
        set(green.__all__) == set()


def test_the_same_signatures():
    for name, node in names(stub()).items():
        if isinstance(node, ast.FunctionDef):
            assert real_parameters(getattr(green, name)) == \
                parameters(node), name


def own(kind):
    """Public members, without what every exception or struct has."""
    known = set(dir(kind.__base__)) if issubclass(kind, (tuple, BaseException)) \
        else set(dir(contextlib.ContextDecorator))
    return {name for name in dir(kind)
            if not name.startswith("_") and name not in known}


CLASSES = ["Barrier", "BoundedSemaphore", "Channel", "Condition", "Event",
           "Lock", "Queue", "RLock", "RWLock", "Semaphore", "Thread",
           "move_on_after", "scope", "shield", "timeout", "virtual_clock"]


@pytest.mark.parametrize("kind", CLASSES)
def test_the_same_members(kind):
    declared = names(names(stub())[kind].body)
    real = getattr(green, kind)
    public = {n for n, node in declared.items() if not n.startswith("__")}
    # Those of an instance are not in the class.
    public -= {n for n, node in declared.items()
               if isinstance(node, ast.AnnAssign) and not hasattr(real, n)}
    assert public == own(real)
    for name, member in declared.items():
        value = getattr(real, name, None)
        if name not in public or isinstance(value, property):
            continue
        if isinstance(member, ast.FunctionDef) and callable(value):
            assert real_parameters(value) == parameters(member), name
        assert value.__doc__, name
    if "__init__" in declared:
        assert real_parameters(real) == parameters(declared["__init__"])


def test_every_class_is_looked_at():
    found = {name for name, node in names(stub()).items()
             if isinstance(node, ast.ClassDef)}
    rest = {"Cancelled", "Closed", "Deadlock", "ExceptHookArgs", "Exploration",
            "LifoQueue", "PriorityQueue", "Stats", "local"}
    assert found == set(CLASSES) | rest


def test_the_same_fields():
    for name in ("Stats", "ExceptHookArgs", "Exploration"):
        declared = [n.target.id for n in names(stub())[name].body]
        assert list(getattr(green, name)._fields) == declared


def test_everything_has_a_docstring():
    for name in green.__all__:
        value = getattr(green, name)
        if callable(value):
            assert value.__doc__, name


def test_marked_as_typed():
    folder = os.path.dirname(green.__file__)
    assert os.path.exists(os.path.join(folder, "py.typed"))
