"""Adafactor: Adam-like steps that remember a row and a column instead of a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..autograd.variable import Array
from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_at_least, number, pair, scalar
from .rules import lerp
from .work import Constants, Group, Work


class Adafactor(Optimizer):
    r"""Adafactor: Adam-like steps that remember a row and a column instead of a matrix.

    With the parameter W, its gradient dL/dW, the learning rate γ, the exponent τ, the clipping
    threshold d, the weight decay λ and the small numbers ε₁ and ε₂, step t computes for a matrix::

        G_t = dL/dW                             (-dL/dW if maximize)
        ρ_t = min(γ, 1 / √t)
        α_t = max(ε₂, RMS(W_{t-1})) ρ_t
        W'  = (1 - γ λ) W_{t-1}
        R_t = (1 - t^τ) R_{t-1} + t^τ mean of G_t² over each row        R_0 = 0
        C_t = (1 - t^τ) C_{t-1} + t^τ mean of G_t² over each column     C_0 = 0
        V_t = R_t C_t / max(mean of R_t, ε₁)
        U_t = G_t / max(√V_t, ε₁)
        W_t = W' - α_t U_t / max(1, RMS(U_t) / d)

    RMS is the root of the mean of the squares. R_t, a column, times C_t, a row, is a matrix: an
    estimate of the average of G_t², of which only A + B numbers instead of A B are remembered. A
    parameter of more than two dimensions is a stack of matrices in its last two, but has one
    RMS. For one of fewer, V_t is the average itself::

        V_t = (1 - t^τ) V_{t-1} + t^τ G_t²      V_0 = 0

    Steps are relative to the size of the weights, and gradients have no momentum.

    Source: Shazeer and Stern, "Adafactor: Adaptive learning rates with sublinear memory cost"
    (ICML 2018), algorithms 4 to 6. There γ is 0.01, there is no weight decay, and ε₁ = 1e-30 is
    added to G_t²; here, as in PyTorch, ε₁ is the lower bound of √V_t and of the mean of R_t.

    A parameter without a gradient (`.grad` is None) is left as it is, and its t does not advance.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: γ, the largest step relative to the weights, a number or a Tensor of one element.
            Default: 1e-2.
        beta2_decay: the exponent τ, at most 0; averages forget more slowly the longer they run.
            Default: -0.8.
        eps: ε₁ and ε₂; None for ε₁ means the rounding error of the parameter's dtype, such as
            1.2e-7. Default: (None, 1e-3).
        d: the clipping threshold, at least 1. Default: 1.0.
        weight_decay: the factor λ. Default: 0.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.

    Attributes:
        state: for each parameter that was updated, "step" is t, a Tensor without dimensions, and
            "row_var" and "col_var" are the Tensors R_t and C_t, of the parameter's shape but for
            one dimension of size 1 each; if the parameter has less than two dimensions,
            "variance" is V_t instead.

    Raises:
        ValueError: `lr`, one of `eps` or `weight_decay` is negative or NaN, `beta2_decay` is
            positive or NaN, `d` is below 1 or NaN, a Tensor has several elements, or as
            `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([[1.0, -2.0], [3.0, 4.0]], requires_grad=True)
        >>> optimizer = minitorch.optim.Adafactor([w], lr=0.1)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([[ 0.7879, -1.7000],
                [ 2.7154,  3.7317]], requires_grad=True)
        >>> optimizer.state[w]["row_var"]
        tensor([[10.],
                [50.]])
    """

    elementwise: ClassVar[bool] = False
    decoupled_weight_decay: ClassVar[bool | None] = None  # RMS(W) is that of before

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        least, smallest_scale = pair(eps, "eps")
        check_at_least(0, lr, "lr", "Learning rate")
        if not number(beta2_decay, "beta2_decay") <= 0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if least is not None:
            check_at_least(0, least, "eps[0]", "epsilon1")
        check_at_least(0, smallest_scale, "eps[1]", "epsilon2")
        check_at_least(1, d, "d", "Clipping threshold d")
        check_at_least(0, weight_decay, "weight_decay", "weight_decay")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(
        self, group: Group, shape: tuple[int, ...]
    ) -> Mapping[str, float | tuple[int, ...]]:
        if len(shape) < 2:
            return {"variance": 0.0}
        *others, rows, columns = shape
        return {"row_var": (*others, rows, 1), "col_var": (*others, 1, columns)}

    def update_rule(self, group: Group, work: Work) -> None:
        constants, lr = work.constants, scalar(group["lr"])
        share = work.step ** group["beta2_decay"]
        relative_step = min(lr, 1 / work.step**0.5)
        shrinkage = 1 - lr * group["weight_decay"]
        given, smallest_scale = group["eps"]
        for weights, grad, scratch, other, *average in work.blocks():
            if not weights.size:
                continue
            least = float(np.finfo(weights.dtype).eps) if given is None else given
            step_size = max(smallest_scale, root_mean_square(weights)) * relative_step
            if group["weight_decay"] != 0:
                np.multiply(weights, constants.once(shrinkage), weights)
            np.multiply(grad, grad, scratch)
            if len(average) == 2:
                row, column = average
                take_means(row, column, scratch, share, constants)
                row_root, column_root = factored_root(row, column, least, constants)
                np.multiply(row_root, column_root, scratch)
            else:
                lerp(average[0], scratch, share, constants, other)
                np.sqrt(average[0], scratch)
            np.maximum(scratch, constants[least], out=scratch)
            step = np.divide(grad, scratch, scratch)
            clipping = max(1.0, root_mean_square(step) / group["d"])
            np.multiply(step, constants.once(step_size / clipping), step)
            np.subtract(weights, step, weights)


def root_mean_square(array: Array) -> float:
    """The root of the mean of the squares, in float32 at least."""
    flat = array.ravel("K").astype(np.result_type(array, np.float32), copy=False)
    return float(np.sqrt(flat.dot(flat)) / array.size**0.5)


def take_means(
    row: Array, column: Array, square: Array, share: float, constants: Constants
) -> None:
    """Move R and C towards the means of a squared gradient."""
    for average, axis in ((row, -1), (column, -2)):
        mean = np.add.reduce(square, axis, keepdims=True)
        np.divide(mean, square.shape[axis], mean)
        lerp(average, mean, share, constants, np.empty_like(mean))


def factored_root(
    row: Array, column: Array, least: float, constants: Constants
) -> tuple[Array, Array]:
    """A column and a row whose product is √V."""
    mean = np.add.reduce(row, -2, constants.dtype, keepdims=True)
    np.divide(mean, row.shape[-2], mean)
    np.maximum(mean, constants[least], out=mean)
    return np.sqrt(row / mean), np.sqrt(column, dtype=constants.dtype)
