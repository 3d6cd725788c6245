"""NAdam: Adam with Nesterov's momentum, which looks one step ahead."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_betas, check_not_negative, scalar
from .rules import average_square, lerp
from .work import Group, Work


class NAdam(Optimizer):
    r"""NAdam: Adam with Nesterov's momentum, which looks one step ahead.

    With the parameter w, its gradient dL/dw, the learning rate γ, the decay rates β₁ and β₂, the
    momentum decay ψ, the weight decay λ and a small ε, step t computes, number by number::

        g_t = dL/dw + λ w_{t-1}                  (-dL/dw + λ w_{t-1} if maximize)
        μ_t = β₁ (1 - ½ 0.96^(t ψ))
        P_t = μ_1 μ_2 ... μ_t
        m_t = β₁ m_{t-1} + (1 - β₁) g_t          m_0 = 0
        v_t = β₂ v_{t-1} + (1 - β₂) g_t²         v_0 = 0
        m̂_t = μ_{t+1} m_t / (1 - P_t μ_{t+1}) + (1 - μ_t) g_t / (1 - P_t)
        v̂_t = v_t / (1 - β₂ᵗ)
        w_t = w_{t-1} - γ m̂_t / (√v̂_t + ε)

    The momentum μ_t grows from ½ β₁ to β₁. With `decoupled_weight_decay` the gradient is taken as
    it is, and w_{t-1} is replaced by (1 - γ λ) w_{t-1} instead.

    Source: Dozat, "Incorporating Nesterov momentum into Adam" (ICLR workshop, 2016), algorithm 2,
    and for the schedule of μ_t his report of the same name for the course CS 229 (2015). There
    m_t is averaged with μ_t; here, as in PyTorch, with β₁.

    A parameter without a gradient (`.grad` is None) is left as it is, and its t does not advance.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 2e-3.
        betas: the decay rates β₁ and β₂. Default: (0.9, 0.999).
        eps: the ε that keeps the denominator from zero. Default: 1e-8.
        weight_decay: the factor λ. Default: 0.
        momentum_decay: ψ, how fast the momentum grows. Default: 4e-3.
        decoupled_weight_decay: see above. Default: False.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.

    Attributes:
        state: for each parameter that was updated, "step" is t and "mu_product" is P_t, Tensors
            without dimensions, and "exp_avg" and "exp_avg_sq" are the Tensors m_t and v_t.

    Raises:
        ValueError: `lr`, `eps`, `weight_decay` or `momentum_decay` is negative or NaN, one of
            `betas` is not in [0, 1), a Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.NAdam([w], lr=0.1)
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w
        tensor([ 0.8200, -1.8179], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
        check_not_negative(momentum_decay, "momentum_decay", "momentum_decay value")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0, "mu_product": 1.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def update_rule(self, group: Group, work: Work) -> None:
        constants, step, lr = work.constants, work.step, scalar(group["lr"])
        beta1, beta2 = map(scalar, group["betas"])
        mu, mu_next = (
            beta1 * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1)
        )
        work.scalars["mu_product"] *= mu
        product = float(work.scalars["mu_product"])
        # Both sides of the fractions are multiplied by the root, which saves an operation.
        root = (1 - beta2**step) ** 0.5
        share_of_grad = constants.once(float(lr * (1 - mu) / (1 - product)) * root)
        share_of_average = constants.once(float(lr * mu_next / (1 - product * mu_next)) * root)
        eps = constants.once(group["eps"] * root)
        add, multiply = np.add, np.multiply
        for weights, grad, scratch, other, average, square in work.blocks():
            lerp(average, grad, 1 - beta1, constants, scratch)
            average_square(square, grad, beta2, constants, scratch)
            multiply(grad, share_of_grad, other)
            multiply(average, share_of_average, scratch)
            add(other, scratch, other)
            add(np.sqrt(square, scratch), eps, scratch)
            np.divide(other, scratch, other)
            np.subtract(weights, other, weights)
