"""Learning rates from functions of the epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ..optimizer import Optimizer
from .scheduler import (
    LRScheduler,
    Rates,
    StateDict,
    check_optimizer,
    load_function,
    one_per_group,
    state_of_function,
    values_of,
)

Factor: TypeAlias = Callable[[int], Any]


class _FunctionScheduler(LRScheduler):
    """A function of the epoch for each group: `self.lr_lambdas`."""

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1
    ) -> None:
        check_optimizer(optimizer)
        self.lr_lambdas: list[Factor] = one_per_group("lr_lambda", optimizer, lr_lambda)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(
                    "lr_lambda should be a function of the epoch, or a list of one for each "
                    f"parameter group, but got {type(function).__name__}"
                )
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> StateDict:
        """Every attribute but the optimizer.

        Of callable objects among the functions, their attributes are saved; functions and lambdas
        are not, None stands in their place.
        """
        state = super().state_dict()
        state["lr_lambdas"] = [state_of_function(each) for each in state.pop("lr_lambdas")]
        return state

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over what `state_dict` returned; functions and lambdas stay as they are.

        Raises:
            ValueError: there are not as many functions. Nothing has been changed then.
        """
        functions = self.lr_lambdas
        saved = state_dict["lr_lambdas"]
        if len(functions) != len(saved):
            raise ValueError(
                f"loaded state dict has {len(saved)} functions, but the {type(self).__name__} has "
                f"{len(functions)}"
            )
        for function, attributes in zip(functions, saved, strict=True):
            load_function(function, attributes)
        super().load_state_dict({**state_dict, "lr_lambdas": functions})


class LambdaLR(_FunctionScheduler):
    """The initial learning rate times a function of the epoch.

    With the function f, epoch t = 0, 1, 2, ... has::

        lr_t = lr_initial · f(t)

    Args:
        optimizer: whose learning rates are set.
        lr_lambda: the function f, or a list of one function for each group.
        last_epoch: as for `LRScheduler`. Default: -1.

    Attributes:
        lr_lambdas: the function of each group.

    Raises:
        TypeError: `optimizer` is no Optimizer, or `lr_lambda` holds something else than functions.
        ValueError: there are not as many functions as groups.
        KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import LambdaLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = LambdaLR(optimizer, lambda epoch: 0.5 ** (epoch // 2))
        >>> for epoch in range(5):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [1.0]
        [1.0]
        [0.5]
        [0.5]
        [0.25]
    """

    def get_lr(self) -> Rates:
        """The initial learning rates times the functions of the epoch."""
        self._warn_outside_step()
        epoch = self.last_epoch
        return [
            base_lr * function(epoch)
            for base_lr, function in zip(self.base_lrs, self.lr_lambdas, strict=True)
        ]


class MultiplicativeLR(_FunctionScheduler):
    """The previous learning rate times a function of the epoch.

    With the function f, epoch t has::

        lr_0 = lr_initial
        lr_t = lr_{t-1} · f(t)      = lr_initial · f(1) · f(2) ··· f(t)

    The schedule is chainable.

    Args:
        optimizer: whose learning rates are set.
        lr_lambda: the function f, or a list of one function for each group.
        last_epoch: as for `LRScheduler`. Default: -1.

    Attributes:
        lr_lambdas: the function of each group.

    Raises:
        TypeError: `optimizer` is no Optimizer, or `lr_lambda` holds something else than functions.
        ValueError: there are not as many functions as groups.
        KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import MultiplicativeLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = MultiplicativeLR(optimizer, lambda epoch: 1 / epoch)
        >>> for epoch in range(3):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [1.0]
        [1.0]
        [0.5]
    """

    def get_lr(self) -> Rates:
        """The current learning rates times the functions of the epoch."""
        self._warn_outside_step()
        if self._is_initial:
            return values_of(self.optimizer, "lr")
        epoch = self.last_epoch
        return [
            group["lr"] * function(epoch) for group, function in self._with_groups(self.lr_lambdas)
        ]
