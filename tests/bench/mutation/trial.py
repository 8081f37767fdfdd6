"""Runs tests against mutants: each in a process of its own, forked when everything is imported.

A mutant of a function that only tests call is put into the function that is there, which takes a tenth of a
second. What is already used while modules are read (tables, and what reads them) is imported anew with the
wrong in it.
"""

import ast
import gc
import importlib.machinery
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, Final, NamedTuple

import pytest
from _pytest.runner import runtestprotocol
from bench.mutation.mutants import Mutant
from hypothesis import HealthCheck, Phase, is_hypothesis_test, settings

LEAST_CPU_S: Final = 2.0  # of a trial, beside some times what its tests take as they are
TIMES: Final = 4
STUCK_S: Final = 60.0  # beside so many times its processor time, on a machine that has other work
STUCK_TIMES: Final = 20
MOST_MEMORY: Final = 8 << 30  # bytes; a loop that never ends must not take the machine along
EXAMPLES: Final = 20  # of a property: most wrongs show in a few
FEW_EXAMPLES: Final = 5  # enough to see which functions it reaches
MUTATION: Final = "mutation"

settings.register_profile(
    MUTATION,
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # that it fails is enough, how simply does not matter
    suppress_health_check=list(HealthCheck),
)


class Reached(NamedTuple):
    """A function."""

    file: str
    first_line: int
    name: str  # qualified


class Verdict(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    STUCK = "stands still"  # waits for something and takes no processor time: nothing was noticed
    UNREACHED = "unreached"  # no test runs the line: a survivor all the same


class Tried(NamedTuple):
    """One mutant's verdict, and what a trial with the module imported anew would ask."""

    number: int
    verdict: Verdict
    early: bool  # what was changed is used while modules are read
    tests: Sequence[str]  # the quickest first


class Trials:
    """A pytest plugin that runs the tests once as they are, then those that reach it against each mutant."""

    def __init__(
        self, mutants: Sequence[Mutant], files: dict[str, Path], tell: Callable[[Tried], None]
    ) -> None:
        self._mutants = mutants
        self._files = files
        self._tell = tell
        self._watched = {str(path) for path in files.values()}
        self.early: set[Reached] = set()  # called while modules are read
        self._by_test: dict[pytest.Item, set[Reached]] = {}
        self._seconds: dict[pytest.Item, float] = {}
        self._caches: list[Any] = []

    def watch(self, into: set[Reached]) -> None:
        """Note down which watched functions are called from now on."""
        watched = self._watched

        def note(frame: FrameType, event: str, _: Any) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename in watched:
                into.add(_reached(code))

        sys.setprofile(note)

    def pytest_collection(self) -> None:
        """Modules are read from here on."""
        self.watch(self.early)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own loop."""
        sys.setprofile(None)
        gc.unfreeze()  # what the tests' conftest has frozen is looked for here
        self._caches = [
            each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper) and _is_ours(each)
        ]
        seen = _elsewhere(self._as_they_are, session)
        for item, (reached, seconds) in zip(session.items, seen, strict=True):
            self._by_test[item], self._seconds[item] = {Reached(*each) for each in reached}, seconds
        functions = _functions(self._watched)
        gc.freeze()  # a fork copies what its collector touches
        session.items.sort(key=self._seconds.__getitem__)
        for item in session.items:
            _draw(item, EXAMPLES)
        for number, mutant in enumerate(self._mutants):
            verdict = self._try(session, mutant, functions)
            early = self._is_early(mutant, functions)
            again = verdict is not Verdict.KILLED and early
            path = str(self._files[mutant.module])
            # those that look at the module at all: what is read from a table when modules are reaches tests
            # that never call what read it
            looking = {
                item for item in session.items if any(where == path for where, _, _ in self._by_test[item])
            }
            tests = [item.nodeid for item in session.items if item in looking] if again else []
            self._tell(Tried(number, verdict, again, tests))
        return True

    def _is_early(self, mutant: Mutant, functions: dict[Reached, list[FunctionType]]) -> bool:
        """Whether what was changed is used while modules are read, as the defaults of a function are."""
        path = str(self._files[mutant.module])
        code = _code_of(mutant, path) if mutant.function else None
        if code is None or all(each.__code__ == code for each in functions.get(_reached(code), ())):
            return True
        called = {name.split(".<locals>")[0] for where, _, name in self.early if where == path}
        return mutant.function in called

    def _as_they_are(self, session: pytest.Session) -> list[tuple[list[Reached], float]]:
        """What each test reaches, and the processor time it takes, without any wrong done."""
        seen: list[tuple[list[Reached], float]] = []
        for item in session.items:
            _draw(item, FEW_EXAMPLES)
            reached: set[Reached] = set()
            self._forget()  # what an earlier test had kept would hide what this one reaches
            self.watch(reached)
            began = time.process_time()
            passed = _passes(item)
            seen.append((sorted(reached), time.process_time() - began))
            sys.setprofile(None)
            if not passed:
                raise pytest.UsageError(f"{item.nodeid} fails without any wrong done")
        return seen

    def _forget(self) -> None:
        for kept in self._caches:
            kept.cache_clear()

    def _try(
        self, session: pytest.Session, mutant: Mutant, functions: dict[Reached, list[FunctionType]]
    ) -> Verdict:
        path = str(self._files[mutant.module])
        code = _code_of(mutant, path) if mutant.function else None
        key = _reached(code) if code is not None else None
        if code is None or key not in functions:
            return Verdict.UNREACHED
        inside = {key, *(_reached(each) for each in _codes(code))}
        asked = [item for item in session.items if not inside.isdisjoint(self._by_test[item])]
        if not asked:
            return Verdict.UNREACHED
        limit = LEAST_CPU_S + TIMES * sum(self._seconds[item] for item in asked)

        def trial() -> bool:
            for function in functions[key]:
                function.__code__ = code
            self._forget()
            return all(map(_passes, asked))

        return _forked(trial, limit)


def try_early(mutant: Mutant, path: Path, tests: Sequence[str], limit: float) -> Verdict:
    """Run tests in a fork where the module is imported with the wrong in it."""

    def trial() -> bool:
        load = importlib.machinery.SourceFileLoader.get_code

        def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> CodeType | None:
            if self.path == str(path):
                return compile(mutant.tree, str(path), "exec")
            return load(self, fullname)

        importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
        return pytest.main([*OPTIONS, "-x", f"--hypothesis-profile={MUTATION}", *tests]) == pytest.ExitCode.OK

    return _forked(trial, limit)


OPTIONS: Final = (
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
    "-q",
    "-n",
    "0",
    "-p",
    "no:cacheprovider",
    "--tb=no",
)


def _elsewhere(look: Callable[[pytest.Session], Any], session: pytest.Session) -> Any:
    """What a look at the tests gives, taken in a process of its own.

    Here they must not run: Polars begins threads when it is first used, which no fork takes along, and
    a trial that asks them would wait for ever.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        code = 1
        try:
            with os.fdopen(writing, "w") as out:
                json.dump(look(session), out)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as told:
        seen = told.read()
    if os.waitpid(child, 0)[1]:
        raise pytest.UsageError("the tests do not pass without any wrong done")
    return json.loads(seen)


def _forked(trial: Callable[[], bool], cpu_s: float) -> Verdict:
    """Whether a trial passes in a process of its own; one that takes too long notices the wrong, too."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(round(STUCK_S + STUCK_TIMES * cpu_s))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        passed = False
        try:
            passed = trial()
        finally:
            os._exit(0 if passed else 1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return Verdict.STUCK
    return Verdict.SURVIVED if status == 0 else Verdict.KILLED


def _is_ours(cache: Any) -> bool:
    return str(cache.__module__).startswith("dialer.core")


def _draw(item: pytest.Item, examples: int) -> None:
    """Have a property drawn so many examples, whatever it says itself."""
    test: Any = getattr(item, "obj", None)
    if test is not None and is_hypothesis_test(test):
        test._hypothesis_internal_use_settings = settings(
            settings.get_profile(MUTATION), max_examples=examples
        )


def _passes(item: pytest.Item) -> bool:
    return all(not report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def _reached(code: CodeType) -> Reached:
    return Reached(code.co_filename, code.co_firstlineno, code.co_qualname)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


def _code_of(mutant: Mutant, path: str) -> CodeType | None:
    """The code of the function with the wrong in it."""
    whole = compile(ast.fix_missing_locations(mutant.tree), path, "exec")
    return next((each for each in _codes(whole) if each.co_qualname == mutant.function), None)


def _functions(files: set[str]) -> dict[Reached, list[FunctionType]]:
    found: dict[Reached, list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename in files:
            found.setdefault(_reached(each.__code__), []).append(each)
    return found
