"""Runs the same operations on PyTorch's containers and on ours and compares what is left."""

from __future__ import annotations

import copy
import inspect
import operator
import pickle
from collections import OrderedDict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

CONTAINERS = ["Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"]


class Library:
    """One of the two packages, and the containers that the cases begin with."""

    def __init__(self, package: Any) -> None:
        self.package = package
        self.nn = package.nn
        self.ones, self.zeros = package.ones, package.zeros

    def identity(self) -> Any:
        return self.nn.Identity()

    def linear(self) -> Any:
        return self.nn.Linear(1, 1)

    def modules(self) -> list[Any]:
        return [self.nn.Identity(), self.nn.Sigmoid(), self.nn.Linear(2, 3)]

    def chain(self) -> Any:
        return self.nn.Sequential(*self.modules())

    def named(self) -> Any:
        return self.nn.Sequential(OrderedDict(zip("abc", self.modules(), strict=True)))

    def layers(self) -> Any:
        return self.nn.ModuleList(self.modules())

    def choices(self) -> Any:
        return self.nn.ModuleDict({"b": self.nn.Linear(1, 2), "a": self.nn.Sigmoid()})

    def values(self) -> Any:
        return self.nn.ParameterList([self.ones(2), self.nn.Parameter(self.zeros(2, 3)), 5])

    def table(self) -> Any:
        return self.nn.ParameterDict(
            {"b": self.ones(2), "a": self.nn.Parameter(self.zeros(2, 3)), "n": 5}
        )


def after(container: Any, *operations: Callable[[Any], Any]) -> Any:
    """Change a container; what it is then, and what the operations returned."""
    results = [operation(container) for operation in operations]
    return container, [None if each is container else each for each in results]


def delete(index: Any) -> Callable[[Any], None]:
    return lambda container: operator.delitem(container, index)


def assign(index: Any, value: Any) -> Callable[[Any], None]:
    return lambda container: operator.setitem(container, index, value)


def outcome(case: Callable[[Library], Any], package: Any) -> Any:
    """What a case gives, in words that both packages share; or the type of its error."""
    try:
        return description(case(Library(package)))
    except Exception as error:
        return type(error)


def description(value: Any) -> Any:
    if hasattr(value, "state_dict"):
        return (
            repr(value).replace("minitorch", "torch"),
            len(value) if hasattr(value, "__len__") else None,
            [(name, tuple(tensor.shape)) for name, tensor in value.state_dict().items()],
        )
    if isinstance(value, (torch.Tensor, minitorch.Tensor)):
        return type(value).__name__, value.tolist(), value.requires_grad
    if isinstance(value, (tuple, list)):
        return [description(each) for each in value]
    return repr(value)


CASES: dict[str, list[Callable[[Library], Any]]] = {
    "Sequential": [
        lambda t: t.nn.Sequential(),
        lambda t: t.nn.Sequential(None, t.identity()),
        lambda t: t.nn.Sequential([t.identity()]),
        lambda t: t.nn.Sequential({"a": t.identity()}),
        lambda t: t.nn.Sequential(OrderedDict(a=t.identity()), t.identity()),
        lambda t: t.nn.Sequential(OrderedDict({"a.b": t.identity()})),
        lambda t: t.nn.Sequential(OrderedDict({"": t.identity()})),
        lambda t: t.nn.Sequential(OrderedDict({"forward": t.identity()})),
        lambda t: t.nn.Sequential(OrderedDict({1: t.identity()})),
        lambda t: t.nn.Sequential(t.chain(), t.named(), t.layers(), t.choices()),
        lambda t: t.named().b,
        lambda t: t.chain() + t.named(),
        lambda t: t.chain() + t.modules(),
        lambda t: t.modules() + t.chain(),
        lambda t: t.chain() + t.layers(),
        lambda t: operator.iadd(t.named(), t.chain()),
        lambda t: operator.iadd(t.chain(), t.modules()),
        lambda t: t.chain() * 2,
        lambda t: 3 * t.named(),
        lambda t: t.chain() * True,
        lambda t: t.chain() * 0,
        lambda t: t.chain() * 1.5,
        lambda t: operator.imul(t.chain(), 3),
        lambda t: operator.imul(t.chain(), 1),
        lambda t: operator.imul(t.chain(), -1),
        lambda t: operator.imul(t.chain(), "2"),
        lambda t: t.named().append(t.linear()),
        lambda t: t.chain().append(5),
        lambda t: t.chain().append(None),
        lambda t: t.named().extend(t.layers()),
        lambda t: t.chain().extend(5),
        lambda t: t.chain().extend([5]),
        lambda t: t.chain().extend(t.choices()),
        *(lambda t, i=i: t.chain().insert(i, t.linear()) for i in range(-4, 5)),  # type: ignore[misc]
        lambda t: t.named().insert(3, t.linear()),
        lambda t: t.chain().insert(0, 5),
        lambda t: t.chain().insert(0, None),
        lambda t: t.named()[1:],
        lambda t: t.nn.Sequential()(t.ones(2)),
        lambda t: t.nn.Sequential(t.identity(), None)(t.ones(2)),
        lambda t: after(t.named(), delete(0)),
        lambda t: after(t.named(), assign(0, t.linear())),
        lambda t: after(t.named(), lambda chain: chain.pop(slice(0, 2))),
        lambda t: t.chain().pop(),
    ],
    "ModuleList": [
        lambda t: t.nn.ModuleList(),
        lambda t: t.nn.ModuleList(None),
        lambda t: t.nn.ModuleList(each for each in t.modules()),
        lambda t: t.nn.ModuleList(t.chain()),
        lambda t: t.nn.ModuleList(t.choices()),
        lambda t: t.nn.ModuleList(5),
        lambda t: t.nn.ModuleList([5]),
        lambda t: t.nn.ModuleList("ab"),
        lambda t: t.nn.ModuleList([None, None, t.identity()]),
        lambda t: t.nn.ModuleList([t.linear() for _ in range(3)]),
        lambda t: t.nn.ModuleList([*t.modules(), t.linear(), t.linear(), *t.modules()]),
        lambda t: t.nn.ModuleList([t.chain(), t.chain(), t.named(), t.layers(), t.layers()]),
        lambda t: t.nn.ModuleList([t.values(), t.values(), t.table()]),
        lambda t: t.nn.Sequential(t.nn.ModuleList([t.layers(), t.layers()])),
        lambda t: t.layers() + t.layers(),
        lambda t: t.layers() + t.chain(),
        lambda t: t.layers() + iter(t.modules()),
        lambda t: t.layers() + 5,
        lambda t: t.modules() + t.layers(),
        lambda t: t.layers() * 2,
        lambda t: operator.iadd(t.layers(), t.modules()),
        lambda t: operator.iadd(t.layers(), 5),
        lambda t: t.layers().append(t.linear()),
        lambda t: t.layers().append(None),
        lambda t: t.layers().append(5),
        lambda t: t.layers().extend(t.chain()),
        lambda t: t.layers().extend(5),
        lambda t: t.layers().extend(t.choices()),
        *(lambda t, i=i: after(t.layers(), lambda m: m.insert(i, t.linear())) for i in range(4)),  # type: ignore[misc]
        lambda t: after(t.layers(), lambda layers: setattr(layers, "extra", t.identity())),
        lambda t: t.layers()(t.ones(2)),
        lambda t: t.layers().pop(),
    ],
    "ModuleDict": [
        lambda t: t.nn.ModuleDict(),
        lambda t: t.nn.ModuleDict(OrderedDict(b=t.identity(), a=t.linear())),
        lambda t: t.nn.ModuleDict(MappingProxyType({"b": t.identity(), "a": t.linear()})),
        lambda t: t.nn.ModuleDict([("b", t.identity()), ["a", t.linear()]]),
        lambda t: t.nn.ModuleDict(t.choices()),
        lambda t: t.nn.ModuleDict([("a",)]),
        lambda t: t.nn.ModuleDict([("a", t.identity(), 1)]),
        lambda t: t.nn.ModuleDict([5]),
        lambda t: t.nn.ModuleDict(5),
        lambda t: t.nn.ModuleDict("ab"),
        lambda t: t.nn.ModuleDict(["ab"]),
        lambda t: t.nn.ModuleDict({"a": None}),
        lambda t: t.nn.ModuleDict({"a": 5}),
        *(  # type: ignore[misc]
            lambda t, key=key: t.nn.ModuleDict({key: t.identity()})
            for key in (1, "0", "a.b", "", "keys", "training", "forward")
        ),
        lambda t: t.choices()["a"],
        lambda t: t.choices().a,
        lambda t: t.choices()["z"],
        lambda t: t.choices()[0],
        lambda t: after(t.choices(), assign("c", t.linear()), assign("b", t.identity())),
        lambda t: after(t.choices(), assign("b", 5)),
        lambda t: after(t.choices(), assign("b", None)),
        lambda t: after(t.choices(), delete("b")),
        lambda t: after(t.choices(), delete("z")),
        lambda t: [list(t.choices()), "a" in t.choices(), 1 in t.choices()],
        lambda t: after(t.choices(), lambda choices: choices.clear()),
        lambda t: after(t.choices(), lambda choices: choices.pop("b")),
        lambda t: t.choices().pop("z"),
        lambda t: t.choices().pop("z", None),
        lambda t: [t.choices().keys(), t.choices().values(), t.choices().items()],
        lambda t: after(t.choices(), lambda choices: choices.update({"z": t.linear()})),
        lambda t: after(t.choices(), lambda choices: choices.update([("b", t.linear())])),
        lambda t: after(t.choices(), lambda choices: choices.update(t.choices())),
        lambda t: after(t.choices(), lambda choices: choices.update(choices)),
        lambda t: t.choices().update(),
        lambda t: t.choices().update(5),
        lambda t: t.choices() | t.choices(),
        lambda t: t.choices()(t.ones(2)),
        lambda t: t.nn.ModuleDict({"x": t.layers(), "y": t.table()}),
    ],
    "ParameterList": [
        lambda t: t.nn.ParameterList(),
        lambda t: t.values(),
        lambda t: t.nn.ParameterList([t.nn.Parameter(t.zeros(())), t.zeros(3).double()]),
        lambda t: t.nn.ParameterList([t.zeros(2).long()]),
        lambda t: t.nn.ParameterList([t.nn.Parameter(t.zeros(2).long(), requires_grad=False)]),
        lambda t: t.nn.ParameterList([t.nn.Buffer(t.ones(2))]),
        lambda t: t.nn.ParameterList([t.ones(2, requires_grad=True) * 2]),
        lambda t: t.nn.ParameterList([None, "x", [1], (1, 2), np.zeros(2)]),
        lambda t: t.nn.ParameterList([t.linear(), t.values(), t.table(), 5]),
        lambda t: t.nn.ParameterList(5),
        lambda t: t.nn.ParameterList("ab"),
        lambda t: t.nn.ParameterList(t.ones(2, 2)),
        lambda t: t.nn.ParameterList(t.values()),
        lambda t: t.nn.ParameterList(t.table()),
        lambda t: list(t.values()),
        lambda t: [t.values()[0], t.values()[-1], t.values()[np.int64(1)]],
        lambda t: after(t.values(), assign(0, t.zeros(4)), assign(-1, t.ones(2))),
        lambda t: after(t.values(), assign(0, 5)),
        lambda t: after(t.values(), assign(0, None)),
        lambda t: after(t.values(), assign(3, t.ones(1))),
        lambda t: after(t.values(), delete(0)),
        lambda t: operator.iadd(t.values(), t.values()),
        lambda t: operator.iadd(t.values(), 5),
        lambda t: t.values() + t.values(),
        lambda t: t.values().append(t.ones(1)).append(None),
        lambda t: t.values().extend([t.ones(1), "x"]),
        lambda t: t.values().extend(t.ones(1)),
        lambda t: after(t.values(), lambda values: values.extend(values)),
        lambda t: t.values()(t.ones(1)),
        lambda t: t.values()(),
        lambda t: t.values().forward(t.ones(1)),
        lambda t: t.values().double(),
        lambda t: list(t.values().requires_grad_(False)),
    ],
    "ParameterDict": [
        lambda t: t.nn.ParameterDict(),
        lambda t: t.table(),
        lambda t: t.table().double(),
        *(  # type: ignore[misc]
            lambda t, given=given: t.nn.ParameterDict(given)
            for given in (
                {"b": 1, "a": 2},
                OrderedDict(b=1, a=2),
                MappingProxyType({"b": 1, "a": 2}),
                [("b", 1), ["a", 2]],
                [("a",)],
                [("a", 1, 2)],
                ["ab"],
                [5],
                5,
                "ab",
                {1: 5},
                {"a.b": 5},
            )
        ),
        lambda t: t.nn.ParameterDict(t.table()),
        *(  # type: ignore[misc]
            lambda t, key=key: t.nn.ParameterDict({key: t.ones(1)})
            for key in (1, "0", "a.b", "", "keys", "forward")
        ),
        lambda t: t.nn.ParameterDict({"a": t.linear(), "b": t.values(), "c": None}),
        lambda t: t.nn.ParameterDict({"a": t.zeros(2).long()}),
        lambda t: t.nn.ParameterDict({"a": t.nn.Buffer(t.ones(2))}),
        lambda t: [t.table()["a"], t.table().b, t.table()["n"], t.table().n],
        lambda t: t.table()["z"],
        lambda t: t.table()[0],
        lambda t: after(t.table(), assign("z", t.ones(1)), assign("n", t.ones(2))),
        lambda t: after(t.table(), assign("a", 5)),
        lambda t: after(t.table(), assign("a", None)),
        lambda t: after(t.table(), assign(5, t.ones(1))),
        lambda t: after(t.table(), delete("b"), delete("n")),
        lambda t: after(t.table(), delete("z")),
        lambda t: [list(t.table()), list(reversed(t.table())), "a" in t.table(), 5 in t.table()],
        lambda t: t.table().copy(),
        lambda t: after(t.table(), lambda table: table.setdefault("a", 9)),
        lambda t: after(t.table(), lambda table: table.setdefault("z", t.ones(1))),
        lambda t: after(t.table(), lambda table: table.setdefault("z")),
        lambda t: after(t.table(), lambda table: table.clear()),
        lambda t: after(t.table(), lambda table: table.pop("b")),
        lambda t: after(t.table(), lambda table: table.popitem()),
        lambda t: t.table().pop("z"),
        lambda t: t.table().pop("z", None),
        lambda t: t.nn.ParameterDict().popitem(),
        lambda t: [t.table().get("a"), t.table().get("z"), t.table().get("z", 7)],
        lambda t: t.table().get(5, 1),
        lambda t: t.table().fromkeys(["y", "x"]),
        lambda t: t.table().fromkeys("yx", t.ones(2)),
        lambda t: [t.table().keys(), list(t.table().values()), list(t.table().items())],
        lambda t: after(t.table(), lambda table: table.update({"z": 1, "c": t.ones(1)})),
        lambda t: after(t.table(), lambda table: table.update(OrderedDict(z=1, c=2))),
        lambda t: after(t.table(), lambda table: table.update([("z", 1), ("c", 2)])),
        lambda t: after(t.table(), lambda table: table.update(t.table())),
        lambda t: t.table().update(5),
        lambda t: t.table() | {"z": 1, "y": 2},
        lambda t: t.table() | t.nn.ParameterDict([("z", 1), ("y", 2)]),
        lambda t: t.table() | 5,
        lambda t: {"z": 1, "a": 2} | t.table(),
        lambda t: operator.ior(t.table(), {"z": 1}),
        lambda t: operator.ior(t.table(), 5),
        lambda t: t.table()(t.ones(1)),
        lambda t: t.table()(),
        lambda t: after(t.table(), lambda table: setattr(table, "x", t.nn.Parameter(t.ones(1)))),
    ],
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{name}-{number}")
        for name, cases in CASES.items()
        for number, case in enumerate(cases)
    ],
)
def test_operation(case: Callable[[Library], Any]) -> None:
    assert outcome(case, minitorch) == outcome(case, torch)


INDICES = [0, 1, -1, -3, 3, -4, True, np.int64(1), "a", 1.0, None]
SLICES = [slice(*ends) for ends in ((1,), (1, None), (0, 0), (-2, 9), (None, None, -1), (0, 3, 2))]


@pytest.mark.parametrize("index", [*INDICES, *SLICES], ids=str)
@pytest.mark.parametrize("kind", ["chain", "layers", "values"])
@pytest.mark.parametrize(
    "operation",
    [
        lambda container, new, index: container[index],
        lambda container, new, index: after(container, assign(index, new)),
        lambda container, new, index: after(container, delete(index)),
        lambda container, new, index: after(container, lambda each: each.pop(index)),
    ],
    ids=["get", "set", "delete", "pop"],
)
def test_index(operation: Any, kind: str, index: Any) -> None:
    def case(t: Library) -> Any:
        new = t.zeros(4) if kind == "values" else t.linear()
        return operation(getattr(t, kind)(), new, index)

    assert outcome(case, minitorch) == outcome(case, torch)


@pytest.mark.parametrize("kind", ["chain", "named", "layers", "choices", "values", "table"])
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, copy.copy, lambda value: pickle.loads(pickle.dumps(value))]
)
def test_copies(kind: str, duplicate: Callable[[Any], Any]) -> None:
    def case(t: Library) -> Any:
        return duplicate(getattr(t, kind)())

    assert outcome(case, minitorch) == outcome(case, torch)


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_public_method_has_the_same_parameters(name: str) -> None:
    theirs, ours = getattr(torch.nn, name), getattr(minitorch.nn, name)
    methods = [
        method
        for method in {*dir(theirs), "__init__"} - set(dir(torch.nn.Module))
        if not method.startswith("_") or method.endswith("__")
    ]
    for method in methods:
        given = getattr(ours(), method)
        if method.startswith("__"):
            continue  # the parameters of these have no names for a caller
        expected = inspect.signature(getattr(theirs(), method)).parameters.values()
        found = inspect.signature(given).parameters.values()
        assert [(each.name, each.default) for each in found] == [
            (each.name, each.default) for each in expected
        ], method


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_constructor_has_the_same_parameters(name: str) -> None:
    expected = inspect.signature(getattr(torch.nn, name)).parameters
    assert list(inspect.signature(getattr(minitorch.nn, name)).parameters) == list(expected)


def test_values_and_gradients(rng: np.random.Generator) -> None:
    def step(t: Library, x: Any, state: dict[str, Any] | None) -> tuple[Any, ...]:
        nn = t.nn

        class Net(nn.Module):  # type: ignore[name-defined,misc]
            def __init__(self) -> None:
                super().__init__()
                chain = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 3)) * 2
                self.chain = chain[:-1].insert(0, nn.Sigmoid()).append(chain[2]).append(chain[0])
                self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])
                self.layers += [nn.Sigmoid()]
                self.choices = nn.ModuleDict({"b": nn.Linear(4, 2), "a": nn.Identity()})
                self.scales = nn.ParameterList([t.ones(2), 2.0, t.ones(2) * 3])
                self.table = nn.ParameterDict({"shift": t.ones(2), "factor": 0.5})

            def forward(self, input: Any) -> Any:
                output = self.chain(input)
                for layer in reversed(self.layers):
                    output = layer(output)
                for choice in self.choices.values():
                    output = choice(output)
                for scale in self.scales[:2]:
                    output = output * scale
                return output * self.table["factor"] + self.table.shift

        net = Net()
        if state is not None:
            net.load_state_dict({key: t.package.tensor(value) for key, value in state.items()})
        input = t.package.tensor(x, requires_grad=True)
        output = net(input)
        (output * output).sum().backward()
        grads = [
            None if each.grad is None else each.grad.detach().tolist() for each in net.parameters()
        ]
        state = {key: value.detach().tolist() for key, value in net.state_dict().items()}
        return state, output.detach().tolist(), input.grad.tolist(), grads

    x = rng.standard_normal((5, 3)).astype(np.float32)
    state, output, grad, grads = step(Library(torch), x, None)
    same_state, same_output, same_grad, same_grads = step(Library(minitorch), x, state)
    assert list(same_state) == list(state)
    np.testing.assert_allclose(same_output, output, rtol=1e-5)
    np.testing.assert_allclose(same_grad, grad, rtol=1e-4, atol=1e-7)
    for mine, theirs in zip(same_grads, grads, strict=True):
        assert (mine is None) == (theirs is None)
        if theirs is not None:
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
