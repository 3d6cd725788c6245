"""Learning rates along the cosine: one descent, or descents with warm restarts."""

from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, Rates, values_of


def _on_cosine(low: float, high: Any, time: float, period: float) -> Any:
    """The point at `time` on the half wave from `high` at 0 to `low` at `period`."""
    return low + (high - low) * (1 + math.cos(math.pi * time / period)) / 2


class CosineAnnealingLR(LRScheduler):
    """The learning rate follows a cosine from its initial value to a minimum.

    With the minimum η_min and half the period T_max, epoch t has::

        lr_t = η_min + ½ (lr_initial - η_min) (1 + cos(π t / T_max))
             = η_min + (lr_{t-1} - η_min) (1 + cos(π t / T_max)) / (1 + cos(π (t - 1) / T_max))

    `step` uses the second form, so the schedule is chainable. After the minimum at T_max the
    learning rate rises again, to the initial one at 2 T_max; there is no restart. The ratio is
    undefined after each minimum, where the increment ½ (lr_initial - η_min) (1 - cos(π / T_max))
    takes its place.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (ICLR
    2017, arXiv:1608.03983), equation 5, without the restarts.

    Args:
        optimizer: whose learning rates are set.
        T_max: the number of epochs until the minimum.
        eta_min: the minimum η_min. Default: 0.0.
        last_epoch: as for `LRScheduler`. Default: -1.

    Raises:
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import CosineAnnealingLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = CosineAnnealingLR(optimizer, T_max=4)
        >>> for epoch in range(6):
        ...     print(f"{scheduler.get_last_lr()[0]:.4f}")
        ...     optimizer.step()
        ...     scheduler.step()
        1.0000
        0.8536
        0.5000
        0.1464
        0.0000
        0.1464
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The learning rates of the epoch from those before."""
        self._warn_outside_step()
        epoch, groups = self.last_epoch, self.optimizer.param_groups
        if self._is_initial:
            return values_of(self.optimizer, "lr")
        if self._step_count == 1 and epoch > 0:  # no learning rate before to start from
            return self._get_closed_form_lr()
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # at the minimum before
            rise = 1 - math.cos(math.pi / self.T_max)
            return [
                group["lr"] + (base_lr - self.eta_min) * rise / 2
                for group, base_lr in self._with_groups(self.base_lrs)
            ]
        height = 1 + math.cos(math.pi * epoch / self.T_max)
        height_before = 1 + math.cos(math.pi * (epoch - 1) / self.T_max)
        ratio = height / height_before
        return [ratio * (group["lr"] - self.eta_min) + self.eta_min for group in groups]

    def _get_closed_form_lr(self) -> Rates:
        """The learning rates of the epoch from the initial ones."""
        return [
            _on_cosine(self.eta_min, base_lr, self.last_epoch, self.T_max)
            for base_lr in self.base_lrs
        ]


class CosineAnnealingWarmRestarts(LRScheduler):
    """The learning rate falls along a cosine to a minimum, then starts again at the top.

    With the minimum η_min, T_cur epochs since the last restart and T_i epochs from that one to
    the next::

        lr = η_min + ½ (lr_initial - η_min) (1 + cos(π T_cur / T_i))

    T_i is T_0 at first, and T_mult times as long after each restart.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (ICLR
    2017, arXiv:1608.03983), equation 5.

    Args:
        optimizer: whose learning rates are set.
        T_0: the number of epochs until the first restart.
        T_mult: the factor by which the time between restarts grows. Default: 1.
        eta_min: the minimum η_min. Default: 0.0.
        last_epoch: as for `LRScheduler`. Default: -1.

    Attributes:
        T_cur: the time since the last restart.
        T_i: the time from that restart to the next.

    Raises:
        ValueError: `T_0` or `T_mult` is no positive integer, or `eta_min` no number.
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import CosineAnnealingWarmRestarts
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
        >>> for epoch in range(7):
        ...     print(f"{scheduler.get_last_lr()[0]:.4f}")
        ...     optimizer.step()
        ...     scheduler.step()
        1.0000
        0.5000
        1.0000
        0.8536
        0.5000
        0.1464
        1.0000
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"T_0 must be a positive integer, but got {T_0!r}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"T_mult must be an integer, at least 1, but got {T_mult!r}")
        if not isinstance(eta_min, (float, int)):
            raise ValueError(f"eta_min must be a float or int, but got {type(eta_min).__name__}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The learning rates for the time since the last restart."""
        self._warn_outside_step()
        return [
            _on_cosine(self.eta_min, base_lr, self.T_cur, self.T_i) for base_lr in self.base_lrs
        ]

    def step(self, epoch: float | None = None) -> None:
        """Go to the next epoch, or to a given one, and set its learning rates.

        Args:
            epoch: the time to go to, which may be between two epochs: with the number i of the
                batch, `scheduler.step(epoch + i / batches)` lets the learning rate fall smoothly.
                Default: None, the next epoch.

        Raises:
            ValueError: `epoch` is negative.
        """
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = 0 if epoch is None else epoch
            self._find_restart(epoch)
        self._update_lr(math.floor(epoch))

    def _find_restart(self, epoch: float) -> None:
        """Set `T_cur` and `T_i` for a given time."""
        if epoch < 0:
            raise ValueError(f"epoch must not be negative, but got {epoch}")
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            # n restarts are over after T_0 (1 + T_mult + ... + T_mult^(n-1)) epochs.
            growth = self.T_mult - 1
            restarts = int(math.log(epoch / self.T_0 * growth + 1, self.T_mult))
            self.T_i = self.T_0 * self.T_mult**restarts
            self.T_cur = epoch - self.T_0 * (self.T_mult**restarts - 1) / growth
