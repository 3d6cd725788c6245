"""State dicts, and copies by pickle and copy."""

from __future__ import annotations

import copy
import pickle
import threading
import weakref
from collections import OrderedDict

import numpy as np
import pytest

import minitorch
from minitorch import nn

KEYS = ["steps", "0.weight", "0.bias", "1.mean", "1.1.weight"]


def network():
    """A nested network with every kind of state."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Sigmoid(), nn.Linear(2, 1, bias=False)))
    model.register_buffer("steps", minitorch.tensor(3))
    model.register_buffer("none", None)
    model.register_parameter("no_parameter", None)
    model[1].register_buffer("mean", minitorch.tensor([0.5]))
    model[1].register_buffer("hidden", minitorch.ones(1), persistent=False)
    return model


def values(module):
    """Everything that loading may change, as it is now."""
    return {
        name: (id(tensor), tensor.tolist(), tensor.dtype, tensor.requires_grad, tensor._version)
        for name, tensor in module.state_dict(keep_vars=True).items()
    }


def other_state():
    return OrderedDict((key, value * 10) for key, value in network().state_dict().items())


# -- saving -------------------------------------------------------------------------------


def test_keys_are_paths_in_order_parameters_first():
    assert list(network().state_dict()) == KEYS
    assert list(network().state_dict(prefix="m.")) == [f"m.{key}" for key in KEYS]
    assert list(network()[1].state_dict()) == ["mean", "1.weight"]


def test_values_are_detached_and_share_memory():
    model = network()
    state = model.state_dict()
    assert type(state) is OrderedDict
    assert not state["0.weight"].requires_grad
    assert state["0.weight"].array is model[0].weight.array
    state["0.bias"].fill_(7.0)
    assert model[0].bias.tolist() == [7.0, 7.0]
    kept = model.state_dict(keep_vars=True)
    assert kept["0.weight"] is model[0].weight
    assert kept["steps"] is model.steps


def test_a_destination_is_added_to():
    destination = {"before": 1}
    assert network().state_dict(destination=destination, prefix="m.") is destination
    assert list(destination) == ["before", *(f"m.{key}" for key in KEYS)]


def test_metadata():
    class Versioned(nn.Linear):
        _version = 3

    model = nn.Sequential(Versioned(1, 1))
    assert model.state_dict()._metadata == {"": {"version": 1}, "0": {"version": 3}}
    twin = pickle.loads(pickle.dumps(model.state_dict()))
    assert twin._metadata == model.state_dict()._metadata


# -- loading ------------------------------------------------------------------------------


def test_loading_copies_values():
    model, state = network(), other_state()
    before = values(model)
    result = model.load_state_dict(state)
    assert result == ([], [])
    assert repr(result) == str(result) == "<All keys matched successfully>"
    for name, tensor in model.state_dict(keep_vars=True).items():
        assert id(tensor) == before[name][0]
        assert tensor.tolist() == state[name].tolist()
        assert tensor.array is not state[name].array
    with minitorch.no_grad():
        model[0].bias.add_(1)
    assert state["0.bias"].tolist() != model[0].bias.tolist()


def test_loading_counts_as_a_change_in_place():
    model = nn.Linear(2, 1)
    loss = model(minitorch.ones(1, 2, requires_grad=True)).sum()
    model.load_state_dict({key: value * 0 for key, value in model.state_dict().items()})
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
    assert model.weight.is_leaf
    assert model.weight.requires_grad


def test_loading_converts_silently():
    module = nn.Module()
    module.weight = nn.Parameter(minitorch.zeros(2))
    module.register_buffer("steps", minitorch.tensor([0, 0]))
    too_large = minitorch.tensor([1e300, 0.1], dtype=minitorch.float64)
    module.load_state_dict({"weight": too_large, "steps": minitorch.tensor([2.7, float("nan")])})
    assert module.weight.array.dtype == np.float32
    assert module.weight.tolist() == [float("inf"), np.float32(0.1)]
    assert module.steps.tolist()[0] == 2
    module.load_state_dict({"weight": minitorch.tensor([1, 2]), "steps": minitorch.tensor([3, 4])})
    assert module.weight.tolist() == [1.0, 2.0]


def test_one_element_for_a_scalar():
    model = network()
    model.load_state_dict({**other_state(), "steps": minitorch.tensor([8])})
    assert model.steps.tolist() == 8
    assert model.steps.shape == ()


@pytest.mark.parametrize("assign", [False, True])
def test_every_problem_is_named_in_one_error_and_nothing_is_changed(assign):
    model, state = network(), other_state()
    del state["0.bias"], state["steps"]
    state["1.1.weight"] = minitorch.ones(3, 4)
    state["1.mean"] = "text"
    state["other"] = state["1.unknown.weight"] = state["0.weight.more"] = minitorch.ones(1)
    before, given = values(model), dict(state)
    with pytest.raises(RuntimeError) as caught:
        model.load_state_dict(state, assign=assign)
    assert str(caught.value) == (
        "Error(s) in loading state_dict for Sequential:\n"
        '\tMissing key(s) in state_dict: "steps", "0.bias". \n'
        '\tUnexpected key(s) in state_dict: "other", "0.weight.more", "1.unknown.weight". \n'
        '\tWhile copying the parameter named "1.mean", expected minitorch.Tensor or Tensor-like '
        "object from checkpoint but received <class 'str'>\n"
        "\tsize mismatch for 1.1.weight: copying a param with shape minitorch.Size([3, 4]) from "
        "checkpoint, the shape in current model is minitorch.Size([1, 2])."
    )
    assert values(model) == before
    assert dict(state) == given


@pytest.mark.parametrize("assign", [False, True])
def test_without_strict_only_what_fits_in_name_is_loaded(assign):
    model, state = network(), other_state()
    del state["0.bias"]
    state["other"] = minitorch.ones(1)
    bias = model[0].bias.tolist()
    result = model.load_state_dict(state, strict=False, assign=assign)
    assert result.missing_keys == ["0.bias"]
    assert result.unexpected_keys == ["other"]
    assert repr(result) == "_IncompatibleKeys(missing_keys=['0.bias'], unexpected_keys=['other'])"
    assert model[0].weight.tolist() == state["0.weight"].tolist()
    assert model[0].bias.tolist() == bias
    before = values(model)
    state["0.weight"] = minitorch.ones(9)
    with pytest.raises(RuntimeError, match=r"size mismatch for 0\.weight"):
        model.load_state_dict(state, strict=False, assign=assign)
    assert values(model) == before


@pytest.mark.parametrize("given", [5, [1], None, "text"])
def test_what_is_no_state_dict(given):
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like, got <class"):
        network().load_state_dict(given)


@pytest.mark.parametrize("value", [np.ones((2, 2)), [[1.0, 2.0]], None, 5])
def test_what_is_no_tensor(value):
    with pytest.raises(RuntimeError, match="Tensor or Tensor-like object"):
        network().load_state_dict({**other_state(), "0.weight": value})


def test_non_persistent_buffers_are_neither_saved_nor_accepted():
    model = network()
    with pytest.raises(RuntimeError, match=r'Unexpected key\(s\) in state_dict: "1.hidden"'):
        model.load_state_dict({**other_state(), "1.hidden": minitorch.zeros(1)})
    assert model[1].hidden.tolist() == [1.0]


def test_keys_of_neighbours_that_share_a_beginning():
    model = nn.ModuleDict({"a": nn.Identity(), "ab": nn.Linear(1, 1)})
    with pytest.raises(RuntimeError) as caught:
        model.load_state_dict({**model.state_dict(), "abc": 1, "a.b.c": 2, "": 3})
    assert 'Unexpected key(s) in state_dict: "abc", "", "a.b.c". ' in str(caught.value)


def test_a_shared_weight_is_saved_under_each_name():
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    model[1].weight = model[0].weight
    assert list(model.state_dict()) == ["0.weight", "1.weight"]
    model.load_state_dict({"0.weight": minitorch.ones(1, 1), "1.weight": minitorch.ones(1, 1) * 2})
    assert model[0].weight is model[1].weight
    assert model[0].weight.tolist() == [[2.0]]


# -- assign=True --------------------------------------------------------------------------


def test_assigning_puts_the_given_tensors_in_place():
    model, state = network(), other_state()
    state["0.weight"] = state["0.weight"].double()
    given = nn.Parameter(minitorch.zeros(2))
    state["0.bias"] = given
    model.load_state_dict(state, assign=True)
    assert type(model[0].weight) is nn.Parameter
    assert model[0].weight.array is state["0.weight"].array
    assert model[0].weight.dtype is minitorch.float64
    assert model[0].bias is given
    assert model.steps is state["steps"]
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "1.1.weight"]


def test_assigning_keeps_what_was_frozen_frozen():
    layer = nn.Linear(1, 1).requires_grad_(False)
    given = nn.Linear(1, 1)
    layer.load_state_dict(given.state_dict(keep_vars=True), assign=True)
    assert layer.weight is given.weight
    assert not layer.weight.requires_grad
    layer.load_state_dict(nn.Linear(1, 1).state_dict(), assign=True)
    assert not layer.weight.requires_grad


def test_an_assignment_that_is_refused_changes_nothing():
    layer = nn.Linear(2, 1).requires_grad_(False)
    layer.weight.requires_grad_()
    given = nn.Parameter(minitorch.ones(1))
    before = values(layer)
    with pytest.raises(RuntimeError, match=r'parameter named "weight".*only Tensors of floating'):
        layer.load_state_dict({"bias": given, "weight": minitorch.tensor([[1, 2]])}, assign=True)
    assert values(layer) == before
    assert given.requires_grad


def test_a_weight_that_cannot_be_written_to():
    layer = nn.Linear(1, 1)
    layer.weight.array.flags.writeable = False
    before = values(layer)
    with pytest.raises(RuntimeError, match=r'parameter named "weight".*\n?.*read-only'):
        layer.load_state_dict(nn.Linear(1, 1).state_dict())
    assert values(layer) == before


# -- hooks --------------------------------------------------------------------------------


def test_hooks_before_and_after_saving():
    model, seen = nn.Sequential(nn.Linear(1, 1)), []
    for name, part in (("model", model), ("0", model[0])):
        part.register_state_dict_pre_hook(
            lambda m, prefix, keep, name=name: seen.append((name, prefix, keep))
        )
        part.register_state_dict_post_hook(
            lambda m, state, prefix, local, name=name: seen.append(
                (name, list(state), prefix, local)
            )
        )
    model.state_dict(prefix="p.", keep_vars=True)
    keys, local = ["p.0.weight", "p.0.bias"], {"version": 1}
    assert seen == [
        ("model", "p.", True),
        ("0", "p.0.", True),
        ("0", keys, "p.0.", local),
        ("model", keys, "p.", local),
    ]


def test_hooks_change_what_is_saved():
    layer = nn.Linear(1, 1)
    handle = layer.register_state_dict_post_hook(
        lambda module, state, prefix, local: state.pop(prefix + "bias") and None
    )
    assert list(nn.Sequential(layer).state_dict()) == ["0.weight"]
    handle.remove()
    assert list(layer.state_dict()) == ["weight", "bias"]
    layer.register_state_dict_post_hook(lambda *given: {})
    with pytest.raises(RuntimeError, match="state_dict post-hook must return None"):
        layer.state_dict()


def test_a_hook_before_loading_sees_its_own_part_and_may_rename():
    class Renamed(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(1, 1)
            self.register_load_state_dict_pre_hook(self.rename)

        def rename(self, module, state, prefix, local, strict, missing, unexpected, errors):
            assert module is self
            assert all(key.startswith(prefix) for key in state)
            assert strict
            for key in list(state):
                state[key.replace("old", "layer")] = state.pop(key)

    model = nn.Sequential(Renamed(), Renamed())
    for each in (model, copy.deepcopy(model)):
        given = {f"{n}.old.{name}": minitorch.ones(1, 1)[0] for n in "01" for name in ["bias"]}
        given |= {f"{n}.old.weight": minitorch.ones(1, 1) for n in "01"}
        keys = list(given)
        assert each.load_state_dict(given) == ([], [])
        assert list(given) == keys
        assert each[1].layer.weight.tolist() == [[1.0]]


def test_a_hook_before_loading_may_report_errors():
    layer = nn.Linear(1, 1)
    layer.register_load_state_dict_pre_hook(lambda *given: given[-1].append("wrong version"))
    with pytest.raises(RuntimeError, match="for Linear:\n\twrong version"):
        layer.load_state_dict(layer.state_dict())


def test_hooks_after_loading_run_with_the_new_values_children_first():
    model, seen = nn.Sequential(nn.Linear(1, 1)), []
    model.register_load_state_dict_post_hook(lambda m, keys: seen.append(type(m).__name__))
    model[0].register_load_state_dict_post_hook(
        lambda m, keys: seen.append((m.bias.item(), keys.missing_keys, keys.unexpected_keys))
    )
    model.load_state_dict({"0.bias": minitorch.tensor([5.0]), "x": 1}, strict=False)
    assert seen == [(5.0, ["0.weight"], ["x"]), "Sequential"]


def test_a_hook_after_loading_may_excuse_keys():
    layer = nn.Linear(1, 1)
    layer.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.remove("bias"))
    handle = layer.register_load_state_dict_post_hook(lambda m, keys: keys.unexpected_keys.clear())
    given = {"weight": minitorch.tensor([[5.0]]), "other": 1}
    assert layer.load_state_dict(given) == ([], [])
    assert layer.weight.tolist() == [[5.0]]
    handle.remove()
    before = values(layer)
    with pytest.raises(RuntimeError, match=r'Unexpected key\(s\) in state_dict: "other"'):
        layer.load_state_dict({"weight": minitorch.zeros(1, 1), "other": 1})
    assert values(layer) == before


@pytest.mark.parametrize("assign", [False, True])
def test_an_error_in_a_hook_after_loading_takes_everything_back(assign):
    model = network()

    def fail(module, keys):
        raise KeyError("on purpose")

    model.register_load_state_dict_post_hook(fail)
    before = values(model)
    with pytest.raises(KeyError, match="on purpose"):
        model.load_state_dict(other_state(), assign=assign)
    assert values(model) == before
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "1.1.weight"]


def test_what_was_taken_back_can_still_go_back():
    layer = nn.Linear(2, 1)
    loss = layer(minitorch.ones(1, 2)).sum()
    with pytest.raises(RuntimeError, match="Unexpected"):
        layer.load_state_dict({**nn.Linear(2, 1).state_dict(), "other": 1})
    loss.backward()
    assert layer.weight.grad.tolist() == [[1.0, 1.0]]


def test_a_hook_after_loading_returns_nothing():
    layer = nn.Linear(1, 1)
    layer.register_load_state_dict_post_hook(lambda m, keys: keys)
    before = values(layer)
    with pytest.raises(RuntimeError, match="not expected to return new values"):
        layer.load_state_dict(nn.Linear(1, 1).state_dict())
    assert values(layer) == before


def test_loading_within_loading():
    class Outer(nn.Module):
        """Loads its child by itself."""

        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(1, 1, bias=False)
            self.own = nn.Parameter(minitorch.zeros(1))

        def _load_from_state_dict(self, state_dict, prefix, *rest):
            self.inner.load_state_dict({"weight": state_dict.pop(prefix + "raw")})
            state_dict[prefix + "inner.weight"] = self.inner.weight.detach().clone()
            super()._load_from_state_dict(state_dict, prefix, *rest)

    module = Outer()
    before = values(module)
    with pytest.raises(RuntimeError, match="size mismatch for own"):
        module.load_state_dict({"raw": minitorch.ones(1, 1), "own": minitorch.ones(3)})
    assert values(module) == before
    module.load_state_dict({"raw": minitorch.ones(1, 1), "own": minitorch.ones(1)})
    assert module.inner.weight.tolist() == [[1.0]]


def test_loading_one_module_by_its_own_method():
    """Some libraries call the method with a plain dict."""
    layer = nn.Linear(1, 1)
    missing, unexpected, errors = [], [], []
    given = {"m.weight": minitorch.tensor([[4.0]]), "m.other": 1}
    layer._load_from_state_dict(given, "m.", {}, True, missing, unexpected, errors)
    assert (missing, unexpected, errors) == (["m.bias"], ["m.other"], [])
    assert layer.weight.tolist() == [[4.0]]
    missing.clear(), unexpected.clear()
    layer._load_from_state_dict(given, "m.", {}, False, missing, unexpected, errors)
    assert (missing, unexpected, errors) == ([], [], [])


# -- extra state --------------------------------------------------------------------------


class Counts(nn.Module):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.weight = nn.Parameter(minitorch.zeros(1))

    def get_extra_state(self):
        return {"count": self.count}

    def set_extra_state(self, state):
        self.count = state["count"]


def test_extra_state():
    model, other = nn.Sequential(Counts(), Counts()), nn.Sequential(Counts(), Counts())
    model[1].count = 4
    state = model.state_dict()
    assert list(state) == ["0.weight", "0._extra_state", "1.weight", "1._extra_state"]
    assert other.load_state_dict(state) == ([], [])
    assert [each.count for each in other] == [0, 4]
    del state["1._extra_state"]
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "1._extra_state"'):
        other.load_state_dict(state)
    with pytest.raises(RuntimeError, match=r'Unexpected key\(s\) in state_dict: "_extra_state"'):
        nn.Identity().load_state_dict({"_extra_state": 1})


def test_extra_state_is_taken_back_too():
    model = nn.Sequential(Counts(), Counts())
    state = nn.Sequential(Counts(), Counts()).state_dict()
    state["0._extra_state"] = {"count": 7}
    state["1._extra_state"] = {}
    state["0.weight"] = minitorch.ones(1)
    with pytest.raises(KeyError, match="count"):
        model.load_state_dict(state)
    assert [each.count for each in model] == [0, 0]
    assert model[0].weight.tolist() == [0.0]
    assert model[0].weight is model[0]._parameters["weight"]


def test_extra_state_that_nobody_wrote():
    for call in (nn.Identity().get_extra_state, lambda: nn.Identity().set_extra_state(1)):
        with pytest.raises(RuntimeError, match="should never be called"):
            call()


# -- copies -------------------------------------------------------------------------------


def by_pickle(module):
    return pickle.loads(pickle.dumps(module))


DEEP = pytest.mark.parametrize("way", [copy.deepcopy, by_pickle])


@DEEP
def test_deep_copies(way):
    model = network()
    model[1][1].weight.requires_grad_(False)
    model[0].tied = model[0].weight
    model.eval()
    model.names = ["a"]
    model(np.ones((1, 2), np.float32))
    twin = way(model)
    assert repr(twin) == repr(model)
    tensors = twin.state_dict(keep_vars=True)
    for name, tensor in model.state_dict(keep_vars=True).items():
        found = tensors[name]
        assert type(found) is type(tensor)
        assert found.tolist() == tensor.tolist()
        assert found.requires_grad == tensor.requires_grad
        assert found.array is not tensor.array
    assert twin[0].tied is twin[0].weight
    assert twin.names == ["a"]
    assert twin.names is not model.names
    assert not any(module.training for module in twin.modules())
    assert twin[1]._non_persistent_buffers_set == {"hidden"}


@DEEP
def test_a_deep_copy_registers_on_its_own(way):
    model = nn.Linear(1, 1)
    weight = model.weight
    twin = way(model)
    twin.weight = nn.Parameter(minitorch.zeros(1, 1))
    twin.extra = nn.Identity()
    assert twin._parameters["weight"] is twin.weight
    assert model.weight is model._parameters["weight"] is weight
    assert list(model._modules) == []


@DEEP
def test_a_copy_has_no_records_of_calls(way):
    model = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid())
    x = np.ones((1, 1), np.float32)
    model(x)
    twin = way(model)
    with pytest.raises(RuntimeError, match="call forward first"):
        twin.backward(x)
    assert model.backward(x).shape == (1, 1)


@pytest.mark.parametrize("name", ["OfDict", "IntoDict", "Plain"])
def test_a_shallow_copy_has_no_records_of_calls(name):
    model = {"OfDict": OfDict, "IntoDict": IntoDict, "Plain": nn.Linear}[name](1, 1)
    x = np.ones((1, 1), np.float32)
    model(x)
    with pytest.raises(RuntimeError, match="call forward first"):
        copy.copy(model).backward(x)


def test_a_shallow_copy_shares_tensors_and_registers_on_its_own():
    model = nn.Linear(1, 1)
    twin = copy.copy(model)
    assert twin.weight is model.weight
    twin.weight = nn.Parameter(minitorch.zeros(1, 1))
    twin.extra = nn.Identity()
    assert model.weight is model._parameters["weight"]
    assert model.weight is not twin.weight
    assert not hasattr(model, "extra")


class Connected(nn.Linear):
    """Has an attribute that cannot be copied, and leaves it out."""

    def __init__(self):
        super().__init__(1, 1)
        self.lock, self.me = threading.Lock(), weakref.ref(self)

    def __getstate__(self):
        state = super().__getstate__()
        del state["lock"], state["me"]
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        self.lock, self.me = threading.Lock(), weakref.ref(self)


class OfDict(nn.Linear):
    """Gives all its attributes."""

    def __getstate__(self):
        return self.__dict__.copy()


class IntoDict(nn.Linear):
    """Takes its attributes without asking the base class."""

    def __setstate__(self, state):
        self.__dict__.update(state)


def check_independent(module, twin):
    assert twin.weight is twin._parameters["weight"]
    assert twin.weight is not module.weight
    twin.weight = nn.Parameter(minitorch.zeros(1, 1))
    assert twin.weight is twin._parameters["weight"]
    assert module.weight is module._parameters["weight"]
    assert twin.weight is not module.weight
    twin.register_buffer("b", minitorch.ones(1))
    twin.double()
    assert twin.b is twin._buffers["b"]
    assert twin.b.dtype is minitorch.float64
    twin.bias = None
    assert list(twin.state_dict()) == ["weight", "b"]
    assert twin(minitorch.ones(1, 1, dtype=minitorch.float64)).tolist() == [[0.0]]


@DEEP
@pytest.mark.parametrize("kind", [Connected, lambda: OfDict(1, 1), lambda: IntoDict(1, 1)])
def test_own_ways_to_be_copied(kind, way):
    module = kind()
    twin = way(module)
    if isinstance(twin, Connected):
        assert twin.me() is twin
    check_independent(module, twin)


@DEEP
def test_own_getstate_after_a_call_with_arrays(way):
    module = OfDict(1, 1)
    module(np.ones((1, 1), np.float32))
    check_independent(module, way(module))


def test_a_registry_is_copied_as_a_plain_dict():
    model = nn.Linear(1, 1)
    for twin in (copy.deepcopy(model._parameters), copy.copy(model._parameters)):
        assert type(twin) is dict
        twin["weight"] = None
        assert model.weight is not None


@DEEP
def test_assigned_methods_are_copied(way):
    module = nn.Linear(1, 1)
    module.forward = constant_forward
    twin = way(module)
    assert twin(minitorch.ones(1, 1)).tolist() == [[5.0]]
    del twin.forward
    assert twin(minitorch.ones(1, 1)).tolist() != [[5.0]]
    assert module(minitorch.ones(1, 1)).tolist() == [[5.0]]


def constant_forward(input):
    return input * 0 + 5
