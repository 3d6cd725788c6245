"""Muon: steps of matrices along their momentum, made nearly orthogonal."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np

from ..autograd.variable import Array
from ..tensor import Tensor
from .bfloat16 import round_to_bfloat16, to_bfloat16
from .optimizer import Optimizer, ParamsT
from .options import check_at_least, number, scalar
from .rules import lerp
from .work import BLOCK_SIZE, Group, Work


class Muon(Optimizer):
    r"""Muon: steps of matrices along their momentum, made nearly orthogonal.

    With the parameter W, a matrix of A rows and B columns, its gradient dL/dW, the learning rate
    γ, the momentum μ and the weight decay λ, step t computes::

        G_t = dL/dW
        M_t = μ M_{t-1} + (1 - μ) G_t       M_0 = 0
        D_t = M_t                           (1 - μ) G_t + μ M_t if nesterov
        O_t = NS(D_t)
        W_t = (1 - γ λ) W_{t-1} - γ s O_t
        s   = √max(1, A / B)                if adjust_lr_fn is None or "original"
              0.2 √max(A, B)                if adjust_lr_fn is "match_rms_adamw"

    NS(D) comes near U Vᵀ, where U S Vᵀ is D's singular value decomposition: the matrix that turns
    as D does, but stretches in no direction. It takes k Newton-Schulz iterations with the
    coefficients a, b and c::

        X_0     = D / max(|D|, ε)           |D|² is the sum of the squares; Dᵀ for D if A > B
        X_{i+1} = a X_i + (b Y + c Y²) X_i, with Y = X_i X_iᵀ
        NS(D)   = X_k                       transposed back if A > B

    An iteration replaces each singular value σ by a σ + b σ³ + c σ⁵. The default coefficients let
    small ones grow so fast that five iterations bring all above 0.002 to between 0.68 and 1.21;
    they do not converge to 1. As in PyTorch, NS computes with the precision of bfloat16: D, its
    norm, and each X, Y and b Y + c Y² are rounded to it.

    Source: Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein, "Muon: An optimizer for hidden
    layers in neural networks" (https://kellerjordan.github.io/posts/muon/, 2024), where the
    momentum is M_t = μ M_{t-1} + G_t, which makes no difference to NS; Liu et al., "Muon is
    scalable for LLM training" (2025), for "match_rms_adamw" and for weight decay.

    Muon is meant for the matrices inside a network. Give biases, embeddings and the last layer to
    another optimizer, such as `AdamW`. A parameter without a gradient (`.grad` is None) is left
    as it is, and so is its momentum.

    Args:
        params: the Tensors to optimize, each a matrix, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-3.
        weight_decay: the factor λ. Default: 0.1.
        momentum: the momentum factor μ. Default: 0.95.
        nesterov: use Nesterov's momentum. Default: True.
        ns_coefficients: the coefficients a, b and c. Default: (3.4445, -4.7750, 2.0315).
        eps: the ε that keeps the divisor from zero. Default: 1e-7.
        ns_steps: the number k of iterations. Default: 5.
        adjust_lr_fn: the factor s, "original" or "match_rms_adamw", with which steps are about as
            large as those of `AdamW`. Default: None, which is "original".

    Attributes:
        state: `state[parameter]["momentum_buffer"]` is the Tensor M_t.

    Raises:
        ValueError: a parameter is not a matrix, `lr`, `weight_decay` or `momentum` is negative or
            NaN, `adjust_lr_fn` is unknown, `ns_steps` is 100 or more, `ns_coefficients` are not
            three, or as `Optimizer`.
        TypeError: an option is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.zeros(2, 3, requires_grad=True)
        >>> w.grad = minitorch.tensor([[0.1, 0.0, 0.0], [0.0, 0.0, -0.01]])
        >>> minitorch.optim.Muon([w], lr=1.0).step()
        >>> w  # both rows move as far, though one gradient is a tenth of the other
        tensor([[-0.6914,  0.0000,  0.0000],
                [ 0.0000,  0.0000,  0.6914]], requires_grad=True)
    """

    elementwise: ClassVar[bool] = False
    decoupled_weight_decay: ClassVar[bool] = True

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_at_least(0, lr, "lr", "Learning rate")
        check_at_least(0, momentum, "momentum", "momentum")
        check_at_least(0, weight_decay, "weight_decay", "weight decay")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                f"Adjust learning rate function {adjust_lr_fn} is not supported; give "
                "adjust_lr_fn as 'original', 'match_rms_adamw' or None"
            )
        check_iteration(ns_coefficients, ns_steps, eps)
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)

    def _check_group(self, group: Group) -> None:
        super()._check_group(group)
        for parameter in group["params"]:
            if parameter.ndim != 2:
                raise ValueError(
                    "Muon only supports 2D parameters whereas we found a parameter with size: "
                    f"{parameter.size()}; give it to another optimizer, such as AdamW"
                )

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"momentum_buffer": 0.0}

    def update_rule(self, group: Group, work: Work) -> None:
        constants, momentum = work.constants, group["momentum"]
        check_iteration(group["ns_coefficients"], group["ns_steps"], group["eps"])
        # Small matrices of one shape wait for each other: a call for all takes hardly longer.
        waiting: defaultdict[tuple[int, ...], list[tuple[Array, Array]]] = defaultdict(list)
        for weights, grad, scratch, other, average in work.blocks():
            lerp(average, grad, 1 - momentum, constants, scratch)
            direction = average
            if group["nesterov"]:
                direction = scratch
                direction[...] = grad
                lerp(direction, average, momentum, constants, other)
            alike = waiting[weights.shape]
            alike.append((weights, direction.astype(np.float32)))
            if len(alike) * weights.size >= BLOCK_SIZE:
                take_steps(waiting.pop(weights.shape), group)
        for alike in waiting.values():
            take_steps(alike, group)


def take_steps(matrices: Sequence[tuple[Array, Array]], group: Group) -> None:
    """Move weights of one shape along their directions, made nearly orthogonal."""
    stack = np.array([direction for _, direction in matrices])
    steps = orthogonalized(stack, group["ns_coefficients"], group["ns_steps"], group["eps"])
    ratio = step_ratio(steps.shape[1:], group["adjust_lr_fn"])
    step_size = float(scalar(group["lr"]) * ratio)
    for (weights, _), step in zip(matrices, steps, strict=True):
        dtype = np.result_type(weights, step)
        np.subtract(weights, np.multiply(step, step_size, dtype=dtype), weights)


def check_iteration(coefficients: Sequence[float], steps: Any, eps: float) -> None:
    """Refuse options of the Newton-Schulz iteration that are out of range."""
    number(eps, "eps")
    if not isinstance(steps, Integral):
        raise TypeError(f"ns_steps must be an integer, got {type(steps).__name__}: {steps!r}")
    if int(steps) >= 100:
        raise ValueError(
            "Number of steps must be less than 100 for computational efficiency, but ns_steps "
            f"is {steps}"
        )
    if len(coefficients) != 3:
        raise ValueError(
            "Coefficients must be a tuple of exactly 3 values, but ns_coefficients is "
            f"{coefficients!r}"
        )
    for coefficient in coefficients:
        number(coefficient, "ns_coefficients")


def step_ratio(shape: tuple[int, ...], adjust_lr_fn: str | None) -> float:
    """The factor s for a matrix of a shape: steps of matrices of all shapes act alike."""
    rows, columns = shape
    if adjust_lr_fn == "match_rms_adamw":
        return 0.2 * math.sqrt(max(rows, columns))
    return math.sqrt(max(1, rows / max(1, columns)))


def orthogonalized(matrices: Array, coefficients: Sequence[float], steps: int, eps: float) -> Array:
    """NS(D) for a stack of matrices, a new float32 array of the numbers of bfloat16; see `Muon`.

    The products are summed in float32. PyTorch sums those of more than a few numbers in another
    order, and one sum in 100,000 is then rounded to the other neighbour.
    """
    a, b, c = (np.array(coefficient, np.float32) for coefficient in coefficients)
    a, b = a.astype(np.float64), b.astype(np.float64)  # for `add_product`
    tall = matrices.shape[1] > matrices.shape[2]
    x = to_bfloat16(matrices.mT if tall else matrices)
    count, rows, columns = x.shape
    flat = x.reshape(count, 1, rows * columns)
    norm = to_bfloat16(np.sqrt(flat @ flat.mT))
    spare, wide = np.empty_like(x), np.empty_like(x, np.float64)
    gram, update = np.empty((2, count, rows, rows), x.dtype)
    np.divide(x, np.maximum(norm, to_bfloat16(eps)), x)
    round_to_bfloat16(x, wide)
    for _ in range(steps):
        np.matmul(x, x.mT, gram)
        round_to_bfloat16(gram, wide)
        # The matrix is symmetric, and NumPy computes half of a product with a transpose.
        np.matmul(gram, gram.mT, update)
        np.multiply(update, c, update)
        add_product(update, gram, b, wide)
        round_to_bfloat16(update, wide)
        np.matmul(update, x, spare)
        add_product(spare, x, a, wide)
        round_to_bfloat16(spare, wide)
        x, spare = spare, x
    return x.mT if tall else x


def add_product(total: Array, array: Array, factor: Array, wide: Array) -> None:
    """Add `factor` times an array to a float32 array in place, rounded once, as in PyTorch.

    That is in float64, which has room for the product.

    Args:
        total: the sum.
        array: of its shape, float32.
        factor: one number that float32 has, as a float64 array.
        wide: a contiguous float64 array to compute in, at least as large.
    """
    sums = wide.reshape(-1)[: total.size].reshape(total.shape)
    sums[...] = array
    np.multiply(sums, factor, sums)
    np.add(sums, total, sums)
    total[...] = sums
