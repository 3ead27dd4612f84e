# SPDX-License-Identifier: MIT
from collections.abc import Callable
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any, Generic, NamedTuple, ParamSpec, Protocol, TypeVar

from . import core as core

_P = ParamSpec("_P")
_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

version: str
__version__: str

class Deadlock(RuntimeError): ...

class Thread(Generic[_T_co]):
    @property
    def id(self) -> int: ...
    name: str
    def join(self, timeout: float | None = None) -> None: ...
    def result(self, timeout: float | None = None) -> _T_co: ...
    def exception(
        self, timeout: float | None = None
    ) -> BaseException | None: ...
    def done(self) -> bool: ...

class local:
    def __new__(cls, *args: Any, **kwargs: Any) -> local: ...
    def __getattribute__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...
    def __delattr__(self, name: str) -> None: ...

class Stats(NamedTuple):
    threads: int
    spawned: int
    abandoned: int
    workers: int
    stacks_guard_install: int
    stacks_guard_mprotect: int
    stacks_guard_none: int
    stacks_free: int
    stack_bytes: int
    sleeps: int

class virtual_clock(ContextDecorator):
    def __init__(self, start: float = 1.0) -> None: ...
    def __enter__(self) -> virtual_clock: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def advance(self, seconds: float, /) -> None: ...

class Exploration(NamedTuple):
    runs: int
    complete: bool
    choices: int

class ExceptHookArgs(NamedTuple):
    exc_type: type[BaseException]
    exc_value: BaseException
    exc_traceback: TracebackType | None
    thread: Thread[Any]

class _Writer(Protocol):
    def write(self, text: str, /) -> object: ...

def spawn(
    fn: Callable[..., _T],
    /,
    *args: Any,
    name: str | None = None,
    stack_size: int | None = None,
    **kwargs: Any,
) -> Thread[_T]: ...
def yield_() -> None: ...
def sleep(seconds: float, /) -> None: ...
def current() -> Thread[Any]: ...
def now() -> float: ...
def seed(seed: int, /) -> None: ...
def explore(
    fn: Callable[[], object],
    /,
    *,
    name: str | None = None,
    timeouts: bool = False,
    max_runs: int = 0,
    max_choices: int = 0,
    max_steps: int = 0,
    schedule: str | None = None,
) -> Exploration: ...
def stats() -> Stats: ...
def trim() -> int: ...
def set_stack_size(size: int | None, /) -> int: ...
def dump(file: _Writer | None = None) -> None: ...
def excepthook(args: ExceptHookArgs, /) -> Any: ...
def __excepthook__(args: ExceptHookArgs, /) -> Any: ...
