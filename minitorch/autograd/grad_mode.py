"""What a thread is doing: whether it records, and which call it is in.

Every switch here belongs to one thread, so a network may be trained in one thread and
evaluated under `no_grad` in another.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from .engine import Run
    from .record import ArrayCall, Record

P = ParamSpec("P")
R = TypeVar("R")


class ThreadState(threading.local):
    """The calling thread's place in forward and backward.

    Attributes:
        grad_enabled: whether calls are recorded for a later backward.
        inference: whether the thread is inside `inference_mode`.
        frame: the record of the written forward or backward that is running now.
        array_call: the outermost array call that is running now.
        run: the backward run that is under way, which receives the gradients of weights.
    """

    grad_enabled: bool = True
    inference: bool = False
    frame: Record | None = None
    array_call: ArrayCall | None = None
    run: Run | None = None


state = ThreadState()


def is_grad_enabled() -> bool:
    """Say whether this thread records what it computes.

    Example:
        >>> import minitorch
        >>> minitorch.is_grad_enabled()
        True
    """
    return state.grad_enabled


def is_inference_mode_enabled() -> bool:
    """Say whether this thread is inside `inference_mode`.

    Example:
        >>> import minitorch
        >>> with minitorch.inference_mode():
        ...     minitorch.is_inference_mode_enabled()
        True
    """
    return state.inference


class _Mode:
    """A context manager, also a decorator, that sets the recording switches and restores them."""

    def __init__(self) -> None:
        self._previous: list[tuple[bool, bool]] = []

    def _settings(self) -> tuple[bool, bool]:
        """The pair (grad_enabled, inference) that holds inside."""
        raise NotImplementedError

    def __enter__(self) -> None:
        self._previous.append((state.grad_enabled, state.inference))
        state.grad_enabled, state.inference = self._settings()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        state.grad_enabled, state.inference = self._previous.pop()

    def _again(self) -> _Mode:
        """A fresh mode of the same settings, for one call of a decorated function."""
        return type(self)()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if inspect.isclass(function):
            raise TypeError(
                f"{type(self).__name__} decorates functions, not classes; "
                f"decorate the methods of {function.__name__} instead"
            )
        if inspect.isgeneratorfunction(function):
            return cast(Callable[P, R], self._wrap_generator(function))

        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            with self._again():
                return function(*args, **kwargs)

        return wrapper

    def _wrap_generator(
        self, function: Callable[..., Generator[Any, Any, Any]]
    ) -> Callable[..., Generator[Any, Any, Any]]:
        """Hold the mode only while the generator's own code runs, not while it is suspended."""

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            generator = function(*args, **kwargs)
            resume: Callable[[], Any] = functools.partial(next, generator)
            while True:
                try:
                    with self._again():
                        item = resume()
                except StopIteration as stop:
                    return stop.value
                try:
                    sent = yield item
                    resume = functools.partial(generator.send, sent)
                except GeneratorExit:
                    with self._again():
                        generator.close()
                    raise
                except BaseException as error:
                    resume = functools.partial(generator.throw, error)

        return wrapper


class no_grad(_Mode):  # noqa: N801 - PyTorch's name
    """Compute without recording: results do not require gradients.

    A context manager and a decorator; it holds for the calling thread only.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, requires_grad=True)
        >>> with minitorch.no_grad():
        ...     y = x * 2
        >>> y.requires_grad
        False
    """

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Also accept the bare decorator form `@no_grad`."""
        mode = super().__new__(cls)
        if function is None:
            return mode
        mode.__init__()  # type: ignore[misc]
        return mode(function)

    def __init__(self, function: Callable[..., Any] | None = None) -> None:
        super().__init__()

    def _settings(self) -> tuple[bool, bool]:
        return False, state.inference


class enable_grad(no_grad):  # noqa: N801 - PyTorch's name
    """Record again inside a `no_grad` block.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, requires_grad=True)
        >>> with minitorch.no_grad(), minitorch.enable_grad():
        ...     y = x * 2
        >>> y.requires_grad
        True
    """

    def _settings(self) -> tuple[bool, bool]:
        return not state.inference, state.inference


class set_grad_enabled(_Mode):  # noqa: N801 - PyTorch's name
    """Switch recording on or off, at once or for a `with` block.

    Args:
        mode: True to record, False not to.

    Example:
        >>> import minitorch
        >>> with minitorch.set_grad_enabled(False):
        ...     minitorch.is_grad_enabled()
        False
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.mode = bool(mode)
        self._before = state.grad_enabled
        state.grad_enabled = self.mode and not state.inference

    def __enter__(self) -> None:
        self._previous.append((self._before, state.inference))
        state.grad_enabled = self.mode and not state.inference

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        state.grad_enabled = self._before
        return super().__call__(function)

    def _again(self) -> _Mode:
        return set_grad_enabled(self.mode)


class inference_mode(_Mode):  # noqa: N801 - PyTorch's name
    """Compute without recording, for code that will never ask for a gradient.

    Here it does what `no_grad` does, and `enable_grad` inside it has no effect.

    Args:
        mode: False leaves recording on, as if the block were not there. Default: True.

    Example:
        >>> import minitorch
        >>> with minitorch.inference_mode():
        ...     y = minitorch.ones(2, requires_grad=True) * 2
        >>> y.requires_grad
        False
    """

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        """Also accept the bare decorator form `@inference_mode`."""
        if isinstance(mode, bool):
            return super().__new__(cls)
        return cls()(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.mode = mode

    def _settings(self) -> tuple[bool, bool]:
        return (False, True) if self.mode else (True, False)

    def _again(self) -> _Mode:
        return cast(_Mode, inference_mode(self.mode))
