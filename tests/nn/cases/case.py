"""What a case is: how a layer is made, what it is given, and the arrays that stand for inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# -- values -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Values:
    """An array that is made when the dtype is known.

    Args:
        make: gives the array for a random generator and a floating-point dtype.
        text: how it reads in a test's name.
    """

    make: Callable[[np.random.Generator, str], np.ndarray]
    text: str

    def __repr__(self) -> str:
        return self.text


def normal(*shape: int, scale: float = 1.0, offset: float = 0.0) -> Values:
    """Normal numbers."""

    def make(rng: np.random.Generator, dtype: str) -> np.ndarray:
        return np.asarray(rng.standard_normal(shape) * scale + offset, dtype)

    text = "x".join(map(str, shape)) or "number"
    text += f"*{scale:g}" * (scale != 1) + f"+{offset:g}" * (offset != 0)
    return Values(make, text)


def uniform(low: float, high: float, *shape: int) -> Values:
    """Uniform numbers."""

    def make(rng: np.random.Generator, dtype: str) -> np.ndarray:
        return np.asarray(rng.uniform(low, high, shape), dtype)

    return Values(make, "x".join(map(str, shape)) or "number")


def distinct(*shape: int, step: float = 0.1) -> Values:
    """Numbers around 0 in random order, all at least `step` apart: for maxima and sorting."""

    def make(rng: np.random.Generator, dtype: str) -> np.ndarray:
        size = int(np.prod(shape))
        return (step * (rng.permutation(size) - size / 2 + 0.25)).reshape(shape).astype(dtype)

    return Values(make, "x".join(map(str, shape)))


def integers(low: int, high: int, *shape: int, dtype: str = "int64") -> Values:
    """Integers from `low` to `high` - 1."""

    def make(rng: np.random.Generator, _: str) -> np.ndarray:
        return np.asarray(rng.integers(low, high, shape), dtype)

    return Values(make, f"{dtype}<{high}:" + "x".join(map(str, shape)))


def mask(*shape: int, share: float = 0.3) -> Values:
    """Booleans, true with probability `share`."""

    def make(rng: np.random.Generator, _: str) -> np.ndarray:
        return np.asarray(rng.random(shape) < share)

    return Values(make, "mask:" + "x".join(map(str, shape)))


def exactly(values: Any, dtype: str | None = None) -> Values:
    """These values; without a `dtype`, in the one that the case is run in."""

    def make(_: np.random.Generator, floating: str) -> np.ndarray:
        return np.array(values, dtype or floating)

    return Values(make, str(values).replace(" ", "")[:30])


def full(value: float, *shape: int) -> Values:
    """The same number everywhere."""

    def make(_: np.random.Generator, dtype: str) -> np.ndarray:
        return np.full(shape, value, dtype)

    return Values(make, f"{value:g}:" + "x".join(map(str, shape)))


@dataclass(frozen=True)
class Made:
    """A value that needs the package: `make` is given it as `torch`; `text` stands for it."""

    make: Callable[[Any], Any]
    text: str = "made"

    def __repr__(self) -> str:
        return self.text


# -- arguments ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Arguments:
    """What a constructor, a module or a function is called with; `Values` stand for arrays."""

    positional: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        parts = [str(item) for item in self.positional]
        parts += [f"{name}={value}" for name, value in self.options.items()]
        return ", ".join(parts)


def args(*positional: Any, **options: Any) -> Arguments:
    """Arguments as they are written in a call."""
    return Arguments(positional, options)


# -- cases --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A layer or a function, and arguments on which it is to be as in PyTorch.

    Args:
        name: of a class of `nn`, or of a function of `nn.functional`.
        constructor: the arguments of the class; None for a function.
        inputs: the arguments of the module or function. What holds `Values` of a floating-point
            dtype is differentiated.
        random: draws random numbers when it is called.
        differences: compare with central differences; not for inputs at which the function has
            a kink, is nearly constant or is not finite.
        tolerance: of the comparison with PyTorch, in place of the usual one, by dtype; the reason
            stands beside the case.
        strided: run it on arrays with gaps too.
        call: how the arguments get to the module, `call(torch, module, *args, **kwargs)`, where
            `module(*args, **kwargs)` is not it; such a case runs with Tensors only.
    """

    name: str
    constructor: Arguments | None
    inputs: Arguments
    random: bool = False
    differences: bool = True
    tolerance: dict[str, float] = field(default_factory=dict)
    strided: bool = True
    call: Callable[..., Any] | None = None

    def __str__(self) -> str:
        made = "" if self.constructor is None else f"({self.constructor})"
        return f"{self.name}{made}({self.inputs})"


def layer(name: str, constructor: Arguments, *inputs: Arguments, **more: Any) -> list[Case]:
    """A layer on each of several inputs."""
    return [Case(name, constructor, each, **more) for each in inputs]


def function(name: str, *inputs: Arguments, **more: Any) -> list[Case]:
    """A function on each of several inputs."""
    return [Case(name, None, each, **more) for each in inputs]


@dataclass(frozen=True)
class Refused:
    """A layer or function, and arguments that are an error.

    Args:
        name: of a class of `nn`, or of a function of `nn.functional`.
        constructor: the arguments of the class; None for a function.
        inputs: the arguments of the call; None where the constructor raises.
        error: what is raised.
        says: words that the message must have: names and numbers.
    """

    name: str
    constructor: Arguments | None
    inputs: Arguments | None
    error: type[Exception]
    says: tuple[str, ...] = ()

    def __str__(self) -> str:
        made = "" if self.constructor is None else f"({self.constructor})"
        return f"{self.name}{made}({'' if self.inputs is None else self.inputs})"


def refused(
    name: str,
    constructor: Arguments | None,
    inputs: Arguments | None,
    error: type[Exception],
    *says: str,
) -> Refused:
    """What raises `error`, with words that its message must have."""
    return Refused(name, constructor, inputs, error, says)


# -- making them --------------------------------------------------------------------------


def fill(structure: Any, change: Callable[[Any], Any]) -> Any:
    """Rebuild tuples, lists and dicts with `change` applied to what they hold."""
    if isinstance(structure, (tuple, list)):
        return type(structure)(fill(item, change) for item in structure)
    if isinstance(structure, dict):
        return {key: fill(item, change) for key, item in structure.items()}
    return change(structure)


def arrays(case: Case | Refused, dtype: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a case's call, with arrays for `Values`: the same at each time."""
    rng = np.random.default_rng(0)

    def make(item: Any) -> Any:
        return item.make(rng, dtype) if isinstance(item, Values) else item

    assert case.inputs is not None
    return fill(case.inputs.positional, make), fill(case.inputs.options, make)


def construct(torch: Any, case: Case | Refused, dtype: str = "float32") -> Any:
    """The module of a case, or its function, in the package `torch`.

    Modules start with the parameters that seed 0 gives, in `dtype`.
    """
    if case.constructor is None:
        return getattr(torch.nn.functional, case.name)
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype))
    try:
        torch.manual_seed(0)
        return make_layer(torch, case.name, case.constructor, dtype)
    finally:
        torch.set_default_dtype(before)


def make_layer(torch: Any, name: str, constructor: Arguments, dtype: str = "float32") -> Any:
    """A layer of `nn`, its `Values` as tensors of `dtype`."""
    rng = np.random.default_rng(1)

    def make(item: Any) -> Any:
        if isinstance(item, Made):
            return item.make(torch)
        return torch.tensor(item.make(rng, dtype)) if isinstance(item, Values) else item

    return getattr(torch.nn, name)(
        *fill(constructor.positional, make), **fill(constructor.options, make)
    )


def is_module(case: Case | Refused) -> bool:
    """Whether the case is a layer, not a function."""
    return case.constructor is not None
