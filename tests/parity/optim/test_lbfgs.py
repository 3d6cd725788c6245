"""LBFGS side by side with PyTorch: the same calls of the closure, parameters and state.

On a badly conditioned problem a rounding error grows from iteration to iteration (PyTorch fuses
multiplication and addition, NumPy does not), until a line search takes another turn. So the
tight comparisons are of the first steps, or of losses with moderate curvature.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

LIBRARIES = (minitorch, torch)
TOLERANCE = {"float32": 2e-6, "float64": 1e-9}
WOLFE = {"line_search_fn": "strong_wolfe"}


# -- problems: for a library and a dtype, the parameters and a function that gives the loss -------


def quadratic(library: Any, dtype: str) -> Any:
    """½ wᵀAw - b·w over parameters of several shapes, with A's eigenvalues from 1 to 10."""
    rng = np.random.default_rng(1)
    basis = np.linalg.qr(rng.normal(size=(12, 12)))[0]
    matrix = library.tensor((basis * np.linspace(1, 10, 12) @ basis.T).astype(dtype))
    target = library.tensor(rng.normal(size=12).astype(dtype))
    shapes: list[tuple[int, ...]] = [(2, 3), (), (0, 4), (5,)]
    parameters = [
        library.tensor(np.asarray(rng.normal(size=shape), dtype), requires_grad=True)
        for shape in shapes
    ]

    def loss() -> Any:
        w = library.cat([each.reshape(-1) for each in parameters])
        return (w * (matrix @ w)).sum() / 2 - (target * w).sum()

    return parameters, loss


def rosenbrock(library: Any, dtype: str) -> Any:
    w = library.tensor(np.array([-1.2, 1.0, 0.5, -0.7], dtype), requires_grad=True)

    def loss() -> Any:
        return ((1 - w[:-1]) ** 2).sum() + 100 * ((w[1:] - w[:-1] ** 2) ** 2).sum()

    return [w], loss


def network(library: Any, dtype: str) -> Any:
    rng = np.random.default_rng(2)
    nn = library.nn
    model = nn.Sequential(nn.Linear(3, 6), nn.Sigmoid(), nn.Linear(6, 2))
    parameters = list(model.parameters())
    for parameter in parameters:
        parameter.data = library.tensor(rng.normal(size=tuple(parameter.shape)).astype(dtype))
    x, y = (library.tensor(rng.normal(size=(40, width)).astype(dtype)) for width in (3, 2))

    def loss() -> Any:
        return nn.functional.mse_loss(model(x), y)

    return parameters, loss


class Run:
    """A problem, its optimizer in one library, and the losses of all calls of the closure."""

    before: Callable[[], None] = staticmethod(lambda: None)  # called as the closure begins
    after: Callable[[], None] = staticmethod(lambda: None)  # and as it ends

    def __init__(self, problem: Any, options: Any, library: Any, dtype: str = "float64") -> None:
        self.library = library
        self.parameters, self.loss = problem(library, dtype)
        self.optimizer = library.optim.LBFGS(self.parameters, **options)
        self.losses: list[float] = []

    def closure(self) -> Any:
        self.before()
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        self.losses.append(loss.item())
        self.after()
        return loss

    def step(self) -> Any:
        return self.optimizer.step(self.closure)

    def state(self) -> Any:
        return self.optimizer.state_dict()["state"][0]


def both(problem: Any, options: Any, dtype: str = "float64") -> list[Run]:
    return [Run(problem, options, library, dtype) for library in LIBRARIES]


def check_near(mine: Any, other: Any, tolerance: float) -> None:
    """Relative to each element, or to a quarter of the largest: sums cancel, some to nothing."""
    expected = other.detach().numpy()
    largest = np.abs(expected[np.isfinite(expected)]).max(initial=0)
    np.testing.assert_allclose(
        mine.detach().numpy(),
        expected,
        rtol=tolerance,
        atol=tolerance * largest / 4 + 1e-13,
        strict=True,
    )


def check(ours: Run, theirs: Run, tolerance: float) -> None:
    """Where both stand, as one vector, and how often each called its closure."""
    assert len(ours.losses) == len(theirs.losses)
    check_near(
        *(
            library.cat([each.detach().reshape(-1) for each in run.parameters])
            for library, run in zip(LIBRARIES, (ours, theirs), strict=True)
        ),
        tolerance,
    )


def check_state(mine: Any, other: Any, tolerance: float) -> None:
    """The same structure, with tensors and numbers in the same places."""
    if isinstance(other, dict):
        assert list(mine) == list(other)
        for key in other:
            check_state(mine[key], other[key], tolerance)
    elif isinstance(other, list):
        assert isinstance(mine, list)
        kept = [item for item in other if item is not None]
        assert mine[len(kept) :] == other[len(kept) :]  # only None, the same number of times
        if kept:
            check_state(minitorch.stack(mine[: len(kept)]), torch.stack(kept), tolerance)
    elif isinstance(other, torch.Tensor):
        assert isinstance(mine, minitorch.Tensor) and not mine.requires_grad
        check_near(mine, other, tolerance)
    else:
        assert type(mine) is type(other)
        assert mine == other or mine == pytest.approx(other, rel=tolerance)


# -- steps ----------------------------------------------------------------------------------------

CASES: list[tuple[Any, dict[str, Any], int]] = [
    (quadratic, {"lr": 0.1}, 5),
    (quadratic, {"lr": 0.5, "max_iter": 3, "history_size": 2}, 8),
    (quadratic, {"lr": 0.3, "max_iter": 1}, 8),
    (quadratic, {"lr": 0.1, "max_iter": 10, "max_eval": 4, "history_size": 1}, 6),
    (quadratic, {"lr": 1, "tolerance_grad": 1e-2}, 3),
    (quadratic, {"lr": 1, "tolerance_change": 1e-2}, 3),
    (quadratic, {"max_iter": 5, **WOLFE}, 3),
    (quadratic, {"max_iter": 2, "history_size": 2, **WOLFE}, 6),
    (quadratic, {"lr": 30, "max_iter": 4, **WOLFE}, 3),
    (quadratic, {"lr": 0.01, "max_iter": 4, "max_eval": 5, **WOLFE}, 4),
    (quadratic, {"max_iter": 1, "max_eval": 1, **WOLFE}, 6),
    (rosenbrock, {"lr": 1e-3}, 5),
    (rosenbrock, {**WOLFE}, 4),
    (rosenbrock, {"max_iter": 4, "history_size": 3, **WOLFE}, 4),
    (rosenbrock, {"lr": 0.5, "max_iter": 7, "max_eval": 9, "history_size": 2, **WOLFE}, 4),
    (network, {"lr": 0.1, "max_iter": 5}, 4),
    (network, {"lr": 0.5, "max_iter": 8, "history_size": 4, **WOLFE}, 3),
]
IDS = [f"{problem.__name__},{options}" for problem, options, _ in CASES]
every_case = pytest.mark.parametrize(("problem", "options", "steps"), CASES, ids=IDS)


@every_case
def test_float64(problem: Any, options: Any, steps: int) -> None:
    ours, theirs = both(problem, options)
    for _ in range(steps):
        mine, other = ours.step(), theirs.step()
        assert mine.item() == pytest.approx(other.item(), rel=1e-9)
        assert mine.item() in ours.losses  # that of the first call
        check(ours, theirs, 1e-9)
        check_state(ours.state(), theirs.state(), 1e-5)
    assert ours.losses == pytest.approx(theirs.losses, rel=1e-9, abs=1e-20)


@pytest.mark.parametrize("options", [{"lr": 0.1}, WOLFE], ids=str)
@pytest.mark.parametrize("problem", [quadratic, rosenbrock, network])
def test_float32_at_first(problem: Any, options: Any) -> None:
    """Three iterations; then rounding errors begin to show in the curvature."""
    ours, theirs = both(problem, {**options, "max_iter": 1}, "float32")
    for _ in range(3):
        ours.step(), theirs.step()
        check(ours, theirs, 2e-6)
    check_state(ours.state(), theirs.state(), 1e-3)


# -- line search ----------------------------------------------------------------------------------


def visited(library: Any, function: Any, options: dict[str, Any], dtype: Any = np.float64) -> Any:
    """All points at which one search along a line evaluates a function of one number."""
    w = library.tensor(np.array([options.pop("start", 0.3)], dtype), requires_grad=True)
    optimizer = library.optim.LBFGS([w], max_iter=1, **WOLFE, **options)
    points: list[float] = []

    def closure() -> float:
        points.append(w.item())
        with np.errstate(all="ignore"):
            loss, slope = function(np.float64(w.item()))
        w.grad = library.tensor(np.array([slope], dtype))
        return float(loss)

    optimizer.step(closure)
    return points, w.item(), optimizer.state_dict()["state"][0]


def quartic(a: float, b: float, c: float) -> Any:
    return lambda x: (x**4 + a * x**3 + b * x**2 + c * x, 4 * x**3 + 3 * a * x**2 + 2 * b * x + c)


def waves(a: float, b: float, c: float) -> Any:
    return lambda x: (np.sin(5 * a * x) + b * b * x * x, 5 * a * np.cos(5 * a * x) + 2 * b * b * x)


def well(a: float, b: float, c: float) -> Any:
    a, b = 10 * abs(a), 10 * abs(b)
    return lambda x: (np.exp(a * x) + np.exp(-b * x), a * np.exp(a * x) - b * np.exp(-b * x))


def barrier(a: float, b: float, c: float) -> Any:
    """NaN left of -1: a search that comes there goes on as PyTorch's does."""
    return lambda x: (abs(a) * x - np.log(1 + x), abs(a) - 1 / (1 + x) if x > -1 else np.nan)


def stairs(a: float, b: float, c: float) -> Any:
    """Equal losses, with slopes that do not fit them."""
    return lambda x: (np.floor(b * x), a + np.sin(9 * c * x))


@pytest.mark.parametrize("family", [quartic, waves, well, barrier, stairs])
def test_the_same_points_along_a_line(family: Any, rng: np.random.Generator) -> None:
    """Narrow brackets have losses that differ in their last digits only, so digits are lost."""
    lengths = set()
    for _ in range(100):
        function = family(*(3 * rng.normal(size=3)))
        options = {"lr": 10 ** rng.uniform(-3, 1), "max_eval": int(rng.integers(1, 26))}
        (mine, end, state), (other, other_end, other_state) = (
            visited(library, function, dict(options)) for library in LIBRARIES
        )
        assert mine == pytest.approx(other, rel=1e-5, abs=1e-12, nan_ok=True)
        assert end == pytest.approx(other_end, rel=1e-5, abs=1e-12, nan_ok=True)
        assert type(state.get("t")).__name__ == type(other_state.get("t")).__name__
        lengths.add(len(other))
    assert len(lengths) > 5  # searches of all kinds


# -- special values -------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, WOLFE], ids=str)
@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("call", [0, 1, 3])
def test_a_loss_that_is_not_finite(options: Any, special: float, call: int) -> None:
    """One call of the closure gives such a loss, and a gradient of NaN with it."""
    ends = []
    for library in LIBRARIES:
        w = library.tensor(np.array([1.0, -2.0, 0.5]), requires_grad=True)
        optimizer = library.optim.LBFGS([w], lr=0.1, max_iter=4, **options)
        losses: list[float] = []

        def closure(w: Any = w, losses: Any = losses) -> float:
            w.grad = (w**3 * 4).detach()
            losses.append((w**4).sum().item())
            if len(losses) == call + 1:
                w.grad[1] = np.nan
                losses[-1] = special
            return losses[-1]

        with np.errstate(all="raise"):
            for _ in range(2):
                optimizer.step(closure)
        ends.append((losses, w.detach().numpy(), optimizer.state_dict()["state"][0]))
    (mine, w, state), (other, expected, other_state) = ends
    assert mine == pytest.approx(other, rel=1e-9, nan_ok=True)
    np.testing.assert_allclose(w, expected, rtol=1e-9)
    assert list(state) == list(other_state)
    assert state["n_iter"] == other_state["n_iter"]


@pytest.mark.parametrize("missing", [[0], [1, 3], [0, 1, 2, 3]], ids=str)
def test_missing_gradients(missing: list[int]) -> None:
    ours, theirs = both(quadratic, {"lr": 0.1})
    for run in (ours, theirs):

        def drop(run: Run = run) -> None:
            for index in missing:
                run.parameters[index].grad = None

        run.after = drop
        run.step()
    check(ours, theirs, 1e-9)
    check_state(ours.state(), theirs.state(), 1e-5)


@pytest.mark.parametrize("options", [{}, WOLFE], ids=str)
def test_a_closure_that_keeps_parameters_within_bounds(options: Any) -> None:
    """It changes them itself; the next move starts from there."""
    ours, theirs = both(quadratic, {"lr": 0.3, **options})
    for run in (ours, theirs):

        def project(run: Run = run) -> None:
            with run.library.no_grad():
                run.parameters[0].clamp_(-0.2, 0.2)

        run.before = project
        run.step()
    check(ours, theirs, 1e-9)


# -- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("options", [{"max_iter": 1}, {"max_iter": 4}, {"max_iter": 4, **WOLFE}])
def test_a_tensor_as_learning_rate(options: Any, shape: tuple[int, ...]) -> None:
    """It is float32 beside float64, and a new one after each step."""
    runs = both(quadratic, options)
    for step in range(4):
        for library, run in zip(LIBRARIES, runs, strict=True):
            lr = library.tensor(np.full(shape, 0.1 / (1 + step), np.float32))
            run.optimizer.param_groups[0]["lr"] = lr
            run.step()
        check(*runs, 1e-9)
        mine, other = (run.state() for run in runs)
        check_state(mine, other, 1e-5)


@pytest.mark.parametrize(
    "options", [{}, {"max_iter": 7}, {"max_iter": 3, "max_eval": 9, **WOLFE}], ids=str
)
def test_repr_and_defaults(options: Any) -> None:
    ours, theirs = (run.optimizer for run in both(quadratic, options))
    assert repr(ours) == repr(theirs)
    assert list(ours.defaults.items()) == list(theirs.defaults.items())


def outcome(library: Any, attempt: Callable[[Any], Any]) -> Exception:
    with pytest.raises((ValueError, RuntimeError, TypeError)) as caught:
        attempt(library)
    return caught.value


@pytest.mark.parametrize(
    "attempt",
    [
        lambda library: library.optim.LBFGS([library.ones(1)], lr=-1),
        lambda library: library.optim.LBFGS([library.ones(1)], lr=float("nan")),
        lambda library: library.optim.LBFGS([library.ones(1)], lr=library.ones(2)),
        lambda library: library.optim.LBFGS([{"params": library.ones(1)} for _ in range(2)]),
        lambda library: library.optim.LBFGS([]),
        lambda library: library.optim.LBFGS([library.ones(1)]).step(),
    ],
)
def test_wrong_options(attempt: Any) -> None:
    ours, theirs = (outcome(library, attempt) for library in LIBRARIES)
    assert type(ours) is type(theirs)
    assert str(ours).startswith(str(theirs))


@pytest.mark.parametrize(
    ("options", "result"),
    [({"line_search_fn": "armijo"}, 1.0), ({}, None), ({}, "two"), ({"params": 0}, 1.0)],
    ids=["search", "none", "two elements", "no elements"],
)
def test_wrong_steps(options: Any, result: Any) -> None:
    def attempt(library: Any) -> None:
        given = dict(options)
        w = library.ones(given.pop("params", 2), requires_grad=True)
        w.grad = library.ones(w.shape)
        value = library.ones(2) if result == "two" else result
        library.optim.LBFGS([w], **given).step(lambda: value)

    ours, theirs = (outcome(library, attempt) for library in LIBRARIES)
    assert type(ours) is type(theirs)


# -- saving and loading ---------------------------------------------------------------------------


def for_torch(value: Any) -> Any:
    """A state with PyTorch's tensors. (The other way `load_state_dict` converts.)"""
    if isinstance(value, dict):
        return {key: for_torch(item) for key, item in value.items()}
    if isinstance(value, list):
        return [for_torch(item) for item in value]
    return torch.tensor(value.numpy()) if isinstance(value, minitorch.Tensor) else value


@every_case
def test_state_dicts_are_interchangeable(problem: Any, options: Any, steps: int) -> None:
    """After a step each continues from the other's state, as if nothing had happened."""
    ours, theirs = both(problem, options)
    undisturbed = Run(problem, options, minitorch)
    ours.step(), theirs.step(), undisturbed.step()
    mine, other = ours.optimizer.state_dict(), theirs.optimizer.state_dict()
    assert mine["param_groups"] == other["param_groups"]
    ours.optimizer.load_state_dict(other)
    theirs.optimizer.load_state_dict(for_torch(mine))
    for _ in range(2):
        ours.step(), theirs.step(), undisturbed.step()
        check(ours, theirs, 1e-9)
    assert ours.losses == pytest.approx(undisturbed.losses, rel=1e-9, abs=1e-20)
    check_state(ours.state(), theirs.state(), 1e-5)
