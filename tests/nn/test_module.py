"""Module: what it registers, how its tree is walked, converted, shown and classed."""

from __future__ import annotations

import abc
import gc
import weakref
from collections import OrderedDict
from typing import Any, Generic, TypeVar

import numpy as np
import pytest

import minitorch
from minitorch import nn

T = TypeVar("T")


class Owner(nn.Module):
    """A module with one of everything."""

    constant = 5

    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(minitorch.ones(2))
        self.register_parameter("no_p", None)
        self.register_buffer("b", minitorch.zeros(3))
        self.register_buffer("hidden", minitorch.zeros(1), persistent=False)
        self.register_buffer("no_b", None)
        self.c = nn.Linear(1, 1)
        self.register_module("no_c", None)
        self.plain = 3


def registered(module):
    return (
        list(module._parameters),
        list(module._buffers),
        list(module._modules),
        sorted(module._non_persistent_buffers_set),
    )


EVERYTHING = (["p", "no_p"], ["b", "hidden", "no_b"], ["c", "no_c"], ["hidden"])


def parameter():
    return nn.Parameter(minitorch.ones(4))


# -- registration -------------------------------------------------------------------------


def test_what_is_assigned_is_registered_by_its_kind():
    owner = Owner()
    assert registered(owner) == EVERYTHING
    assert owner._parameters["p"] is owner.p
    assert owner._buffers["b"] is owner.b
    assert owner._modules["c"] is owner.c
    assert (owner.no_p, owner.no_b, owner.no_c) == (None, None, None)
    owner.tensor = minitorch.ones(1)
    owner.modules_in_a_list = [nn.Identity()]
    assert registered(owner) == EVERYTHING


def test_buffers_by_assignment():
    module = nn.Module()
    module.kept = nn.Buffer(minitorch.ones(1))
    module.hidden = nn.Buffer(minitorch.ones(1), persistent=False)
    assert registered(module) == ([], ["kept", "hidden"], [], ["hidden"])
    module.hidden = minitorch.zeros(2)  # a Tensor in a buffer's place stays a buffer of its kind
    assert registered(module) == ([], ["kept", "hidden"], [], ["hidden"])
    assert module._buffers["hidden"].tolist() == [0.0, 0.0]
    module.hidden = nn.Buffer(minitorch.ones(1))
    assert list(module.state_dict()) == ["kept", "hidden"]
    module.kept = None
    assert list(module.state_dict()) == ["hidden"]
    module.register_buffer("kept", minitorch.ones(1), persistent=False)
    assert list(module.state_dict()) == ["hidden"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("c", parameter, (["p", "no_p", "c"], ["b", "hidden", "no_b"], ["no_c"], ["hidden"])),
        ("hidden", parameter, (["p", "no_p", "hidden"], ["b", "no_b"], ["c", "no_c"], [])),
        ("plain", parameter, (["p", "no_p", "plain"], *EVERYTHING[1:])),
        ("b", nn.Identity, (["p", "no_p"], ["hidden", "no_b"], ["c", "no_c", "b"], ["hidden"])),
        ("hidden", nn.Identity, (["p", "no_p"], ["b", "no_b"], ["c", "no_c", "hidden"], [])),
        ("p", lambda: None, EVERYTHING),
        ("c", lambda: None, EVERYTHING),
        ("b", lambda: None, EVERYTHING),
    ],
)
def test_a_value_of_another_kind_takes_the_place(name, value, expected):
    owner, new = Owner(), value()
    setattr(owner, name, new)
    assert registered(owner) == expected
    assert getattr(owner, name) is new


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("p", minitorch.ones(2), "cannot assign 'Tensor' as parameter 'p' (minitorch.nn.Parameter"),
        ("p", 5, "cannot assign 'int' as parameter 'p'"),
        ("p", nn.Identity(), "cannot assign 'Identity' as parameter 'p'"),
        ("p", nn.Buffer(minitorch.ones(1)), "cannot assign 'Buffer' as parameter 'p'"),
        ("no_p", 5, "cannot assign 'int' as parameter 'no_p'"),
        ("c", minitorch.ones(1), "cannot assign 'Tensor' as child module 'c' (minitorch.nn.Module"),
        ("c", nn.Buffer(minitorch.ones(1)), "cannot assign 'Buffer' as child module 'c'"),
        ("b", 5, "cannot assign 'int' as buffer 'b' (minitorch.Tensor or None expected)"),
        ("b", np.ones(3), "cannot assign 'ndarray' as buffer 'b'"),
    ],
)
def test_a_registered_name_refuses_what_is_of_no_use_there(name, value, message):
    owner = Owner()
    before = vars(owner).copy()
    with pytest.raises(TypeError) as caught:
        setattr(owner, name, value)
    assert message in str(caught.value)
    assert registered(owner) == EVERYTHING
    assert vars(owner) == before


REGISTER = {
    "register_parameter": parameter,
    "register_buffer": lambda: minitorch.ones(1),
    "register_module": nn.Identity,
    "add_module": nn.Identity,
}


@pytest.mark.parametrize("method", REGISTER)
@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("x.y", KeyError, "can't contain"),
        ("", KeyError, "can't be empty"),
        ("plain", KeyError, "attribute 'plain' already exists"),
        ("forward", KeyError, "attribute 'forward' already exists"),
        ("constant", KeyError, "attribute 'constant' already exists"),
        ("training", KeyError, "attribute 'training' already exists"),
        (5, TypeError, "name should be a string. Got int"),
        (None, TypeError, "name should be a string. Got NoneType"),
    ],
)
def test_names_that_are_refused(method, name, error, message):
    owner = Owner()
    with pytest.raises(error) as caught:
        getattr(owner, method)(name, REGISTER[method]())
    assert message in str(caught.value).replace("\\'", "'")
    assert registered(owner) == EVERYTHING


@pytest.mark.parametrize("method", REGISTER)
def test_a_name_may_be_registered_again_as_the_same_kind_alone(method):
    own = {"register_parameter": "p", "register_buffer": "b"}.get(method, "c")
    for name in ("p", "b", "c"):
        owner, new = Owner(), REGISTER[method]()
        if name == own:
            getattr(owner, method)(name, new)
            assert getattr(owner, name) is new
            continue
        with pytest.raises(KeyError, match="already exists"):
            getattr(owner, method)(name, new)
        assert registered(owner) == EVERYTHING


@pytest.mark.parametrize("value", [parameter, lambda: nn.Buffer(minitorch.ones(1))])
@pytest.mark.parametrize("name", ["x.y", "", "forward", "constant"])
def test_names_that_an_assignment_refuses(name, value):
    owner = Owner()
    before = vars(owner).copy()
    with pytest.raises(KeyError):
        setattr(owner, name, value())
    assert vars(owner) == before
    assert registered(owner) == EVERYTHING


@pytest.mark.parametrize("value", [5, "text", minitorch.ones(2), nn.Identity(), np.ones(2)])
def test_what_is_no_parameter_is_no_parameter(value):
    module = nn.Module()
    kind = type(value).__name__
    with pytest.raises(TypeError, match=f"'{kind}' object to parameter 'w'"):
        module.register_parameter("w", value)
    if not isinstance(value, nn.Module):
        with pytest.raises(TypeError, match=f"{kind} is not a Module subclass"):
            module.add_module("w", value)
    if not isinstance(value, minitorch.Tensor):
        with pytest.raises(TypeError, match=f"'{kind}' object to buffer 'w'"):
            module.register_buffer("w", value)
    assert not hasattr(module, "w")


def test_a_computed_parameter_is_refused():
    computed = nn.Parameter(minitorch.ones(1), requires_grad=False)
    computed.mul_(minitorch.ones(1, requires_grad=True))
    module = nn.Module()
    with pytest.raises(ValueError, match="Cannot assign non-leaf Tensor to parameter 'w'"):
        module.register_parameter("w", computed)
    with pytest.raises(ValueError, match="Cannot assign non-leaf Tensor to parameter 'w'"):
        module.w = computed
    assert not hasattr(module, "w")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda m: setattr(m, "x", parameter()), "cannot assign parameters before"),
        (lambda m: setattr(m, "x", nn.Identity()), "cannot assign module before"),
        (lambda m: setattr(m, "x", nn.Buffer(minitorch.ones(1))), "cannot assign buffer before"),
        (lambda m: m.register_parameter("x", parameter()), "cannot assign parameter before"),
        (lambda m: m.register_buffer("x", minitorch.ones(1)), "cannot assign buffer before"),
        (lambda m: m.add_module("x", nn.Identity()), "cannot assign module before"),
    ],
)
def test_registration_before_init_says_what_is_missing(action, message):
    class Early(nn.Module):
        def __init__(self):
            action(self)
            super().__init__()

    with pytest.raises(AttributeError) as caught:
        Early()
    assert f"{message} Module.__init__() call" in str(caught.value)


def test_a_second_init_starts_afresh():
    """What was registered is gone, rather than there and not trained."""
    owner = Owner()
    nn.Module.__init__(owner)
    assert registered(owner) == ([], [], [], [])
    assert [hasattr(owner, name) for name in ("p", "b", "c")] == [False] * 3
    assert owner.plain == 3


def test_other_attributes_may_be_set_before_init():
    class Early(nn.Module):
        def __init__(self):
            self.size = 3
            self.names = ["a"]
            super().__init__()

    assert (Early().size, Early().names) == (3, ["a"])


def test_unknown_attributes():
    owner = Owner()
    assert not hasattr(owner, "unknown")
    with pytest.raises(AttributeError, match="'Owner' object has no attribute 'unknown'"):
        owner.unknown  # noqa: B018
    with pytest.raises(AttributeError, match="unknown"):
        del owner.unknown


def test_deletion():
    owner = Owner()
    for name in ("p", "hidden", "c", "plain", "no_p"):
        delattr(owner, name)
        assert not hasattr(owner, name)
        with pytest.raises(AttributeError):
            delattr(owner, name)
    assert registered(owner) == ([], ["b", "no_b"], ["no_c"], [])


def test_changes_of_the_registries_show_in_the_attributes():
    owner, new = Owner(), parameter()
    owner._parameters["p"] = owner._parameters["q"] = new
    assert owner.p is owner.q is new
    assert owner._buffers.pop("b").tolist() == [0.0] * 3
    assert owner._buffers.pop("b", "default") == "default"
    with pytest.raises(KeyError):
        owner._buffers.pop("b")
    assert not hasattr(owner, "b")
    owner._modules.clear()
    assert not hasattr(owner, "c")
    child = nn.Identity()
    owner._modules.update(d=child)
    assert owner._modules.setdefault("d", nn.Sigmoid()) is owner.d is child
    assert owner._modules.popitem() == ("d", child)
    assert not hasattr(owner, "d")


def test_a_registry_does_not_keep_its_module_alive():
    owner = Owner()
    registry, reference = owner._parameters, weakref.ref(owner)
    gc.disable()
    try:
        del owner
        assert reference() is None  # by counting references alone: there is no cycle
    finally:
        gc.enable()
    registry["q"] = None
    del registry["p"]
    assert list(registry) == ["no_p", "q"]


def test_a_subclass_may_say_what_unknown_attributes_are():
    class Wrapper(nn.Module):
        def __init__(self, wrapped):
            super().__init__()
            self.wrapped = wrapped

        def __getattr__(self, name):
            return getattr(vars(self)["wrapped"], name)

    wrapper = Wrapper(nn.Linear(2, 3))
    assert wrapper.in_features == 2
    assert list(wrapper.state_dict()) == ["wrapped.weight", "wrapped.bias"]
    assert not hasattr(wrapper, "unknown")


def test_an_error_in_a_property_is_not_hidden():
    class Broken(nn.Module):
        @property
        def size(self):
            return self.there_is_none

    with pytest.raises(AttributeError, match="there_is_none"):
        Broken().size  # noqa: B018


# -- walks --------------------------------------------------------------------------------


def tree():
    """A network with a shared layer, a shared weight, shared buffers and gaps."""
    shared = nn.Linear(2, 2)
    root = nn.Module()
    root.first = nn.Sequential(shared, nn.Sigmoid(), shared)
    root.second, root.gap = shared, None
    root.tied = nn.Linear(2, 2, bias=False)
    root.tied.weight = shared.weight
    root.own = nn.Parameter(minitorch.zeros(1))
    root.register_module("gap_module", None)
    root.register_parameter("gap_parameter", None)
    root.register_buffer("steps", minitorch.tensor(3))
    root.tied.register_buffer("same", root.steps)
    shared.register_buffer("table", minitorch.ones(2), persistent=False)
    return root


def names(pairs):
    return [name for name, _ in pairs]


def test_modules_are_yielded_once_in_depth_first_order():
    root = tree()
    assert names(root.named_modules()) == ["", "first", "first.0", "first.1", "tied"]
    assert list(root.modules()) == [root, root.first, root.second, root.first[1], root.tied]
    assert names(root.named_modules(prefix="m")) == [
        "m",
        "m.first",
        "m.first.0",
        "m.first.1",
        "m.tied",
    ]
    every = ["", "first", "first.0", "first.1", "first.2", "second", "tied"]
    assert names(root.named_modules(remove_duplicate=False)) == every
    assert len(list(root.modules(remove_duplicate=False))) == 7
    memo = {root.first}
    assert names(root.named_modules(memo)) == ["", "second", "tied"]
    assert memo == {root, root.first, root.second, root.tied}


def test_children():
    root = tree()
    assert names(root.named_children()) == ["first", "second", "tied"]
    assert names(root.first.named_children()) == ["0", "1"]
    assert list(root.children()) == [root.first, root.second, root.tied]


def test_parameters_are_yielded_once():
    root = tree()
    assert names(root.named_parameters()) == ["own", "first.0.weight", "first.0.bias"]
    assert [id(p) for p in root.parameters()] == [
        id(root.own), id(root.second.weight), id(root.second.bias)
    ]  # fmt: skip
    assert names(root.named_parameters(recurse=False)) == ["own"]
    assert next(root.parameters(recurse=False)) is root.own
    assert names(root.named_parameters("m", recurse=False)) == ["m.own"]
    assert names(root.named_parameters(remove_duplicate=False)) == [
        "own", "first.0.weight", "first.0.bias", "first.2.weight", "first.2.bias",
        "second.weight", "second.bias", "tied.weight",
    ]  # fmt: skip


def test_buffers_are_yielded_once():
    root = tree()
    assert names(root.named_buffers()) == ["steps", "first.0.table"]
    assert [id(b) for b in root.buffers()] == [id(root.steps), id(root.second.table)]
    assert names(root.named_buffers(recurse=False)) == ["steps"]
    assert len(list(root.buffers(recurse=False))) == 1
    assert names(root.named_buffers(remove_duplicate=False))[-1] == "tied.same"


def test_apply_calls_children_first():
    seen = []
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Sigmoid()))
    assert model.apply(lambda module: seen.append(module)) is model
    assert seen == [model[0], model[1][0], model[1], model]


def test_training_mode():
    root = tree()
    assert root.training
    assert root.eval() is root
    assert not any(module.training for module in root.modules())
    root.first.train()
    assert [module.training for module in root.modules()] == [False, True, True, True, False]
    for mode in (1, "yes", None):
        with pytest.raises(ValueError, match="training mode is expected to be boolean"):
            root.train(mode)
    assert not root.training
    assert root.train() is root
    assert all(module.training for module in root.modules())


def test_requires_grad():
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    assert model[0].requires_grad_(False) is model[0]
    assert [p.requires_grad for p in model.parameters()] == [False, False, True, True]
    model(np.ones((1, 1), np.float32))
    model.backward(np.ones((1, 1), np.float32))
    assert [p.grad is None for p in model.parameters()] == [True, True, False, False]
    model.requires_grad_()
    assert all(p.requires_grad for p in model.parameters())


def test_zero_grad():
    layer = nn.Linear(2, 1)
    layer(minitorch.ones(1, 2)).sum().backward()
    held = layer.weight.grad
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad is held
    assert held.tolist() == [[0.0, 0.0]]
    layer(minitorch.ones(1, 2)).sum().backward()
    assert held.tolist() == [[1.0, 1.0]]
    layer.zero_grad()
    assert layer.weight.grad is layer.bias.grad is None
    assert held.tolist() == [[1.0, 1.0]]


# -- paths --------------------------------------------------------------------------------


def test_getting_by_path():
    root = tree()
    assert root.get_submodule("") is root
    assert root.get_submodule("first.1") is root.first[1]
    assert root.get_parameter("first.0.weight") is root.second.weight
    assert root.get_parameter("own") is root.own
    assert root.get_buffer("second.table") is root.second.table


@pytest.mark.parametrize(
    ("getter", "path", "message"),
    [
        ("get_submodule", "first.9", "Sequential has no attribute `9`"),
        ("get_submodule", "nothing.0", "Module has no attribute `nothing`"),
        ("get_submodule", "own", "`own` is not an nn.Module"),
        ("get_submodule", "gap_module", "`gap_module` is not an nn.Module"),
        ("get_submodule", "first.", "Sequential has no attribute ``"),
        ("get_parameter", "first.0", "`0` is not an nn.Parameter"),
        ("get_parameter", "gap_parameter", "`gap_parameter` is not an nn.Parameter"),
        ("get_parameter", "steps", "`steps` is not an nn.Parameter"),
        ("get_parameter", "tied.scale", "Linear has no attribute `scale`"),
        ("get_buffer", "own", "`own` is not a buffer"),
        ("get_buffer", "nothing", "Module has no attribute `nothing`"),
    ],
)
def test_a_path_to_nothing(getter, path, message):
    with pytest.raises(AttributeError) as caught:
        getattr(tree(), getter)(path)
    assert str(caught.value) == message


def test_get_parameter_through_a_property():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(1, 1)

        @property
        def weight(self):
            return self.inner.weight

    module = Tied()
    assert module.get_parameter("weight") is module.inner.weight


def test_setting_by_path():
    root, new = tree(), nn.Identity()
    root.set_submodule("first.1", new)
    assert root.first[1] is new
    root.set_submodule("first.extra", new)
    assert root.first.extra is new
    with pytest.raises(AttributeError, match="has no attribute `other`"):
        root.set_submodule("first.other", new, strict=True)
    with pytest.raises(AttributeError, match="has no attribute `nothing`"):
        root.set_submodule("nothing.0", new)
    with pytest.raises(AttributeError, match=r"`own` is not an nn\.Module"):
        root.set_submodule("own", new)
    with pytest.raises(ValueError, match="without a target name"):
        root.set_submodule("", new)
    with pytest.raises(ValueError, match=r"is not an nn\.Module, found"):
        root.set_submodule("first.1", minitorch.ones(1))
    assert list(root.first._modules) == ["0", "1", "2", "extra"]


# -- conversions --------------------------------------------------------------------------


def mixed():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    model.register_buffer("steps", minitorch.tensor(3))
    model.register_buffer("mean", minitorch.tensor([0.5]))
    model(minitorch.ones(1, 2)).sum().backward()
    return model


@pytest.mark.parametrize(
    ("convert", "dtype"),
    [
        (lambda m: m.double(), "float64"),
        (lambda m: m.half(), "float16"),
        (lambda m: m.float(), "float32"),
        (lambda m: m.to(minitorch.float64), "float64"),
        (lambda m: m.to(dtype=minitorch.float16), "float16"),
        (lambda m: m.to("cpu", minitorch.float64), "float64"),
        (lambda m: m.to(minitorch.ones(1, dtype=minitorch.float64)), "float64"),
        (lambda m: m.to("cpu"), "float32"),
        (lambda m: m.cpu(), "float32"),
        (lambda m: m.share_memory(), "float32"),
    ],
)
def test_conversion_of_what_is_floating_point(convert, dtype):
    model = mixed()
    parameters = list(model.parameters())
    grad = model[0].weight.grad
    values, slopes = model[0].weight.tolist(), grad.tolist()
    assert convert(model) is model
    assert [p.array.dtype.name for p in model.parameters()] == [dtype] * 2
    assert [p.grad.array.dtype.name for p in model.parameters()] == [dtype] * 2
    assert [b.array.dtype.name for b in model.buffers()] == ["int64", dtype]
    assert list(map(id, model.parameters())) == list(map(id, parameters))
    assert model[1].weight is model[0].weight
    assert model[0].weight.grad is grad
    np.testing.assert_allclose(model[0].weight.array, values, rtol=1e-3)
    np.testing.assert_allclose(grad.array, slopes, rtol=1e-3)
    assert model.mean is model._buffers["mean"]
    x = np.ones((1, 2), dtype)
    assert model(x).dtype == dtype
    assert model.backward(x).dtype == dtype


def test_type_converts_everything():
    module = nn.Module()
    module.register_buffer("steps", minitorch.tensor(3))
    module.p = nn.Parameter(minitorch.ones(1), requires_grad=False)
    assert module.type(minitorch.float64) is module
    assert module.steps.dtype is module.p.dtype is minitorch.float64
    module.type("torch.LongTensor")
    assert module.steps.dtype is module.p.dtype is minitorch.int64


def test_a_conversion_that_is_refused_changes_nothing():
    model = mixed()
    model[0].weight.requires_grad_(False)  # which is the first to be converted
    for convert in (
        lambda: model.type(minitorch.int64),
        lambda: model.to(minitorch.int64),
        lambda: model.to(minitorch.bool),
        lambda: model.to("cuda"),
        lambda: model.to("nowhere"),
    ):
        with pytest.raises((RuntimeError, TypeError)):
            convert()
        assert {p.array.dtype.name for p in model.parameters()} == {"float32"}
        assert model.steps.dtype is minitorch.int64
    with pytest.raises(TypeError, match="only accepts floating point dtypes, but got desired"):
        model.to(minitorch.int64)


def test_a_subclass_may_convert_more():
    class WithTensor(nn.Linear):
        def __init__(self):
            super().__init__(1, 1)
            self.constant = minitorch.ones(1)

        def _apply(self, fn, recurse=True):
            super()._apply(fn, recurse)
            self.constant = fn(self.constant)
            return self

    model = nn.Sequential(WithTensor())
    assert model.double()[0].constant.dtype is minitorch.float64


# -- text ---------------------------------------------------------------------------------


class Says(nn.Module):
    def __init__(self, text, **children):
        super().__init__()
        self.text = text
        for name, child in children.items():
            self.add_module(name, child)

    def extra_repr(self):
        return self.text


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (nn.Module(), "Module()"),
        (Says("width=3"), "Says(width=3)"),
        (Says("width=3\nheight=4"), "Says(\n  width=3\n  height=4\n)"),
        (Says("", a=nn.Sigmoid()), "Says(\n  (a): Sigmoid()\n)"),
        (Says("a=1", b=nn.Sigmoid()), "Says(\n  a=1\n  (b): Sigmoid()\n)"),
        (Says("", a=None), "Says(\n  (a): None\n)"),
        (
            Says("a\nb", c=Says("d\ne", f=nn.Sigmoid())),
            "Says(\n  a\n  b\n  (c): Says(\n    d\n    e\n    (f): Sigmoid()\n  )\n)",
        ),
        (
            nn.Sequential(OrderedDict(fc=nn.Linear(3, 2, bias=False), act=nn.Sigmoid())),
            "Sequential(\n  (fc): Linear(in_features=3, out_features=2, bias=False)\n"
            "  (act): Sigmoid()\n)",
        ),
        (nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"),
        (nn.MSELoss(), "MSELoss()"),
    ],
    ids=range(10),
)
def test_repr(module, expected):
    assert repr(module) == str(module) == expected


def test_dir_lists_what_can_be_written():
    model = nn.Sequential(nn.Linear(1, 1))
    model.own = parameter()
    listed = dir(model)
    assert {"own", "forward", "backward", "parameters", "training"} <= set(listed)
    assert "0" not in listed
    assert listed == sorted(listed)


# -- classes ------------------------------------------------------------------------------


def test_a_module_without_forward_says_so():
    class Empty(nn.Module):
        pass

    for call in (Empty(), Empty().forward):
        with pytest.raises(NotImplementedError, match=r"Module \[Empty\] is missing the required"):
            call(minitorch.ones(1))


def test_constructor_arguments_that_nobody_takes():
    with pytest.raises(TypeError, match=r"Module.__init__\(\) got unexpected 5, x=3"):
        nn.Module(5, x=3)

    class Named(nn.Module):
        def __init__(self):
            super().__init__(1)

    with pytest.raises(TypeError, match=r"Named.__init__\(\) got unexpected 1"):
        Named()


def test_cooperative_construction():
    calls = []

    class Counted:
        def __init__(self, *args, **kwargs):
            calls.append((args, kwargs))
            super().__init__(*args, **kwargs)

    class Before(Counted, nn.Linear):
        pass

    class After(nn.Linear, Counted):
        pass

    class Asked(nn.Module, Counted):
        call_super_init = True

    assert Before(2, 3, bias=False).weight.shape == (3, 2)
    After(2, 3)
    Asked()
    assert calls == [((2, 3), {"bias": False}), ((), {})]


def test_abstract_modules():
    class Layer(nn.Module, abc.ABC):
        @abc.abstractmethod
        def size(self):
            """Say how large it is."""

    class Concrete(Layer):
        def size(self):
            return 3

        def forward(self, input):
            return input * self.size()

    with pytest.raises(TypeError, match="abstract"):
        Layer()
    assert Concrete()(minitorch.ones(1)).tolist() == [3.0]
    assert Concrete()(np.ones(1)).tolist() == [3.0]


def test_generic_modules():
    class Box(nn.Module, Generic[T]):
        def __init__(self, value: T) -> None:
            super().__init__()
            self.value = value

        def forward(self, input: Any) -> Any:
            return input * self.value

    assert Box[int](3)(minitorch.ones(1)).tolist() == [3.0]
    assert repr(Box[int](3)) == "Box()"


def test_modules_with_fields():
    """A mixin that fills attributes in from the class's annotations."""

    class Fields:
        def __init__(self, **values):
            super().__init__()
            for name in self.__annotations__:
                setattr(self, name, values[name])

    class Layer(Fields, nn.Module):
        size: int
        inner: nn.Module
        weight: nn.Parameter

    layer = Layer(size=3, inner=nn.Sigmoid(), weight=parameter())
    assert names(layer.named_parameters()) == ["weight"]
    assert names(layer.named_children()) == ["inner"]
    assert layer.size == 3


def test_modules_are_equal_only_to_themselves():
    first, second = nn.Linear(1, 1), nn.Linear(1, 1)
    assert first != second
    assert first == first
    assert len({first, second, first}) == 2


def test_a_module_is_freed_without_the_garbage_collector():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid())
    reference = weakref.ref(model[0])
    model(minitorch.ones(1, 2)).sum().backward()
    gc.disable()
    try:
        del model
        assert reference() is None
    finally:
        gc.enable()
