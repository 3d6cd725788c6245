"""Learning rates that rise and fall, and the momentum against them: CyclicLR and OneCycleLR."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from ..optimizer import Optimizer
from .scheduler import (
    LRScheduler,
    Rates,
    StateDict,
    check_optimizer,
    load_function,
    one_per_group,
    set_value,
    state_of_function,
)

Momentum: TypeAlias = float | list[float]


class MomentumScheduler(LRScheduler):
    """Base of the schedulers that also set the momentum, or the first of Adam's `betas`."""

    cycle_momentum: bool
    use_beta1: bool

    def _momenta(
        self, optimizer: Optimizer, base_momentum: Momentum, max_momentum: Momentum
    ) -> tuple[list[Any], list[Any]]:
        """The least and the greatest momentum of each group, if the optimizer has a momentum."""
        defaults = optimizer.defaults
        if "momentum" not in defaults and "betas" not in defaults:
            raise ValueError(
                "optimizer must support momentum or beta1 with `cycle_momentum` option enabled, "
                f"but {type(optimizer).__name__} has neither; give cycle_momentum=False"
            )
        self.use_beta1 = "betas" in defaults
        return (
            one_per_group("base_momentum", optimizer, base_momentum),
            one_per_group("max_momentum", optimizer, max_momentum),
        )

    def _keep_momenta(self, least: list[Any], greatest: list[Any]) -> None:
        """Put the bounds of each group's momentum into the group."""
        for group, low, high in zip(self.optimizer.param_groups, least, greatest, strict=True):
            group["max_momentum"] = high
            group["base_momentum"] = low

    def _set_momentum(self, group: dict[str, Any], momentum: Any) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(MomentumScheduler):
    """The learning rate rises and falls along straight lines, again and again.

    With `step_size_up` steps u from the least learning rate to the greatest and `step_size_down`
    steps d back, step t is in cycle c and has the height h between 0 and 1::

        c    = ⌊1 + t / (u + d)⌋
        x    = 1 + t / (u + d) - c                    the part of the cycle that is over
        h    = x / (u / (u + d))                      on the way up, x ≤ u / (u + d)
               (x - 1) / (u / (u + d) - 1)            on the way down
        lr_t = lr_base + (lr_max - lr_base) h s

    where the mode gives the scale s::

        "triangular"     s = 1
        "triangular2"    s = 1 / 2^(c - 1)            half as high in each cycle
        "exp_range"      s = γ^t

    The momentum goes against the learning rate: m_t = m_max - (m_max - m_base) h s.

    The schedule counts batches: call `step` after each. It is not chainable.

    Source: Smith, "Cyclical Learning Rates for Training Neural Networks" (WACV 2017,
    arXiv:1506.01186).

    Args:
        optimizer: whose learning rates are set.
        base_lr: the least learning rate lr_base, with which it starts; a list gives one for each
            group.
        max_lr: the greatest learning rate lr_max, or a list.
        step_size_up: the number u of steps up. Default: 2000.
        step_size_down: the number d of steps down. Default: None, as many as up.
        mode: the scale, as above. Ignored if `scale_fn` is given. Default: "triangular".
        gamma: the base γ of "exp_range". Default: 1.0.
        scale_fn: the scale as a function of the cycle c or of the step t. Default: None, that of
            the mode.
        scale_mode: what `scale_fn` is a function of: "cycle" or "iterations". Default: "cycle".
        cycle_momentum: whether the momentum is set too: the option "momentum" of the groups or,
            if the optimizer has "betas", the first of these. Default: True.
        base_momentum: the least momentum m_base, or a list. Default: 0.8.
        max_momentum: the greatest momentum m_max, with which it starts, or a list. Default: 0.9.
        last_epoch: the last step that is over, as for `LRScheduler`. Default: -1.

    Attributes:
        base_lrs, max_lrs: the least and the greatest learning rate of each group.
        base_momentums, max_momentums: the same of the momentum.
        total_size: the length u + d of a cycle.
        step_ratio: the part u / (u + d) of it in which the learning rate rises.

    Raises:
        ValueError: the mode is unknown, a list has not as many values as there are groups, or the
            momentum is to be set and the optimizer has none.
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import CyclicLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0, momentum=0.9)
        >>> scheduler = CyclicLR(optimizer, base_lr=0.0, max_lr=1.0, step_size_up=2)
        >>> for batch in range(6):
        ...     print(scheduler.get_last_lr(), f"{optimizer.param_groups[0]['momentum']:.2f}")
        ...     optimizer.step()
        ...     scheduler.step()
        [0.0] 0.90
        [0.5] 0.85
        [1.0] 0.80
        [0.5] 0.85
        [0.0] 0.90
        [0.5] 0.85
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Momentum = 0.8,
        max_momentum: Momentum = 0.9,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(
                "mode is invalid and scale_fn is None: mode must be 'triangular', 'triangular2' or "
                f"'exp_range', but got {mode!r}"
            )
        self.optimizer = optimizer
        base_lrs = one_per_group("base_lr", optimizer, base_lr)
        self.max_lrs = one_per_group("max_lr", optimizer, max_lr)
        up = float(step_size_up)
        self.total_size = up + (up if step_size_down is None else float(step_size_down))
        self.step_ratio = up / self.total_size
        self.mode: str = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode: str = scale_mode
        self._set_scale_mode()
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            bounds = self._momenta(optimizer, base_momentum, max_momentum)
            self.base_momentums, self.max_momentums = bounds
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                set_value(group, "lr", lr)
            if cycle_momentum:
                self._keep_momenta(*bounds)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def _set_scale_mode(self) -> None:
        """Let the mode decide what the scale is a function of, unless that was given."""
        if self._scale_fn_custom is None:
            self.scale_mode = "iterations" if self.mode == "exp_range" else "cycle"

    def scale_fn(self, x: float) -> float:
        """The scale s of the height in cycle or step `x`, whichever the scale depends on."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        scale: float = 1.0
        if self.mode == "triangular2":
            scale = 1 / 2.0 ** (x - 1)
        elif self.mode == "exp_range":
            scale = self.gamma**x
        return scale

    def get_lr(self) -> Rates:
        """The learning rates of the step; the momenta of the groups are set on the way."""
        self._warn_outside_step()
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        if x <= self.step_ratio:
            height = x / self.step_ratio
        else:
            height = (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        rates: Rates = [
            low + (high - low) * height * scale
            for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]
        if self.cycle_momentum:
            momenta = [
                high - (high - low) * height * scale
                for low, high in zip(self.base_momentums, self.max_momentums, strict=True)
            ]
            for group, momentum in self._with_groups(momenta):
                self._set_momentum(group, momentum)
        return rates

    def state_dict(self) -> StateDict:
        """Every attribute but the optimizer.

        Of a `scale_fn` that is a callable object, its attributes are saved; a function or lambda
        is not, None stands in its place.
        """
        state = super().state_dict()
        state["_scale_fn_custom"] = state_of_function(state.pop("_scale_fn_custom"))
        return state

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over what `state_dict` returned; a function as `scale_fn` stays as it is."""
        custom = self._scale_fn_custom
        load_function(custom, state_dict["_scale_fn_custom"])
        super().load_state_dict({**state_dict, "_scale_fn_custom": custom})
        self._set_scale_mode()


def _anneal_cos(start: Any, end: Any, part: float) -> Any:
    """The point at `part`, from 0 to 1, on the half wave of a cosine from `start` to `end`."""
    return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


def _anneal_linear(start: Any, end: Any, part: float) -> Any:
    """The point at `part`, from 0 to 1, on the straight line from `start` to `end`."""
    return (end - start) * part + start


_ANNEALING = {"cos": _anneal_cos, "linear": _anneal_linear}


class OneCycleLR(MomentumScheduler):
    """The learning rate rises once to its maximum, then falls far below where it began.

    With the maximum lr_max, `div_factor` D and `final_div_factor` E::

        lr_initial = lr_max / D        lr_min = lr_initial / E

    and with N for `total_steps` and p for `pct_start`, the learning rate goes::

        from lr_initial to lr_max      for       t ≤ p N - 1
        from lr_max to lr_min          for p N - 1 < t ≤ N - 1

    or, with `three_phase`, first as far down as it went up::

        from lr_initial to lr_max      for        t ≤ p N - 1
        from lr_max to lr_initial      for  p N - 1 < t ≤ 2 p N - 2
        from lr_initial to lr_min      for 2 p N - 2 < t ≤ N - 1

    The way from a to b over the steps t_a to t_b, with the part x = (t - t_a) / (t_b - t_a), is::

        "cos"       b + ½ (a - b) (1 + cos(π x))
        "linear"    a + (b - a) x

    The momentum goes against the learning rate: from `max_momentum` to `base_momentum` in the
    first phase, back in the second, and stays in the third.

    The schedule counts batches: call `step` after each. It is not chainable.

    Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large
    Learning Rates" (2017, arXiv:1708.07120). The paper has three phases, all linear; two phases
    with the cosine are fastai's.

    Args:
        optimizer: whose learning rates are set.
        max_lr: the maximum lr_max, or a list of one for each group.
        total_steps: the number N of steps. Default: None, `epochs` times `steps_per_epoch`.
        epochs: the number of epochs, if `total_steps` is None.
        steps_per_epoch: the number of steps in each, if `total_steps` is None.
        pct_start: the part p of the steps in which the learning rate rises. Default: 0.3.
        anneal_strategy: "cos" or "linear". Default: "cos".
        cycle_momentum: whether the momentum is set too: the option "momentum" of the groups or,
            if the optimizer has "betas", the first of these. Default: True.
        base_momentum: the least momentum, or a list. Default: 0.85.
        max_momentum: the greatest momentum, with which it starts, or a list. Default: 0.95.
        div_factor: the divisor D. Default: 25.0.
        final_div_factor: the divisor E. Default: 1e4.
        three_phase: whether there is a third phase. Default: False.
        last_epoch: the last step that is over, as for `LRScheduler`. Default: -1.

    Attributes:
        total_steps: the number of steps.

    Raises:
        ValueError: the number of steps is not given or no positive integer, `pct_start` is no
            float between 0 and 1, `anneal_strategy` is unknown, a list has not as many values as
            there are groups, the momentum is to be set and the optimizer has none; and, from
            `step`, more than `total_steps` steps were taken.
        ZeroDivisionError: p N = 1, so that the first phase has no length.
        TypeError, KeyError: as `LRScheduler`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import OneCycleLR
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=1.0, momentum=0.9)
        >>> scheduler = OneCycleLR(optimizer, max_lr=1.0, total_steps=6, pct_start=0.5)
        >>> for batch in range(6):
        ...     (lr,), momentum = scheduler.get_last_lr(), optimizer.param_groups[0]["momentum"]
        ...     print(f"{lr:.3f} {momentum:.3f}")
        ...     optimizer.step()
        ...     scheduler.step()
        0.040 0.950
        0.520 0.900
        1.000 0.850
        0.750 0.875
        0.250 0.925
        0.000 0.950
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: Momentum = 0.85,
        max_momentum: Momentum = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.total_steps = _number_of_steps(total_steps, epochs, steps_per_epoch)
        if pct_start < 0 or pct_start > 1 or not isinstance(pct_start, float):
            raise ValueError(f"pct_start must be a float between 0 and 1, but got {pct_start!r}")
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        if last_epoch == -1 and self._schedule_phases[0]["end_step"] == 0:
            raise ZeroDivisionError(
                f"pct_start {pct_start} of {self.total_steps} steps is a single step, so the "
                "first phase has no length; give more of them"
            )
        if anneal_strategy not in _ANNEALING:
            raise ValueError(
                f"anneal_strategy must be 'cos' or 'linear', but got {anneal_strategy!r}"
            )
        self._anneal_func_type: str = anneal_strategy
        max_lrs = one_per_group("max_lr", optimizer, max_lr)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            bounds = self._momenta(optimizer, base_momentum, max_momentum)
        if last_epoch == -1:
            for group, highest in zip(optimizer.param_groups, max_lrs, strict=True):
                group["initial_lr"] = highest / div_factor
                group["max_lr"] = highest
                group["min_lr"] = group["initial_lr"] / final_div_factor
            if cycle_momentum:
                self._keep_momenta(*bounds)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The learning rates of the step; the momenta of the groups are set on the way."""
        self._warn_outside_step()
        phase, part = self._phase()
        anneal = _ANNEALING[self._anneal_func_type]
        groups = self.optimizer.param_groups
        rates = [anneal(group[phase["start_lr"]], group[phase["end_lr"]], part) for group in groups]
        if self.cycle_momentum:
            start, end = phase["start_momentum"], phase["end_momentum"]
            for group in groups:
                self._set_momentum(group, anneal(group[start], group[end], part))
        return rates

    def _phase(self) -> tuple[dict[str, Any], float]:
        """The phase of the current step, and which part of the phase is over."""
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"the schedule has {self.total_steps} steps, but this is step {step}; give "
                "OneCycleLR the number of all batches in all epochs"
            )
        *earlier, phase = self._schedule_phases
        start = 0.0
        for candidate in earlier:
            if step <= candidate["end_step"]:
                phase = candidate
                break
            start = candidate["end_step"]
        return phase, (step - start) / (phase["end_step"] - start)


def _number_of_steps(total: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """The number of steps, from one of the two ways to give it."""
    if total is not None:
        return _positive_integer("total_steps", total)
    if epochs is None or steps_per_epoch is None:
        raise ValueError("give either total_steps or both epochs and steps_per_epoch")
    return _positive_integer("epochs", epochs) * _positive_integer(
        "steps_per_epoch", steps_per_epoch
    )


def _positive_integer(name: str, value: Any) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"{name} must be a positive integer, but got {value!r}")
    return value


def _phases(total_steps: int, pct_start: float, three_phase: bool) -> list[dict[str, Any]]:
    """Each phase: its last step, and under which names a group has what it goes from and to."""
    top = float(pct_start * total_steps) - 1
    up = _phase_to(top, "initial_lr", "max_lr", "max_momentum", "base_momentum")
    if not three_phase:
        return [
            up,
            _phase_to(total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"),
        ]
    bottom = float(2 * pct_start * total_steps) - 2
    return [
        up,
        _phase_to(bottom, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
        _phase_to(total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
    ]


def _phase_to(
    end_step: float, start_lr: str, end_lr: str, start_momentum: str, end_momentum: str
) -> dict[str, Any]:
    return {
        "end_step": end_step,
        "start_lr": start_lr,
        "end_lr": end_lr,
        "start_momentum": start_momentum,
        "end_momentum": end_momentum,
    }
