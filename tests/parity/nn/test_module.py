"""Registration, walks through the tree, conversions, text and copies, as in PyTorch."""

from __future__ import annotations

import abc
import copy
import dataclasses
import io
import pickle
import weakref
from collections import OrderedDict
from typing import Any, Generic, TypeVar

import pytest

from tests.parity.side_by_side import message, outcome, side_by_side

T = TypeVar("T")

# -- registration -------------------------------------------------------------------------

NAMES = ["p", "b", "hidden", "c", "absent", "plain", "new", "x.y", "", "0"]
NAMES += ["training", "forward", "parameters", "constant", 1, None]
VALUES = {
    "parameter": lambda t: t.nn.Parameter(t.ones(3)),
    "None": lambda t: None,
    "tensor": lambda t: t.ones(3),
    "computed": lambda t: t.ones(3, requires_grad=True) * 2,
    "module": lambda t: t.nn.Sigmoid(),
    "buffer": lambda t: t.nn.Buffer(t.ones(4)),
    "hidden buffer": lambda t: t.nn.Buffer(t.ones(4), persistent=False),
    "number": lambda t: 5,
}
WAYS = {
    "assignment": setattr,
    "register_parameter": lambda m, name, value: m.register_parameter(name, value),
    "register_buffer": lambda m, name, value: m.register_buffer(name, value),
    "hidden buffer": lambda m, name, value: m.register_buffer(name, value, persistent=False),
    "register_module": lambda m, name, value: m.register_module(name, value),
    "add_module": lambda m, name, value: m.add_module(name, value),
    "deletion": lambda m, name, value: delattr(m, name),
}


def owner(torch: Any) -> Any:
    """A module with one of everything."""

    class Owner(torch.nn.Module):
        constant = 5

    module = Owner()
    module.p = torch.nn.Parameter(torch.ones(2))
    module.register_buffer("b", torch.zeros(2))
    module.register_buffer("hidden", torch.zeros(1), persistent=False)
    module.c = torch.nn.Linear(1, 1)
    module.register_parameter("absent", None)
    module.plain = 3
    return module


def registered(module: Any) -> Any:
    """What a module has registered, and as what; and its other attributes."""
    return (
        dict(module._parameters),
        dict(module._buffers),
        dict(module._modules),
        sorted(module._non_persistent_buffers_set),
        [name for name in ("plain", "new", "training") if hasattr(module, name)],
    )


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", WAYS)
@side_by_side
def test_registration(torch: Any, way: str, name: Any, value: str) -> Any:
    module = owner(torch)
    before = registered(module)
    result = outcome(WAYS[way], module, name, VALUES[value](torch))
    if isinstance(result, Exception):
        return result, before if torch.__name__ == "torch" else registered(module)
    return result, registered(module)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("way", list(WAYS)[:-1])
@side_by_side
def test_registration_before_init(torch: Any, way: str, value: str) -> Any:
    module = object.__new__(torch.nn.Module)
    result = outcome(WAYS[way], module, "x", VALUES[value](torch))
    return result, sorted({"x"} & vars(module).keys())


@side_by_side
def test_messages_of_registration(torch: Any) -> Any:
    module = owner(torch)
    parameter = torch.nn.Parameter(torch.ones(1))
    return [
        message(module.register_parameter, "b", parameter),
        message(module.register_parameter, "plain", parameter),
        message(module.register_buffer, "forward", torch.ones(1)),
        message(module.add_module, "p", torch.nn.Identity()),
        message(module.add_module, "new", 5),
        message(setattr, module, "c", 5),
        message(getattr, module, "unknown"),
        message(delattr, module, "unknown"),
    ]


@side_by_side
def test_attributes_that_are_not_registered(torch: Any) -> Any:
    module = owner(torch)
    module.tensor = torch.ones(2)
    module.modules_list = [torch.nn.Identity()]
    return registered(module), module.tensor, hasattr(module, "nothing"), "p" in dir(module)


@side_by_side
def test_class_attributes_of_the_same_name(torch: Any) -> Any:
    class Bare(torch.nn.Module):
        bias = None
        gate: Any = None

    module = Bare()
    return (
        outcome(setattr, module, "bias", torch.nn.Parameter(torch.ones(1))),
        outcome(setattr, module, "gate", torch.nn.Identity()),
        list(module._parameters),
        list(module._modules),
    )


@side_by_side
def test_properties_of_the_class(torch: Any) -> Any:
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Linear(2, 1, bias=False)

        @property
        def weight(self):
            return self.inner.weight

        @weight.setter
        def weight(self, value):
            self.inner.weight = value

        @property
        def broken(self):
            return self.there_is_none

    module = Tied()
    return (
        outcome(setattr, module, "weight", torch.nn.Parameter(torch.ones(1, 2))),
        sorted(module.state_dict()),
        module.weight is module.inner.weight,
        type(outcome(getattr, module, "broken")),
    )


@side_by_side
def test_getattr_of_a_subclass(torch: Any) -> Any:
    class Wrapper(torch.nn.Module):
        def __init__(self, wrapped):
            super().__init__()
            self.wrapped = wrapped

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.wrapped, name)

    module = Wrapper(torch.nn.Linear(2, 3))
    return (
        module.in_features,
        module.wrapped,
        outcome(getattr, module, "unknown"),
        sorted(module.state_dict()),
    )


@side_by_side
def test_direct_changes_of_the_registries(torch: Any) -> Any:
    module = owner(torch)
    new = torch.nn.Parameter(torch.zeros(5))
    module._parameters["p"] = new
    module._parameters["q"] = new
    module._buffers.pop("b")
    module._modules["c"] = torch.nn.Sigmoid()
    del module._modules["c"]
    module._modules.update(d=torch.nn.Identity())
    return (
        registered(module),
        module.p is new,
        module.q is new,
        hasattr(module, "b"),
        hasattr(module, "c"),
        module.d,
    )


# -- walks --------------------------------------------------------------------------------


def tree(torch: Any) -> Any:
    """A network with shared layers, parameters and buffers, and gaps."""
    nn = torch.nn
    shared = nn.Linear(2, 2)
    block = nn.Sequential(shared, nn.Sigmoid(), shared)
    root = nn.Module()
    root.first, root.second, root.gap, root.again = block, shared, None, block
    root.tied = nn.Linear(2, 2, bias=False)
    root.tied.weight = shared.weight
    root.own = nn.Parameter(torch.zeros(1))
    root.register_parameter("gap_parameter", None)
    root.register_module("gap_module", None)
    root.register_buffer("steps", torch.tensor(3))
    root.register_buffer("same", root.steps)
    root.first.register_buffer("below", root.steps)
    root.second.register_buffer("table", torch.ones(2), persistent=False)
    root.register_buffer("gap_buffer", None)
    return root


KINDS = ["parameters", "buffers", "modules"]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"prefix": "model"},
    {"recurse": False},
    {"remove_duplicate": False},
    {"prefix": "a.b", "recurse": False},
    {"prefix": "m", "remove_duplicate": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
@side_by_side
def test_named_walks(torch: Any, kind: str, options: dict[str, Any]) -> Any:
    walk = getattr(tree(torch), f"named_{kind}")
    return outcome(lambda: [name for name, _ in walk(**options)])


@side_by_side
def test_walks(torch: Any) -> Any:
    model = tree(torch)
    names = {id(module): name for name, module in model.named_modules()}
    return (
        [names[id(module)] for module in model.modules()],
        [names[id(module)] for module in model.modules(remove_duplicate=False)],
        [names[id(module)] for module in model.children()],
        [(name, names[id(module)]) for name, module in model.named_children()],
        [tuple(parameter.shape) for parameter in model.parameters()],
        [tuple(parameter.shape) for parameter in model.parameters(recurse=False)],
        [tuple(buffer.shape) for buffer in model.buffers()],
        [tuple(buffer.shape) for buffer in model.buffers(recurse=False)],
        list(model.state_dict()),
    )


@side_by_side
def test_walks_with_a_memo(torch: Any) -> Any:
    model = tree(torch)
    memo = {model.first}
    return [name for name, _ in model.named_modules(memo, "x")], len(memo)


@side_by_side
def test_walks_are_iterators(torch: Any) -> Any:
    model = tree(torch)
    walks = [model.parameters(), model.named_buffers(), model.children(), model.named_modules()]
    return [iter(walk) is walk for walk in walks], [type(next(walk)) for walk in walks[::2]]


@side_by_side
def test_apply(torch: Any) -> Any:
    model = tree(torch)
    seen: list[str] = []
    return model.apply(lambda module: seen.append(type(module).__name__)) is model, seen


@side_by_side
def test_training_mode(torch: Any) -> Any:
    model = tree(torch)
    modes = [model.eval() is model, [module.training for module in model.modules()]]
    model.first.train()
    modes.append([module.training for module in model.modules()])
    modes.append(outcome(model.train, 1))
    modes.append(outcome(model.train, "no"))
    modes.append([module.training for module in model.modules()])
    return modes


@side_by_side
def test_train_of_a_subclass_is_called(torch: Any) -> Any:
    class Frozen(torch.nn.Linear):
        def train(self, mode=True):
            return super().train(False)

    model = torch.nn.Sequential(Frozen(1, 1), torch.nn.Sigmoid())
    return [module.training for module in model.train().modules()]


@side_by_side
def test_requires_grad_and_zero_grad(torch: Any) -> Any:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    seen = [model[0].requires_grad_(False) is model[0]]
    seen.append([parameter.requires_grad for parameter in model.parameters()])
    model(torch.ones(1, 2)).sum().backward()
    held = model[1].weight.grad
    seen.append([parameter.grad is None for parameter in model.parameters()])
    model.zero_grad(set_to_none=False)
    seen.append([held.tolist(), model[1].weight.grad is held])
    model.zero_grad()
    seen.append([parameter.grad is None for parameter in model.parameters()])
    seen.append(held.tolist())
    return seen


# -- paths --------------------------------------------------------------------------------

PATHS = ["", "first", "first.0", "first.0.weight", "own", "steps", "gap", "gap_module", "first.9"]
PATHS += ["nothing", "first.nothing.0", "own.x", ".", "first.", ".first", "gap_parameter"]
PATHS += ["gap_buffer", "second.table", "training", "first.0.bias", "tied.bias"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("getter", ["get_submodule", "get_parameter", "get_buffer"])
@side_by_side
def test_getting_by_path(torch: Any, getter: str, path: str) -> Any:
    result = outcome(getattr(tree(torch), getter), path)
    if isinstance(result, Exception):
        return result, str(result)
    return tuple(result.shape) if hasattr(result, "shape") else result


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("value", ["module", "tensor", "None", "parameter"])
@pytest.mark.parametrize("path", PATHS)
@side_by_side
def test_setting_by_path(torch: Any, path: str, value: str, strict: bool) -> Any:
    model = tree(torch)
    result = outcome(model.set_submodule, path, VALUES[value](torch), strict)
    return result, [name for name, _ in model.named_modules(remove_duplicate=False)]


# -- conversions --------------------------------------------------------------------------


def mixed(torch: Any) -> Any:
    """A network with floating-point and integer state, a shared weight and a gradient."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    model[1].weight = model[0].weight
    for number, parameter in enumerate(model.parameters()):
        torch.nn.init.constant_(parameter, number + 1)
    model.register_buffer("steps", torch.tensor(3))
    model.register_buffer("mean", torch.tensor([0.1]))
    model.register_parameter("none", None)
    model(torch.ones(1, 2)).sum().backward()
    return model


CONVERSIONS = {
    "float": lambda m, t: m.float(),
    "double": lambda m, t: m.double(),
    "half": lambda m, t: m.half(),
    "to dtype": lambda m, t: m.to(t.float64),
    "to keyword": lambda m, t: m.to(dtype=t.float16),
    "to device": lambda m, t: m.to("cpu"),
    "to device object": lambda m, t: m.to(t.device("cpu")),
    "to both": lambda m, t: m.to("cpu", t.float64),
    "to keywords": lambda m, t: m.to(device="cpu", dtype=t.float64, non_blocking=True),
    "to tensor": lambda m, t: m.to(t.ones(1, dtype=t.float64)),
    "to nothing": lambda m, t: m.to(),
    "to integers": lambda m, t: m.to(t.int64),
    "to bool": lambda m, t: m.to(t.bool),
    "to integer tensor": lambda m, t: m.to(t.tensor(1)),
    "to elsewhere": lambda m, t: m.to("nowhere"),
    "to dtype, blocking": lambda m, t: m.to(t.float64, False),
    "type": lambda m, t: m.type(t.float64),
    "type name": lambda m, t: m.type("torch.DoubleTensor".replace("torch", t.__name__)),
    "type integers": lambda m, t: m.type(t.int64),
    "cpu": lambda m, t: m.cpu(),
    "share_memory": lambda m, t: m.share_memory(),
}


@pytest.mark.parametrize("conversion", CONVERSIONS)
@side_by_side
def test_conversions(torch: Any, conversion: str) -> Any:
    model = mixed(torch)
    parameters = list(model.parameters())
    result = outcome(CONVERSIONS[conversion], model, torch)
    return (
        True if result is model else result,
        dict(model.state_dict(keep_vars=True)),
        [parameter.grad for parameter in model.parameters()],
        all(a is b for a, b in zip(parameters, model.parameters(), strict=True)),
        model[0].weight is model[1].weight,
    )


@side_by_side
def test_converted_module_still_learns(torch: Any) -> Any:
    model = mixed(torch).double()
    model.zero_grad()
    model(torch.ones(1, 2, dtype=torch.float64)).sum().backward()
    return [parameter.grad for parameter in model.parameters()]


@side_by_side
def test_apply_to_tensors_of_a_subclass(torch: Any) -> Any:
    class WithTensor(torch.nn.Linear):
        def _apply(self, fn, recurse=True):
            super()._apply(fn, recurse)
            self.constant = fn(self.constant)
            return self

    layer = WithTensor(1, 1)
    layer.constant = torch.ones(1)
    return torch.nn.Sequential(layer).double()[0].constant, layer.weight.dtype


# -- text ---------------------------------------------------------------------------------


def texts(torch: Any) -> dict[str, Any]:
    nn = torch.nn

    class Says(nn.Module):
        def __init__(self, text, *children):
            super().__init__()
            self.text = text
            for number, child in enumerate(children):
                self.add_module(f"child{number}", child)

        def extra_repr(self):
            return self.text

    class Named(nn.Sigmoid):
        def _get_name(self):
            return "Other"

    return {
        "module": nn.Module(),
        "linear": nn.Linear(3, 2),
        "no bias": nn.Linear(3, 2, bias=False),
        "sigmoid": nn.Sigmoid(),
        "loss": nn.MSELoss(reduction="sum"),
        "identity": nn.Identity(5, x=2),
        "flatten": nn.Flatten(0, 2),
        "empty": nn.Sequential(),
        "nested": nn.Sequential(nn.Linear(1, 2), nn.Sequential(nn.Sigmoid(), nn.Sequential())),
        "named": nn.Sequential(OrderedDict(a=nn.Linear(1, 2), b=Named())),
        "one line": Says("width=3"),
        "two lines": Says("width=3\nheight=4"),
        "line and child": Says("width=3", nn.Sigmoid()),
        "lines and children": Says("a\nb", Says("c\nd", nn.Sigmoid()), nn.Linear(1, 1)),
        "none child": Says("", None, nn.Sigmoid()),
        "losses": nn.ModuleList([nn.MSELoss(), nn.MSELoss()]),
        "parameter": nn.Parameter(torch.ones(2)),
        "frozen parameter": nn.Parameter(torch.ones(2), requires_grad=False),
        "empty parameter": nn.Parameter(),
        "buffer": nn.Buffer(torch.ones(2)),
    }


@side_by_side
def test_repr(torch: Any) -> Any:
    return {name: repr(value) for name, value in texts(torch).items()}


@side_by_side
def test_str_is_repr(torch: Any) -> Any:
    return {name: str(value) for name, value in texts(torch).items()}


@side_by_side
def test_dir(torch: Any) -> Any:
    model = torch.nn.Sequential(torch.nn.Linear(1, 1))
    model.own = torch.nn.Parameter(torch.ones(1))
    listed = dir(model)
    return "0" in listed, "own" in listed, "forward" in listed, listed == sorted(listed)


# -- copies -------------------------------------------------------------------------------


def doubled(module: Any, args: Any, output: Any) -> Any:
    return output * 2


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


COPIES = {"pickle": pickled, "deepcopy": copy.deepcopy, "copy": copy.copy}


@pytest.mark.parametrize("way", COPIES)
@side_by_side
def test_copies(torch: Any, way: str) -> Any:
    model = mixed(torch)
    model.eval()
    model[0].register_forward_hook(doubled)
    model[1].weight.requires_grad_(False)
    model.names = ["a"]
    twin = COPIES[way](model)
    return (
        dict(twin.state_dict(keep_vars=True)),
        [parameter.grad is None for parameter in twin.parameters()],
        twin[0].weight is twin[1].weight,
        twin[0].weight is model[0].weight,
        twin.names is model.names,
        [module.training for module in twin.modules()],
        [type(parameter) for parameter in twin.parameters()],
        twin(torch.ones(1, 2)),
        model(torch.ones(1, 2)),
    )


@pytest.mark.parametrize("way", ["pickle", "deepcopy"])  # PyTorch's copy.copy shares the registry
@side_by_side
def test_a_copy_registers_on_its_own(torch: Any, way: str) -> Any:
    model = torch.nn.Linear(2, 2)
    torch.nn.init.ones_(model.weight)
    twin = COPIES[way](model)
    twin.extra = torch.nn.Parameter(torch.ones(1))
    twin.weight = torch.nn.Parameter(torch.zeros(2, 2))
    return sorted(dict(twin.named_parameters())), sorted(dict(model.named_parameters()))


@pytest.mark.parametrize("way", ["pickle", "deepcopy"])
@side_by_side
def test_copies_of_parameters(torch: Any, way: str) -> Any:
    parameter = torch.nn.Parameter(torch.ones(2, 3)[:, 1:])
    frozen = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    buffer = torch.nn.Buffer(torch.ones(2))
    parameter.tag = "kept by pickle alone"
    (parameter * 2).sum().backward()
    first, second, third, fourth = COPIES[way]([parameter, frozen, parameter, buffer])
    return first, first.grad, second, first is third, getattr(first, "tag", None), fourth


@side_by_side
def test_a_module_with_its_own_getstate(torch: Any) -> Any:
    class Connected(torch.nn.Linear):
        def __init__(self):
            super().__init__(1, 1)
            torch.nn.init.ones_(self.weight)
            torch.nn.init.ones_(self.bias)
            self.socket = weakref.ref(self)

        def __getstate__(self):
            state = super().__getstate__()
            del state["socket"]
            return state

        def __setstate__(self, state):
            super().__setstate__(state)
            self.socket = weakref.ref(self)

    twin = copy.deepcopy(Connected())
    return twin.socket() is twin, dict(twin.state_dict())


@side_by_side
def test_a_getstate_made_of_dict(torch: Any) -> Any:
    class Plain(torch.nn.Linear):
        def __getstate__(self):
            return {**self.__dict__, "note": "saved"}

    layer = Plain(1, 1)
    torch.nn.init.ones_(layer.weight)
    twin = copy.deepcopy(layer)
    twin.bias = None
    return twin.note, twin.weight, twin.weight is layer.weight, sorted(twin.state_dict())


@side_by_side
def test_weak_references_and_identity(torch: Any) -> Any:
    layer, other = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    reference = weakref.ref(layer)
    found = reference() is layer, layer == other, len({layer, other, layer})
    del layer
    return found, reference() is None


@side_by_side
def test_saving_to_a_stream(torch: Any) -> Any:
    stream = io.BytesIO()
    pickle.dump(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.MSELoss()), stream)
    stream.seek(0)
    return pickle.load(stream)


# -- classes ------------------------------------------------------------------------------


@side_by_side
def test_module_without_forward(torch: Any) -> Any:
    class Empty(torch.nn.Module):
        pass

    return message(Empty(), torch.ones(1)), message(Empty().forward, torch.ones(1))


@side_by_side
def test_with_an_abstract_base(torch: Any) -> Any:
    class Layer(torch.nn.Module, abc.ABC):
        @abc.abstractmethod
        def size(self):
            """Say how large it is."""

    class Concrete(Layer):
        def size(self):
            return 3

        def forward(self, input):
            return input * self.size()

    class Interface(abc.ABC):
        @abc.abstractmethod
        def forward(self, input):
            """Compute."""

    class Implements(torch.nn.Module, Interface):
        def forward(self, input):
            return input + 1

    # PyTorch's Module is no abstract class by itself: its type is `type`.
    layers = [outcome(Concrete), outcome(Implements)]
    return outcome(Layer), [layer(torch.ones(1)) for layer in layers]


@side_by_side
def test_with_generic(torch: Any) -> Any:
    class Box(torch.nn.Module, Generic[T]):
        def __init__(self, value: T) -> None:
            super().__init__()
            self.value = value

        def forward(self, input):
            return input * self.value

    return Box[int](3)(torch.ones(1)), Box(2)(torch.ones(1)), repr(Box[int](3))


@side_by_side
def test_mixins(torch: Any) -> Any:
    calls = []

    class Counted:
        def __init__(self, *args, **kwargs):
            calls.append((args, kwargs))
            super().__init__(*args, **kwargs)

    class Before(Counted, torch.nn.Linear):
        pass

    class After(torch.nn.Linear, Counted):
        pass

    class Cooperative(torch.nn.Module, Counted):
        call_super_init = True

    Before(2, 3, bias=False)
    After(2, 3)
    Cooperative()
    return calls, outcome(torch.nn.Module, 5), outcome(torch.nn.Module, x=5)


@side_by_side
def test_parameters_that_were_computed(torch: Any) -> Any:
    computed = torch.nn.Parameter(torch.ones(1), requires_grad=False)
    computed.mul_(torch.ones(1, requires_grad=True))
    module = torch.nn.Module()
    return (
        message(module.register_parameter, "w", computed),
        message(setattr, module, "w", computed),
        list(module._parameters),
    )


@side_by_side
def test_dataclasses(torch: Any) -> Any:
    @dataclasses.dataclass(eq=False)
    class Sized(torch.nn.Module):
        size: int
        name: str = "sized"

        def __post_init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(self.size, 1)

    @dataclasses.dataclass(eq=False)
    class Given(torch.nn.Module):
        layer: Any

        def __new__(cls, *args, **kwargs):
            module = super().__new__(cls)
            torch.nn.Module.__init__(module)
            return module

        def forward(self, input):
            return self.layer(input)

    sized, given = Sized(3), Given(torch.nn.Identity())
    return (
        (sized.size, sized.name, list(sized.state_dict())),
        [name for name, _ in given.named_modules()],
        given(torch.ones(1)),
        Sized(size=2, name="x").layer,
    )


@side_by_side
def test_a_second_init_starts_afresh(torch: Any) -> Any:
    module = owner(torch)
    torch.nn.Module.__init__(module)
    return registered(module), [hasattr(module, name) for name in ("p", "b", "c", "plain")]


@side_by_side
def test_slots_and_class_keywords(torch: Any) -> Any:
    class Registered(torch.nn.Module):
        found: Any = []  # noqa: RUF012 - shared on purpose

        def __init_subclass__(cls, /, label, **kwargs):
            super().__init_subclass__(**kwargs)
            cls.found.append(label)

    class Child(Registered, label="child"):
        def forward(self, input):
            return input

    return Registered.found, Child()(torch.ones(1))
