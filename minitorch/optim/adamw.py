"""AdamW: Adam with decoupled weight decay."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .adam import Adam
from .optimizer import ParamsT


class AdamW(Adam):
    r"""Adam with decoupled weight decay: weights shrink in proportion, whatever their gradients.

    With the symbols of `Adam`, step t computes::

        g_t = dL/dw                              (-dL/dw if maximize)
        u_t = (1 - γ λ) w_{t-1}
        w_t = u_t - γ m̂_t / (√v̂_t + ε)           with m̂_t and v̂_t as in Adam

    Adam itself adds λ w to the gradient, where the division by √v̂_t takes most of its effect
    away from weights with large gradients.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (ICLR 2019), algorithm
    2, where the decay is multiplied by the schedule η_t only; as in PyTorch it is multiplied by
    the learning rate here.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-3.
        betas: the decay rates β₁ and β₂. Default: (0.9, 0.999).
        eps: the ε that keeps the denominator from zero. Default: 1e-8.
        weight_decay: the factor λ. Default: 1e-2.
        amsgrad, maximize, foreach, capturable, differentiable, fused: as in `Adam`.

    Attributes:
        state: as in `Adam`.

    Raises:
        ValueError, TypeError, RuntimeError: as `Adam`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> w.grad = minitorch.tensor([0.0])
        >>> minitorch.optim.AdamW([w], lr=0.1, weight_decay=0.5).step()
        >>> w
        tensor([0.9500], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:  # also those of a checkpoint of Adam
            group["decoupled_weight_decay"] = True
