"""Adadelta: steps in the units of the parameter, without a learning rate to be chosen."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_not_negative, number, scalar
from .rules import average_square
from .work import Group, Work


class Adadelta(Optimizer):
    r"""Adadelta: steps in the units of the parameter, without a learning rate to be chosen.

    With the parameter w, its gradient dL/dw, the learning rate γ, the decay rate ρ, the weight
    decay λ and a small ε, step t computes, number by number::

        g_t = dL/dw + λ w_{t-1}             (-dL/dw + λ w_{t-1} if maximize)
        v_t = ρ v_{t-1} + (1 - ρ) g_t²      v_0 = 0
        d_t = g_t √(u_{t-1} + ε) / √(v_t + ε)
        u_t = ρ u_{t-1} + (1 - ρ) d_t²      u_0 = 0
        w_t = w_{t-1} - γ d_t

    A gradient has the unit of L divided by that of w. The ratio of the roots, of past steps and
    past gradients, turns it into the unit of w, so that γ = 1 is right in any unit. ε sets the
    size of the first steps, which is about √ε.

    Source: Zeiler, "ADADELTA: An adaptive learning rate method" (2012), algorithm 1, where γ = 1.

    A parameter without a gradient (`.grad` is None) is left as it is, and so is its state.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the factor γ of the steps, a number or a Tensor of one element. Default: 1.0.
        rho: the decay rate ρ of the moving averages. Default: 0.9.
        eps: the ε under the roots. Default: 1e-6.
        weight_decay: the factor λ of the penalty ½ λ |w|². Default: 0.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.
        maximize: ascend instead of descending. Default: False.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.

    Attributes:
        state: for each parameter that was updated, "step" is t, a Tensor without dimensions, and
            "square_avg" and "acc_delta" are the Tensors v_t and u_t.

    Raises:
        ValueError: `lr`, `eps` or `weight_decay` is negative or NaN, `rho` is not in [0, 1], a
            Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adadelta([w])
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w  # the same steps, though the gradients were 2 and -400 at first
        tensor([   0.9936, -199.9936], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        if not 0 <= number(rho, "rho") <= 1:
            raise ValueError(f"Invalid rho value: {rho}; rho must be at least 0 and at most 1")
        check_not_negative(eps, "eps", "epsilon value")
        check_not_negative(weight_decay, "weight_decay", "weight_decay value")
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def update_rule(self, group: Group, work: Work) -> None:
        constants, decay = work.constants, scalar(group["rho"])
        lr, eps = constants[group["lr"]], constants[group["eps"]]
        add, multiply, sqrt = np.add, np.multiply, np.sqrt
        for weights, grad, scratch, other, square, past in work.blocks():
            average_square(square, grad, decay, constants, scratch)
            sqrt(add(square, eps, scratch), scratch)
            sqrt(add(past, eps, other), other)
            np.divide(other, scratch, other)
            multiply(other, grad, other)
            average_square(past, other, decay, constants, scratch)
            multiply(other, lr, other)
            np.subtract(weights, other, weights)
