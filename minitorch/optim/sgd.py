"""Stochastic gradient descent, with momentum or without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_implementation, check_not_nan, check_not_negative
from .work import Group, Work


class SGD(Optimizer):
    r"""Stochastic gradient descent, with momentum or without.

    With the parameter w, its gradient dL/dw, the learning rate γ, the momentum μ, the dampening
    τ and the weight decay λ, step t computes::

        g_t = dL/dw + λ w_{t-1}             (-dL/dw + λ w_{t-1} if maximize)
        b_1 = g_1
        b_t = μ b_{t-1} + (1 - τ) g_t       for t > 1
        d_t = g_t                           if μ = 0
              b_t                           if μ ≠ 0
              g_t + μ b_t                   if μ ≠ 0 and nesterov
        w_t = w_{t-1} - γ d_t

    Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html and, for
    Nesterov's momentum, Sutskever, Martens, Dahl and Hinton, "On the importance of initialization
    and momentum in deep learning" (ICML 2013). The paper has the learning rate inside the
    velocity, v_t = μ v_{t-1} - γ g_t and w_t = w_{t-1} + v_t; here, as in PyTorch, it stands
    outside. The two agree as long as γ is constant; when γ changes, it acts here at once on all
    past gradients, there on new ones only. Also, b_1 is not dampened.

    A parameter without a gradient (`.grad` is None) is left as it is, and so is its momentum.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-3.
        momentum: the momentum factor μ. Default: 0.
        dampening: the dampening τ of new gradients in the momentum. Default: 0.
        weight_decay: the factor λ of the penalty ½ λ |w|². Default: 0.
        nesterov: use Nesterov's momentum. Default: False.
        maximize: ascend instead of descending. Default: False.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.
        fused: PyTorch's choice of an implementation; accepted, makes no difference here.

    Attributes:
        state: `state[parameter]["momentum_buffer"]` is the Tensor b_t, if μ ≠ 0.

    Raises:
        ValueError: `lr`, `momentum` or `weight_decay` is negative or NaN, `dampening` is NaN,
            `nesterov` without momentum or with dampening, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.
        RuntimeError: `fused` together with `foreach` or `differentiable`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=0.1, momentum=0.9)
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w
        tensor([0.4600, 0.9200], requires_grad=True)
    """

    absent_options: ClassVar[Mapping[str, Any]] = {"nesterov": False, "fused": False}

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        check_not_negative(momentum, "momentum", "momentum value")
        check_not_negative(weight_decay, "weight_decay", "weight_decay value")
        check_not_nan(dampening, "dampening")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        check_implementation(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if group["momentum"] != 0 else {}

    def update_rule(self, group: Group, work: Work) -> None:
        lr = work.constants[group["lr"]]
        multiply, subtract = np.multiply, np.subtract
        if group["momentum"] == 0:
            for weights, grad, scratch, _ in work.blocks():
                multiply(grad, lr, scratch)
                subtract(weights, scratch, weights)
            return
        momentum, gain = work.constants[group["momentum"]], work.constants[1 - group["dampening"]]
        dampened, nesterov = group["dampening"] != 0, group["nesterov"]
        for weights, grad, scratch, other, velocity in work.blocks():
            if work.is_first:
                velocity[...] = grad
            else:
                multiply(velocity, momentum, velocity)
                scaled = multiply(grad, gain, scratch) if dampened else grad
                np.add(velocity, scaled, velocity)
            direction = velocity
            if nesterov:
                direction = np.add(grad, multiply(velocity, momentum, other), other)
            multiply(direction, lr, scratch)
            subtract(weights, scratch, weights)
