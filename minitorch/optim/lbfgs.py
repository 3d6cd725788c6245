"""L-BFGS: Newton's method with an inverse Hessian that the latest gradients make up for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..autograd.inplace import changed
from ..autograd.variable import Array, wrap
from ..quiet import begin_silence, end_silence
from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT
from .options import check_not_negative, scalar
from .work import Group, Record, check_parameter

ENOUGH_DECREASE: Final = 1e-4  # c₁ of the Wolfe conditions
ENOUGH_FLATTENING: Final = 0.9  # c₂
ENOUGH_CURVATURE: Final = 1e-10  # y·s from which a pair is remembered


class LBFGS(Optimizer):
    r"""L-BFGS: a quasi-Newton method for losses that can be computed on all the data at once.

    With w all parameters as one vector, g the gradient dL/dw and the learning rate γ, each `step`
    makes up to `max_iter` iterations. Iteration k computes::

        d_k     = -H_k g_k                                the direction
        t_k     = γ                                       the step size
                  γ min(1, 1 / Σ|g_k|)                    in the very first iteration
                  chosen from there by a line search      if line_search_fn
        w_{k+1} = w_k + t_k d_k

    H_k stands for the inverse of the Hessian. It is never written down: the m latest pairs
    s_k = w_{k+1} - w_k and y_k = g_{k+1} - g_k imply it, oldest first::

        H       = (s·y / y·y) I                           with the newest pair; I without pairs
        H       = (I - ρ s yᵀ) H (I - ρ y sᵀ) + ρ s sᵀ    for each pair, with ρ = 1 / (y·s)

    and a direction takes two loops over the pairs (`InverseHessian`). A pair whose y·s is not
    above 1e-10 is left out, which keeps H positive definite, and so d a direction of descent.

    A step ends early if max|g| ≤ `tolerance_grad`, if -g·d < `tolerance_change`, if
    max|t d| ≤ `tolerance_change`, if the loss changed by less than `tolerance_change`, or if the
    closure was called `max_eval` times (during a line search, once or twice more).

    Source: Nocedal and Wright, "Numerical optimization" (2nd ed., 2006), algorithm 7.5 with 7.4,
    and for the line search algorithms 3.5 and 3.6 (`strong_wolfe`). There a line search is always
    made; without one t_k = γ here, as in PyTorch, and nothing keeps the loss from rising.

    The loss has to be the same function all through a step, so dropout and random batches do
    harm. A parameter without a gradient (`.grad` is None) counts as having one of zeros.

    Args:
        params: the Tensors to optimize, or one parameter group; see `Optimizer`.
        lr: the learning rate γ, a number or a Tensor of one element. Default: 1.
        max_iter: the largest number of iterations in a step. Default: 20.
        max_eval: the number of calls of the closure from which a step ends.
            Default: 1.25 `max_iter`, rounded down.
        tolerance_grad: the largest element of a gradient that counts as zero. Default: 1e-7.
        tolerance_change: the change of loss or parameters that counts as none. Default: 1e-9.
        history_size: the number m of pairs remembered; each is two vectors as long as all
            parameters together. Default: 100.
        line_search_fn: "strong_wolfe" for a line search, or None. Default: None.

    Attributes:
        state: under the first parameter, with vectors over all parameters: "func_evals" and
            "n_iter", the numbers of calls of the closure and of iterations so far; "d" and "t",
            the latest d and t; "old_dirs", "old_stps" and "ro", lists of the y, s and ρ;
            "H_diag", the factor s·y / y·y; "prev_flat_grad" and "prev_loss", the gradient and
            the loss before the latest move; "al", the α of the latest two loops.

    Raises:
        ValueError: `lr` is negative, NaN or a Tensor of several elements; there are several
            parameter groups; or as `Optimizer`.
        TypeError: `lr` is no number, or as `Optimizer`.
        RuntimeError: from `step`: `line_search_fn` is something else, or no parameter has
            elements.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([-1.2, 1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.LBFGS([w], max_iter=100, line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2  # Rosenbrock's valley
        ...     loss.backward()
        ...     return loss
        >>> optimizer.step(closure)  # the loss at the start
        tensor(24.2000, grad_fn=<AddBackward0>)
        >>> print([round(number, 3) for number in w.tolist()])
        [1.0, 1.0]
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_not_negative(lr, "lr", "learning rate")
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group: Group) -> None:
        """Take the first parameter group.

        Raises:
            ValueError: it is the second: one direction is computed for all parameters.
        """
        if self.param_groups:
            raise ValueError(
                "LBFGS doesn't support per-parameter options (parameter groups): give all "
                "parameters in one list"
            )
        super().add_param_group(param_group)

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Make up to `max_iter` iterations.

        Args:
            closure: computes the loss and its gradients anew (`zero_grad`, forward, `backward`)
                and returns the loss. It is called several times.

        Returns:
            What the first call of `closure` returned: the loss at the start.
        """
        (group,) = self.param_groups
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError(
                "only 'strong_wolfe' is supported as line_search_fn, or None, but got "
                f"{group['line_search_fn']!r}"
            )
        record = self.state[group["params"][0]]
        record.setdefault("func_evals", 0)
        record.setdefault("n_iter", 0)
        with Objective(closure, group["params"], record) as objective:
            loss, gradient = objective.evaluate()
            first = objective.returned
            objective.check()
            if not largest(gradient) <= group["tolerance_grad"]:
                progress = Progress(group, record)
                try:
                    _iterate(group, objective, progress, loss, gradient)
                finally:  # after an error too: the state shall fit where the parameters are
                    progress.save()
        return first


def _iterate(
    group: Group, objective: Objective, progress: Progress, loss: float, gradient: Array
) -> None:
    """The iterations of one step: algorithm 7.5."""
    max_iter, max_eval = group["max_iter"], group["max_eval"]
    tolerance = group["tolerance_change"]
    iteration = 0
    while iteration < max_iter:
        iteration += 1
        progress.turn(loss, gradient)
        slope = gradient.dot(progress.direction)
        if slope > -tolerance:
            break
        if group["line_search_fn"] is not None:
            limit = max_eval - objective.evaluations
            best = _search_line(objective, progress, slope, limit, tolerance)
            loss, gradient = best.loss, best.gradient
            objective.move(progress.stride(best.t))
        else:
            objective.move(progress.step)
            if iteration < max_iter:  # where a step ends, the next one begins with evaluating
                loss, gradient = objective.evaluate()
        if (
            objective.evaluations >= max_eval
            or largest(gradient) <= group["tolerance_grad"]
            or largest(progress.step) <= tolerance
            or abs(loss - progress.loss) < tolerance
        ):
            break


def _search_line(
    objective: Objective, progress: Progress, slope: Any, limit: int, tolerance: float
) -> Trial:
    """Find a step size along the direction; the parameters stay where they are."""
    origin, direction = objective.position(), progress.direction

    def evaluate(t: Any) -> Trial:
        objective.move(progress.stride(t))
        loss, gradient = objective.evaluate()
        objective.place(origin)
        return Trial(t, loss, gradient, gradient.dot(direction))

    start = Trial(0, progress.loss, progress.gradient, slope)
    return strong_wolfe(evaluate, start, progress.t, limit, tolerance / largest(direction))


def largest(vector: Array) -> Any:
    """The largest absolute value, NaN if there is one."""
    return np.maximum.reduce(np.abs(vector))


# -- what is minimized, and from where ----------------------------------------------------------


class Objective:
    """The loss as a function of all parameters as one vector.

    Used in a `with` block, in which NumPy does not warn of overflow, except in the closure.

    Args:
        closure: computes gradients and returns the loss.
        parameters: the Tensors that it depends on.
        record: where every call is counted, as "func_evals".

    Attributes:
        evaluations: the number of calls of `closure`.
        returned: what it returned last.
    """

    returned: Any

    def __init__(
        self, closure: Callable[[], Any], parameters: Sequence[Tensor], record: Record
    ) -> None:
        self._closure, self._parameters, self._record = closure, parameters, record
        self.evaluations = 0

    def __enter__(self) -> Objective:
        self._silence = begin_silence()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        end_silence(self._silence)

    def evaluate(self) -> tuple[float, Array]:
        """The loss and its gradient where the parameters are."""
        end_silence(self._silence)
        try:
            with enable_grad():
                self.returned = self._closure()
        finally:
            self._silence = begin_silence()
        if self.returned is None:
            raise TypeError("closure must return the loss, but it returned None")
        self.evaluations += 1
        self._record["func_evals"] += 1
        return float(self.returned), np.concatenate([_flat_grad(each) for each in self._parameters])

    def check(self) -> None:
        """Refuse parameters that cannot be updated."""
        for parameter in self._parameters:
            check_parameter(parameter)
        if not any(parameter.array.size for parameter in self._parameters):
            raise RuntimeError("LBFGS got only parameters without elements; give it others")

    def position(self) -> Array:
        """A copy of the parameters as one vector."""
        return np.concatenate([parameter.array.ravel() for parameter in self._parameters])

    def place(self, position: Array) -> None:
        """Put the parameters there."""
        for parameter, part in zip(self._parameters, self._parts(position), strict=True):
            parameter.array[...] = part
            changed(parameter)

    def move(self, step: Array) -> None:
        """Add a vector to the parameters."""
        for parameter, part in zip(self._parameters, self._parts(step), strict=True):
            np.add(parameter.array, part, parameter.array)
            changed(parameter)

    def _parts(self, vector: Array) -> Iterator[Array]:
        """What of a vector belongs to each parameter, in its shape."""
        start = 0
        for parameter in self._parameters:
            array = parameter.array
            stop = start + array.size
            yield vector[start:stop].reshape(array.shape)
            start = stop


def _flat_grad(parameter: Tensor) -> Array:
    """The gradient of a parameter, zeros if there is none, without dimensions but one."""
    grad = parameter._grad_array()
    return np.zeros(parameter.array.size, parameter.array.dtype) if grad is None else grad.ravel()


class Progress:
    """Where the iterations are: what one step leaves to the next.

    Args:
        group: the parameter group, for its options.
        record: the state of an optimizer, maybe of an earlier step, maybe from PyTorch.

    Attributes:
        hessian: the pairs that are remembered.
        direction, t, step: the latest direction d, the latest step size t, and t d.
        loss, gradient: those where this direction was taken.
    """

    direction: Array
    t: Any
    step: Array
    loss: float
    gradient: Array

    def __init__(self, group: Group, record: Record) -> None:
        self._lr, self._record = scalar(group["lr"]), record
        self.hessian = InverseHessian(group["history_size"], record)
        self._is_new = record.get("d") is None
        if not self._is_new:
            self.direction = record["d"].array
            self.loss, self.gradient = record["prev_loss"], record["prev_flat_grad"].array
            self.stride(scalar(record["t"]))

    def turn(self, loss: float, gradient: Array) -> None:
        """Take a direction and a first step size from where these were found."""
        self._record["n_iter"] += 1
        t, descent = self._lr, np.negative(gradient)
        if self._is_new:
            self._is_new = False
            t = min(1.0, 1.0 / np.add.reduce(np.abs(gradient))) * t
            self.direction = descent
        else:
            self.hessian.update(self.step, gradient - self.gradient)
            self.direction = self.hessian.times(descent)
        self.loss, self.gradient = loss, gradient
        self.stride(t)

    def stride(self, t: Any) -> Array:
        """Choose a step size; give t d."""
        self.t = t
        self.step = np.multiply(self.direction, float(t))
        return self.step

    def save(self) -> None:
        """Write everything to the record, under PyTorch's names and in its order."""
        if self._is_new:
            return
        record, hessian = self._record, self.hessian
        if hessian.coefficients is not None:
            spare = hessian.size - len(hessian.coefficients)
            record["al"] = [_saved(each) for each in hessian.coefficients] + [None] * spare
        record["d"] = wrap(self.direction)
        record["t"] = _saved(self.t)
        record["old_dirs"] = hessian.changes
        record["old_stps"] = hessian.steps
        record["ro"] = hessian.factors
        record["H_diag"] = _saved(hessian.scale)
        record["prev_flat_grad"] = wrap(self.gradient)
        record["prev_loss"] = self.loss


def _saved(value: Any) -> Any:
    """NumPy's scalars as Tensors, Python's as they are: so they are in PyTorch's state."""
    return wrap(np.asarray(value)) if isinstance(value, np.generic) else value


class InverseHessian:
    """The inverse of the Hessian, as the latest steps and changes of the gradient imply it.

    Args:
        size: the number of pairs to remember.
        record: the state of an optimizer, with pairs or without.

    Attributes:
        steps, changes, factors: s, y and ρ = 1 / (y·s) of each pair, oldest first.
        scale: the matrix is this multiple of the identity before the pairs are applied.
        coefficients: the α of the latest product, if there was one.
    """

    coefficients: list[Any] | None = None

    def __init__(self, size: int, record: Record) -> None:
        self.size = size
        # New lists: the old ones may belong to somebody's copy of a state dict.
        self.steps: list[Tensor] = list(record.get("old_stps") or [])
        self.changes: list[Tensor] = list(record.get("old_dirs") or [])
        self.factors: list[Tensor] = list(record.get("ro") or [])
        self.scale: Any = scalar(record.get("H_diag", 1))

    def update(self, step: Array, change: Array) -> None:
        """Remember a pair, unless it would spoil positive definiteness; forget old ones."""
        curvature = change.dot(step)
        if not curvature > ENOUGH_CURVATURE:
            return
        self.steps.append(wrap(step))
        self.changes.append(wrap(change))
        self.factors.append(wrap(np.asarray(1.0 / curvature)))
        self.scale = curvature / change.dot(change)
        for items in (self.steps, self.changes, self.factors):
            del items[: max(len(items) - self.size, 0)]

    def times(self, vector: Array) -> Array:
        """The product with a vector, by the two-loop recursion (algorithm 7.4).

        With q the vector at first::

            α_i = ρ_i s_i·q,   q ← q - α_i y_i               from the newest pair to the oldest
            q ← scale q
            β_i = ρ_i y_i·q,   q ← q + (α_i - β_i) s_i       from the oldest pair to the newest
        """
        pairs = [
            (step.array, change.array, factor.array.item())
            for step, change, factor in zip(self.steps, self.changes, self.factors, strict=True)
        ]
        q, scratch = vector.copy(), np.empty_like(vector)
        coefficients = []
        for step, change, factor in reversed(pairs):
            alpha = step.dot(q) * factor
            coefficients.append(alpha)
            np.subtract(q, np.multiply(change, alpha, scratch), q)
        np.multiply(q, self.scale, q)
        coefficients.reverse()
        for (step, change, factor), alpha in zip(pairs, coefficients, strict=True):
            beta = change.dot(q) * factor
            np.add(q, np.multiply(step, alpha - beta, scratch), q)
        self.coefficients = coefficients
        return q


# -- line search ---------------------------------------------------------------------------------


class Trial(NamedTuple):
    """A point w + t d on a line: its step size, loss, gradient, and slope, the loss's dL/dt."""

    t: Any
    loss: float
    gradient: Array
    slope: Any


def strong_wolfe(
    evaluate: Callable[[Any], Trial], start: Trial, t: Any, limit: int, narrowest: float
) -> Trial:
    """Find a step size that satisfies the strong Wolfe conditions.

    With φ(t) the loss at w + t d, they ask for enough decrease and for a flatter slope::

        φ(t)   ≤ φ(0) + c₁ t φ'(0)          c₁ = 1e-4
        |φ'(t)| ≤ c₂ |φ'(0)|                c₂ = 0.9

    Source: Nocedal and Wright, algorithms 3.5 (`find_bracket`) and 3.6 (`zoom`). The steps in
    both are chosen by `cubic_minimum` within bounds that keep them from being too small or too
    large; they are PyTorch's, which has them from minFunc by Mark Schmidt.

    Args:
        evaluate: gives the point of a step size.
        start: the point of t = 0, with a negative slope.
        t: the first step size to try.
        limit: how many further step sizes may be tried.
        narrowest: the width of a bracket at which the search is given up.

    Returns:
        The point that satisfies the conditions, or else the best that was found.
    """
    bracket, limit = find_bracket(evaluate, start, t, limit)
    return bracket[0] if len(bracket) == 1 else zoom(evaluate, start, bracket, limit, narrowest)


def is_too_high(trial: Trial, start: Trial) -> bool:
    """Whether the loss did not decrease enough: φ(t) > φ(0) + c₁ t φ'(0)."""
    return bool(trial.loss > start.loss + ENOUGH_DECREASE * trial.t * start.slope)


def is_flat(trial: Trial, start: Trial) -> bool:
    """Whether the slope is flat enough: |φ'(t)| ≤ -c₂ φ'(0)."""
    return bool(abs(trial.slope) <= -ENOUGH_FLATTENING * start.slope)


def find_bracket(
    evaluate: Callable[[Any], Trial], start: Trial, t: Any, limit: int
) -> tuple[list[Trial], int]:
    """Go ever farther until a good step size is found or must have been passed (algorithm 3.5).

    The book compares each point with the one before it from the second on; here, as in PyTorch,
    from the third on.

    Returns:
        One point that satisfies the conditions, or two with such a point between them; and how
        many step sizes may still be tried.
    """
    previous, trial = start, evaluate(t)
    count = 0
    while count < limit:
        if is_too_high(trial, start) or (count > 1 and trial.loss >= previous.loss):
            return [previous, trial], limit - count
        if is_flat(trial, start):
            return [trial], limit - count
        if trial.slope >= 0:
            return [previous, trial], limit - count
        nearest, farthest = trial.t + 0.01 * (trial.t - previous.t), trial.t * 10
        t = cubic_minimum(previous, trial, nearest, farthest)
        previous, trial = trial, evaluate(t)
        count += 1
    return [start, trial], 0


def zoom(
    evaluate: Callable[[Any], Trial],
    start: Trial,
    bracket: list[Trial],
    limit: int,
    narrowest: float,
) -> Trial:
    """Narrow a bracket down to a point that satisfies the conditions (algorithm 3.6).

    One end is the lowest point so far, the other lies where the slope there leads down to.
    """
    low, high = _order(bracket)
    was_close = False
    while limit > 0 and not abs(bracket[1].t - bracket[0].t) < narrowest:
        t, was_close = _inner_step(bracket, was_close)
        trial = evaluate(t)
        limit -= 1
        if is_too_high(trial, start) or trial.loss >= bracket[low].loss:
            bracket[high] = trial
            low, high = _order(bracket)
        elif is_flat(trial, start):
            return trial
        else:
            if trial.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = trial
    return bracket[low]


def _order(bracket: list[Trial]) -> tuple[int, int]:
    """Which of two points is the lower, and which the higher."""
    return (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)


def _inner_step(bracket: list[Trial], was_close: bool) -> tuple[Any, bool]:
    """A step size inside a bracket, and whether it is close to an end of it.

    It is the minimum of the cubic; but where that is close to an end for the second time in a
    row, or is the end, it is a tenth of the bracket's width away from there.
    """
    first, second = bracket[0].t, bracket[1].t
    left, right = min(first, second), max(first, second)
    t = cubic_minimum(bracket[0], bracket[1], left, right)
    margin = 0.1 * (right - left)
    if not min(right - t, t - left) < margin:
        return t, False
    if not (was_close or t >= right or t <= left):
        return t, True
    return right - margin if abs(t - right) < abs(t - left) else left + margin, False


def cubic_minimum(first: Trial, second: Trial, nearest: Any, farthest: Any) -> Any:
    """Where the cubic through two points with their slopes has its minimum.

    With t₁ < t₂, the losses φ and slopes φ' there::

        d₁ = φ'₁ + φ'₂ - 3 (φ₁ - φ₂) / (t₁ - t₂)
        d₂ = √(d₁² - φ'₁ φ'₂)
        t  = t₂ - (t₂ - t₁) (φ'₂ + d₂ - d₁) / (φ'₂ - φ'₁ + 2 d₂)

    moved into [nearest, farthest]; the middle of that if the root is not real.

    Source: Nocedal and Wright, equation 3.59.
    """
    (t1, loss1, _, slope1), (t2, loss2, _, slope2) = sorted((first, second), key=lambda p: p.t)
    if t1 == t2:
        return (nearest + farthest) / 2.0
    d1 = slope1 + slope2 - 3 * (loss1 - loss2) / (t1 - t2)
    square = d1**2 - slope1 * slope2
    if not square >= 0:
        return (nearest + farthest) / 2.0
    d2 = np.sqrt(square)
    t = t2 - (t2 - t1) * ((slope2 + d2 - d1) / (slope2 - slope1 + 2 * d2))
    return min(max(t, nearest), farthest)
