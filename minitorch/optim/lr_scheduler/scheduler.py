"""What all schedulers share: counting epochs, reading and setting learning rates, saving."""

from __future__ import annotations

import functools
import types
import warnings
import weakref
from collections.abc import Iterable
from typing import Any, TypeAlias

from ...tensor import Tensor
from ..optimizer import Optimizer

Rates: TypeAlias = list[float | Tensor]  # one for each parameter group
StateDict: TypeAlias = dict[str, Any]

EPOCH_WARNING = (
    "The epoch parameter in `scheduler.step()` is deprecated: it jumps to that epoch, by the "
    "closed form of the schedule where there is one. Call `scheduler.step()` once per epoch instead"
)


class LRScheduler:
    """Base of all schedulers: sets the learning rate of each parameter group, epoch by epoch.

    A subclass writes `get_lr()`, which computes the learning rates of epoch `self.last_epoch`
    either

    - from `self.base_lrs`, the initial learning rates: what other schedulers did is overwritten;
    - or from `group["lr"]`, the current ones (and, while `self._is_initial`, leaves them alone):
      such a schedule is *chainable*, several on one optimizer multiply.

    The constructor takes the first step by itself, to epoch 0. Then call `step` after
    `optimizer.step()`: once per epoch or, if the schedule counts batches, once per batch.

    Args:
        optimizer: whose learning rates are set. A group's initial learning rate is its "lr" when
            the first scheduler is made, and is kept in the group as "initial_lr".
        last_epoch: the last epoch that is over, to continue there: the groups must have an
            "initial_lr" then. Default: -1, start from the beginning.

    Attributes:
        optimizer: as given.
        base_lrs: the initial learning rate of each group.
        last_epoch: the current epoch, starting at 0.

    Raises:
        TypeError: `optimizer` is no Optimizer.
        KeyError: `last_epoch` is given and a group has no "initial_lr".

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import LRScheduler
        >>> class InverseTime(LRScheduler):
        ...     def get_lr(self):
        ...         return [lr / (1 + self.last_epoch) for lr in self.base_lrs]
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = InverseTime(optimizer)
        >>> for epoch in range(4):
        ...     print(optimizer.param_groups[0]["lr"])
        ...     optimizer.step()
        ...     scheduler.step()
        1.0
        0.5
        0.3333333333333333
        0.25
    """

    optimizer: Optimizer
    base_lrs: list[Any]
    last_epoch: int
    _step_count: int
    _last_lr: Rates
    _is_initial: bool = False  # in the constructor's step
    _get_lr_called_within_step: bool = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copied(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{index}], but a "
                    f"scheduler that continues after epoch {last_epoch} needs it: load the "
                    "optimizer's state_dict first, or leave last_epoch at -1 to start afresh"
                )
        self.base_lrs = values_of(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        _note_calls_of_step(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        """Take the step to the first epoch, in which chainable schedules start."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_lr(self) -> Rates:
        """Compute the learning rate of each group for `last_epoch`; for `step` to call.

        The learning rates that were set last are `get_last_lr()`.

        Returns:
            A number for each group, or a Tensor where the group's "lr" is one.
        """
        raise NotImplementedError(f"{type(self).__name__} must write get_lr(self)")

    def get_last_lr(self) -> Rates:
        """The learning rate of each group that the last step set; Tensors are copies."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch and set its learning rates.

        A learning rate that is a Tensor is overwritten in place. The first step warns if
        `optimizer.step()` has not been called before: the first learning rate was not used then.

        Args:
            epoch: deprecated: the epoch to jump to, by the closed form where there is one.
                Default: None, the next epoch.
        """
        if self._step_count == 1:
            self._warn_if_optimizer_did_not_step()
        if epoch is not None:
            warnings.warn(EPOCH_WARNING, UserWarning, stacklevel=2)
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        """Go to `epoch`, by default the next one, and set its learning rates."""
        compute = self.get_lr
        if epoch is None:
            self.last_epoch += 1
        else:
            self.last_epoch = epoch
            compute = getattr(self, "_get_closed_form_lr", compute)
        self._get_lr_called_within_step = True
        try:
            rates = list(compute())
        finally:
            self._get_lr_called_within_step = False
        for group, lr in self._with_groups(rates):
            set_value(group, "lr", lr)
        self._last_lr = values_of(self.optimizer, "lr")

    def _with_groups(self, values: list[Any]) -> Iterable[tuple[dict[str, Any], Any]]:
        """Each parameter group and its value."""
        groups = self.optimizer.param_groups
        if len(values) != len(groups):
            raise ValueError(
                f"{type(self).__name__} has values for {len(values)} parameter groups, but the "
                f"optimizer has {len(groups)}; make the scheduler anew after adding a group"
            )
        return zip(groups, values, strict=True)

    def state_dict(self) -> StateDict:
        """Every attribute but the optimizer, as a dict; PyTorch's schedulers have the same."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over what `state_dict` returned.

        The learning rates themselves are the optimizer's: load its `state_dict` too, after making
        the scheduler.

        Args:
            state_dict: as from `state_dict()`.
        """
        vars(self).update(state_dict)

    def _warn_outside_step(self) -> None:
        """Warn a caller of `get_lr` who wants `get_last_lr`."""
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use "
                "`get_last_lr()`; `get_lr()` computes the one that `step` would set now",
                UserWarning,
                stacklevel=3,
            )

    def _warn_if_optimizer_did_not_step(self) -> None:
        """Warn if the optimizer's `step` was not called, or cannot be observed any more."""
        step = vars(self.optimizer).get("step")  # a copied optimizer is not observed
        if step is not None and not hasattr(step, "_wrapped_by_lr_sched"):
            warnings.warn(
                "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
                "initialization, so it is not known whether it was called; call it before "
                "`lr_scheduler.step()`",
                UserWarning,
                stacklevel=3,
            )
        elif step is not None and not getattr(self.optimizer, "_opt_called", False):
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. Call them in "
                "the opposite order: otherwise the first learning rate of the schedule is skipped",
                UserWarning,
                stacklevel=3,
            )


class _LRScheduler(LRScheduler):
    """The name that `LRScheduler` had in old versions of PyTorch, for classes that derive of it."""


def check_optimizer(optimizer: Any) -> None:
    """Refuse what is no Optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{type(optimizer).__name__} is not an Optimizer; the first argument of a scheduler "
            "is the optimizer whose learning rates it sets"
        )


def _note_calls_of_step(optimizer: Any) -> None:
    """Make this optimizer's `step` leave a note, `_opt_called`, that it was called.

    The optimizer gets a `step` of its own, which is neither copied nor pickled and refers to it
    weakly, so that an optimizer that nobody else holds is freed at once.
    """
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    is_method = isinstance(optimizer.step, types.MethodType)  # not if somebody replaced it
    step = optimizer.step.__func__ if is_method else optimizer.step
    reference = weakref.ref(optimizer)

    @functools.wraps(step)
    def noted_step(*args: Any, **kwargs: Any) -> Any:
        optimizer: Any = reference()
        optimizer._opt_called = True
        return step(optimizer, *args, **kwargs) if is_method else step(*args, **kwargs)

    noted_step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    optimizer.step = noted_step


# -- values in parameter groups -----------------------------------------------------------


def copied(value: Any) -> Any:
    """A number as it is, a Tensor as a copy."""
    return value.clone() if isinstance(value, Tensor) else value


def values_of(optimizer: Optimizer, name: str) -> list[Any]:
    """An option's value in each group; Tensors are copies."""
    return [copied(group[name]) for group in optimizer.param_groups]


def set_value(group: dict[str, Any], name: str, value: Any) -> None:
    """Set an option of a group; a Tensor keeps its identity and gets a new value."""
    current = group[name]
    if isinstance(current, Tensor):
        current.fill_(float(value))
    else:
        group[name] = value


def one_per_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """An argument's value for each group, given as a list or tuple of them or as one for all.

    Raises:
        ValueError: there are not as many values as groups.
    """
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        value = [value] * count
    elif len(value) != count:
        raise ValueError(
            f"{name} must be one value or one for each of the optimizer's {count} parameter "
            f"groups, but got {len(value)} values"
        )
    return [copied(each) for each in value]


# -- functions in a state dict ------------------------------------------------------------


def state_of_function(function: Any) -> dict[str, Any] | None:
    """What a state dict holds of a function: the attributes of a callable object, else None."""
    if function is None or isinstance(function, types.FunctionType):
        return None
    return dict(getattr(function, "__dict__", {}))


def load_function(function: Any, saved: dict[str, Any] | None) -> None:
    """Give a callable object the attributes that `state_of_function` saved."""
    if saved:
        vars(function).update(saved)
