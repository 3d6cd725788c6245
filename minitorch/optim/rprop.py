"""Rprop: step sizes that grow while the gradient keeps its sign and shrink when it changes."""

from __future__ import annotations

import math

import numpy as np

from ..autograd.variable import Array
from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_not_nan, check_not_negative, number, pair
from .work import Group, Work


class Rprop(Optimizer):
    r"""Resilient backpropagation: only the signs of gradients count, not their sizes.

    With the parameter w, its gradient dL/dw, the factors η⁻ < 1 < η⁺ and the bounds Δ_min and
    Δ_max, step t computes, number by number::

        g_t = dL/dw                         (-dL/dw if maximize)
        s_t = sign(g_t p_{t-1})             p_0 = 0
        Δ_t = η⁺ Δ_{t-1}   if s_t = 1       Δ_0 = lr
              Δ_{t-1}      if s_t = 0
              η⁻ Δ_{t-1}   if s_t = -1      (then moved into [Δ_min, Δ_max])
        p_t = 0 if s_t = -1, else g_t
        w_t = w_{t-1} - Δ_t sign(p_t)

    Where the sign changed, a minimum was passed over: w rests for a step, with half the step size
    for the next. The signs must be those of the whole data set's gradient; on small batches they
    change by chance.

    Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning:
    The RPROP algorithm" (ICNN 1993). There w goes back by the last step where the sign changed;
    here, as in PyTorch, it rests, which is iRprop⁻ of Igel and Hüsken, "Improving the Rprop
    learning algorithm" (NC 2000).

    A parameter without a gradient (`.grad` is None) is left as it is, and so is its state.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the first step size Δ_0, a number or a Tensor of one element. It counts in a
            parameter's first step only: a scheduler makes no difference. Default: 1e-2.
        etas: the factors η⁻ and η⁺. Default: (0.5, 1.2).
        step_sizes: the bounds Δ_min and Δ_max. Default: (1e-6, 50).
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.

    Attributes:
        state: for each parameter that was updated, "step" is t, a Tensor without dimensions, and
            "prev" and "step_size" are the Tensors p_t and Δ_t.

    Raises:
        ValueError: `lr` is negative or NaN, `etas` are not 0 < η⁻ < 1 < η⁺ < ∞, one of
            `step_sizes` is NaN, one of both is no pair, a Tensor has several elements, or as
            `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Rprop([w], lr=0.5)
        >>> for step in range(3):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w  # the first number passed 0 in its second step, and rested in its third
        tensor([ -0.1000, -18.1800], requires_grad=True)
        >>> optimizer.state[w]["step_size"]
        tensor([0.3000, 0.7200])
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        shrink, grow = pair(etas, "etas")
        if not 0 < number(shrink, "etas[0]") < 1 < number(grow, "etas[1]") < math.inf:
            raise ValueError(
                f"Invalid eta values: {shrink}, {grow}; etas must be a number between 0 and 1 "
                "and a finite one above 1"
            )
        for index, size in enumerate(pair(step_sizes, "step_sizes")):
            check_not_nan(size, f"step_sizes[{index}]")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"prev": 0.0, "step_size": number(group["lr"], "lr")}

    def update_rule(self, group: Group, work: Work) -> None:
        constants = work.constants
        zero, one = constants[0.0], constants[1.0]
        shrink, grow = (constants[eta] for eta in group["etas"])
        smallest, largest = (constants[size] for size in group["step_sizes"])
        add, multiply = np.add, np.multiply
        for weights, grad, scratch, other, previous, step_size in work.blocks():
            signs = _signs(multiply(grad, previous, scratch), zero, scratch, other)
            # 1 + η⁺ s, moved between η⁻ and η⁺, is η⁻, 1 or η⁺.
            factor = add(multiply(signs, grow, signs), one, signs)
            factor.clip(shrink, grow, factor)
            multiply(step_size, factor, step_size)
            step_size.clip(smallest, largest, step_size)
            # Times 1 or 0, as whole numbers: 0 times infinity would be NaN.
            kept = np.greater_equal(factor, one, out=_bits(other))
            multiply(_bits(grad), kept, _bits(previous))
            signs = _signs(previous, zero, scratch, other)
            multiply(signs, step_size, signs)
            np.subtract(weights, signs, weights)


def _signs(values: Array, zero: Array, result: Array, scratch: Array) -> Array:
    """Make -1, 0 or 1 of each number; 0 of NaN, as PyTorch does, but not `np.sign`."""
    np.less(values, zero, out=scratch)
    np.greater(values, zero, out=result)
    return np.subtract(result, scratch, result)


def _bits(array: Array) -> Array:
    """The same memory, read as whole numbers."""
    bits: Array = array.view(f"i{array.itemsize}")
    return bits
