"""Saving and loading of state, as in PyTorch."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from tests.parity.side_by_side import message, outcome, side_by_side


def network(torch: Any) -> Any:
    """A nested network with every kind of state."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Sigmoid(), nn.Linear(2, 1, bias=False)))
    for number, parameter in enumerate(model.parameters()):
        nn.init.constant_(parameter, number + 1)
    model.register_buffer("steps", torch.tensor(3))
    model.register_buffer("none", None)
    model.register_parameter("no_parameter", None)
    model[1].register_buffer("hidden", torch.ones(1), persistent=False)
    model[1].register_buffer("mean", torch.tensor([0.5]))
    model[1].gap = None
    return model


def state(torch: Any, **changes: Any) -> Any:
    """The network's state dict with other values, and with changes: None drops a key."""
    result = OrderedDict((key, value * 10) for key, value in network(torch).state_dict().items())
    for key, value in changes.items():
        name = key.replace("__", ".")
        result[name] = value
        if value is None:
            del result[name]
    return result


def watched_state(model: Any) -> Any:
    """A module's state, and the identities of its tensors."""
    tensors = model.state_dict(keep_vars=True)
    return dict(tensors), [id(tensor) for tensor in tensors.values()]


# -- saving -------------------------------------------------------------------------------


@pytest.mark.parametrize("keep_vars", [False, True])
@pytest.mark.parametrize("prefix", ["", "model.", "x"])
@side_by_side
def test_state_dict(torch: Any, prefix: str, keep_vars: bool) -> Any:
    model = network(torch)
    found = model.state_dict(prefix=prefix, keep_vars=keep_vars)
    return (
        type(found).__name__,
        dict(found),
        dict(found._metadata),
        found[f"{prefix}0.weight"] is model[0].weight,
        list(model[1].state_dict()),
    )


@side_by_side
def test_state_dict_into_a_destination(torch: Any) -> Any:
    model, destination = network(torch), {"before": 1}
    found = model.state_dict(destination=destination, prefix="m.")
    return found is destination, list(found), hasattr(found, "_metadata")


@side_by_side
def test_state_dict_shares_memory(torch: Any) -> Any:
    model = network(torch)
    found = model.state_dict()
    with torch.no_grad():
        model[0].weight.add_(1)
    found["0.bias"].fill_(7)
    return found["0.weight"], model[0].bias


@side_by_side
def test_state_dict_with_shared_parameters(torch: Any) -> Any:
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1))
    model[1].weight = model[0].weight
    model.append(model[0])
    model.load_state_dict({key: torch.ones_like(v) for key, v in model.state_dict().items()})
    return dict(model.state_dict()), model[1].weight is model[0].weight


@side_by_side
def test_a_state_dict_survives_pickle_and_deepcopy(torch: Any) -> Any:
    found = network(torch).state_dict()
    twins = [pickle.loads(pickle.dumps(found)), copy.deepcopy(found)]
    return [dict(twin) for twin in twins], [dict(twin._metadata) for twin in twins]


@side_by_side
def test_extended_saving(torch: Any) -> Any:
    class Extended(torch.nn.Linear):
        _version = 2

        def _save_to_state_dict(self, destination, prefix, keep_vars):
            super()._save_to_state_dict(destination, prefix, keep_vars)
            destination[prefix + "extra"] = torch.tensor(5.0)

    model = torch.nn.Sequential(Extended(1, 1))
    return list(model.state_dict()), dict(model.state_dict()._metadata)


@side_by_side
def test_an_overridden_state_dict_is_called_for_children(torch: Any) -> Any:
    class Renamed(torch.nn.Linear):
        def state_dict(self, *args, **kwargs):
            found = super().state_dict(*args, **kwargs)
            found[kwargs["prefix"] + "more"] = 1
            return found

    return list(torch.nn.Sequential(Renamed(1, 1)).state_dict())


# -- loading ------------------------------------------------------------------------------

CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "missing": {"1__1__weight": None, "steps": None},
    "unexpected": {"other": 1.0, "1__other": 1.0, "1__1__bias": 1.0, "0__weight__x": 1.0},
    "unexpected module": {"7__weight": 1.0, "1__gap__weight": 1.0},
    "hidden": {"1__hidden": 1.0},
    "none": {"none": 1.0, "no_parameter": 1.0},
    "shape": {"0__weight": (3, 2), "1__mean": (4,)},
    "number of dimensions": {"steps": (1,), "0__bias": ()},
    "everything": {"other": 1.0, "steps": None, "0__weight": (3, 2), "1__mean": (4,)},
    "not tensors": {"0__weight": "text", "1__mean": [1.0]},
    "array": {"0__weight": np.ones((2, 2), np.float32)},
    "number": {"steps": 5},
}


def changed_state(torch: Any, changes: dict[str, Any]) -> Any:
    values = {
        key: torch.ones(value) if isinstance(value, tuple) else value
        for key, value in changes.items()
    }
    return state(torch, **values)


@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("changes", CHANGES)
@side_by_side
def test_loading(torch: Any, changes: str, strict: bool, assign: bool) -> Any:
    model = network(torch)
    _, identities = watched_state(model)
    given = changed_state(torch, CHANGES[changes])
    result = outcome(model.load_state_dict, given, strict=strict, assign=assign)
    if isinstance(result, Exception):
        return result, str(result).replace("minitorch", "torch")
    after, now = watched_state(model)
    return (
        list(result),
        repr(result),
        after,
        identities == now,
        after["0.weight"] is given["0.weight"],
        [type(value) for value in after.values()],
        [value.requires_grad for value in after.values()],
    )


@pytest.mark.parametrize("given", [[1], 5, None, "text"])
@side_by_side
def test_what_is_no_state_dict(torch: Any, given: Any) -> Any:
    return outcome(network(torch).load_state_dict, given)


@side_by_side
def test_message_of_what_is_no_state_dict(torch: Any) -> Any:
    return str(message(network(torch).load_state_dict, 5)).replace("minitorch", "torch")


@side_by_side
def test_loading_converts(torch: Any) -> Any:
    model = torch.nn.Linear(2, 1)
    values = {"weight": torch.tensor([[1, 2]]), "bias": torch.tensor([0.1], dtype=torch.float64)}
    model.load_state_dict(values)
    copied = dict(model.state_dict(keep_vars=True))
    values["weight"] = values["weight"].double()
    model.load_state_dict(values, assign=True)
    return copied, dict(model.state_dict(keep_vars=True))


@side_by_side
def test_loading_integers_in_place_of_parameters(torch: Any) -> Any:
    model = torch.nn.Linear(2, 1, bias=False)
    return outcome(model.load_state_dict, {"weight": torch.tensor([[1, 2]])}, assign=True)


@side_by_side
def test_assigning_keeps_frozen_parameters_frozen(torch: Any) -> Any:
    model = torch.nn.Linear(2, 1).requires_grad_(False)
    given = torch.nn.Linear(2, 1).state_dict(keep_vars=True)
    model.load_state_dict(given, assign=True)
    mine = [parameter.requires_grad for parameter in model.parameters()]
    model.load_state_dict(torch.nn.Linear(2, 1).state_dict(), assign=True)
    return mine, [parameter.requires_grad for parameter in model.parameters()]


@side_by_side
def test_loading_is_not_recorded(torch: Any) -> Any:
    model = torch.nn.Linear(2, 1)
    x = torch.ones(1, 2, requires_grad=True)
    output = model(x).sum()
    model.load_state_dict({key: value * 0 for key, value in model.state_dict().items()})
    return model.weight.is_leaf, model.weight.requires_grad, outcome(output.backward)


@side_by_side
def test_loading_leaves_gradients_and_the_given_values_alone(torch: Any) -> Any:
    model, given = network(torch), state(torch)
    before = {key: value.clone() for key, value in given.items()}
    model(torch.ones(1, 2)).sum().backward()
    grads = [parameter.grad for parameter in model.parameters()]
    model.load_state_dict(given)
    with torch.no_grad():
        model[0].weight.add_(1)
    return (
        before,
        dict(given),
        all(p.grad is grad for p, grad in zip(model.parameters(), grads, strict=True)),
    )


@side_by_side
def test_loading_its_own_state(torch: Any) -> Any:
    model = network(torch)
    model.load_state_dict(model.state_dict())
    model.load_state_dict(model.state_dict(keep_vars=True), assign=True)
    return dict(model.state_dict(keep_vars=True))


@side_by_side
def test_one_element_for_a_scalar(torch: Any) -> Any:
    """PyTorch loads a tensor of one element into one without dimensions, but not the reverse."""
    model = torch.nn.Module()
    model.register_buffer("scalar", torch.tensor(0.0))
    first = model.load_state_dict({"scalar": torch.ones(1)}), model.scalar.clone()
    model.register_buffer("vector", torch.zeros(1))
    values = {"scalar": torch.tensor(2.0), "vector": torch.tensor(2.0)}
    return first, message(model.load_state_dict, values)


@side_by_side
def test_keys_that_share_a_beginning(torch: Any) -> Any:
    model = torch.nn.ModuleDict({"a": torch.nn.Identity(), "ab": torch.nn.Linear(1, 1)})
    given = {**model.state_dict(), "abc": 1, "a": 2, "": 3, "ab.": 4, ".": 5, "a.b.c": 6}
    return message(model.load_state_dict, given)


# -- hooks --------------------------------------------------------------------------------


def watch_state_hooks(name: str, number: int, part: Any, seen: list[Any]) -> None:
    """Register all four kinds of hooks, which write down what they get."""

    def before_saving(module, prefix, keep_vars):
        seen.append(("save pre", number, name, prefix, keep_vars))

    def after_saving(module, found, prefix, metadata):
        seen.append(("save", number, name, prefix, list(found), dict(metadata)))

    def before_loading(module, given, prefix, metadata, strict, missing, unexpected, errors):
        lists = (list(given), list(missing), list(unexpected), list(errors))
        seen.append(("load pre", number, name, prefix, lists, dict(metadata), strict))

    def after_loading(module, keys):
        seen.append(("load", number, name, list(keys.missing_keys), list(keys.unexpected_keys)))

    part.register_state_dict_pre_hook(before_saving)
    part.register_state_dict_post_hook(after_saving)
    part.register_load_state_dict_pre_hook(before_loading)
    part.register_load_state_dict_post_hook(after_loading)


@side_by_side
def test_order_of_state_hooks(torch: Any) -> Any:
    model, seen = network(torch), []
    for name, part in model.named_modules():
        for number in (1, 2):
            watch_state_hooks(name, number, part, seen)
    model.state_dict(prefix="p.", keep_vars=True)
    seen.append("loading")
    model.load_state_dict(model.state_dict())
    seen.append("again")
    given = model.state_dict()
    del given["0.bias"]
    given["1.x"] = 1
    model.load_state_dict(given, strict=False, assign=True)
    return seen


@side_by_side
def test_hooks_rename_keys(torch: Any) -> Any:
    class Renamed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)
            self.register_load_state_dict_pre_hook(self.rename)

        @staticmethod
        def rename(module, given, prefix, *rest):
            for key in list(given):
                if key.startswith(prefix + "old."):
                    given[key.replace("old.", "layer.")] = given.pop(key)

    model = torch.nn.Sequential(Renamed(), Renamed())
    given = {key.replace("layer", "old"): v * 0 for key, v in model.state_dict().items()}
    names = list(given)
    return model.load_state_dict(given), list(given) == names, dict(model.state_dict())


@side_by_side
def test_load_hooks_change_what_is_missing_and_unexpected(torch: Any) -> Any:
    model = torch.nn.Linear(1, 1)
    model.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.remove("bias"))
    model.register_load_state_dict_post_hook(lambda m, keys: keys.unexpected_keys.clear())
    given = {"weight": torch.ones(1, 1), "other": 1}
    return outcome(model.load_state_dict, given), model.weight


@side_by_side
def test_hooks_that_return_something(torch: Any) -> Any:
    saving, loading = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    saving.register_state_dict_post_hook(lambda *given: {})
    loading.register_load_state_dict_post_hook(lambda *given: 5)
    return outcome(saving.state_dict), outcome(loading.load_state_dict, saving.state_dict)


@side_by_side
def test_errors_that_a_pre_hook_reports(torch: Any) -> Any:
    model = torch.nn.Linear(1, 1)
    model.register_load_state_dict_pre_hook(lambda *given: given[-1].append("something is wrong"))
    return message(model.load_state_dict, model.state_dict())


@side_by_side
def test_handles_of_state_hooks(torch: Any) -> Any:
    model, seen = torch.nn.Identity(), []
    for kind in (
        "state_dict_pre",
        "state_dict_post",
        "load_state_dict_pre",
        "load_state_dict_post",
    ):
        register = getattr(model, f"register_{kind}_hook")
        handle = register(lambda *given, kind=kind: seen.append(("removed", kind)))
        register(lambda *given, kind=kind: seen.append(("kept", kind)))
        handle.remove()
    model.load_state_dict(model.state_dict())
    return seen


@side_by_side
def test_saved_keys_that_a_hook_removes(torch: Any) -> Any:
    model = network(torch)

    def remove(module, found, prefix, metadata):
        del found[prefix + "mean"]

    model[1].register_state_dict_post_hook(remove)
    return list(model.state_dict()), list(model.state_dict(prefix="m."))


# -- extra state --------------------------------------------------------------------------


def with_extra(torch: Any) -> Any:
    class Counts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.count = 0
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    return torch.nn.Sequential(Counts(), torch.nn.Sequential(Counts()))


@side_by_side
def test_extra_state(torch: Any) -> Any:
    model, other = with_extra(torch), with_extra(torch)
    model[0].count, model[1][0].count = 3, 4
    found = model.state_dict()
    result = other.load_state_dict(found)
    return dict(found), result, other[0].count, other[1][0].count


@side_by_side
def test_missing_and_unexpected_extra_state(torch: Any) -> Any:
    model = with_extra(torch)
    found = model.state_dict()
    del found["0._extra_state"]
    found["1._extra_state"] = 5
    return message(model.load_state_dict, found), model.load_state_dict(found, strict=False)


@side_by_side
def test_extra_state_with_one_method(torch: Any) -> Any:
    class Gets(torch.nn.Module):
        def get_extra_state(self):
            return 1

    class Sets(torch.nn.Module):
        def set_extra_state(self, state):
            self.state = state

    sets = Sets()
    return (
        list(Gets().state_dict()),
        outcome(Gets().load_state_dict, {"_extra_state": 1}),
        list(sets.state_dict()),
        outcome(sets.load_state_dict, {}),
        sets.load_state_dict({"_extra_state": 3}),
        sets.state,
        message(torch.nn.Module().get_extra_state)[0],
        message(torch.nn.Module().set_extra_state, 5)[0],
    )


# -- subclasses ---------------------------------------------------------------------------


@side_by_side
def test_extended_loading(torch: Any) -> Any:
    class Extended(torch.nn.Linear):
        _version = 2

        def _load_from_state_dict(
            self,
            state_dict,
            prefix,
            local_metadata,
            strict,
            missing_keys,
            unexpected_keys,
            error_msgs,
        ):
            self.version = local_metadata.get("version")
            if prefix + "w" in state_dict:
                state_dict[prefix + "weight"] = state_dict.pop(prefix + "w")
            super()._load_from_state_dict(
                state_dict,
                prefix,
                local_metadata,
                strict,
                missing_keys,
                unexpected_keys,
                error_msgs,
            )
            if prefix + "bias" in missing_keys:
                missing_keys.remove(prefix + "bias")

    model = torch.nn.Sequential(Extended(1, 1, bias=False), Extended(1, 1))
    torch.nn.init.zeros_(model[1].bias)
    given = {"0.w": torch.ones(1, 1), "1.w": torch.ones(1, 1)}
    result = model.load_state_dict(given), dict(model.state_dict()), model[0].version
    model.load_state_dict(model.state_dict())
    return result, model[0].version


@side_by_side
def test_round_trip_through_numpy(torch: Any) -> Any:
    model = network(torch)
    arrays = {key: value.numpy() for key, value in model.state_dict().items()}
    twin = network(torch)
    with torch.no_grad():
        twin[0].weight.zero_()
    twin.load_state_dict({key: torch.tensor(array) for key, array in arrays.items()})
    return dict(twin.state_dict())
