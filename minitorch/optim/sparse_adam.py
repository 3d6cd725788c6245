"""SparseAdam: Adam for sparse gradients, which do not exist here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autograd.grad_mode import enable_grad
from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_betas, check_positive


class SparseAdam(Optimizer):
    r"""SparseAdam: Adam for sparse gradients, which do not exist here.

    With the symbols of `Adam`, step t computes where the gradient has entries, and nowhere else::

        m_t = β₁ m_{t-1} + (1 - β₁) g_t
        v_t = β₂ v_{t-1} + (1 - β₂) g_t²
        w_t = w_{t-1} - γ √(1 - β₂ᵗ) / (1 - β₁ᵗ) m_t / (√v_t + ε)

    In PyTorch that is for gradients in a sparse layout, such as those of an embedding of which a
    batch uses a few rows, and a dense gradient is an error. Every gradient is dense in this
    package, so every step with a gradient is that error: use `Adam`. The class is there for
    programs that make the optimizer, or ask for its type.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-3.
        betas: the decay rates β₁ and β₂. Default: (0.9, 0.999).
        eps: the ε that keeps the denominator from zero. Default: 1e-8.
        maximize: ascend instead of descending. Default: False.

    Raises:
        ValueError: `lr` or `eps` is not above 0, one of `betas` is not in [0, 1), or as
            `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.
        RuntimeError: from `step`: a parameter has a gradient.

    Example:
        >>> import minitorch
        >>> w = minitorch.ones(3, requires_grad=True)
        >>> optimizer = minitorch.optim.SparseAdam([w])
        >>> w.sum().backward()
        >>> optimizer.step()
        Traceback (most recent call last):
        RuntimeError: SparseAdam does not support dense gradients, please consider Adam instead...
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        check_positive(lr, "lr", "learning rate")
        check_positive(eps, "eps", "epsilon value")
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Refuse the parameters' gradients, all of which are dense.

        Args:
            closure: computes the loss and its gradients, and returns the loss; it is called
                first. Default: None.

        Returns:
            What `closure` returned, else None, if no parameter has a gradient.

        Raises:
            RuntimeError: a parameter has a gradient.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    raise RuntimeError(
                        "SparseAdam does not support dense gradients, please consider Adam "
                        f"instead; the gradient of a parameter of shape "
                        f"{list(parameter.shape)} is dense, as all are here"
                    )
        return loss
