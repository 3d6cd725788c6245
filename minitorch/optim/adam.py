"""Adam: steps scaled by moving averages of the gradient and of its square."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_betas, check_implementation, check_not_negative, scalar
from .rules import average_square, lerp
from .work import Group, Work


class Adam(Optimizer):
    r"""Adam: steps scaled by moving averages of the gradient and of its square.

    With the parameter w, its gradient dL/dw, the learning rate γ, the decay rates β₁ and β₂, the
    weight decay λ and a small ε, step t computes, number by number::

        g_t = dL/dw + λ w_{t-1}                  (-dL/dw + λ w_{t-1} if maximize)
        m_t = β₁ m_{t-1} + (1 - β₁) g_t          m_0 = 0
        v_t = β₂ v_{t-1} + (1 - β₂) g_t²         v_0 = 0
        m̂_t = m_t / (1 - β₁ᵗ)
        v̂_t = v_t / (1 - β₂ᵗ)                    (max(v_1, ..., v_t) / (1 - β₂ᵗ) if amsgrad)
        w_t = w_{t-1} - γ m̂_t / (√v̂_t + ε)

    With `decoupled_weight_decay` the gradient is taken as it is, and w_{t-1} is replaced by
    (1 - γ λ) w_{t-1} instead: then this is `AdamW`.

    Source: Kingma and Ba, "Adam: A method for stochastic optimization" (ICLR 2015), algorithm 1;
    Reddi, Kale and Kumar, "On the convergence of Adam and beyond" (ICLR 2018), for amsgrad, where
    the paper does not divide by 1 - β₁ᵗ and 1 - β₂ᵗ, but PyTorch and this class do; Loshchilov
    and Hutter, "Decoupled weight decay regularization" (ICLR 2019).

    A parameter without a gradient (`.grad` is None) is left as it is, and its t does not advance.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-3.
        betas: the decay rates β₁ and β₂, two numbers or two Tensors of one element.
            Default: (0.9, 0.999).
        eps: the ε that keeps the denominator from zero. Default: 1e-8.
        weight_decay: the factor λ. Default: 0.
        amsgrad: divide by the root of the largest v̂ so far. Default: False.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.
        fused: PyTorch's choice of an implementation; accepted, makes no difference here.
        decoupled_weight_decay: see above. Default: False.

    Attributes:
        state: for each parameter that was updated, "step" is t, a Tensor without dimensions, and
            "exp_avg" and "exp_avg_sq" are the Tensors m_t and v_t; "max_exp_avg_sq" is the
            largest v_t so far, if amsgrad.

    Raises:
        ValueError: `lr`, `eps` or `weight_decay` is negative or NaN, one of `betas` is not in
            [0, 1) or only one is a Tensor, a Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.
        RuntimeError: `fused` together with `foreach` or `differentiable`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adam([w], lr=0.1)
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w  # the first steps are about as large as the learning rate, whatever the gradient
        tensor([ 0.8004, -1.8002], requires_grad=True)
        >>> optimizer.state[w]["step"]
        tensor(2.)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        check_not_negative(eps, "eps", "epsilon value")
        check_betas(betas)
        check_not_negative(weight_decay, "weight_decay", "weight_decay value")
        check_implementation(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        if group["amsgrad"]:
            return {"exp_avg": 0.0, "exp_avg_sq": 0.0, "max_exp_avg_sq": 0.0}
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def update_rule(self, group: Group, work: Work) -> None:
        constants, step = work.constants, work.step
        beta1, beta2 = map(scalar, group["betas"])
        root = (1 - beta2**step) ** 0.5
        # Both sides of the fraction are multiplied by the root, which saves an operation.
        step_size = constants.once(float(scalar(group["lr"]) / (1 - beta1**step)) * root)
        eps = constants.once(group["eps"] * root)
        for weights, grad, scratch, other, average, square, *rest in work.blocks():
            lerp(average, grad, 1 - beta1, constants, scratch)
            average_square(square, grad, beta2, constants, scratch)
            if group["amsgrad"]:
                square = np.maximum(rest[0], square, out=rest[0])
            np.add(np.sqrt(square, scratch), eps, scratch)
            np.multiply(average, step_size, other)
            np.divide(other, scratch, other)
            np.subtract(weights, other, weights)
