"""Where the time of a run goes: seconds in each process of the month."""

import time
import types
from collections import Counter
from collections.abc import Callable
from typing import Any

from injae.agents.fingerprints import globals_of
from injae.agents.kernels import DRIVERS, PROCESSES
from injae.model.ecosystem import Ecosystem
from injae.model.rules import Rules
from injae.model.scenario import Scenario


class _Timed(Rules):
    """Rules whose drivers clock every process that they call."""

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self.__dict__.update(rules.__dict__)
        self.seconds: Counter[str] = Counter()

    def of(self, called: Callable[..., Any]) -> Callable[..., Any]:
        """A driver in which each process is clocked."""
        return self._clocked(super().of(called))

    def _clocked(self, called: Callable[..., Any]) -> Callable[..., Any]:
        if called in PROCESSES:
            name = called.__name__

            def clocked(*values: Any) -> Any:
                began = time.perf_counter()
                answer = called(*values)
                self.seconds[name] += time.perf_counter() - began
                return answer

            return clocked
        asked = {n: f for n, f in globals_of(called) if isinstance(f, types.FunctionType)}
        changed = {n: self._clocked(f) for n, f in asked.items() if f in DRIVERS or f in PROCESSES}
        return types.FunctionType(
            called.__code__,
            {**called.__globals__, **changed},
            called.__name__,
            called.__defaults__,
            called.__closure__,
        )


def profile(plan: Scenario, seed: int) -> dict[str, float]:
    """Seconds of one run in each process of its months, the longest first; ``(between processes)`` is the rest.

    The run is the second one, so that nothing is compiled or loaded meanwhile.
    """
    Ecosystem(plan, seed).run(1)
    model = Ecosystem(plan, seed)
    model.rules = timed = _Timed(model.rules)
    began = time.perf_counter()
    model.run()
    whole = time.perf_counter() - began
    timed.seconds["(between processes)"] = whole - timed.seconds.total()
    return dict(timed.seconds.most_common())
