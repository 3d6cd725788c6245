"""ASGD: stochastic gradient descent that also averages the parameters of its path."""

from __future__ import annotations

import numpy as np

from ..dtypes import get_default_dtype
from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_not_nan, check_not_negative, number, scalar
from .work import Group, Work


class ASGD(Optimizer):
    r"""Averaged stochastic gradient descent: SGD that also averages the parameters of its path.

    With the parameter w, its gradient dL/dw, the learning rate γ, the decay term κ (`lambd`) with
    its exponent α, the start t₀ of averaging and the weight decay λ, step t computes, number by
    number::

        g_t = dL/dw + λ w_{t-1}                     (-dL/dw + λ w_{t-1} if maximize)
        η_t = γ / (1 + κ γ (t - 1))^α
        w_t = (1 - κ η_t) w_{t-1} - η_t g_t
        μ_t = 1 / max(1, t - 1 - t₀)
        a_t = a_{t-1} + μ_t (w_t - a_{t-1})

    So a_t equals w_t at first, and from t = t₀ + 2 on is the mean of the w since then. The
    parameter itself stays w_t; the mean, which varies less and is often the better end of a run,
    is in the state. To go on with it: `w.copy_(optimizer.state[w]["ax"])`, under `no_grad`.

    η_t is computed at the end of step t - 1, with the γ of that step: a new learning rate acts
    from the second step on.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (SIAM
    Journal on Control and Optimization, 1992), for the mean; Xu, "Towards optimal one pass large
    scale learning with averaged stochastic gradient descent" (2011), for η_t.

    A parameter without a gradient (`.grad` is None) is left as it is, and so is its state.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-2.
        lambd: the decay term κ. Default: 1e-4.
        alpha: the exponent α. Default: 0.75.
        t0: the number t₀ of steps before averaging starts. Default: 1e6.
        weight_decay: the factor λ of the penalty ½ λ |w|². Default: 0.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.

    Attributes:
        state: for each parameter that was updated, "step" is t, "eta" and "mu" are η_{t+1} and
            μ_{t+1}, Tensors without dimensions, and "ax" is the Tensor a_t.

    Raises:
        ValueError: `lr` or `weight_decay` is negative or NaN, `lambd`, `alpha` or `t0` is NaN, a
            Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.ASGD([w], lr=0.25, lambd=0, t0=0)
        >>> for derivative in (4.0, -2.0, 2.0, -2.0):
        ...     w.grad = minitorch.tensor([derivative])
        ...     optimizer.step()  # w is 0, 0.5, 0, 0.5
        >>> w
        tensor([0.5000], requires_grad=True)
        >>> optimizer.state[w]["ax"]  # the mean since the second step
        tensor([0.3333])
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        check_not_nan(lambd, "lambd")
        check_not_nan(alpha, "alpha")
        check_not_nan(t0, "t0")
        check_not_negative(weight_decay, "weight_decay", "weight_decay value")
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0, "eta": number(group["lr"], "lr"), "mu": 1.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"ax": 0.0}

    def update_rule(self, group: Group, work: Work) -> None:
        constants, scalars = work.constants, work.scalars
        decay, rate = scalar(group["lambd"]), float(scalars["eta"])
        shrink, step_size = constants.once(1 - decay * rate), constants.once(rate)
        share = constants.once(scalars["mu"])
        add, multiply, subtract = np.add, np.multiply, np.subtract
        for weights, grad, scratch, other, average in work.blocks():
            multiply(weights, shrink, weights)
            multiply(grad, step_size, scratch)
            subtract(weights, scratch, weights)
            if share == 1:
                average[...] = weights
            else:
                subtract(weights, average, other)
                multiply(other, share, other)
                add(average, other, average)
        lr, dtype = scalar(group["lr"]), get_default_dtype()
        # NumPy's power is NaN or infinite where Python's would be an error.
        rate = lr / np.power(1 + decay * lr * work.step, scalar(group["alpha"]))
        # Rounded as PyTorch does, also where a loaded state has them in a larger dtype.
        scalars["eta"] = np.asarray(rate, dtype)
        scalars["mu"] = np.asarray(1 / max(1, work.step - scalar(group["t0"])), dtype)
