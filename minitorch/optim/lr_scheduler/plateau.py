"""A learning rate that falls when a metric no longer improves."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal, SupportsFloat

from ..optimizer import Optimizer
from .scheduler import (
    EPOCH_WARNING,
    LRScheduler,
    StateDict,
    check_optimizer,
    one_per_group,
    set_value,
    values_of,
)


class ReduceLROnPlateau(LRScheduler):
    """The learning rate times a factor when a metric has not improved for some epochs.

    A metric m is better than the best one so far, m_best, with the threshold θ if::

        mode     threshold_mode = "rel"      threshold_mode = "abs"
        "min"    m < m_best (1 - θ)          m < m_best - θ
        "max"    m > m_best (1 + θ)          m > m_best + θ

    When it was not better in more than `patience` epochs in a row, each group's learning rate
    becomes::

        lr = max(lr · factor, min_lr)

    unless that is a difference of no more than `eps`. Then `cooldown` epochs follow in which bad
    ones are not counted.

    Args:
        optimizer: whose learning rates are set.
        mode: "min" if the metric is to fall, "max" if it is to rise. Default: "min".
        factor: by which the learning rate is multiplied, less than 1. Default: 0.1.
        patience: how many bad epochs in a row are accepted. Default: 10.
        threshold: the threshold θ. Default: 1e-4.
        threshold_mode: whether θ counts relative to the best metric, "rel", or as it is, "abs".
            Default: "rel".
        cooldown: how many epochs after a reduction are not counted as bad. Default: 0.
        min_lr: the least learning rate, or a list of one for each group. Default: 0.
        eps: the least difference that a reduction makes. Default: 1e-8.

    Attributes:
        best: the best metric so far.
        num_bad_epochs: how many epochs in a row it was not improved.
        cooldown_counter: how many epochs of the cooldown are left.
        last_epoch: the number of steps.
        min_lrs: the least learning rate of each group.

    Raises:
        ValueError: `factor` is not less than 1, `mode` or `threshold_mode` is unknown, or there
            are not as many values in `min_lr` as groups.
        TypeError: `optimizer` is no Optimizer.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import ReduceLROnPlateau
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> for loss in [3.0, 2.0, 2.0, 2.5, 1.0]:
        ...     optimizer.step()
        ...     scheduler.step(loss)
        ...     print(scheduler.get_last_lr(), scheduler.num_bad_epochs)
        [1.0] 0
        [1.0] 0
        [1.0] 1
        [0.5] 0
        [0.5] 0
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ValueError(f"factor must be less than 1, but got {factor}")
        self.factor = factor
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.min_lrs = one_per_group("min_lr", optimizer, min_lr)
        self.patience = patience
        self.cooldown = cooldown
        self.eps = eps
        self.last_epoch = 0
        self._last_lr = values_of(optimizer, "lr")
        self._set_mode(mode, threshold, threshold_mode)
        self._reset()

    def _set_mode(self, mode: str, threshold: float, threshold_mode: str) -> None:
        """Check and keep what decides whether a metric is better."""
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', but got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode must be 'rel' or 'abs', but got {threshold_mode!r}")
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.mode = mode
        self.threshold = threshold
        self.threshold_mode = threshold_mode

    def _reset(self) -> None:
        """Forget the metrics so far."""
        self.best = self.mode_worse
        self.cooldown_counter = 0
        self.num_bad_epochs = 0

    def step(  # type: ignore[override]  # PyTorch's signature: this schedule needs the metric
        self, metrics: SupportsFloat, epoch: int | None = None
    ) -> None:
        """Count an epoch with its metric, and reduce the learning rates if it is time to.

        Args:
            metrics: the metric, a number or a Tensor of one element.
            epoch: deprecated: the number of this epoch. Default: None, the next one.

        Raises:
            RuntimeError: the learning rates are to be reduced, but the optimizer has got another
                number of groups than `min_lr` had values.
        """
        current = float(metrics)
        if epoch is None:
            epoch = self.last_epoch + 1
        else:
            warnings.warn(EPOCH_WARNING, UserWarning, stacklevel=2)
        self.last_epoch = epoch
        if self._is_better(current, self.best):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce_lr(epoch)
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = values_of(self.optimizer, "lr")

    @property
    def in_cooldown(self) -> bool:
        """Whether bad epochs are not counted, since the learning rates were just reduced."""
        return self.cooldown_counter > 0

    def _is_better(self, metric: float, best: float) -> bool:
        """Whether a metric is better than the best one by more than the threshold."""
        if self.mode == "min":
            if self.threshold_mode == "rel":
                return metric < best * (1.0 - self.threshold)
            return metric < best - self.threshold
        if self.threshold_mode == "rel":
            return metric > best * (self.threshold + 1.0)
        return metric > best + self.threshold

    def _reduce_lr(self, epoch: int) -> None:
        """Multiply the learning rates by the factor, as far as their least values allow."""
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"min_lr had {len(self.min_lrs)} values, but the optimizer now has "
                    f"{len(groups)} parameter groups; set scheduler.min_lrs to a list of one "
                    "for each"
                )
            self.min_lrs = one_per_group("min_lr", self.optimizer, self.default_min_lr)
        for group, min_lr in zip(groups, self.min_lrs, strict=True):
            lr = float(group["lr"])
            reduced: Any = max(lr * self.factor, min_lr)
            if lr - reduced > self.eps:
                set_value(group, "lr", reduced)

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over what `state_dict` returned."""
        super().load_state_dict(state_dict)
        self._set_mode(self.mode, self.threshold, self.threshold_mode)
