"""RMSprop: steps divided by the root of a moving average of squared gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_not_negative, scalar
from .rules import average_square, lerp
from .work import Group, Work


class RMSprop(Optimizer):
    r"""RMSprop: steps divided by the root of a moving average of squared gradients.

    With the parameter w, its gradient dL/dw, the learning rate γ, the decay rate α, the momentum
    μ, the weight decay λ and a small ε, step t computes, number by number::

        g_t = dL/dw + λ w_{t-1}             (-dL/dw + λ w_{t-1} if maximize)
        v_t = α v_{t-1} + (1 - α) g_t²      v_0 = 0
        m_t = α m_{t-1} + (1 - α) g_t       m_0 = 0
        s_t = √v_t                          (√(v_t - m_t²) if centered)
        b_t = μ b_{t-1} + g_t / (s_t + ε)   b_0 = 0
        w_t = w_{t-1} - γ b_t

    Unlike in `Adam`, nothing makes up for v_0 = 0, so the first steps are large: with α = 0.99
    the very first is 10 γ, whatever the gradient.

    Source: Tieleman and Hinton, "Lecture 6.5: rmsprop" (Neural networks for machine learning,
    2012), without ε and with α = 0.9; Graves, "Generating sequences with recurrent neural
    networks" (2013), equations 38 to 41, for centered and for momentum. There ε stands under the
    root, and the learning rate in b_t; as in PyTorch, both stand outside here.

    While gradients hardly change, v_t - m_t² comes near zero: centered steps grow, and are NaN
    where rounding made the difference negative, as in PyTorch.

    A parameter without a gradient (`.grad` is None) is left as it is, and so is its state.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-2.
        alpha: the decay rate α of the moving averages. Default: 0.99.
        eps: the ε that keeps the denominator from zero. Default: 1e-8.
        weight_decay: the factor λ of the penalty ½ λ |w|². Default: 0.
        momentum: the momentum factor μ. Default: 0.
        centered: divide by the gradient's deviation from its average. Default: False.
        capturable: whether PyTorch may record the step in a CUDA graph; accepted, makes no
            difference here.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.

    Attributes:
        state: for each parameter that was updated, "step" is t, a Tensor without dimensions, and
            "square_avg" is the Tensor v_t; "momentum_buffer" is b_t, if μ > 0, and "grad_avg" is
            m_t, if centered.

    Raises:
        ValueError: `lr`, `alpha`, `eps`, `weight_decay` or `momentum` is negative or NaN, a
            Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = minitorch.optim.RMSprop([w], lr=0.01)
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w  # the same steps, though the gradients were 2 and -400 at first
        tensor([   0.8329, -199.8291], requires_grad=True)
        >>> optimizer.state[w]["square_avg"]
        tensor([7.2000e-02, 3.1824e+03])
    """

    absent_options: ClassVar[Mapping[str, Any]] = {"momentum": 0, "centered": False}

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        check_not_negative(eps, "eps", "epsilon value")
        check_not_negative(momentum, "momentum", "momentum value")
        check_not_negative(weight_decay, "weight_decay", "weight_decay value")
        check_not_negative(alpha, "alpha", "alpha value")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        names = ["square_avg"]
        if group["momentum"] > 0:
            names.append("momentum_buffer")
        if group["centered"]:
            names.append("grad_avg")
        return dict.fromkeys(names, 0.0)

    def update_rule(self, group: Group, work: Work) -> None:
        constants, decay = work.constants, scalar(group["alpha"])
        lr, eps, momentum = (constants[group[name]] for name in ("lr", "eps", "momentum"))
        accelerated, centered = group["momentum"] > 0, group["centered"]
        add, multiply, subtract = np.add, np.multiply, np.subtract
        for weights, grad, scratch, other, square, *rest in work.blocks():
            average_square(square, grad, decay, constants, scratch)
            variance = square
            if centered:
                average = rest[-1]
                lerp(average, grad, 1 - decay, constants, scratch)
                multiply(average, average, scratch)
                variance = subtract(square, scratch, scratch)
            add(np.sqrt(variance, scratch), eps, scratch)
            direction = np.divide(grad, scratch, scratch)
            if accelerated:
                velocity = rest[0]
                multiply(velocity, momentum, velocity)
                direction = add(velocity, direction, velocity)
            multiply(direction, lr, other)
            subtract(weights, other, weights)
