"""NumPy calls that do not warn of overflow, division by zero or invalid values: as in PyTorch.

`quiet.run(np.exp, array)` is `np.exp(array)` inside `np.errstate(all="ignore")`, at a tenth of
its cost: NumPy keeps its error state in a context variable, so a context in which it was set
once does the same for every call that runs there. `with Silence():` does it for a block.
"""

from __future__ import annotations

import contextvars
import functools
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np


class Quiet(threading.local):
    """A context in which NumPy does not warn, one per thread.

    Attributes:
        run: `run(function, *arguments)` calls `function` there. A context cannot be entered
            twice, so `function` must not call `run` itself: give it NumPy's functions only.

    Example:
        >>> import numpy as np
        >>> from minitorch.quiet import quiet
        >>> quiet.run(np.divide, np.ones(2), 0.0)
        array([inf, inf])
    """

    run: Callable[..., Any]

    def __init__(self) -> None:
        context = contextvars.Context()
        context.run(np.seterr, all="ignore")
        self.run = context.run


quiet = Quiet()


def _silent_state() -> list[tuple[contextvars.ContextVar[Any], Any]]:
    """The context variables of NumPy's error state, with their values when nothing is reported."""
    context = contextvars.Context()
    context.run(np.seterr, all="ignore")
    return list(context.items())


_SILENT_STATE = _silent_state()

if len(_SILENT_STATE) == 1:
    _variable, _value = _SILENT_STATE[0]
    begin_silence: Callable[[], Any] = functools.partial(_variable.set, _value)
    end_silence: Callable[[Any], None] = _variable.reset
else:  # a NumPy that keeps its error state in several variables, or in none

    def begin_silence() -> Any:
        """Switch warnings off; give the result to `end_silence` to have them back."""
        return [(variable, variable.set(value)) for variable, value in _SILENT_STATE]

    def end_silence(tokens: Any) -> None:
        """Switch warnings on again if they were on at `begin_silence`."""
        for variable, token in tokens:
            variable.reset(token)


class Silence:
    """`with Silence():` is `with np.errstate(all="ignore"):` at a third of its cost.

    Use a new one for each block. `begin_silence` and `end_silence` are the same without a block.

    Example:
        >>> import numpy as np
        >>> from minitorch.quiet import Silence
        >>> with Silence():
        ...     np.ones(2) / 0.0
        array([inf, inf])
    """

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = begin_silence()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        end_silence(self._token)
