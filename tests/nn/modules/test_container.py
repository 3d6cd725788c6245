"""Sequential, ModuleList, ModuleDict, ParameterList and ParameterDict."""

from __future__ import annotations

import copy
import operator
import pickle
import textwrap
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn

Array = np.ndarray[Any, Any]
LISTS = [lambda modules: nn.Sequential(*modules), nn.ModuleList]
CONTAINERS = ["Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"]


def three() -> list[nn.Module]:
    return [nn.Identity(), nn.Sigmoid(), nn.Linear(2, 2)]


def named() -> nn.Sequential:
    return nn.Sequential(OrderedDict(first=nn.Identity(), second=nn.Sigmoid()))


def entries() -> nn.ParameterDict:
    return nn.ParameterDict(
        OrderedDict(weight=minitorch.ones(2, 3), bias=nn.Parameter(minitorch.zeros(2)), power=3)
    )


def kinds(container: Any) -> str:
    """The initials of the modules: I(dentity), S(igmoid), L(inear)."""
    return "".join(type(module).__name__[0] for module in container)


def names(container: nn.Module) -> list[str]:
    return list(container._modules)


def text(block: str) -> str:
    return textwrap.dedent(block).strip()


def central_difference(function: Callable[[Array], Any], x: Array, grad_output: Array) -> Array:
    """The derivative of sum(function(x) * grad_output), by changing one element at a time."""
    result = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        change = function(x + step) - function(x - step)
        result[place] = (change * grad_output).sum() / 2e-6
    return result


# -- Sequential: calls --------------------------------------------------------------------


def test_sequential_calls_its_modules_in_order() -> None:
    scale, shift = nn.Linear(1, 1), nn.Linear(1, 1)
    scale.load_state_dict({"weight": minitorch.tensor([[3.0]]), "bias": minitorch.tensor([0.0])})
    shift.load_state_dict({"weight": minitorch.tensor([[1.0]]), "bias": minitorch.tensor([5.0])})
    x = np.array([[2.0]], np.float32)
    assert nn.Sequential(scale, shift)(x).tolist() == [[11.0]]  # 3·2 + 5
    assert nn.Sequential(shift, scale)(x).tolist() == [[21.0]]  # 3·(2 + 5)
    assert nn.Sequential(scale, scale)(x).tolist() == [[18.0]]  # 3·3·2


def test_empty_sequential_is_the_identity() -> None:
    x = np.array([1.0, 2.0])
    model = nn.Sequential()
    np.testing.assert_array_equal(model(x), x)
    np.testing.assert_array_equal(model.backward(np.array([3.0, 4.0])), [3.0, 4.0])
    leaf = minitorch.tensor([1.0], requires_grad=True)
    model(leaf).sum().backward()
    assert leaf.grad.tolist() == [1.0]


@pytest.mark.parametrize("shape", [(4, 3), (0, 3), (3,), (2, 5, 3)])
def test_sequential_has_one_derivative_in_both_modes(
    shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    shared = nn.Linear(3, 3, dtype=minitorch.float64)
    model = nn.Sequential(shared, nn.Sigmoid(), shared, nn.Linear(3, 2, dtype=minitorch.float64))
    x = rng.standard_normal(shape)
    grad_output = rng.standard_normal((*shape[:-1], 2))

    with minitorch.no_grad():
        expected = central_difference(model, x, grad_output)
    model(x)
    np.testing.assert_allclose(model.backward(grad_output), expected, rtol=1e-6, atol=1e-8)
    by_hand = [parameter.grad.array.copy() for parameter in model.parameters()]

    model.zero_grad()
    leaf = minitorch.tensor(x, requires_grad=True)
    (model(leaf) * minitorch.tensor(grad_output)).sum().backward()
    np.testing.assert_allclose(leaf.grad.array, expected, rtol=1e-6, atol=1e-8)
    for parameter, grad in zip(model.parameters(), by_hand, strict=True):
        np.testing.assert_allclose(parameter.grad.array, grad, rtol=1e-12)


def test_sequential_calls_what_stands_in_it_now(rng: np.random.Generator) -> None:
    double = nn.Linear(1, 1, bias=False)
    double.load_state_dict({"weight": minitorch.tensor([[2.0]])})
    model = nn.Sequential(double)
    x = np.ones((1, 1), np.float32)
    assert model(x).tolist() == [[2.0]]
    model.append(double).insert(0, double)
    assert model(x).tolist() == [[8.0]]
    assert model.backward(x).tolist() == [[8.0]]
    del model[1:]
    assert model(x).tolist() == [[2.0]]
    assert model.backward(x).tolist() == [[2.0]]


def test_with_tensors_each_module_gets_and_gives_tensors() -> None:
    model = nn.Sequential(nn.Sigmoid(), nn.Sigmoid())
    seen: list[Any] = []
    for module in model:
        module.register_forward_hook(lambda module, args, output: seen.extend([*args, output]))
    leaf = minitorch.tensor([0.0], requires_grad=True)
    output = model(leaf)
    assert [type(each) for each in seen] == [minitorch.Tensor] * 4
    assert seen[0] is leaf
    assert seen[1] is seen[2]
    assert seen[3] is output
    seen[1].retain_grad()
    output.backward()
    middle = 1 / (1 + np.exp(-0.5))
    assert seen[1].grad.item() == pytest.approx(middle * (1 - middle))
    assert leaf.grad.item() == pytest.approx(middle * (1 - middle) / 4)


def test_error_in_a_nested_module_names_its_path() -> None:
    model = nn.Sequential(nn.Identity(), nn.Sequential(OrderedDict(layer=nn.Linear(3, 2))))
    with pytest.raises(RuntimeError) as caught:
        model(np.zeros((1, 5), np.float32))
    assert any("'1.layer'" in note for note in caught.value.__notes__)


# -- Sequential and ModuleList: list operations -------------------------------------------


def test_sequential_takes_modules_or_one_ordered_dict() -> None:
    assert names(nn.Sequential(*three())) == ["0", "1", "2"]
    model = named()
    assert names(model) == ["first", "second"]
    assert model.second is model[1]
    assert len(nn.Sequential()) == 0


@pytest.mark.parametrize("given", [[[nn.Identity()]], [{"a": nn.Identity()}], [5], ["ab"]])
def test_sequential_refuses_what_is_no_module(given: list[Any]) -> None:
    with pytest.raises(TypeError, match="is not a Module subclass"):
        nn.Sequential(*given)


def test_module_list_takes_any_iterable() -> None:
    for modules in (three(), tuple(three()), iter(three()), nn.Sequential(*three())):
        container = nn.ModuleList(modules)
        assert kinds(container) == "ISL"
        assert names(container) == ["0", "1", "2"]
    assert len(nn.ModuleList()) == len(nn.ModuleList(None)) == len(nn.ModuleList([])) == 0
    assert not nn.ModuleList()
    with pytest.raises(TypeError, match="should be called with an iterable, but got int"):
        nn.ModuleList(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="str is not a Module subclass"):
        nn.ModuleList(nn.ModuleDict({"a": nn.Identity()}))  # type: ignore[arg-type]


@pytest.mark.parametrize("make", LISTS)
def test_positions(make: Any) -> None:
    modules = three()
    container = make(modules)
    assert [container[index] for index in (0, 1, 2, -1, -3)] == [
        modules[index] for index in (0, 1, 2, -1, -3)
    ]
    assert container[np.int64(1)] is modules[1]
    assert list(container) == modules
    assert list(reversed(container)) == modules[::-1]
    assert modules[1] in container
    assert nn.Identity() not in container
    for index in (3, -4):
        with pytest.raises(IndexError, match=f"index {index} is out of range"):
            container[index]
    for key in ("0", 1.0, None):
        with pytest.raises(TypeError):
            container[key]


@pytest.mark.parametrize("make", LISTS)
@pytest.mark.parametrize(
    "index", [slice(1, None), slice(None, -1), slice(None, None, -1), slice(0, 0), slice(-2, 9)]
)
def test_slices_are_containers_of_the_same_modules(make: Any, index: slice) -> None:
    modules = three()
    container = make(modules)
    part = container[index]
    assert type(part) is type(container)
    assert list(part) == modules[index]
    assert list(container) == modules


def test_slice_of_a_sequential_keeps_names_and_of_a_module_list_counts_afresh() -> None:
    assert names(nn.Sequential(*three())[1:]) == ["1", "2"]
    assert names(named()[1:]) == ["second"]
    assert names(nn.ModuleList(three())[1:]) == ["0", "1"]


def test_slices_and_sums_of_subclasses() -> None:
    class Layers(nn.ModuleList):
        pass

    class Chain(nn.Sequential):
        pass

    assert type(Layers(three())[:1]) is Layers
    assert type(operator.add(Layers(three()), [])) is nn.ModuleList
    assert type(Chain(*three())[:1]) is Chain
    assert type(Chain(*three()) + Chain()) is nn.Sequential
    assert type(Chain(*three()) * 2) is nn.Sequential


@pytest.mark.parametrize("make", LISTS)
def test_assignment_to_a_position(make: Any) -> None:
    container = make(three())
    new = nn.Linear(1, 1)
    container[0] = new
    container[-1] = new
    assert kinds(container) == "LSL"
    assert container[0] is container[2] is getattr(container, "2") is new
    with pytest.raises(TypeError, match="cannot assign 'int' as child module '0'"):
        container[0] = 5
    with pytest.raises(IndexError):
        container[3] = new
    with pytest.raises(TypeError):
        container[0:1] = new
    container[1] = None
    assert container[1] is None
    assert kinds(named()) == "IS"


def test_assignment_keeps_the_name() -> None:
    model = named()
    model[0] = nn.Linear(1, 1)
    assert names(model) == ["first", "second"]
    assert kinds(model) == "LS"
    assert isinstance(model.first, nn.Linear)


@pytest.mark.parametrize("make", LISTS)
@pytest.mark.parametrize(
    "index, left", [(0, "SL"), (-1, "IS"), (slice(0, 2), "L"), (slice(None, None, 2), "S")]
)
def test_deleting_and_popping_number_the_rest_afresh(make: Any, index: Any, left: str) -> None:
    container, same = make(three()), make(three())
    expected = list(same[index]) if isinstance(index, slice) else same[index]
    del container[index]
    taken = same.pop(index)
    assert (list(taken) if isinstance(index, slice) else taken) == expected
    for changed in (container, same):
        assert kinds(changed) == left
        assert names(changed) == [str(position) for position in range(len(left))]
        assert not hasattr(changed, str(len(left)))


@pytest.mark.parametrize("make", LISTS)
def test_deleting_what_is_not_there_changes_nothing(make: Any) -> None:
    container = make(three())
    with pytest.raises(IndexError):
        del container[3]
    with pytest.raises(IndexError):
        container.pop(-4)
    assert kinds(container) == "ISL"


def test_deleting_numbers_named_modules_too() -> None:
    model = named()
    del model[0]
    assert names(model) == ["0"]
    assert not hasattr(model, "second")


@pytest.mark.parametrize("make", LISTS)
@pytest.mark.parametrize(
    "index, expected", [(0, "LIS"), (1, "ILS"), (2, "ISL"), (-1, "ILS"), (-2, "LIS")]
)
def test_insert_counts_as_a_list_does(make: Any, index: int, expected: str) -> None:
    container = make(three()[:2])
    new = nn.Linear(1, 1)
    container.insert(index, new)
    assert kinds(container) == expected
    assert names(container) == ["0", "1", "2"]
    assert container[expected.index("L")] is new


def test_insert_beyond_the_ends() -> None:
    for index in (3, -3):
        with pytest.raises(IndexError, match=f"Index out of range: {index}"):
            nn.Sequential(*three()[:2]).insert(index, nn.Identity())
    container = nn.ModuleList(three()[:2])
    with pytest.raises(TypeError):
        container.insert("0", nn.Identity())  # type: ignore[arg-type]
    assert kinds(container) == "IS"
    container.insert(9, nn.Linear(1, 1))
    container.insert(-9, nn.Linear(1, 1))
    assert kinds(container) == "LISL"
    assert names(container) == ["0", "1", "2", "3"]


def test_insert_refuses_what_is_no_module_and_changes_nothing() -> None:
    model, layers = nn.Sequential(*three()), nn.ModuleList(three())
    for wrong in (5, None):
        with pytest.raises(AssertionError, match="module should be of type"):
            model.insert(0, wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        layers.insert(0, 5)  # type: ignore[arg-type]
    assert kinds(model) == kinds(layers) == "ISL"


def test_insert_numbers_named_modules_and_appending_does_not() -> None:
    model = named().append(nn.Linear(1, 1))
    assert names(model) == ["first", "second", "2"]
    assert names(model.insert(1, nn.Linear(1, 1))) == ["0", "1", "2", "3"]
    assert kinds(model) == "ILSL"


@pytest.mark.parametrize("make", LISTS)
def test_append_and_extend(make: Any) -> None:
    container = make([])
    first, *rest = three()
    assert container.append(first) is container
    assert container.extend(module for module in rest) is container
    assert list(container) == [first, *rest]
    assert names(container) == ["0", "1", "2"]
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        container.append(5)
    with pytest.raises(TypeError, match="should be called with an iterable, but got Identity"):
        container.extend(nn.Identity())
    assert list(container) == [first, *rest]


@pytest.mark.parametrize("make", LISTS)
def test_extending_by_itself_doubles_it(make: Any) -> None:
    container = make(three())
    container.extend(container)
    assert kinds(container) == "ISLISL"
    container += container
    assert kinds(container) == "ISL" * 4


@pytest.mark.parametrize(
    "grow",
    [
        lambda model, new: model.append(new),
        lambda model, new: model.extend([new]),
        lambda model, new: operator.iadd(model, nn.Sequential(new)),
        lambda model, new: model.insert(2, new),
    ],
)
def test_no_module_is_lost_when_a_slice_grows(grow: Any) -> None:
    model = nn.Sequential(*three())[1:]  # its modules are called 1 and 2
    grow(model, nn.Identity())
    assert kinds(model) == "SLI"
    assert names(model) == ["0", "1", "2"]


def test_sum_of_sequentials() -> None:
    left, right = nn.Sequential(*three()), named()
    total = left + right
    assert list(total) == [*left, *right]
    assert names(total) == ["0", "1", "2", "3", "4"]
    assert len(left) == 3
    right += left
    assert names(right) == ["first", "second", "2", "3", "4"]
    for other in ([nn.Identity()], nn.ModuleList(three()), 5):
        with pytest.raises(ValueError, match="supports only objects of Sequential class"):
            left + other
        with pytest.raises(ValueError, match="supports only objects of Sequential class"):
            left += other
    with pytest.raises(TypeError):
        operator.add([nn.Identity()], left)


def test_product_of_a_sequential() -> None:
    model = nn.Sequential(*three())
    assert list(model * 2) == list(2 * model) == list(model) * 2
    assert names(model * 2) == ["0", "1", "2", "3", "4", "5"]
    same = model
    same *= 2
    assert same is model
    assert kinds(model) == "ISLISL"
    for times in (0, -1):
        with pytest.raises(ValueError, match="Non-positive multiplication factor"):
            model * times
        with pytest.raises(ValueError, match="Non-positive multiplication factor"):
            model *= times
    for wrong in (1.5, "a", None):
        with pytest.raises(TypeError, match="unsupported operand type"):
            model * wrong
        with pytest.raises(TypeError, match="unsupported operand type"):
            model *= wrong
    assert kinds(model) == "ISLISL"


def test_sum_of_module_lists() -> None:
    container = nn.ModuleList(three())
    for other in (three(), iter(three()), nn.Sequential(*three()), nn.ModuleList(three())):
        total = container + other
        assert kinds(total) == "ISLISL"
        assert names(total) == ["0", "1", "2", "3", "4", "5"]
    assert len(container) == 3
    same = container
    same += (nn.Identity(),)
    assert same is container
    assert kinds(container) == "ISLI"
    with pytest.raises(TypeError):
        container + 5
    with pytest.raises(TypeError, match="should be called with an iterable"):
        container += 5


@pytest.mark.parametrize("make", LISTS)
def test_numbers_are_not_among_the_attributes_that_dir_shows(make: Any) -> None:
    assert not [name for name in dir(make(three())) if name[0].isdigit()]


# -- all: text, state, copies, calls ------------------------------------------------------


def test_repr_of_a_sequential() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Sequential(OrderedDict(last=nn.Sigmoid())))
    assert repr(model) == text("""
        Sequential(
          (0): Linear(in_features=3, out_features=2, bias=True)
          (1): Sequential(
            (last): Sigmoid()
          )
        )
    """)
    assert repr(nn.Sequential()) == "Sequential()"


def test_repr_of_a_module_list_folds_equal_neighbours() -> None:
    pair = [nn.Sequential(nn.Linear(1, 1), nn.Sigmoid()) for _ in range(2)]
    layers = nn.ModuleList([*(nn.Linear(2, 2) for _ in range(3)), nn.Identity(), *pair])
    assert repr(layers) == text("""
        ModuleList(
          (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)
          (3): Identity()
          (4-5): 2 x Sequential(
            (0): Linear(in_features=1, out_features=1, bias=True)
            (1): Sigmoid()
          )
        )
    """)
    assert repr(nn.ModuleList()) == "ModuleList()"


def test_repr_of_a_module_dict() -> None:
    assert repr(nn.ModuleDict({"b": nn.Identity(), "a": nn.ModuleList()})) == text("""
        ModuleDict(
          (b): Identity()
          (a): ModuleList()
        )
    """)


def test_repr_of_parameter_containers() -> None:
    values = [minitorch.ones(2, 3), nn.Parameter(minitorch.zeros(())), 5]
    assert repr(nn.ParameterList(values)) == text("""
        ParameterList(
            (0): Parameter containing: [minitorch.float32 of size 2x3]
            (1): Parameter containing: [minitorch.float32 of size ]
            (2): Object of type: int
        )
    """)
    assert repr(entries()) == text("""
        ParameterDict(
            (weight): Parameter containing: [minitorch.FloatTensor of size 2x3]
            (bias): Parameter containing: [minitorch.FloatTensor of size 2]
            (power): Object of type: int
        )
    """)
    assert repr(nn.ParameterList(["a"])) == "ParameterList(  (0): Object of type: str)"
    assert repr(nn.ParameterList([nn.Identity(), 5])) == text("""
        ParameterList(
            (0): Object of type: Identity
            (1): Object of type: int
          (0): Identity()
        )
    """)


def test_state_dict_keys_are_paths() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.chain = nn.Sequential(nn.Sigmoid(), nn.Linear(1, 1))
            self.layers = nn.ModuleList([nn.Linear(1, 1, bias=False)])
            self.choices = nn.ModuleDict({"linear": nn.Linear(1, 1, bias=False)})
            self.values = nn.ParameterList([minitorch.ones(1), "text"])
            self.table = entries()

    net = Net()
    state = net.state_dict()
    assert list(state) == [
        "chain.1.weight",
        "chain.1.bias",
        "layers.0.weight",
        "choices.linear.weight",
        "values.0",
        "table.weight",
        "table.bias",
    ]
    other = Net()
    other.load_state_dict(state)
    assert other.chain[1].weight.array == net.chain[1].weight.array
    assert [name for name, _ in net.named_parameters()] == list(state)


def all_containers() -> list[nn.Module]:
    return [
        nn.Sequential(OrderedDict(a=nn.Linear(2, 2), b=nn.Sigmoid())),
        nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)]),
        nn.ModuleDict({"b": nn.Linear(2, 2), "a": nn.Sigmoid()}),
        nn.ParameterList([minitorch.ones(2), 5, minitorch.zeros(3)]),
        entries(),
    ]


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]
)
@pytest.mark.parametrize("container", all_containers(), ids=CONTAINERS)
def test_copies_are_independent(container: Any, duplicate: Any) -> None:
    twin = duplicate(container)
    assert type(twin) is type(container)
    assert repr(twin) == repr(container)
    assert len(twin) == len(container)
    for (name, mine), (same_name, theirs) in zip(
        container.named_parameters(), twin.named_parameters(), strict=True
    ):
        assert name == same_name
        np.testing.assert_array_equal(mine.array, theirs.array)
        assert not np.shares_memory(mine.array, theirs.array)
        assert type(theirs) is nn.Parameter
    before = repr(container)
    if isinstance(container, (nn.ModuleDict, nn.ParameterDict)):
        twin["new"] = nn.Identity()
        twin.pop(next(iter(twin)))
    else:
        twin.append(nn.Identity())
        twin[0] = None
    assert repr(container) == before != repr(twin)


@pytest.mark.parametrize("container", all_containers(), ids=CONTAINERS)
def test_a_shallow_copy_has_entries_of_its_own(container: Any) -> None:
    twin = copy.copy(container)
    assert [id(each) for each in twin.parameters()] == [id(each) for each in container.parameters()]
    before = repr(container)
    if isinstance(container, (nn.ModuleDict, nn.ParameterDict)):
        twin["new"] = nn.Identity()
    else:
        twin.append(nn.Identity())
    assert repr(container) == before


def test_a_shared_module_stays_shared_in_a_copy() -> None:
    layer = nn.Linear(2, 2)
    twin = copy.deepcopy(nn.ModuleList([layer, layer]))
    assert twin[0] is twin[1]
    assert twin[0] is not layer
    assert len(list(twin.parameters())) == 2


def test_containers_without_forward_cannot_be_called() -> None:
    for container in (nn.ModuleList(three()), nn.ModuleDict({"a": nn.Identity()})):
        with pytest.raises(NotImplementedError, match='missing the required "forward" function'):
            container(np.ones(2))
    with pytest.raises(RuntimeError, match="ParameterList should not be called"):
        nn.ParameterList()(np.ones(2))
    with pytest.raises(RuntimeError, match="ParameterDict should not be called"):
        nn.ParameterDict()(np.ones(2))


def test_owner_of_containers_gets_the_right_gradients(rng: np.random.Generator) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(3, 3, dtype=minitorch.float64) for _ in range(2))
            self.choices = nn.ModuleDict({"sigmoid": nn.Sigmoid(), "identity": nn.Identity()})
            self.scales = nn.ParameterList([minitorch.tensor([0.5, 2.0, -1.0]).double()])
            self.table = nn.ParameterDict({"shift": minitorch.tensor([1.0, 0.0, 3.0]).double()})

        def forward(self, input: Any) -> Any:
            for layer in self.layers:
                input = self.choices["sigmoid"](layer(input))
            return input * self.scales[0] + self.table["shift"]

    net = Net()
    x, grad_output = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    with minitorch.no_grad():
        expected = central_difference(net, x, grad_output)
    net(x)
    np.testing.assert_allclose(net.backward(grad_output), expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(net.table["shift"].grad.array, grad_output.sum(0))
    by_hand = {name: each.grad.array.copy() for name, each in net.named_parameters()}
    assert set(by_hand) >= {"layers.0.weight", "layers.1.bias", "scales.0", "table.shift"}
    net.zero_grad()
    (net(minitorch.tensor(x)) * minitorch.tensor(grad_output)).sum().backward()
    for name, parameter in net.named_parameters():
        np.testing.assert_allclose(parameter.grad.array, by_hand[name], rtol=1e-12)


# -- ModuleDict ---------------------------------------------------------------------------


def test_module_dict_takes_mappings_and_pairs() -> None:
    pair = {"b": nn.Identity(), "a": nn.Sigmoid()}
    for given in (pair, OrderedDict(pair), list(pair.items()), iter(pair.items())):
        assert list(nn.ModuleDict(given).items()) == list(pair.items())
    assert list(nn.ModuleDict(nn.ModuleDict(pair)).items()) == list(pair.items())
    assert len(nn.ModuleDict()) == len(nn.ModuleDict(None)) == 0


def test_module_dict_is_a_dict() -> None:
    identity, sigmoid = nn.Identity(), nn.Sigmoid()
    container = nn.ModuleDict({"b": identity})
    container["a"] = sigmoid
    assert list(container) == list(container.keys()) == ["b", "a"]
    assert list(container.values()) == [identity, sigmoid]
    assert list(container.items()) == [("b", identity), ("a", sigmoid)]
    assert container["a"] is container.a is sigmoid
    assert ("a" in container, "z" in container, 5 in container) == (True, False, False)
    container["b"] = sigmoid
    assert list(container.items()) == [("b", sigmoid), ("a", sigmoid)]
    assert container.pop("b") is sigmoid
    assert not hasattr(container, "b")
    del container["a"]
    assert len(container) == 0
    container.update({"c": identity})
    container.update([("d", identity)])
    container.update(nn.ModuleDict({"c": sigmoid}))
    assert list(container.items()) == [("c", sigmoid), ("d", identity)]
    container.update(container)
    container.clear()
    assert list(container) == []
    assert not hasattr(container, "c")


@pytest.mark.parametrize(
    "given, error, message",
    [
        (5, TypeError, "iterable of key/value pairs, but got int"),
        ([5], TypeError, r"element #0 should be a \(name, value\) pair, but is int"),
        ([("a",)], ValueError, "element #0 has length 1; 2 is required"),
        ([("a", nn.Identity(), 1)], ValueError, "has length 3; 2 is required"),
        ({"a": 5}, TypeError, "int is not a Module subclass"),
        ({1: nn.Identity()}, TypeError, "module name should be a string. Got int"),
        ({"a.b": nn.Identity()}, KeyError, "can't contain"),
        ({"": nn.Identity()}, KeyError, "can't be empty"),
        ({"keys": nn.Identity()}, KeyError, "attribute 'keys' already exists"),
    ],
)
def test_module_dict_errors(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message.replace("'", r"\\?'")):
        nn.ModuleDict(given)
    container = nn.ModuleDict()
    with pytest.raises(error):
        container.update(given)
    assert len(container) == 0


def test_module_dict_without_the_key() -> None:
    container = nn.ModuleDict()
    for operation in (operator.getitem, operator.delitem, nn.ModuleDict.pop):
        with pytest.raises(KeyError, match="z"):
            operation(container, "z")


# -- ParameterList ------------------------------------------------------------------------


def test_parameter_list_makes_parameters_of_tensors() -> None:
    tensor, parameter = minitorch.ones(2), nn.Parameter(minitorch.zeros(3), requires_grad=False)
    computed = minitorch.ones(2, requires_grad=True) * 2
    container = nn.ParameterList([tensor, parameter, computed, "text", None])
    assert type(container[0]) is nn.Parameter
    assert container[0].requires_grad
    assert np.shares_memory(container[0].array, tensor.array)
    assert container[1] is parameter
    assert not container[1].requires_grad
    assert container[2].is_leaf
    assert container[3:][0] == "text"
    assert container[4] is None
    assert [name for name, _ in container.named_parameters()] == ["0", "1", "2"]
    assert list(container.parameters())[1] is parameter
    with pytest.raises(RuntimeError, match="floating point"):
        nn.ParameterList([minitorch.tensor([1, 2])])


def test_parameter_list_is_a_list() -> None:
    one, two = nn.Parameter(minitorch.ones(1)), nn.Parameter(minitorch.ones(2))
    container = nn.ParameterList(each for each in (one, two))
    assert container[0] is container[-2] is one
    assert list(container) == [one, two]
    assert list(reversed(container)) == [two, one]
    assert container.append(7) is container
    container += [8]
    assert container.extend(container) is container
    assert list(container)[2:] == [7, 8, one, two, 7, 8]
    assert len(container) == 8
    assert 7 in nn.ParameterList([5, 7])
    part = container[::-2]
    assert type(part) is nn.ParameterList
    assert list(part) == [8, two, 8, two]
    container[2] = minitorch.zeros(3)
    container[-1] = 9
    assert container.state_dict()["2"].tolist() == [0.0, 0.0, 0.0]
    assert container[7] == 9
    assert not nn.ParameterList()
    assert not [name for name in dir(container) if name[0].isdigit()]


def test_parameter_list_errors() -> None:
    container = nn.ParameterList([minitorch.ones(1), 5])
    for index in (2, -3):
        with pytest.raises(IndexError, match=f"index {index} is out of range"):
            container[index]
        with pytest.raises(IndexError, match=f"index {index} is out of range"):
            container[index] = 1
    with pytest.raises(TypeError):
        container["0"]  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="cannot assign 'int' as parameter '0'"):
        container[0] = 5
    for wrong in (5, minitorch.ones(2)):
        with pytest.raises(TypeError, match="should be called with an iterable, but got"):
            container.extend(wrong)
        with pytest.raises(TypeError, match="should be called with an iterable, but got"):
            nn.ParameterList(wrong)
    assert len(container) == 2


def test_parameter_list_follows_conversions_and_loading() -> None:
    container = nn.ParameterList([minitorch.ones(2), 5]).double()
    assert container[0].dtype is minitorch.float64
    container.load_state_dict({"0": minitorch.tensor([3.0, 4.0])})
    assert container[0].tolist() == [3.0, 4.0]


# -- ParameterDict ------------------------------------------------------------------------


def test_parameter_dict_order() -> None:
    pair = {"b": 1, "a": 2}
    assert list(nn.ParameterDict(pair)) == ["a", "b"]  # PyTorch sorts a plain dict
    for given in (OrderedDict(pair), list(pair.items()), iter(pair.items())):
        container = nn.ParameterDict(given)
        assert list(container.items()) == [("b", 1), ("a", 2)]
        assert list(nn.ParameterDict(container)) == ["b", "a"]
        assert list(reversed(container)) == ["a", "b"]
    assert len(nn.ParameterDict()) == len(nn.ParameterDict(None)) == 0


def test_parameter_dict_makes_parameters_of_tensors() -> None:
    tensor, parameter = minitorch.ones(2), nn.Parameter(minitorch.zeros(3))
    container = nn.ParameterDict([("t", tensor), ("p", parameter), ("n", 5)])
    assert type(container["t"]) is nn.Parameter
    assert np.shares_memory(container["t"].array, tensor.array)
    assert container["p"] is container.p is parameter
    assert container["n"] == container.n == 5
    assert [name for name, _ in container.named_parameters()] == ["t", "p"]
    container["n"] = tensor
    assert list(container.state_dict()) == ["t", "p", "n"]
    with pytest.raises(RuntimeError, match="floating point"):
        container["i"] = minitorch.tensor([1])
    assert "i" not in container


def test_parameter_dict_is_a_dict() -> None:
    container = entries()
    assert list(container) == list(container.keys()) == ["weight", "bias", "power"]
    assert list(container.values())[2] == 3
    assert ("bias" in container, "z" in container, 5 in container) == (True, False, False)
    assert container.get("power") == 3
    assert container.get("z") is None
    assert container.get("z", 7) == 7
    assert container.setdefault("power", 9) == 3
    assert type(container.setdefault("scale", minitorch.ones(1))) is nn.Parameter
    assert container.setdefault("nothing") is None
    assert container.popitem() == ("nothing", None)
    bias = container["bias"]
    assert container.pop("bias") is bias
    assert not hasattr(container, "bias")
    del container["power"]
    assert not hasattr(container, "power")
    assert list(container) == list(container.state_dict()) == ["weight", "scale"]
    container.update({"z": 1, "c": 2})
    container.update(OrderedDict(z=3, d=4))
    container.update([("e", 5)])
    container.update(nn.ParameterDict({"e": 6}))
    assert list(container.items())[2:] == [("c", 2), ("z", 3), ("d", 4), ("e", 6)]
    container.clear()
    assert list(container) == list(container.state_dict()) == []


def test_parameter_dict_union_and_copies() -> None:
    container = entries()
    twin = container.copy()
    assert type(twin) is nn.ParameterDict
    assert list(twin) == list(container)
    assert twin["weight"] is container["weight"]
    del twin["weight"]
    assert "weight" in container
    union = container | {"power": 4, "new": 5}
    assert type(union) is nn.ParameterDict
    assert list(union) == ["weight", "bias", "power", "new"]
    assert (union["power"], container["power"]) == (4, 3)
    left = {"power": 1, "old": 0}
    other = left | container
    assert left == {"power": 1, "old": 0}
    assert type(other) is dict
    assert (list(other), other["power"]) == (["power", "old", "weight", "bias"], 3)
    same = container
    same |= nn.ParameterDict({"new": 5})
    assert same is container
    assert container["new"] == 5
    for operation in (operator.or_, operator.ior):
        with pytest.raises(TypeError):
            operation(container, 5)
    with pytest.raises(TypeError, match="unsupported operand"):
        5 | container


def test_parameter_dict_fromkeys() -> None:
    parameter = nn.Parameter(minitorch.ones(1))
    for container in (
        nn.ParameterDict().fromkeys("yx", parameter),
        nn.ParameterDict.fromkeys("yx", parameter),
    ):
        assert list(container) == ["y", "x"]
        assert container["x"] is container["y"] is parameter
        assert list(container.state_dict()) == ["y", "x"]
    assert list(nn.ParameterDict.fromkeys(["a"]).items()) == [("a", None)]


@pytest.mark.parametrize(
    "given, error",
    [
        (5, TypeError),
        ([5], TypeError),
        ([("a",)], ValueError),
        ([("a", 1, 2)], ValueError),
        ({1: 5}, TypeError),
        ({"a.b": minitorch.ones(1)}, KeyError),
        ({"": minitorch.ones(1)}, KeyError),
        ({"keys": minitorch.ones(1)}, KeyError),
    ],
)
def test_parameter_dict_errors(given: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        nn.ParameterDict(given)
    container = nn.ParameterDict()
    with pytest.raises(error):
        container.update(given)
    assert len(container) == len(list(container.parameters())) == 0


def test_parameter_dict_without_the_key() -> None:
    container = entries()
    for operation in (operator.getitem, nn.ParameterDict.pop):
        for key in ("z", "keys", "training"):
            with pytest.raises(AttributeError, match=f"has no entry '{key}'"):
                operation(container, key)
        with pytest.raises(TypeError, match="expects a string as key, got int 5"):
            operation(container, 5)
    with pytest.raises(KeyError):
        del container["z"]
    with pytest.raises(KeyError, match="empty"):
        nn.ParameterDict().popitem()
    with pytest.raises(TypeError, match="cannot assign 'int' as parameter 'bias'"):
        container["bias"] = 5
    assert list(container) == ["weight", "bias", "power"]


def test_attributes_that_are_no_entries() -> None:
    container = entries()
    container.extra = nn.Parameter(minitorch.ones(1))
    assert len(container) == 3
    assert list(container.state_dict()) == ["weight", "bias", "extra"]
    container.weight = nn.Parameter(minitorch.zeros(4))
    assert container["weight"].shape == (4,)
