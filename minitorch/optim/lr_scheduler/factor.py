"""The initial learning rate times a factor that a formula gives: decay and warm-up."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from ..optimizer import Optimizer
from .scheduler import LRScheduler, Rates, values_of


class FactorScheduler(LRScheduler):
    """Base of the schedules lr_t = lr_initial · f(t), where f is the same for all groups.

    `step` uses the chainable form lr_t = lr_{t-1} · f(t) / f(t-1), in which several schedulers on
    one optimizer multiply. A subclass writes `_ratio` and `_factor`.
    """

    def _ratio(self) -> float | None:
        """f(t) / f(t-1) for t = `self.last_epoch`; None for 1, the learning rates stay."""
        raise NotImplementedError

    def _factor(self) -> float:
        """f(t) for t = `self.last_epoch`."""
        raise NotImplementedError

    def get_lr(self) -> Rates:
        """The current learning rates times f(t) / f(t-1)."""
        self._warn_outside_step()
        ratio = self._ratio()
        if ratio is None:
            return values_of(self.optimizer, "lr")
        return [group["lr"] * ratio for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> Rates:
        """The initial learning rates times f(t)."""
        factor = self._factor()
        return [base_lr * factor for base_lr in self.base_lrs]


# -- decay --------------------------------------------------------------------------------


class StepLR(FactorScheduler):
    """The learning rate times γ every `step_size` epochs.

    With the step size s, epoch t has::

        lr_t = lr_initial · γ^⌊t / s⌋
             = lr_{t-1} · γ    if s divides t > 0, else lr_{t-1}

    The schedule is chainable.

    Args:
        optimizer: whose learning rates are set.
        step_size: the number s of epochs from one decay to the next.
        gamma: the factor γ. Default: 0.1.
        last_epoch: as for `LRScheduler`. Default: -1.

    Raises:
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import StepLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
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

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _ratio(self) -> float | None:
        if self.last_epoch == 0 or self.last_epoch % self.step_size != 0:
            return None
        return self.gamma

    def _factor(self) -> float:
        return self.gamma ** (self.last_epoch // self.step_size)


class MultiStepLR(FactorScheduler):
    """The learning rate times γ at each of the given epochs.

    With the milestones m_1 ≤ m_2 ≤ ..., epoch t has::

        lr_t = lr_initial · γ^n(t),    n(t) the number of milestones m_i ≤ t
             = lr_{t-1} · γ^c(t),      c(t) how often t itself is among them

    The schedule is chainable.

    Args:
        optimizer: whose learning rates are set.
        milestones: the epochs, in any order; one that is listed twice counts twice.
        gamma: the factor γ. Default: 0.1.
        last_epoch: as for `LRScheduler`. Default: -1.

    Attributes:
        milestones: the epochs as a `Counter`.

    Raises:
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import MultiStepLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = MultiStepLR(optimizer, milestones=[1, 4], gamma=0.5)
        >>> for epoch in range(5):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [1.0]
        [0.5]
        [0.5]
        [0.5]
        [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _ratio(self) -> float | None:
        if self.last_epoch not in self.milestones:
            return None
        return self.gamma ** self.milestones[self.last_epoch]

    def _factor(self) -> float:
        milestones = sorted(self.milestones.elements())
        return self.gamma ** bisect_right(milestones, self.last_epoch)


class ExponentialLR(FactorScheduler):
    """The learning rate times γ every epoch.

    Epoch t has::

        lr_t = lr_initial · γ^t = lr_{t-1} · γ

    The schedule is chainable.

    Args:
        optimizer: whose learning rates are set.
        gamma: the factor γ.
        last_epoch: as for `LRScheduler`. Default: -1.

    Raises:
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import ExponentialLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = ExponentialLR(optimizer, gamma=0.5)
        >>> for epoch in range(4):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [1.0]
        [0.5]
        [0.25]
        [0.125]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _ratio(self) -> float | None:
        return None if self._is_initial else self.gamma

    def _factor(self) -> float:
        return self.gamma**self.last_epoch


class PolynomialLR(FactorScheduler):
    """The learning rate falls to zero like a power of the time that is left.

    With T for `total_iters` and the power p, epoch t has::

        lr_t = lr_initial · (1 - min(t, T) / T)^p
             = lr_{t-1} · ((1 - t / T) / (1 - (t - 1) / T))^p    for 0 < t ≤ T

    The schedule is chainable. It is the "poly" policy of Chen, Papandreou, Kokkinos, Murphy and
    Yuille, "DeepLab: Semantic Image Segmentation with Deep Convolutional Nets, Atrous
    Convolution, and Fully Connected CRFs" (2016, arXiv:1606.00915), where p = 0.9.

    Args:
        optimizer: whose learning rates are set.
        total_iters: the epoch T from which on the learning rate is zero. Default: 5.
        power: the power p. Default: 1.0, a straight line.
        last_epoch: as for `LRScheduler`. Default: -1.

    Raises:
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import PolynomialLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = PolynomialLR(optimizer, total_iters=4, power=2.0)
        >>> for epoch in range(5):
        ...     print(f"{scheduler.get_last_lr()[0]:.4f}")
        ...     optimizer.step()
        ...     scheduler.step()
        1.0000
        0.5625
        0.2500
        0.0625
        0.0000
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _ratio(self) -> float | None:
        if self._is_initial or self.last_epoch > self.total_iters:
            return None
        left = 1.0 - self.last_epoch / self.total_iters
        left_before = 1.0 - (self.last_epoch - 1) / self.total_iters
        ratio: float = (left / left_before) ** self.power
        return ratio

    def _factor(self) -> float:
        left = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        factor: float = left**self.power
        return factor


# -- warm-up ------------------------------------------------------------------------------


class ConstantLR(FactorScheduler):
    """The learning rate times a factor for the first epochs, then the initial one.

    With the factor c and T for `total_iters`, epoch t has::

        lr_t = lr_initial · c    for t < T
               lr_initial        for t ≥ T

    The schedule is chainable: it multiplies by c at t = 0 and by 1 / c at t = T.

    Args:
        optimizer: whose learning rates are set.
        factor: the factor c, between 0 and 1. Default: 1/3.
        total_iters: the number T of epochs with it. Default: 5.
        last_epoch: as for `LRScheduler`. Default: -1.

    Raises:
        ValueError: `factor` is not between 0 and 1.
        ZeroDivisionError: from `step` at t = T, if the factor is 0.
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import ConstantLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = ConstantLR(optimizer, factor=0.25, total_iters=2)
        >>> for epoch in range(4):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [0.25]
        [0.25]
        [1.0]
        [1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if factor > 1.0 or factor < 0:
            raise ValueError(f"factor must be between 0 and 1, but got {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _ratio(self) -> float | None:
        if self.last_epoch == 0:
            return self.factor
        if self.last_epoch != self.total_iters:
            return None
        return 1.0 / self.factor

    def _factor(self) -> float:
        return self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor)


class LinearLR(FactorScheduler):
    """The learning rate goes along a straight line from one factor to another: a warm-up.

    With the start factor a, the end factor b and T for `total_iters`, epoch t has::

        lr_t = lr_initial · (a + (b - a) min(t, T) / T)
             = lr_{t-1} · (1 + (b - a) / (T a + (t - 1) (b - a)))    for 0 < t ≤ T

    The schedule is chainable.

    Args:
        optimizer: whose learning rates are set.
        start_factor: the factor a, greater than 0 and at most 1. Default: 1/3.
        end_factor: the factor b, between 0 and 1. Default: 1.0.
        total_iters: the epoch T at which the end is reached. Default: 5.
        last_epoch: as for `LRScheduler`. Default: -1.

    Raises:
        ValueError: a factor is outside its range.
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import LinearLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = LinearLR(optimizer, start_factor=0.25, total_iters=3)
        >>> for epoch in range(5):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [0.25]
        [0.5]
        [0.75]
        [1.0]
        [1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if start_factor > 1.0 or start_factor <= 0:
            raise ValueError(
                f"start_factor must be greater than 0 and at most 1, but got {start_factor}"
            )
        if end_factor > 1.0 or end_factor < 0:
            raise ValueError(f"end_factor must be between 0 and 1, but got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _ratio(self) -> float | None:
        if self.last_epoch == 0:
            return self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return None
        change = self.end_factor - self.start_factor
        return 1.0 + change / (
            self.total_iters * self.start_factor + (self.last_epoch - 1) * change
        )

    def _factor(self) -> float:
        change = self.end_factor - self.start_factor
        return (
            self.start_factor + change * min(self.total_iters, self.last_epoch) / self.total_iters
        )
