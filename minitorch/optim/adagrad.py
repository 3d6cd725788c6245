"""Adagrad: steps divided by the root of the sum of all squared gradients so far."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_implementation, check_not_negative, scalar
from .work import Group, Member, Work


class Adagrad(Optimizer):
    r"""Adagrad: steps divided by the root of the sum of all squared gradients so far.

    With the parameter w, its gradient dL/dw, the learning rate γ, its decay η, the weight decay λ
    and a small ε, step t computes, number by number::

        g_t = dL/dw + λ w_{t-1}             (-dL/dw + λ w_{t-1} if maximize)
        v_t = v_{t-1} + g_t²                v_0 = initial_accumulator_value
        γ_t = γ / (1 + (t - 1) η)
        w_t = w_{t-1} - γ_t g_t / (√v_t + ε)

    Numbers whose gradients are rarely different from zero keep a high learning rate, the others'
    falls about as 1 / √t.

    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization" (JMLR 2011), figure 1 with diagonal matrices, where η = 0 and v_0 = 0.

    A parameter without a gradient (`.grad` is None) is left as it is, and so is its state.

    Args:
        params: the Tensors to optimize, or parameter groups; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1e-2.
        lr_decay: the decay η of the learning rate. Default: 0.
        weight_decay: the factor λ of the penalty ½ λ |w|². Default: 0.
        initial_accumulator_value: v_0 of every parameter; it cannot differ between groups.
            Default: 0.
        eps: the ε that keeps the denominator from zero. Default: 1e-10.
        foreach: PyTorch's choice of an implementation; accepted, makes no difference here.
        maximize: ascend instead of descending. Default: False.
        differentiable: in PyTorch, whether the step is recorded for differentiation. It never is
            here, so the option changes nothing; write the update with Tensors instead.
        fused: PyTorch's choice of an implementation; accepted, makes no difference here.

    Attributes:
        state: for each parameter, from the beginning on, "step" is t, a Tensor without
            dimensions, and "sum" is the Tensor v_t.

    Raises:
        ValueError: `lr`, `lr_decay`, `weight_decay`, `initial_accumulator_value` or `eps` is
            negative or NaN, a Tensor has several elements, or as `Optimizer`.
        TypeError: one of these is no number, or as `Optimizer`.
        RuntimeError: `fused` together with `foreach` or `differentiable`.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adagrad([w], lr=0.1)
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w  # the first step is as large as the learning rate, whatever the gradient
        tensor([   0.8331, -199.8293], requires_grad=True)
        >>> optimizer.state[w]["sum"]
        tensor([7.2400e+00, 3.1984e+05])
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        check_not_negative(lr_decay, "lr_decay", "lr_decay value")
        check_not_negative(weight_decay, "weight_decay", "weight_decay value")
        check_not_negative(
            initial_accumulator_value,
            "initial_accumulator_value",
            "initial_accumulator_value value",
        )
        check_not_negative(eps, "eps", "epsilon value")
        check_implementation(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group: Group) -> None:
        super().add_param_group(param_group)
        for parameter in param_group["params"]:
            arrays = self.array_state(param_group, parameter.array.shape)
            Member(parameter, self.state[parameter], self.scalar_state(param_group), arrays)

    def share_memory(self) -> None:
        """Do nothing: threads share the state anyway."""

    def scalar_state(self, group: Group) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Group, shape: tuple[int, ...]) -> dict[str, float]:
        return {"sum": scalar(self.defaults["initial_accumulator_value"])}

    def update_rule(self, group: Group, work: Work) -> None:
        constants = work.constants
        decay = 1 + (work.step - 1) * scalar(group["lr_decay"])
        lr, eps = constants.once(scalar(group["lr"]) / decay), constants[group["eps"]]
        add, multiply = np.add, np.multiply
        for weights, grad, scratch, _, total in work.blocks():
            multiply(grad, grad, scratch)
            add(total, scratch, total)
            add(np.sqrt(total, scratch), eps, scratch)
            np.divide(grad, scratch, scratch)
            multiply(scratch, lr, scratch)
            np.subtract(weights, scratch, weights)
