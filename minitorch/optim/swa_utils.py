"""Averages of weights: stochastic weight averaging, moving averages, and what goes with them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from functools import partial
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np

from ..autograd.grad_mode import no_grad
from ..autograd.inplace import changed
from ..autograd.variable import FLOATING, Array, Variable, wrap
from ..device import check_device
from ..nn.module import Module
from ..nn.modules.batchnorm import _BatchNorm
from ..quiet import Silence
from ..tensor import Tensor
from .lr_scheduler.scheduler import LRScheduler, Rates, check_optimizer, one_per_group
from .optimizer import Optimizer
from .rules import lerp
from .work import BLOCK_SIZE, computing_dtype, constants_of

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

# The average so far, the model's value and the number of models in the average: the new average.
Average: TypeAlias = Callable[[Tensor, Tensor, Tensor | int], Tensor]
# The same for lists of one dtype; the averages are changed in place.
MultiAverage: TypeAlias = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]
Pairs: TypeAlias = Iterable[tuple[Tensor, Tensor]]  # of an average and the value that it gets
Rule: TypeAlias = Callable[[Array, Array], None]  # changes an average by a value, in place


# -- rules --------------------------------------------------------------------------------


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """Make the rule of exponential moving averages (EMA), for many tensors at once.

    With the decay β, the rule for `AveragedModel(multi_avg_fn=...)` moves each average by::

        average = average + (1 - β) (value - average)       = β average + (1 - β) value

    Tensors of integers and booleans are averaged in floating point and converted back.

    Args:
        decay: β, in [0, 1]. Default: 0.999.

    Returns:
        A function of the averages, the values (lists of tensors of one dtype) and the number of
        models averaged, which is not used.

    Raises:
        ValueError: `decay` is not in [0, 1].

    Example:
        >>> import minitorch
        >>> from minitorch.optim.swa_utils import get_ema_multi_avg_fn
        >>> average = minitorch.tensor([0.0, 8.0])
        >>> get_ema_multi_avg_fn(0.75)([average], [minitorch.tensor([4.0, 0.0])], 1)
        >>> average
        tensor([1., 6.])
    """
    _check_decay(decay)

    @no_grad()
    def ema_update(
        averaged: Sequence[Tensor], current: Sequence[Tensor], num_averaged: Tensor | int
    ) -> None:
        if averaged[0].is_floating_point():
            _interpolate_all(averaged, current, 1 - decay)
            return
        for mean, value in zip(averaged, current, strict=True):
            mean.copy_(mean * decay + value * (1 - decay))

    return ema_update


def get_swa_multi_avg_fn() -> MultiAverage:
    """Make the rule of equal averages (SWA), for many tensors at once.

    With n models in the average, the rule for `AveragedModel(multi_avg_fn=...)` moves each by::

        average = average + (value - average) / (n + 1)

    The factor 1 / (n + 1) is computed in the default dtype if n is a Tensor, as `AveragedModel`
    gives it; so in PyTorch. Its own average, if it is given no rule, divides instead.

    Returns:
        A function of the averages, the values (lists of tensors of one dtype) and n. It is a
        RuntimeError if they are integers or booleans.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.swa_utils import get_swa_multi_avg_fn
        >>> average = minitorch.tensor([1.0, 2.0])
        >>> get_swa_multi_avg_fn()([average], [minitorch.tensor([5.0, 2.0])], 3)
        >>> average
        tensor([2., 2.])
    """

    @no_grad()
    def swa_update(
        averaged: Sequence[Tensor], current: Sequence[Tensor], num_averaged: Tensor | int
    ) -> None:
        if not averaged[0].is_floating_point():
            raise RuntimeError(
                "get_swa_multi_avg_fn averages floating-point tensors only, but got "
                f"{averaged[0].dtype}; leave multi_avg_fn out or set use_buffers=False"
            )
        _interpolate_all(averaged, current, 1 / (num_averaged + 1))

    return swa_update


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """Make the rule of exponential moving averages (EMA), for one tensor.

    With the decay β, the rule for `AveragedModel(avg_fn=...)` gives::

        average = β average + (1 - β) value

    Args:
        decay: β, in [0, 1]. Default: 0.999.

    Returns:
        A function of the average, the value and the number of models averaged, which is not used.

    Raises:
        ValueError: `decay` is not in [0, 1].

    Example:
        >>> import minitorch
        >>> from minitorch.optim.swa_utils import get_ema_avg_fn
        >>> get_ema_avg_fn(0.75)(minitorch.tensor([0.0, 8.0]), minitorch.tensor([4.0, 0.0]), 1)
        tensor([1., 6.])
    """
    _check_decay(decay)

    @no_grad()
    def ema_update(averaged: Tensor, current: Tensor, num_averaged: Tensor | int) -> Tensor:
        result: Tensor = decay * averaged + (1 - decay) * current
        return result

    return ema_update


def get_swa_avg_fn() -> Average:
    """Make the rule of equal averages (SWA), for one tensor.

    With n models in the average, the rule for `AveragedModel(avg_fn=...)` gives::

        average = average + (value - average) / (n + 1)

    Returns:
        A function of the average, the value and n.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.swa_utils import get_swa_avg_fn
        >>> get_swa_avg_fn()(minitorch.tensor([1.0, 2.0]), minitorch.tensor([5.0, 2.0]), 3)
        tensor([2., 2.])
    """

    @no_grad()
    def swa_update(averaged: Tensor, current: Tensor, num_averaged: Tensor | int) -> Tensor:
        result: Tensor = averaged + (current - averaged) / (num_averaged + 1)
        return result

    return swa_update


def _check_decay(decay: Any) -> None:
    if not 0.0 <= decay <= 1.0:  # nor NaN, which PyTorch lets pass
        raise ValueError(f"Invalid decay value {decay}: the decay of an average is in [0, 1]")


# -- the averaged model -------------------------------------------------------------------


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of the model's over training.

    By default every model counts the same, as in stochastic weight averaging (SWA)::

        average_0 = w_0
        average_n = average_{n-1} + (w_n - average_{n-1}) / (n + 1)     = mean of w_0, ..., w_n

    and with `get_ema_multi_avg_fn(β)` recent ones count more, an exponential moving average::

        average_n = β average_{n-1} + (1 - β) w_n

    Both often generalise better than the last weights. Source: Izmailov, Podoprikhin, Garipov,
    Vetrov and Wilson, "Averaging Weights Leads to Wider Optima and Better Generalization" (UAI
    2018, arXiv:1803.05407); the average of all iterates is that of Polyak and Juditsky,
    "Acceleration of Stochastic Approximation by Averaging" (1992).

    Call `update_parameters(model)` after some optimizer steps or epochs. Statistics of batch
    normalization belong to other weights than the averaged ones: recompute them with `update_bn`
    at the end, or average them too with `use_buffers`.

    The model is copied as it is, with its mode; the copy's parameters are leaves and require
    gradients where the model's do. In the `state_dict` they stand as `module.*` beside
    `n_averaged`; the rules are not saved. Calls go to the copy, with arrays as well as Tensors.

    Args:
        model: the module to average.
        device: accepted if it means the CPU. Default: None.
        avg_fn: another rule, a function of an average, the model's value and the number of models
            averaged that returns the new average. Default: None, the mean.
        multi_avg_fn: another rule, a function of a list of averages, a list of the model's values
            and the number of models averaged that changes the averages in place. It is called for
            each dtype. Default: None.
        use_buffers: average the buffers too, by the same rule. Default: False, they are the
            model's at the last update.

    Attributes:
        module: the copy that holds the averages.
        n_averaged: how many models have been averaged, an int64 buffer.

    Raises:
        AssertionError: both `avg_fn` and `multi_avg_fn` are given.
        RuntimeError: `device` is not the CPU.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> from minitorch.optim.swa_utils import AveragedModel
        >>> model = nn.Linear(1, 1, bias=False)
        >>> averaged = AveragedModel(model)
        >>> for weight in [1.0, 2.0, 6.0]:
        ...     _ = nn.init.constant_(model.weight, weight)
        ...     averaged.update_parameters(model)
        >>> averaged(minitorch.ones(1, 1))
        tensor([[3.]], grad_fn=<LinearBackward0>)
        >>> averaged.n_averaged
        tensor(3)
    """

    transparent = True
    module: Module
    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError(
                "avg_fn and multi_avg_fn are two forms of one rule: give only one of them"
            )
        check_device(device)
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", wrap(np.array(0, np.int64)))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def backward(self, *grad_outputs: Any) -> Any:
        return self.module.backward(*grad_outputs)

    def update_parameters(self, model: Module) -> None:
        """Take the present parameters of `model` into the average.

        The first time they are copied.

        Args:
            model: the model that is trained, of the same architecture.

        Raises:
            RuntimeError: shapes or dtypes do not fit, or booleans are to be averaged equally.
            ValueError: `model` has more or fewer buffers, and they are not averaged.
        """
        averaged: Iterable[Tensor] = self.module.parameters()
        current: Iterable[Tensor] = model.parameters()
        copied: list[tuple[Tensor, Tensor]] = []
        if self.use_buffers:
            averaged = chain(averaged, self.module.buffers())
            current = chain(current, model.buffers())
        else:
            copied += zip(self.module.buffers(), model.buffers(), strict=True)
        # Where PyTorch's model has more or fewer parameters, it goes on silently too.
        pairs = list(zip(averaged, current, strict=False))
        for mean, value in chain(pairs, copied):
            _check_fits(mean, value)
        if self.n_averaged.array == 0:
            copied += pairs
        else:
            self._average(pairs)
        for mean, value in copied:
            mean.detach().copy_(value.detach())
        np.add(self.n_averaged.array, 1, self.n_averaged.array)
        changed(self.n_averaged)

    def _average(self, pairs: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Change averages by the model's values, with the rule given."""
        if self.avg_fn is not None:
            _apply(self.avg_fn, pairs, self.n_averaged)
            return
        for mean, value in pairs:
            _check_dtype(mean, value)
        if self.multi_avg_fn is not None:
            _apply_by_dtype(self.multi_avg_fn, pairs, self.n_averaged)
        else:
            _average_equally(pairs, self.n_averaged)


def _check_fits(mean: Variable, value: Variable) -> None:
    """Refuse a value that does not broadcast to the shape of its average."""
    held, given = mean.array.shape, value.array.shape
    if held == given:
        return
    sizes = zip(reversed(held), reversed(given), strict=False)
    if len(given) > len(held) or any(size not in (1, own) for own, size in sizes):
        raise RuntimeError(
            f"an average of shape {list(held)} cannot take a value of shape {list(given)}: the "
            "model must have the architecture of the one that is averaged"
        )


def _check_dtype(mean: Variable, value: Variable) -> None:
    """Refuse a value of another dtype, but for float32 and float64, as PyTorch does."""
    held, given = mean.array.dtype, value.array.dtype
    if held != given and given not in (np.float32, np.float64):
        raise RuntimeError(
            f"an average in {held} cannot take a value in {given}: give the averaged model and "
            "the model the same dtype, or average them with avg_fn"
        )


def _apply(average: Average, pairs: Pairs, n_averaged: Tensor) -> None:
    """Replace each average by what the rule gives."""
    for mean, value in pairs:
        mean = mean.detach()
        mean.copy_(average(mean, value.detach(), n_averaged))


def _apply_by_dtype(average: MultiAverage, pairs: Pairs, n_averaged: Tensor) -> None:
    """Give the averages of each dtype to a rule."""
    groups: dict[Any, tuple[list[Tensor], list[Tensor]]] = {}
    for mean, value in pairs:
        means, values = groups.setdefault(mean.array.dtype, ([], []))
        means.append(mean.detach())
        values.append(value.detach())
    # The last dtype first, as PyTorch does: buffers that a rule refuses, before the parameters.
    for means, values in reversed(groups.values()):
        average(means, values, n_averaged)


def _average_equally(pairs: Sequence[tuple[Tensor, Tensor]], n_averaged: Tensor) -> None:
    """Take values into the means of `n_averaged` others."""
    plain: dict[np.dtype[Any], list[tuple[Tensor, Tensor]]] = defaultdict(list)
    others = []
    for mean, value in pairs:
        held, given = mean.array, value.array
        if held.dtype.kind == given.dtype.kind == "b":
            raise RuntimeError(
                "booleans have no mean: leave the buffers out with use_buffers=False, or say how "
                "to average them with avg_fn"
            )
        if held.dtype.kind == FLOATING and held.dtype == given.dtype and held.shape == given.shape:
            plain[held.dtype].append((mean, value))
        else:
            others.append((mean, value))
    for dtype, alike in plain.items():
        count = np.array(n_averaged.array + 1, np.result_type(dtype, np.float32))
        _update(alike, partial(_move_to_mean, count))
    if others:
        _apply(get_swa_avg_fn(), others, n_averaged)


def _move_to_mean(count: Array, mean: Array, value: Array) -> None:
    """mean + (value - mean) / count, in place."""
    difference = np.asarray(np.subtract(value, mean))
    np.divide(difference, count, difference)
    np.add(mean, difference, mean)


def _interpolate_all(averaged: Sequence[Tensor], current: Sequence[Tensor], weight: Any) -> None:
    """average + weight (value - average), in place, for floating-point tensors of one dtype."""
    if len(averaged) != len(current):
        raise RuntimeError(f"{len(averaged)} averages cannot take {len(current)} values")
    dtype = averaged[0].array.dtype
    for mean, value in zip(averaged, current, strict=True):
        _check_fits(mean, value)
        if not mean.array.dtype == value.array.dtype == dtype:
            raise RuntimeError(
                f"averages and values must have one dtype, {dtype}, but got {mean.dtype} and "
                f"{value.dtype}; give the averaged model and the model the same dtype"
            )
    constants = constants_of(computing_dtype(averaged[0].array))
    factor = constants.dtype.type(float(weight))

    def rule(mean: Array, value: Array) -> None:
        lerp(mean, value, factor, constants, np.empty(mean.shape, constants.dtype))

    _update(zip(averaged, current, strict=True), rule)


# -- many arrays --------------------------------------------------------------------------


def _update(pairs: Pairs, rule: Rule) -> None:
    """Apply an elementwise rule to averages and values of one dtype."""
    with Silence():
        for mean, value in pairs:
            held, given = mean.array, value.array
            if held.shape != given.shape:
                given = np.broadcast_to(given, held.shape)
            _update_in_blocks(held, given, rule)
            changed(mean)


def _update_in_blocks(mean: Array, value: Array, rule: Rule) -> None:
    """Apply an elementwise rule block by block, so that its scratch arrays stay small."""
    if mean.size <= BLOCK_SIZE or not mean.flags.forc or mean.strides != value.strides:
        rule(mean, value)
        return
    mean, value = mean.ravel("K"), value.ravel("K")  # views of what is contiguous
    for start in range(0, mean.size, BLOCK_SIZE):
        block = slice(start, start + BLOCK_SIZE)
        rule(mean[block], value[block])


# -- batch normalization ------------------------------------------------------------------


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Recompute the running statistics of a model's batch normalization from data.

    Averaged weights have other activations than the weights that were averaged. So the statistics
    are reset, the model is called in training mode on each batch, and every batch counts the same
    (a momentum of None): afterwards they are the means over the batches. Momenta and the training
    mode are put back, also after an error. Without batch normalization nothing is done.

    Source: Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization"
    (UAI 2018, arXiv:1803.05407), section 3.2.

    Args:
        loader: gives batches: Tensors or arrays, or tuples or lists of which the first item is
            the input.
        model: the model, an `AveragedModel` for example.
        device: accepted if it means the CPU; batches are moved there. Default: None.

    Raises:
        RuntimeError: `device` is not the CPU.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> from minitorch.optim.swa_utils import update_bn
        >>> layer = nn.BatchNorm1d(1)
        >>> update_bn([minitorch.ones(2, 1), 4 * minitorch.ones(2, 1)], layer)
        >>> layer.running_mean
        tensor([2.5000])
    """
    modules = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    momenta = [(module, module.momentum) for module in modules]
    if not modules:
        return
    check_device(device)
    was_training = model.training
    try:
        model.train()
        for module in modules:
            module.reset_running_stats()
            module.momentum = None
        for batch in loader:
            input = batch[0] if isinstance(batch, (list, tuple)) else batch
            if device is not None and not isinstance(input, np.ndarray):
                input = input.to(device)
            model(input)
    finally:
        for module, momentum in momenta:
            module.momentum = momentum
        model.train(was_training)


# -- learning rate ------------------------------------------------------------------------


def _linear(t: float) -> float:
    return t


def _cosine(t: float) -> float:
    return (1 - math.cos(math.pi * t)) / 2


_ANNEALING: Final = {"cos": _cosine, "linear": _linear}


class SWALR(LRScheduler):
    """Leads the learning rate to a constant one, with which weights are collected for averaging.

    With the constant learning rate lr_swa, reached after T epochs (`anneal_epochs`), and
    t = min(epoch / T, 1)::

        α(t) = ½ (1 - cos(π t))                         if anneal_strategy = "cos"
               t                                        if anneal_strategy = "linear"
        lr   = α(t) lr_swa + (1 - α(t)) lr_start

    where lr_start is computed from the current learning rate and the α before, so the schedule is
    chainable: another may be used first, or at the same time.

    Source: Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, "Averaging Weights Leads to Wider
    Optima and Better Generalization" (UAI 2018, arXiv:1803.05407).

    Args:
        optimizer: whose learning rates are set.
        swa_lr: lr_swa, a number (or a Tensor of one element), or a list of one for each group.
        anneal_epochs: the number T of epochs until then; 0 sets lr_swa at once. Default: 10.
        anneal_strategy: "cos" or "linear". Default: "cos".
        last_epoch: as for `LRScheduler`. Default: -1.

    Attributes:
        anneal_epochs: as given.
        anneal_func: the function α. lr_swa is kept in each group as "swa_lr".

    Raises:
        ValueError: there are not as many learning rates as groups, `anneal_strategy` is another,
            or `anneal_epochs` is negative or no integer.
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.swa_utils import SWALR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0)
        >>> scheduler = SWALR(optimizer, swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear")
        >>> for epoch in range(4):
        ...     print(scheduler.get_last_lr())
        ...     optimizer.step()
        ...     scheduler.step()
        [1.0]
        [0.75]
        [0.5]
        [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | Sequence[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self._swa_lrs = one_per_group("swa_lr", optimizer, swa_lr)  # until the first step
        if anneal_strategy not in list(_ANNEALING):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(
                f"anneal_epochs must be an integer, equal or greater than 0, got {anneal_epochs}"
            )
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _initial_step(self) -> None:
        """Note the learning rates to reach, now that nothing can be refused any more, and start."""
        for group, swa_lr in zip(
            self.optimizer.param_groups, vars(self).pop("_swa_lrs"), strict=True
        ):
            group["swa_lr"] = swa_lr
        super()._initial_step()

    @property
    def anneal_func(self) -> Callable[[float], float]:
        """The function α from [0, 1] to [0, 1] by which learning rates are mixed."""
        return _ANNEALING[self._anneal_strategy]

    def get_lr(self) -> Rates:
        """The learning rates of the epoch from those before."""
        self._warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._portion(step - 1), self._portion(step)
        rates = []
        for group in self.optimizer.param_groups:
            swa_lr, start = group["swa_lr"], group["swa_lr"]
            if before != 1:
                start = (group["lr"] - before * swa_lr) / (1 - before)
            rates.append(swa_lr * now + start * (1 - now))
        return rates

    def _portion(self, step: int) -> float:
        """α after so many steps: how much of the learning rate is `swa_lr`."""
        return self.anneal_func(max(0, min(1, step / max(1, self.anneal_epochs))))
