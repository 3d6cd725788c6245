"""Schedulers made of schedulers: one after another, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler, Rates, StateDict, set_value, values_of


class CompositeScheduler(LRScheduler):
    """Base of the schedulers that leave the learning rates to others, `self._schedulers`."""

    _schedulers: Sequence[LRScheduler]

    def _check(self, schedulers: Sequence[Any], optimizer: Any) -> None:
        """Refuse schedulers that cannot take part."""
        name = type(self).__name__
        for index, scheduler in enumerate(schedulers):
            kind = type(scheduler).__name__
            if not hasattr(scheduler, "optimizer"):
                raise TypeError(
                    f"{name} is made of schedulers, which have the attribute `optimizer`, but got "
                    f"{kind} at index {index}"
                )
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"{name} does not support `ReduceLROnPlateau`, whose `step` needs a metric, "
                    f"but got one at index {index}; call its `step` beside this one's"
                )
            if optimizer != scheduler.optimizer:
                raise ValueError(
                    f"{name} expects all schedulers to belong to the same optimizer, but that of "
                    f"the {kind} at index {index} is another one"
                )

    def get_lr(self) -> Rates:
        """There are no learning rates of its own to compute: a NotImplementedError."""
        raise NotImplementedError(
            f"{type(self).__name__} leaves the learning rates to its schedulers, so it cannot be "
            "started anew at a milestone; give the SequentialLR its schedulers one by one instead"
        )

    def state_dict(self) -> StateDict:
        """Every attribute but the optimizer, with the state dicts of the schedulers."""
        state = super().state_dict()
        del state["_schedulers"]
        state["_schedulers"] = [scheduler.state_dict() for scheduler in self._schedulers]
        return state

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over what `state_dict` returned; the schedulers have to be of the same kinds.

        Raises:
            ValueError: there are not as many schedulers. Nothing has been changed then.
        """
        schedulers, saved = self._schedulers, state_dict["_schedulers"]
        if len(schedulers) != len(saved):
            raise ValueError(
                f"loaded state dict has {len(saved)} schedulers, but the {type(self).__name__} "
                f"has {len(schedulers)}"
            )
        super().load_state_dict({**state_dict, "_schedulers": schedulers})
        for scheduler, each in zip(schedulers, saved, strict=True):
            scheduler.load_state_dict(each)


class SequentialLR(CompositeScheduler):
    """Schedulers one after another, each from its milestone on.

    With the milestones m_1 < m_2 < ..., in epoch t the learning rates are set by::

        scheduler 1, in its epoch t            for       t < m_1
        scheduler 2, in its epoch t - m_1      for m_1 ≤ t < m_2
        scheduler 3, in its epoch t - m_2      for m_2 ≤ t < m_3 ...

    The first epoch of scheduler 2 and those after it is computed by the closed form from the
    initial learning rates, not from those that the scheduler before has left. (`MultiplicativeLR`
    has no closed form; it goes on from there.)

    Args:
        optimizer: that of all schedulers.
        schedulers: the schedulers. That they were made already, and have all set learning rates,
            is undone.
        milestones: the epochs m_1, m_2, ..., increasing, one less than schedulers.
        last_epoch: one less than the epoch to start with. Default: -1.

    Attributes:
        last_epoch: the current epoch, starting at 0.

    Raises:
        ValueError: there are no schedulers, one of them has another optimizer or is a
            `ReduceLROnPlateau`, or the number of milestones does not fit.
        TypeError: one of them is no scheduler.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import ConstantLR, ExponentialLR, SequentialLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> warm_up = ConstantLR(optimizer, factor=0.125, total_iters=2)
        >>> decay = ExponentialLR(optimizer, gamma=0.5)
        >>> scheduler = SequentialLR(optimizer, [warm_up, decay], milestones=[2])
        >>> for epoch in range(5):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [0.125]
        [0.125]
        [1.0]
        [0.5]
        [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        if len(schedulers) < 1:
            raise ValueError("SequentialLR expects at least one scheduler, but got none")
        self._check(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "SequentialLR expects one milestone less than schedulers, the epochs at which the "
                f"next one takes over, but got {len(milestones)} milestones for {len(schedulers)} "
                "schedulers"
            )
        self._schedulers = schedulers
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        # Each scheduler took its first step when it was made; only the first one is to.
        for group in optimizer.param_groups:
            set_value(group, "lr", group["initial_lr"])
        self.recursive_undo()
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def recursive_undo(self, sched: Any = None) -> None:
        """Take back the counting of one step in a scheduler and those it is made of.

        Args:
            sched: the scheduler. Default: None, this one.
        """
        scheduler = self if sched is None else sched
        if hasattr(scheduler, "_schedulers"):
            for each in scheduler._schedulers:
                self.recursive_undo(each)
        elif hasattr(scheduler, "last_epoch"):
            scheduler.last_epoch -= 1

    def step(self) -> None:  # type: ignore[override]  # PyTorch's signature: no `epoch`
        """Go to the next epoch and set its learning rates."""
        self.last_epoch += 1
        index = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[index]
        if index > 0 and self._milestones[index - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(CompositeScheduler):
    """Several schedulers, all of which take every step.

    With chainable schedulers, whose factors are f_1(t), f_2(t), ..., epoch t has::

        lr_t = lr_initial · f_1(t) · f_2(t) ···

    Args:
        schedulers: the schedulers, in the order of their steps.
        optimizer: that of all schedulers. Default: None, that of the first.

    Raises:
        ValueError: there are no schedulers, or one of them has another optimizer or is a
            `ReduceLROnPlateau`.
        TypeError: one of them is no scheduler.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import ChainedScheduler, ConstantLR, ExponentialLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> warm_up = ConstantLR(optimizer, factor=0.125, total_iters=2)
        >>> decay = ExponentialLR(optimizer, gamma=0.5)
        >>> scheduler = ChainedScheduler([warm_up, decay])
        >>> for epoch in range(4):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [0.125]
        [0.0625]
        [0.25]
        [0.125]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if len(schedulers) < 1:
            raise ValueError("ChainedScheduler expects at least one scheduler, but got none")
        optimizer = optimizer or schedulers[0].optimizer
        self._check(schedulers, optimizer)
        self._schedulers = schedulers
        self.optimizer = optimizer
        self._last_lr = values_of(optimizer, "lr")

    def step(self) -> None:  # type: ignore[override]  # PyTorch's signature: no `epoch`
        """Let every scheduler take a step."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = values_of(self.optimizer, "lr")
