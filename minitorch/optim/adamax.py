"""Adamax: Adam with a decaying maximum in place of the moving average of squares."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_betas, check_not_negative, scalar
from .rules import lerp
from .work import Group, Work


class Adamax(Optimizer):
    r"""Adamax: Adam with a decaying maximum in place of the moving average of squares.

    With the parameter w, its gradient dL/dw, the learning rate γ, the decay rates β₁ and β₂, the
    weight decay λ and a small ε, step t computes, number by number::

        g_t = dL/dw + λ w_{t-1}                  (-dL/dw + λ w_{t-1} if maximize)
        m_t = β₁ m_{t-1} + (1 - β₁) g_t          m_0 = 0
        u_t = max(β₂ u_{t-1}, |g_t| + ε)         u_0 = 0
        m̂_t = m_t / (1 - β₁ᵗ)
        w_t = w_{t-1} - γ m̂_t / u_t

    u_t needs no correction of the start as v_t in `Adam` does: the maximum takes in the first
    gradient as it is.

    Source: Kingma and Ba, "Adam: A method for stochastic optimization" (ICLR 2015), algorithm 2,
    without ε.

    A parameter without a gradient (`.grad` is None) is left as it is, and its t does not advance.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 2e-3.
        betas: the decay rates β₁ and β₂, two numbers or two Tensors of one element.
            Default: (0.9, 0.999).
        eps: the ε that keeps the denominator from zero. Default: 1e-8.
        weight_decay: the factor λ of the penalty ½ λ |w|². Default: 0.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.

    Attributes:
        state: for each parameter that was updated, "step" is t, a Tensor without dimensions, and
            "exp_avg" and "exp_inf" are the Tensors m_t and u_t.

    Raises:
        ValueError: `lr`, `eps` or `weight_decay` is negative or NaN, one of `betas` is not in
            [0, 1) or only one is a Tensor, a Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adamax([w], lr=0.1)
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w
        tensor([ 0.8052, -1.8025], requires_grad=True)
        >>> optimizer.state[w]["exp_inf"]  # almost the first gradient, 2 and -4
        tensor([1.9980, 3.9960])
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        check_not_negative(eps, "eps", "epsilon value")
        check_betas(betas)
        check_not_negative(weight_decay, "weight_decay", "weight_decay value")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def update_rule(self, group: Group, work: Work) -> None:
        constants = work.constants
        beta1, beta2 = map(scalar, group["betas"])
        step_size = constants.once(scalar(group["lr"]) / (1 - beta1**work.step))
        decay, eps = constants[beta2], constants[group["eps"]]
        multiply = np.multiply
        for weights, grad, scratch, _, average, largest in work.blocks():
            lerp(average, grad, 1 - beta1, constants, scratch)
            multiply(largest, decay, largest)
            np.add(np.abs(grad, scratch), eps, scratch)
            np.maximum(largest, scratch, out=largest)
            np.divide(average, largest, scratch)
            multiply(scratch, step_size, scratch)
            np.subtract(weights, scratch, weights)
