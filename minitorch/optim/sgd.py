"""Stochastic gradient descent, with momentum or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..autograd.inplace import changed
from ..autograd.variable import Array, wrap
from ..tensor import Tensor
from .optimizer import (
    Constants,
    Group,
    Job,
    Optimizer,
    ParamsT,
    check_implementation_options,
    check_not_negative,
    number,
)


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
        differentiable: not offered: True is a NotImplementedError.
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

    absent_options: ClassVar[Mapping[str, Any]] = {
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": False,
    }

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
        if np.isnan(number(dampening, "dampening")):
            raise ValueError(f"Invalid dampening value: {dampening}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        check_implementation_options(foreach, fused, differentiable)
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

    def update(self, group: Group, jobs: Sequence[Job], constants: Constants) -> None:
        lr = constants[group["lr"]]
        weight_decay = momentum = gain = None
        if group["weight_decay"] != 0:
            weight_decay = constants[group["weight_decay"]]
        if group["momentum"] != 0:
            momentum = constants[group["momentum"]]
        if group["dampening"] != 0:
            gain = constants[1 - group["dampening"]]
        maximize, nesterov = group["maximize"], group["nesterov"]
        add, multiply, subtract = np.add, np.multiply, np.subtract
        for parameter, array, grad, scratch, other in jobs:
            if maximize:
                grad = np.negative(grad, scratch)
            if weight_decay is not None:
                multiply(array, weight_decay, other)
                grad = add(grad, other, scratch)
            if momentum is not None:
                velocity = self._update_momentum(parameter, grad, momentum, gain, other)
                if nesterov:
                    multiply(velocity, momentum, other)
                    grad = add(grad, other, scratch)
                else:
                    grad = velocity
            multiply(grad, lr, scratch)
            subtract(array, scratch, array)

    def _update_momentum(
        self, parameter: Tensor, grad: Array, momentum: Array, gain: Array | None, scratch: Array
    ) -> Array:
        """Compute b_t, in place from the second step on; `gain` is 1 - τ, None for 1."""
        state = self.state[parameter]
        buffer = state.get("momentum_buffer")
        if buffer is None:
            velocity: Array = np.empty_like(parameter.array)
            np.copyto(velocity, grad, casting="same_kind")
            state["momentum_buffer"] = wrap(velocity)
            return velocity
        velocity = buffer.array
        np.multiply(velocity, momentum, velocity)
        if gain is not None:
            grad = np.multiply(grad, gain, scratch)
        np.add(velocity, grad, velocity)
        if buffer._counter is not None:  # somebody may look at it
            changed(buffer)
        return velocity
