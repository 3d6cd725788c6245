"""RAdam: Adam whose first steps wait until there are enough squared gradients to divide by."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_betas, check_not_negative, scalar
from .rules import average_square, lerp
from .work import Group, Work


class RAdam(Optimizer):
    r"""RAdam: Adam whose first steps wait until there are enough squared gradients to divide by.

    With the parameter w, its gradient dL/dw, the learning rate γ, the decay rates β₁ and β₂, the
    weight decay λ and a small ε, step t computes, number by number::

        g_t = dL/dw + λ w_{t-1}                  (-dL/dw + λ w_{t-1} if maximize)
        m_t = β₁ m_{t-1} + (1 - β₁) g_t          m_0 = 0
        v_t = β₂ v_{t-1} + (1 - β₂) g_t²         v_0 = 0
        m̂_t = m_t / (1 - β₁ᵗ)
        ρ_∞ = 2 / (1 - β₂) - 1
        ρ_t = ρ_∞ - 2 t β₂ᵗ / (1 - β₂ᵗ)
        r_t = √((ρ_t - 4)(ρ_t - 2) ρ_∞ / ((ρ_∞ - 4)(ρ_∞ - 2) ρ_t))
        w_t = w_{t-1} - γ m̂_t r_t √(1 - β₂ᵗ) / (√v_t + ε)       if ρ_t > 5
              w_{t-1} - γ m̂_t                                   otherwise

    ρ_t is about the number of squared gradients that v_t is an average of, and r_t, which grows
    to 1, makes up for the spread of an average of so few: a warm-up that needs no schedule. With
    β₂ = 0.999 the sixth step is the first that divides by √v_t; with β₂ ≤ 2/3 none ever does.
    With `decoupled_weight_decay` the gradient is taken as it is, and w_{t-1} is replaced by
    (1 - γ λ) w_{t-1} instead.

    Source: Liu, Jiang, He, Chen, Liu, Gao and Han, "On the variance of the adaptive learning rate
    and beyond" (ICLR 2020), algorithm 2. There the root is taken from ρ_t > 4 on and there is no
    ε; here, as in PyTorch, from ρ_t > 5 on, and ε is added before the bias of v_t is removed,
    where `Adam` adds it afterwards.

    A parameter without a gradient (`.grad` is None) is left as it is, and its t does not advance.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-3.
        betas: the decay rates β₁ and β₂. Default: (0.9, 0.999).
        eps: the ε that keeps the denominator from zero. Default: 1e-8.
        weight_decay: the factor λ. Default: 0.
        decoupled_weight_decay: see above. Default: False.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.

    Attributes:
        state: for each parameter that was updated, "step" is t, a Tensor without dimensions, and
            "exp_avg" and "exp_avg_sq" are the Tensors m_t and v_t.

    Raises:
        ValueError: `lr`, `eps` or `weight_decay` is negative or NaN, one of `betas` is not in
            [0, 1), a Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.RAdam([w], lr=0.1)
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w  # so far as with momentum alone
        tensor([ 0.6211, -1.2421], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
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
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def update_rule(self, group: Group, work: Work) -> None:
        constants, step = work.constants, work.step
        beta1, beta2 = map(scalar, group["betas"])
        rate = float(scalar(group["lr"])) / (1 - beta1**step)
        factor = rectification(beta2, step)
        step_size, eps = constants.once(rate * (factor or 1)), constants[group["eps"]]
        for weights, grad, scratch, other, average, square in work.blocks():
            lerp(average, grad, 1 - beta1, constants, scratch)
            average_square(square, grad, beta2, constants, scratch)
            np.multiply(average, step_size, other)
            if factor is not None:
                np.add(np.sqrt(square, scratch), eps, scratch)
                np.divide(other, scratch, other)
            np.subtract(weights, other, weights)


def rectification(beta2: float, step: float) -> float | None:
    """r_t √(1 - β₂ᵗ), or None as long as v_t is an average of too few squares to divide by."""
    longest = 2 / (1 - beta2) - 1
    correction = 1 - beta2**step
    length = longest - 2 * step * beta2**step / correction
    if length <= 5:
        return None
    ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return float((ratio * correction) ** 0.5)
