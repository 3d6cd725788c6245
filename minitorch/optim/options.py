"""Options of optimizers: their values as numbers, and the checks that several share."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any, Final

from ..autograd.variable import Variable

# Options that PyTorch's oldest checkpoints lack, with what their absence means.
YOUNGER: Final[Mapping[str, Any]] = {
    "amsgrad": False,
    "maximize": False,
    "foreach": None,
    "capturable": False,
    "differentiable": False,
    "fused": None,
    "decoupled_weight_decay": False,
}


def number(value: Any, name: str) -> float:
    """The value of an option, a number or a Tensor of one element, as a float.

    Raises:
        TypeError: it is neither.
        ValueError: it is a Tensor of several elements.
    """
    if isinstance(value, Variable):
        if value.array.size != 1:
            raise ValueError(f"Tensor {name} must be 1-element, got {list(value.array.shape)}")
        return float(value.array.item())
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(f"{name} must be a number, got {type(value).__name__}: {value!r}")


def scalar(value: Any) -> Any:
    """An option to compute with: a Tensor of one element as a NumPy scalar of its dtype.

    So a learning rate in float32 is computed with in float32, as in PyTorch.
    """
    if not isinstance(value, Variable):
        return value
    if value.array.size != 1:
        raise ValueError(
            f"a Tensor that stands for a number must be 1-element, got {list(value.array.shape)}"
        )
    return value.array.reshape(())[()]


def check_not_negative(value: Any, name: str, description: str) -> None:
    """Refuse an option that is negative, NaN or no number; `description` opens the message.

    PyTorch lets some of these pass as NaN, which spoils every parameter in the first step.
    """
    if not number(value, name) >= 0:
        raise ValueError(f"Invalid {description}: {value}; {name} must be at least 0")


def check_at_least(minimum: float, value: Any, name: str, description: str) -> None:
    """Refuse an option that is below a minimum, NaN or no number; `description` opens the message.

    As `check_not_negative`, for the optimizers whose messages PyTorch words in another way.
    """
    if not number(value, name) >= minimum:
        raise ValueError(f"{description} should be >= {minimum} but is: {value}; change {name}")


def check_positive(value: Any, name: str, description: str) -> None:
    """Refuse an option that is not above 0, NaN or no number; `description` opens the message."""
    if not number(value, name) > 0:
        raise ValueError(f"Invalid {description}: {value}; {name} must be above 0")


def check_fraction(value: Any, name: str, description: str) -> None:
    """Refuse an option that is no number in [0, 1); `description` opens the message."""
    if not 0 <= number(value, name) < 1:
        raise ValueError(f"Invalid {description}: {value}; {name} must be at least 0 and below 1")


def pair(value: Any, name: str) -> tuple[Any, Any]:
    """The two parts of an option.

    Raises:
        TypeError: it has no parts.
        ValueError: it has not two.
    """
    try:
        first, second = value
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} must be a pair of numbers, got {value!r}") from error
    return first, second


def check_betas(betas: Any) -> None:
    """Refuse decay rates of moving averages that are not two numbers in [0, 1).

    Raises:
        TypeError, ValueError: as said, or one is a number and the other a Tensor.
    """
    first, second = pair(betas, "betas")
    check_fraction(first, "betas[0]", "beta parameter at index 0")
    check_fraction(second, "betas[1]", "beta parameter at index 1")
    if isinstance(first, Variable) != isinstance(second, Variable):
        raise ValueError("betas must be either both floats or both Tensors")


def check_not_nan(value: Any, name: str) -> None:
    """Refuse an option that is NaN or no number."""
    if math.isnan(number(value, name)):
        raise ValueError(f"Invalid {name} value: {value}")


def check_implementation(
    foreach: bool | None = None, fused: bool | None = None, differentiable: bool = False
) -> None:
    """Refuse choices of an implementation that contradict each other, as PyTorch does.

    There is only one implementation here, so these make no difference otherwise.

    Raises:
        RuntimeError: `fused` together with one of the others.
    """
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
