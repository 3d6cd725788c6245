"""What every optimizer has: groups, state, hooks, saving, and the walk over the parameters."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import SGD, Optimizer
from minitorch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
    required,
)


def leaf(values: Any, dtype: Any = np.float32) -> Any:
    return minitorch.tensor(np.array(values, dtype), requires_grad=True)


def with_grad(values: Any, grad: Any, dtype: Any = np.float32) -> Any:
    parameter = leaf(values, dtype)
    parameter.grad = minitorch.tensor(np.array(grad, dtype))
    return parameter


class Shift(Optimizer):
    """Subtracts `amount` from every parameter with a gradient: the smallest update rule."""

    def __init__(self, params: Any, amount: float = 1.0) -> None:
        super().__init__(params, {"amount": amount})

    def update_rule(self, group: Any, work: Any) -> None:
        for weights, *_ in work.blocks():
            np.subtract(weights, group["amount"], weights)


class TorchStyle(Optimizer):
    """Written as custom optimizers for PyTorch are: it overrides `step`."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> Any:
        loss = None
        if closure is not None:
            with minitorch.enable_grad():
                loss = closure()
        with minitorch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    state = self.state[p]
                    state["step"] = state.get("step", 0) + 1
                    p.add_(p.grad, alpha=-group["lr"])
        return loss


# -- parameter groups -------------------------------------------------------------------------


def test_tensors_make_one_group_with_the_defaults() -> None:
    a, b = leaf([1.0]), leaf([2.0])
    (group,) = Shift(iter([a, b]), amount=3.0).param_groups
    assert list(group) == ["params", "amount"]
    assert group["amount"] == 3.0
    assert group["params"][0] is a and group["params"][1] is b


def test_dicts_make_groups_whose_options_win() -> None:
    a, b, c = leaf([1.0]), leaf([2.0]), leaf([3.0])
    first = {"params": a}
    optimizer = Shift([first, {"params": (p for p in (b, c)), "amount": 5.0, "note": "x"}])
    assert optimizer.param_groups[0] is first
    assert first["params"] == [a] and first["amount"] == 1.0
    assert len(optimizer.param_groups[1]["params"]) == 2
    assert optimizer.param_groups[1]["amount"] == 5.0
    assert optimizer.param_groups[1]["note"] == "x"


def test_pairs_give_names() -> None:
    a, b, c = leaf([1.0]), leaf([2.0]), leaf([3.0])
    optimizer = Shift([("a", a), ("b", b)])
    assert optimizer.param_groups[0]["param_names"] == ["a", "b"]
    assert optimizer.param_groups[0]["params"][1] is b
    optimizer.add_param_group({"params": [("c", c)]})
    assert optimizer.param_groups[1]["param_names"] == ["c"]
    assert optimizer.state_dict()["param_groups"][1]["param_names"] == ["c"]
    assert "param_names: ['a', 'b']" in repr(optimizer)


def test_an_added_group_is_updated_with_its_own_options() -> None:
    a, b = with_grad([1.0], [1.0]), with_grad([1.0], [1.0])
    optimizer = Shift([a])
    optimizer.add_param_group({"params": [b], "amount": 0.25})
    optimizer.step()
    assert a.array.tolist() == [0.0]
    assert b.array.tolist() == [0.75]


def computed() -> Any:
    return leaf([1.0]) * 2


SHARED = minitorch.tensor(np.ones(1, np.float32), requires_grad=True)


@pytest.mark.parametrize(
    ("params", "kind", "message"),
    [
        (lambda: leaf([1.0]), TypeError, "should be an iterable of Tensors or dicts"),
        (lambda: [], ValueError, "optimizer got an empty parameter list"),
        (lambda: "weights", TypeError, "can only optimize Tensors.* is str"),
        (lambda: [np.ones(2)], TypeError, "can only optimize Tensors.* is numpy.ndarray"),
        (lambda: [None], TypeError, "can only optimize Tensors.* is NoneType"),
        (lambda: 3, TypeError, "not iterable"),
        (lambda: [{"params": {leaf([1.0])}}], TypeError, "ordered collections"),
        (lambda: [{"params": leaf([1.0])}, leaf([1.0])], TypeError, "must be a dict"),
        (lambda: [{"amount": 1.0}], KeyError, "params"),
        (lambda: [computed()], ValueError, "can't optimize a non-leaf Tensor"),
        (lambda: [("a", leaf([1.0])), leaf([1.0])], ValueError, "Some param names are missing"),
        (
            lambda: [{"params": [("a", leaf([1.0]))]}, {"params": leaf([1.0])}],
            ValueError,
            "with/without names. cannot add param group without names",
        ),
        (
            lambda: [{"params": SHARED}, {"params": SHARED}],
            ValueError,
            "some parameters appear in more than one parameter group",
        ),
    ],
)
def test_wrong_parameters_are_refused(
    params: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        Shift(params())


def test_a_computed_tensor_that_keeps_its_gradient_is_accepted() -> None:
    tensor = computed()
    tensor.retain_grad()
    assert Shift([tensor]).param_groups[0]["params"][0] is tensor


def test_a_required_option_must_be_given() -> None:
    with pytest.raises(ValueError, match="required optimization parameter lr"):
        Optimizer([leaf([1.0])], {"lr": required})
    assert Optimizer([{"params": leaf([1.0]), "lr": 2.0}], {"lr": required}).defaults


def test_duplicates_in_a_group_warn() -> None:
    parameter = with_grad([5.0], [1.0])
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optimizer = Shift([parameter, parameter])
    optimizer.step()
    assert parameter.array.tolist() == [3.0]
    assert optimizer.state_dict()["param_groups"][0]["params"] == [0, 0]


def test_a_refused_group_leaves_optimizer_and_dict_alone() -> None:
    parameter = leaf([1.0])
    optimizer = Shift([parameter])
    group = {"params": parameter}
    with pytest.raises(ValueError, match="more than one"):
        optimizer.add_param_group(group)
    assert group == {"params": parameter}
    assert len(optimizer.param_groups) == 1


def test_a_refused_constructor_leaves_the_given_dicts_alone() -> None:
    first, second = {"params": leaf([1.0])}, {"params": "weights"}
    before = first["params"]
    with pytest.raises(TypeError, match="can only optimize Tensors"):
        Shift([first, second])
    assert list(first) == ["params"] and first["params"] is before
    assert second == {"params": "weights"}


def test_repr_lists_the_options() -> None:
    optimizer = Shift([{"params": leaf([1.0])}, {"params": leaf([1.0]), "amount": 2, "a": None}])
    assert repr(optimizer) == (
        "Shift (\nParameter Group 0\n    amount: 1.0\n\nParameter Group 1\n    a: None\n"
        "    amount: 2\n)"
    )


# -- zero_grad --------------------------------------------------------------------------------


def test_zero_grad_sets_none() -> None:
    a, b = with_grad([1.0], [2.0]), leaf([1.0])
    held = a.grad
    Shift([a, b]).zero_grad()
    assert a.grad is None and b.grad is None
    assert held.array.tolist() == [2.0]


def test_zero_grad_can_fill_with_zeros() -> None:
    a, b = with_grad([1.0], [2.0]), leaf([1.0])
    c = leaf([3.0])
    (c * c).sum().backward()
    held = a.grad
    Shift([a, b, c]).zero_grad(set_to_none=False)
    assert a.grad is held and held.array.tolist() == [0.0]
    assert b.grad is None
    assert c.grad.array.tolist() == [0.0]


def test_zero_grad_with_zeros_counts_as_a_change_of_the_gradient() -> None:
    parameter = with_grad([1.0], [2.0])
    weight = leaf([3.0])
    loss = (parameter.grad * weight).sum()
    Shift([parameter]).zero_grad(set_to_none=False)
    with pytest.raises(RuntimeError, match="inplace operation"):
        loss.backward()


def test_zero_grad_cuts_a_gradient_off_from_its_graph() -> None:
    x = leaf([3.0])
    (x * x).sum().backward(create_graph=True)
    assert x.grad.requires_grad
    Shift([x]).zero_grad(set_to_none=False)
    assert not x.grad.requires_grad
    assert x.grad.array.tolist() == [0.0]


# -- step -------------------------------------------------------------------------------------


def test_parameters_without_gradient_are_left_alone() -> None:
    a, b = with_grad([1.0], [1.0]), leaf([1.0])
    Shift([a, b]).step()
    assert (a.array.tolist(), b.array.tolist()) == ([0.0], [1.0])


def test_the_buffer_is_changed_in_place_and_counted() -> None:
    parameter = with_grad([1.0], [1.0])
    buffer, detached = parameter.array, parameter.detach()
    before = parameter._version
    Shift([parameter]).step()
    assert parameter.array is buffer
    assert detached.array.tolist() == [0.0]
    assert parameter._version == before + 1


def test_a_step_between_forward_and_backward_is_an_error() -> None:
    parameter = with_grad([2.0], [1.0])
    loss = (parameter * parameter).sum()
    Shift([parameter]).step()
    with pytest.raises(RuntimeError, match="inplace operation"):
        loss.backward()


def test_the_closure_runs_with_grad_and_its_loss_is_returned() -> None:
    parameter = leaf([2.0])
    optimizer = Shift([parameter])

    def closure() -> Any:
        assert minitorch.is_grad_enabled()
        optimizer.zero_grad()
        loss = (parameter * parameter).sum()
        loss.backward()
        return loss

    with minitorch.no_grad():
        loss = optimizer.step(closure)
    assert float(loss.array) == 4.0
    assert parameter.array.tolist() == [1.0]
    assert Shift([parameter]).step() is None


def test_updates_run_without_recording_and_the_mode_comes_back() -> None:
    seen = []

    class Failing(Shift):
        def update_rule(self, group: Any, work: Any) -> None:
            seen.append(minitorch.is_grad_enabled())
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        Failing([with_grad([1.0], [1.0])]).step()
    assert seen == [False]
    assert minitorch.is_grad_enabled()


def test_an_optimizer_without_rule_says_what_to_write() -> None:
    with pytest.raises(NotImplementedError, match="update"):
        Optimizer([with_grad([1.0], [1.0])], {}).step()


def test_work_comes_per_dtype_with_scratch_of_the_computation() -> None:
    seen = []

    class Looking(Shift):
        def update_rule(self, group: Any, work: Any) -> None:
            for weights, grad, scratch, other in work.blocks():
                assert scratch.shape == other.shape == weights.shape == grad.shape
                assert scratch.dtype == other.dtype == work.constants.dtype
                assert not np.shares_memory(scratch, other)
                seen.append((weights.shape, weights.dtype.name, scratch.dtype.name))

    Looking(
        [
            with_grad([1.0], [1.0]),
            with_grad(np.ones((2, 3)), np.ones((2, 3)), np.float64),
            with_grad(1.0, 1.0, np.float16),
            with_grad(np.ones((0, 2)), np.ones((0, 2))),
        ]
    ).step()
    assert sorted(seen) == [
        ((), "float16", "float32"),
        ((0, 2), "float32", "float32"),
        ((1,), "float32", "float32"),
        ((2, 3), "float64", "float64"),
    ]


def test_replaced_data_is_found() -> None:
    parameter = with_grad([1.0], [1.0])
    optimizer = SGD([parameter], lr=1.0)
    optimizer.step()
    parameter.data = minitorch.tensor(np.array([[5.0, 6.0]]))
    parameter.grad = minitorch.tensor(np.array([[1.0, 1.0]]))
    optimizer.step()
    assert parameter.array.tolist() == [[4.0, 5.0]]


def test_a_parameter_added_later_may_be_larger() -> None:
    small = with_grad([1.0], [1.0])
    optimizer = SGD([small], lr=1.0)
    optimizer.step()
    large = with_grad(np.ones(100), np.ones(100))
    optimizer.param_groups[0]["params"].append(large)
    optimizer.step()
    assert small.array.tolist() == [-1.0]
    assert not large.array.any()


def read_only() -> Any:
    array = np.ones(2, np.float32)
    array.flags.writeable = False
    parameter = leaf([0.0])
    parameter.array = array
    parameter.grad = minitorch.tensor(np.ones(2, np.float32))
    return parameter


def integers() -> Any:
    parameter = minitorch.tensor(np.ones(2, np.int64))
    parameter.grad = minitorch.tensor(np.ones(2, np.int64))
    return parameter


def outdated_gradient() -> Any:
    parameter = with_grad([1.0], [1.0])
    parameter.data = minitorch.tensor(np.ones((2, 3), np.float32))
    return parameter


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (read_only, "read-only"),
        (integers, "only floating-point Tensors"),
        (outdated_gradient, "gradient of shape"),
    ],
)
def test_an_impossible_update_changes_nothing(make: Callable[[], Any], message: str) -> None:
    fine = with_grad([1.0], [1.0])
    with pytest.raises(RuntimeError, match=message):
        SGD([{"params": fine}, {"params": make()}], lr=1.0).step()
    assert fine.array.tolist() == [1.0]


# -- step hooks -------------------------------------------------------------------------------


def test_step_hooks_fire_in_order_with_the_arguments() -> None:
    calls: list[Any] = []
    optimizer = Shift([with_grad([1.0], [1.0])])

    def note(name: str) -> Callable[..., None]:
        def hook(self: Any, args: Any, kwargs: Any) -> None:
            assert self is optimizer and args[0] is optimizer
            calls.append((name, float(optimizer.param_groups[0]["params"][0].array[0])))
            calls.append((args[1:], kwargs))

        return hook

    with (
        register_optimizer_step_post_hook(note("global post")),
        register_optimizer_step_pre_hook(note("global pre")),
        optimizer.register_step_post_hook(note("post")),
        optimizer.register_step_pre_hook(note("pre")),
    ):
        optimizer.step(closure=None)
    optimizer.step(None)
    assert calls[::2] == [("global pre", 1.0), ("pre", 1.0), ("post", 0.0), ("global post", 0.0)]
    assert calls[1::2] == [((), {"closure": None})] * 4


def test_a_pre_hook_may_replace_the_arguments() -> None:
    optimizer = Shift([with_grad([1.0], [1.0])])
    seen = []
    optimizer.register_step_pre_hook(lambda self, args, kwargs: ((self, lambda: "loss"), {}))
    optimizer.register_step_post_hook(lambda self, args, kwargs: seen.append(args[1]()))
    assert optimizer.step() == "loss"
    assert seen == ["loss"]


def test_a_pre_hook_that_returns_something_else_is_an_error() -> None:
    parameter = with_grad([1.0], [1.0])
    optimizer = Shift([parameter])
    handle = optimizer.register_step_pre_hook(lambda *args: 3)
    with pytest.raises(RuntimeError, match=r"None or a tuple of \(new_args, new_kwargs\)"):
        optimizer.step()
    assert parameter.array.tolist() == [1.0]
    handle.remove()
    optimizer.step()
    assert parameter.array.tolist() == [0.0]


def test_hooks_fire_once_around_a_step_that_calls_super() -> None:
    class Twice(Shift):
        def step(self, closure: Any = None) -> Any:
            super().step(closure)
            return super().step(closure)

    parameter = with_grad([5.0], [1.0])
    optimizer = Twice([parameter])
    seen = []
    optimizer.register_step_pre_hook(lambda *args: seen.append("pre"))
    optimizer.register_step_post_hook(lambda *args: seen.append("post"))
    optimizer.step()
    optimizer.step()
    assert seen == ["pre", "post"] * 2
    assert parameter.array.tolist() == [1.0]


def test_a_step_written_as_for_pytorch_works_with_hooks() -> None:
    parameter = leaf([1.0, 2.0])
    optimizer = TorchStyle([parameter, leaf([7.0])], lr=0.25)
    seen = []
    optimizer.register_step_post_hook(lambda self, args, kwargs: seen.append(args))

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (parameter * parameter).sum()
        loss.backward()
        return loss

    assert float(optimizer.step(closure).array) == 5.0
    assert parameter.array.tolist() == [0.5, 1.0]
    assert seen == [(optimizer, closure)]
    assert optimizer.state_dict()["state"] == {0: {"step": 1}}
    assert TorchStyle.step.__name__ == "step"


# -- saving and loading -----------------------------------------------------------------------


def trained(dtype: Any = np.float32, steps: int = 1, **options: Any) -> tuple[Any, Any, Any]:
    """SGD with momentum on two groups after `steps` steps with gradient 1."""
    a, b = leaf([1.0, 2.0], dtype), leaf([3.0], dtype)
    optimizer = SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=1.0, momentum=0.5, **options)
    advance(optimizer, steps)
    return optimizer, a, b


def advance(optimizer: Any, steps: int) -> None:
    for _ in range(steps):
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = minitorch.tensor(np.ones_like(p.array))
        optimizer.step()


def values(optimizer: Any) -> list[Any]:
    return [p.array.tolist() for group in optimizer.param_groups for p in group["params"]]


def test_state_dict_numbers_the_parameters() -> None:
    optimizer, a, b = trained()
    options = {
        "momentum": 0.5,
        "dampening": 0,
        "weight_decay": 0,
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": None,
    }
    saved = optimizer.state_dict()
    assert saved["param_groups"] == [
        {"lr": 1.0, **options, "params": [0]},
        {"lr": 0.5, **options, "params": [1]},
    ]
    assert list(saved["state"]) == [0, 1]
    assert saved["state"][0]["momentum_buffer"] is optimizer.state[a]["momentum_buffer"]
    assert saved["state"][1]["momentum_buffer"].array.tolist() == [1.0]
    assert optimizer.param_groups[1]["params"][0] is b


def test_loading_continues_where_saving_stopped() -> None:
    straight, _, _ = trained(steps=5)
    first, _, _ = trained(steps=2)
    second, _, _ = trained(steps=2)
    second.state.clear()
    second.param_groups[0]["lr"] = 77.0
    second.load_state_dict(first.state_dict())
    advance(first, 3)  # must not disturb the second, which has a copy
    advance(second, 3)
    assert values(first) == values(second) == values(straight)


def test_loading_converts_to_the_parameters_dtype_but_not_the_count_of_steps() -> None:
    optimizer, a, b = trained(np.float64)
    other, _, _ = trained(np.float32)
    saved = other.state_dict()
    saved["state"][0]["step"] = minitorch.tensor(np.array(3.0, np.float32))
    saved["state"][0]["count"] = minitorch.tensor(np.array(3, np.int64))
    saved["state"][0]["nested"] = {"list": [minitorch.tensor(np.ones(1, np.float16))], "text": "t"}
    saved["state"]["extra"] = "kept"
    optimizer.load_state_dict(saved)
    state = optimizer.state[a]
    assert state["momentum_buffer"].array.dtype == np.float64
    assert state["step"].array.dtype == np.float32
    assert state["count"].array.dtype == np.float64
    assert state["nested"]["list"][0].array.dtype == np.float64
    assert state["nested"]["text"] == "t"
    assert optimizer.state["extra"] == "kept"
    assert optimizer.param_groups[0]["params"][0] is a
    assert optimizer.param_groups[1]["params"][0] is b


@pytest.mark.parametrize("flag", ["fused", "capturable"])
def test_a_fused_count_of_steps_becomes_float32(flag: str) -> None:
    optimizer, a, _ = trained(np.float64)
    saved = optimizer.state_dict()
    saved["param_groups"][0][flag] = True
    saved["state"][0]["step"] = minitorch.tensor(np.array(3.0, np.float64))
    optimizer.load_state_dict(saved)
    assert optimizer.state[a]["step"].array.dtype == np.float32


def test_arrays_in_the_state_stay_arrays() -> None:
    optimizer = Shift([with_grad([1.0], [1.0], np.float64)])
    (parameter,) = optimizer.param_groups[0]["params"]
    held = optimizer.state[parameter]["mean"] = np.ones(1, np.float32)
    optimizer.load_state_dict(optimizer.state_dict())
    loaded = optimizer.state[parameter]["mean"]
    assert type(loaded) is np.ndarray and loaded is not held
    assert loaded.dtype == np.float64


@pytest.mark.parametrize(
    ("sizes", "message"),
    [([1], "different number of parameter groups"), ([2, 1], "doesn't match the size")],
)
def test_loading_refuses_other_groups_and_changes_nothing(sizes: list[int], message: str) -> None:
    other = Shift([{"params": [leaf([1.0]) for _ in range(size)]} for size in sizes])
    optimizer, a, _ = trained()
    buffer = optimizer.state[a]["momentum_buffer"]
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(other.state_dict())
    assert optimizer.state[a]["momentum_buffer"] is buffer
    assert optimizer.param_groups[0]["lr"] == 1.0


def test_loaded_names_win_and_missing_ones_stay() -> None:
    named = Shift([("a", leaf([1.0]))])
    unnamed = Shift([leaf([1.0])])
    other = Shift([("b", leaf([1.0]))])
    named.load_state_dict(unnamed.state_dict())
    assert named.param_groups[0]["param_names"] == ["a"]
    named.load_state_dict(other.state_dict())
    assert named.param_groups[0]["param_names"] == ["b"]


def test_old_checkpoints_get_the_options_they_lack() -> None:
    optimizer, _, _ = trained(maximize=True)
    saved = optimizer.state_dict()
    for group in saved["param_groups"]:
        for name in ("nesterov", "maximize", "foreach", "differentiable", "fused"):
            del group[name]
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[1]["maximize"] is False
    assert "maximize" not in saved["param_groups"][1]  # what was given stays as it was
    advance(optimizer, 1)


def test_state_dict_hooks() -> None:
    optimizer, _, _ = trained()
    calls = []
    optimizer.register_state_dict_pre_hook(lambda self: calls.append("second"))
    optimizer.register_state_dict_pre_hook(lambda self: calls.append("first"), prepend=True)

    def add(self: Any, state_dict: Any) -> None:
        state_dict["note"] = "changed in place"

    optimizer.register_state_dict_post_hook(lambda self, state_dict: {**state_dict, "more": 1})
    handle = optimizer.register_state_dict_post_hook(add, prepend=True)
    saved = optimizer.state_dict()
    assert calls == ["first", "second"]
    assert (saved["note"], saved["more"]) == ("changed in place", 1)
    handle.remove()
    assert "note" not in optimizer.state_dict()


def test_load_state_dict_hooks() -> None:
    optimizer, _, _ = trained()
    saved = optimizer.state_dict()
    calls = []

    def replace(self: Any, state_dict: Any) -> Any:
        assert state_dict is not saved and state_dict["state"] is saved["state"]
        groups = copy.deepcopy(state_dict["param_groups"])
        groups[0]["lr"] = 9.0
        return {**state_dict, "param_groups": groups}

    optimizer.register_load_state_dict_pre_hook(replace)
    optimizer.register_load_state_dict_pre_hook(lambda *args: calls.append("pre"), prepend=True)
    optimizer.register_load_state_dict_post_hook(
        lambda self: calls.append(self.param_groups[0]["lr"])
    )
    optimizer.register_load_state_dict_post_hook(lambda self: calls.append("post"), prepend=True)
    optimizer.load_state_dict(saved)
    assert calls == ["pre", "post", 9.0]


def by_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle])
def test_copies_continue_on_their_own_parameters(duplicate: Callable[[Any], Any]) -> None:
    straight, _, _ = trained(steps=4)
    optimizer, _, _ = trained(steps=2)
    optimizer.register_step_pre_hook(lambda *args: pytest.fail("hooks are not copied"))
    before = values(optimizer)
    twin = duplicate(optimizer)
    advance(twin, 2)
    assert values(twin) == values(straight)
    assert values(optimizer) == before
    assert repr(twin) == repr(optimizer)
    assert twin.defaults == optimizer.defaults
