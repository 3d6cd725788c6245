"""SGD operation by operation, and what all optimizers share, side by side with PyTorch."""

from __future__ import annotations

import copy
import importlib
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

DTYPES = {"float32": 1e-5, "float64": 1e-12}
SHAPES: list[tuple[int, ...]] = [(3, 4), (5,), (), (1, 2, 3), (0, 2)]

OPTIONS = [
    {
        "momentum": momentum,
        "dampening": dampening,
        "weight_decay": weight_decay,
        "nesterov": nesterov,
        "maximize": maximize,
    }
    for momentum, dampening, weight_decay, nesterov, maximize in itertools.product(
        [0, 0.9], [0, 0.3], [0, 0.05], [False, True], [False, True]
    )
    if not nesterov or (momentum and not dampening)
]


def pair(array: Any) -> tuple[Any, Any]:
    """The same leaf in both libraries, in memory of its own."""
    array = np.asarray(array)
    ours = minitorch.tensor(array.copy(), requires_grad=True)
    theirs = torch.tensor(array.copy(), requires_grad=True)
    return ours, theirs


def pairs(shapes: list[tuple[int, ...]], dtype: str, rng: np.random.Generator) -> tuple[Any, Any]:
    made = [pair(np.asarray(rng.normal(size=shape), dtype)) for shape in shapes]
    return [ours for ours, _ in made], [theirs for _, theirs in made]


def set_grads(ours: Any, theirs: Any, rng: np.random.Generator, missing: float = 0.0) -> None:
    """The same random gradients on both sides, None with probability `missing`."""
    for mine, other in zip(ours, theirs, strict=True):
        if rng.random() < missing:
            mine.grad = other.grad = None
        else:
            grad = np.asarray(rng.normal(size=mine.array.shape), mine.array.dtype)
            mine.grad, other.grad = minitorch.tensor(grad.copy()), torch.tensor(grad.copy())


def assert_near(ours: Any, theirs: Any, tolerance: float) -> None:
    """Relative to each element, or to the largest where subtraction cancelled."""
    expected = theirs.detach().numpy()
    assert ours.array.dtype == expected.dtype
    largest = float(np.abs(expected).max(initial=0))
    np.testing.assert_allclose(ours.array, expected, rtol=tolerance, atol=tolerance * largest / 10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS)
def test_fifty_steps(options: dict[str, Any], dtype: str, rng: np.random.Generator) -> None:
    ours, theirs = pairs(SHAPES, dtype, rng)
    optimizer = minitorch.optim.SGD(ours, lr=0.05, **options)
    reference = torch.optim.SGD(theirs, lr=0.05, **options)
    for _ in range(50):
        set_grads(ours, theirs, rng, missing=0.2)
        optimizer.step()
        reference.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert_near(mine, other, DTYPES[dtype])
        assert set(optimizer.state[mine]) == set(reference.state[other])
        for name, value in reference.state[other].items():
            assert_near(optimizer.state[mine][name], value, DTYPES[dtype])


def units(dtype: str, *operands: Any) -> Any:
    """Two units in the last place of the largest operand."""
    return 2 * np.spacing(np.maximum.reduce([np.abs(each) for each in operands]).astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS)
def test_each_operation_within_two_units_in_the_last_place(
    options: dict[str, Any], dtype: str, rng: np.random.Generator
) -> None:
    """Both start every step from PyTorch's values, so that differences do not add up."""
    lr, momentum, decay = 0.05, options["momentum"], options["weight_decay"]
    (mine,), (other,) = pairs([(200,)], dtype, rng)
    optimizer = minitorch.optim.SGD([mine], lr=lr, **options)
    reference = torch.optim.SGD([other], lr=lr, **options)
    old = None
    for _ in range(10):
        mine.array[...] = weight = other.detach().numpy().copy()
        if old is not None:
            optimizer.state[mine]["momentum_buffer"].array[...] = old
        set_grads([mine], [other], rng)
        optimizer.step()
        reference.step()
        direction, allowed = mine.grad.array, 0 * weight
        if decay:
            allowed = units(dtype, direction, decay * weight)
        if momentum:
            new = reference.state[other]["momentum_buffer"].numpy()
            if old is not None:
                allowed = allowed + units(dtype, direction, momentum * old, new)
            difference = np.abs(optimizer.state[mine]["momentum_buffer"].array - new)
            assert (difference <= allowed).all()
            if options["nesterov"]:
                allowed = allowed + units(dtype, direction, momentum * new)
            old = new.copy()
            direction = np.abs(direction) + np.abs(new)  # as large as Nesterov's can be
        allowed = lr * allowed + units(dtype, weight, lr * direction)
        assert (np.abs(mine.array - other.detach().numpy()) <= allowed).all()


@pytest.mark.parametrize("options", OPTIONS)
def test_float16(options: dict[str, Any], rng: np.random.Generator) -> None:
    ours, theirs = pairs(SHAPES, "float16", rng)
    optimizer = minitorch.optim.SGD(ours, lr=0.01, **options)
    reference = torch.optim.SGD(theirs, lr=0.01, **options)
    for _ in range(5):
        set_grads(ours, theirs, rng)
        optimizer.step()
        reference.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert_near(mine, other, 5e-3)


def test_groups_with_different_settings(rng: np.random.Generator) -> None:
    ours, theirs = pairs([(2, 3), (2,), (1, 2), (1,), (4, 4)], "float64", rng)
    ours[4], theirs[4] = pair(rng.normal(size=(4, 4)).astype("float32"))

    def groups(tensors: Any) -> Any:
        return [
            {"params": tensors[:1]},
            {"params": tensors[1:3], "lr": 0.5, "weight_decay": 0.1, "nesterov": True},
            {"params": tensors[3:], "momentum": 0, "maximize": True},
        ]

    optimizer = minitorch.optim.SGD(groups(ours), lr=0.05, momentum=0.9)
    reference = torch.optim.SGD(groups(theirs), lr=0.05, momentum=0.9)
    for step in range(50):
        for both in (optimizer, reference):
            both.param_groups[0]["lr"] = 0.05 / (1 + step)
        set_grads(ours, theirs, rng, missing=0.3)
        optimizer.step()
        reference.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert_near(mine, other, DTYPES[mine.array.dtype.name])
    assert repr(optimizer) == repr(reference)


@pytest.mark.parametrize("shape", [(), (1,)])
def test_tensors_as_options(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    ours, theirs = pairs([(3,)], "float32", rng)
    lr, decay = np.full(shape, 0.05, np.float32), np.array(0.1, np.float32)
    optimizer = minitorch.optim.SGD(
        ours, lr=minitorch.tensor(lr), weight_decay=minitorch.tensor(decay)
    )
    reference = torch.optim.SGD(theirs, lr=torch.tensor(lr), weight_decay=torch.tensor(decay))
    for _ in range(5):
        set_grads(ours, theirs, rng)
        optimizer.step()
        reference.step()
    assert_near(ours[0], theirs[0], 1e-6)
    assert repr(optimizer) == repr(reference)


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad(set_to_none: bool, rng: np.random.Generator) -> None:
    ours, theirs = pairs([(3,), (2,)], "float32", rng)
    set_grads(ours[:1], theirs[:1], rng)
    held, also_held = ours[0].grad, theirs[0].grad
    minitorch.optim.SGD(ours).zero_grad(set_to_none)
    torch.optim.SGD(theirs).zero_grad(set_to_none)
    assert [p.grad is None for p in ours] == [p.grad is None for p in theirs]
    np.testing.assert_array_equal(held.array, also_held.numpy())


# -- texts and signatures ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"lr": 1}, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "fused": True}],
)
@pytest.mark.parametrize("named", [False, True])
def test_repr(options: dict[str, Any], named: bool) -> None:
    ours, theirs = pair(np.ones(2))
    mine: Any = [("w", ours)] if named else [ours]
    other: Any = [("w", theirs)] if named else [theirs]
    expected = repr(torch.optim.SGD(other, **options))
    assert repr(minitorch.optim.SGD(mine, **options)) == expected


Case = Callable[[Any, Callable[[Any], Any]], Any]


def two_groups(lib: Any, leaf: Any) -> Any:
    shared = leaf(1.0)
    return lib.optim.SGD([{"params": shared}, {"params": [shared]}])


REFUSED: dict[str, Case] = {
    "a bare tensor": lambda lib, leaf: lib.optim.SGD(leaf(1.0)),
    "nothing": lambda lib, leaf: lib.optim.SGD([]),
    "a string": lambda lib, leaf: lib.optim.SGD("ab"),
    "strings": lambda lib, leaf: lib.optim.SGD(["ab"]),
    "a number": lambda lib, leaf: lib.optim.SGD(3),
    "None": lambda lib, leaf: lib.optim.SGD(None),
    "an array": lambda lib, leaf: lib.optim.SGD([np.ones(2)]),
    "a dict of tensors": lambda lib, leaf: lib.optim.SGD({"w": leaf(1.0)}),
    "a list of lists": lambda lib, leaf: lib.optim.SGD([[leaf(1.0)]]),
    "a computed tensor": lambda lib, leaf: lib.optim.SGD([leaf(1.0) * 2]),
    "two groups": two_groups,
    "a set": lambda lib, leaf: lib.optim.SGD([{"params": {leaf(1.0)}}]),
    "no params": lambda lib, leaf: lib.optim.SGD([{"lr": 0.1}]),
    "a tensor after a group": lambda lib, leaf: lib.optim.SGD([{"params": leaf(1.0)}, leaf(1.0)]),
    "a missing name": lambda lib, leaf: lib.optim.SGD([("a", leaf(1.0)), leaf(1.0)]),
    "an unnamed group": lambda lib, leaf: lib.optim.SGD(
        [{"params": [("a", leaf(1.0))]}, {"params": leaf(1.0)}]
    ),
    "negative lr": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], lr=-1),
    "negative momentum": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], momentum=-0.5),
    "negative weight decay": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], weight_decay=-0.5),
    "lr of text": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], lr="0.1"),
    "lr None": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], lr=None),
    "lr of two elements": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], lr=lib.ones(2)),
    "Nesterov alone": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], nesterov=True),
    "Nesterov dampened": lambda lib, leaf: lib.optim.SGD(
        [leaf(1.0)], momentum=0.9, dampening=0.1, nesterov=True
    ),
    "fused and foreach": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], fused=True, foreach=True),
    "fused and differentiable": lambda lib, leaf: lib.optim.SGD(
        [leaf(1.0)], fused=True, differentiable=True
    ),
    "a base without step": lambda lib, leaf: step_of_base(lib, leaf(1.0)),
    "no param_groups": lambda lib, leaf: lib.optim.SGD([leaf(1.0)]).load_state_dict({"state": {}}),
    "fewer groups": lambda lib, leaf: lib.optim.SGD([leaf(1.0)]).load_state_dict(
        {"state": {}, "param_groups": []}
    ),
    "smaller group": lambda lib, leaf: lib.optim.SGD([leaf(1.0)]).load_state_dict(
        {"state": {}, "param_groups": [{"params": []}]}
    ),
    "group of text": lambda lib, leaf: lib.optim.SGD([leaf(1.0)]).add_param_group("w"),
    "positional maximize": lambda lib, leaf: lib.optim.SGD([leaf(1.0)], 1, 0, 0, 0, False, True),
}


def step_of_base(lib: Any, parameter: Any) -> Any:
    parameter.grad = lib.ones(())
    return lib.optim.Optimizer([parameter], {}).step()


def raised(case: Case, lib: Any) -> BaseException:
    def leaf(value: float) -> Any:
        return lib.tensor(value, requires_grad=True)

    with pytest.raises(Exception) as caught:
        case(lib, leaf)
    return caught.value


@pytest.mark.parametrize("name", REFUSED)
def test_errors(name: str) -> None:
    ours, theirs = raised(REFUSED[name], minitorch), raised(REFUSED[name], torch)
    assert type(ours) is type(theirs)
    start = str(theirs).partition("torch.")[0][:60]  # ours goes on with how to mend it
    if not isinstance(theirs, (KeyError, NotImplementedError)) and "instances of" not in start:
        assert start.removesuffix(".") in str(ours).replace("minitorch.", "torch.")


def test_duplicates_warn() -> None:
    for lib in (minitorch, torch):
        parameter = lib.tensor(1.0, requires_grad=True)
        with pytest.warns(UserWarning, match="parameter group with duplicate parameters"):
            lib.optim.SGD([parameter, parameter])


# -- saving and loading -----------------------------------------------------------------------


def trained_pair(rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    ours, theirs = pairs([(2, 3), (2,), (4,)], "float32", rng)
    optimizer = minitorch.optim.SGD(
        [{"params": [("a", ours[0])]}, {"params": [("b", ours[1]), ("c", ours[2])], "lr": 0.5}],
        lr=0.1,
        momentum=0.9,
    )
    reference = torch.optim.SGD(
        [
            {"params": [("a", theirs[0])]},
            {"params": [("b", theirs[1]), ("c", theirs[2])], "lr": 0.5},
        ],
        lr=0.1,
        momentum=0.9,
    )
    for _ in range(3):
        set_grads(ours, theirs, rng)
        theirs[2].grad = ours[2].grad = None
        optimizer.step()
        reference.step()
    return optimizer, reference, ours, theirs


def convert(state_dict: Any, tensor: Callable[[Any], Any]) -> Any:
    """A state dict with its Tensors made by `tensor` from arrays."""
    state = {
        key: {name: tensor(np.array(value.detach().numpy())) for name, value in entry.items()}
        for key, entry in state_dict["state"].items()
    }
    return {"state": state, "param_groups": copy.deepcopy(state_dict["param_groups"])}


def test_state_dicts_agree_key_for_key(rng: np.random.Generator) -> None:
    optimizer, reference, _, _ = trained_pair(rng)
    ours, theirs = optimizer.state_dict(), reference.state_dict()
    assert list(ours) == list(theirs)
    assert ours["param_groups"] == theirs["param_groups"]
    assert [list(group) for group in ours["param_groups"]] == [
        list(group) for group in theirs["param_groups"]
    ]
    assert list(ours["state"]) == list(theirs["state"]) == [0, 1]
    for key, entry in theirs["state"].items():
        assert list(ours["state"][key]) == list(entry) == ["momentum_buffer"]
        assert_near(ours["state"][key]["momentum_buffer"], entry["momentum_buffer"], 1e-6)


@pytest.mark.parametrize("converted", [True, False])
def test_loading_pytorchs_state(converted: bool, rng: np.random.Generator) -> None:
    _, reference, _, theirs = trained_pair(rng)
    ours = [minitorch.tensor(p.detach().numpy().copy(), requires_grad=True) for p in theirs]
    optimizer = minitorch.optim.SGD([{"params": ours[:1]}, {"params": ours[1:]}])
    saved = reference.state_dict()
    optimizer.load_state_dict(convert(saved, minitorch.tensor) if converted else saved)
    for _ in range(5):
        set_grads(ours, theirs, rng)
        optimizer.step()
        reference.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert_near(mine, other, 1e-5)
    assert repr(optimizer) == repr(reference)


def test_pytorch_loads_our_state(rng: np.random.Generator) -> None:
    optimizer, _, ours, _ = trained_pair(rng)
    theirs = [torch.tensor(p.array.copy(), requires_grad=True) for p in ours]
    reference = torch.optim.SGD([{"params": theirs[:1]}, {"params": theirs[1:]}])
    reference.load_state_dict(convert(optimizer.state_dict(), torch.tensor))
    for _ in range(5):
        set_grads(ours, theirs, rng)
        optimizer.step()
        reference.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert_near(mine, other, 1e-5)
    assert repr(optimizer) == repr(reference)


@pytest.mark.parametrize("name", ["nesterov", "maximize", "foreach", "differentiable", "fused"])
def test_checkpoints_that_lack_an_option(name: str, rng: np.random.Generator) -> None:
    optimizer, reference, _, _ = trained_pair(rng)
    for both in (optimizer, reference):
        saved = both.state_dict()
        for group in saved["param_groups"]:
            del group[name]
        both.load_state_dict(saved)
    assert repr(optimizer) == repr(reference)


@pytest.mark.parametrize("key", ["step", "mean"])
@pytest.mark.parametrize("kind", ["float64", "int64", "float32"])
@pytest.mark.parametrize("flag", ["none", "fused", "capturable"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtypes_of_loaded_state(key: str, kind: str, flag: str, dtype: str) -> None:
    found = []
    for lib in (minitorch, torch):
        parameter = lib.tensor(np.ones(2, dtype), requires_grad=True)
        optimizer = lib.optim.SGD([parameter])
        saved = optimizer.state_dict()
        saved["param_groups"][0][flag] = True
        saved["state"][0] = {key: lib.tensor(np.ones(2, kind)), "list": [lib.ones(1)], "n": 3}
        optimizer.load_state_dict(saved)
        state = optimizer.state[parameter]
        found.append((str(state[key].dtype), str(state["list"][0].dtype), state["n"]))
    ours, theirs = found
    assert [str(item).replace("minitorch.", "torch.") for item in ours] == list(map(str, theirs))


# -- hooks ------------------------------------------------------------------------------------


def hook_log(lib: Any) -> list[Any]:
    """What hooks of every kind see, as plain values."""
    log: list[Any] = []
    parameter = lib.tensor([1.0], requires_grad=True)

    class Custom(lib.optim.Optimizer):  # type: ignore[misc, name-defined]
        def step(self, closure: Any = None) -> Any:
            log.append(("step", None if closure is None else closure()))
            return "result"

    optimizer = Custom([parameter], {"lr": 1.0})

    def note(name: str) -> Callable[..., None]:
        return lambda self, args, kwargs: log.append(
            (name, self is optimizer, [type(arg).__name__ for arg in args], sorted(kwargs))
        )

    module = importlib.import_module(f"{lib.__name__}.optim.optimizer")
    handles = [
        optimizer.register_step_pre_hook(note("pre 1")),
        optimizer.register_step_pre_hook(lambda self, args, kwargs: ((self, lambda: 5), {})),
        optimizer.register_step_pre_hook(note("pre 2")),
        optimizer.register_step_post_hook(note("post")),
        module.register_optimizer_step_pre_hook(note("global pre")),
        module.register_optimizer_step_post_hook(note("global post")),
    ]
    log.append(optimizer.step(closure=lambda: 3))
    for handle in handles:
        handle.remove()
    log.append(optimizer.step())
    return log


def test_step_hooks() -> None:
    assert hook_log(minitorch) == hook_log(torch)
