"""Collation beside PyTorch's."""

from __future__ import annotations

import array
import collections
import contextlib
import types
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
import pytest
from torch.utils.data._utils import collate as torchs_collate

import minitorch.utils.data
from minitorch.utils.data import collate as our_collate
from tests.parity.side_by_side import outcome, side_by_side

Point = collections.namedtuple("Point", ["x", "y"])


class Named(dict):
    """A dict with an attribute of its own."""

    label = "none"


class Frozen(Mapping):
    """A mapping that cannot be changed, made of a dict."""

    def __init__(self, items: Any) -> None:
        self.items_ = dict(items)

    def __getitem__(self, key: Any) -> Any:
        return self.items_[key]

    def __iter__(self) -> Any:
        return iter(self.items_)

    def __len__(self) -> int:
        return len(self.items_)


class Stubborn(MutableMapping):
    """A mapping that can be neither copied nor made of a dict."""

    def __init__(self, one: Any, two: Any) -> None:
        self.items_ = {"one": one, "two": two}

    def __copy__(self) -> Any:
        raise TypeError("cannot be copied")

    __getitem__ = Frozen.__getitem__
    __iter__ = Frozen.__iter__
    __len__ = Frozen.__len__

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items_[key] = value

    def __delitem__(self, key: Any) -> None:
        del self.items_[key]


class Row(Sequence):
    """A sequence that is made of a list."""

    def __init__(self, items: Any) -> None:
        self.items_ = list(items)

    def __getitem__(self, index: Any) -> Any:
        return self.items_[index]

    def __len__(self) -> int:
        return len(self.items_)


class Tagged(list):
    """A list with an attribute of its own."""

    tag = "none"


def tagged(items: Any) -> Tagged:
    result = Tagged(items)
    result.tag = "mine"
    return result


def named(**items: Any) -> Named:
    result = Named(items)
    result.label = "mine"
    return result


def shown(value: Any) -> Any:
    """Classes and attributes beside what they hold."""
    kind = type(value).__name__
    if isinstance(value, Mapping):
        label = getattr(value, "label", None)
        return kind, label, {key: shown(value[key]) for key in value}
    if isinstance(value, (list, tuple, Row, collections.deque)):
        return kind, getattr(value, "tag", None), [shown(item) for item in value]
    if isinstance(value, (np.generic, np.ndarray, bytes, array.array)):
        return kind, repr(value)
    return value


SAMPLES: dict[str, Any] = {
    "tensors": lambda torch: [torch.arange(3), torch.arange(3) * 2],
    "scalars": lambda torch: [torch.tensor(1.5), torch.tensor(2.5)],
    "empty tensors": lambda torch: [torch.zeros(0, 3), torch.zeros(0, 3)],
    "of two dtypes": lambda torch: [torch.arange(2), torch.ones(2)],
    "of two dtypes, the other way": lambda torch: [
        torch.ones(2, dtype=torch.float16), torch.arange(2)
    ],
    "booleans": lambda torch: [torch.tensor([True]), torch.tensor([False])],
    "with a gradient": lambda torch: [torch.ones(2, requires_grad=True), torch.zeros(2)],
    "of two shapes": lambda torch: [torch.ones(2), torch.ones(3)],
    "broadcastable": lambda torch: [torch.ones(2), torch.ones(1)],
    "transposed": lambda torch: [torch.arange(6).reshape(2, 3).T, torch.ones(3, 2)],
    "one": lambda torch: [torch.ones(2)],
    "a tuple": lambda torch: (torch.ones(2), torch.zeros(2)),
    "none": lambda torch: [],
    "parameters": lambda torch: [torch.nn.Parameter(torch.ones(2))] * 2,
    "tensor and number": lambda torch: [torch.ones(()), 1.0],
    "arrays": lambda torch: [np.arange(3.0), np.arange(3.0)],
    "float32 arrays": lambda torch: [np.ones((2, 2), "f")] * 3,
    "arrays of two dtypes": lambda torch: [np.ones(2, "f"), np.ones(2)],
    "arrays of two shapes": lambda torch: [np.ones(2), np.ones(3)],
    "scalar arrays": lambda torch: [np.array(1), np.array(2)],
    "arrays of text": lambda torch: [np.array(["a"]), np.array(["b"])],
    "arrays of bytes": lambda torch: [np.array([b"a"]), np.array([b"b"])],
    "arrays of objects": lambda torch: [np.array([None]), np.array([None])],
    "array and tensor": lambda torch: [np.ones(2, "f"), torch.ones(2)],
    "NumPy float32": lambda torch: [np.float32(1), np.float32(2)],
    "NumPy float64": lambda torch: [np.float64(1), np.float64(2)],
    "NumPy int32": lambda torch: [np.int32(1), np.int32(2)],
    "NumPy bool": lambda torch: [np.bool_(True), np.bool_(False)],
    "NumPy text": lambda torch: [np.str_("a"), np.str_("b")],
    "NumPy bytes": lambda torch: [np.bytes_(b"a"), np.bytes_(b"b")],
    "floats": lambda torch: [1.0, 2.5],
    "float and int": lambda torch: [1.0, 2],
    "int and float": lambda torch: [1, 2.5],
    "ints": lambda torch: [1, 2**40],
    "too large": lambda torch: [1, 2**64],
    "bools": lambda torch: [True, False],
    "bool and int": lambda torch: [True, 2],
    "strings": lambda torch: ["a", "bc"],
    "string and int": lambda torch: ["a", 1],
    "bytes": lambda torch: [b"a", b"bc"],
    "None": lambda torch: [None, None],
    "complex": lambda torch: [1j, 2j],
    "sets": lambda torch: [{1}, {2}],
    "objects": lambda torch: [object(), object()],
    "tuples": lambda torch: [(1, "a"), (2, "b")],
    "tuples of two lengths": lambda torch: [(1, 2), (3,)],
    "tuple and list": lambda torch: [(1, 2), [3, 4]],
    "tuple and int": lambda torch: [(1, 2), 3],
    "empty tuples": lambda torch: [(), ()],
    "lists": lambda torch: [[1, 2.0], [3, 4.0]],
    "lists of own class": lambda torch: [tagged([1, 2]), tagged([3, 4])],
    "lists of two lengths": lambda torch: [[1], [3, 4]],
    "nested": lambda torch: [[(1, [2.0])], [(3, [4.0])]],
    "named tuples": lambda torch: [Point(1, (2.0, "a")), Point(3, (4.0, "b"))],
    "named tuple and tuple": lambda torch: [Point(1, 2), (3, 4, 5)],
    "deques": lambda torch: [collections.deque([1, 2]), collections.deque([3, 4])],
    "ranges": lambda torch: [range(2), range(2, 4)],
    "arrays of Python": lambda torch: [array.array("i", [1, 2]), array.array("i", [3, 4])],
    "bytearrays": lambda torch: [bytearray(b"ab"), bytearray(b"cd")],
    "rows": lambda torch: [Row([1, 2]), Row([3, 4])],
    "dicts": lambda torch: [{"a": 1, "b": torch.ones(2)}, {"b": torch.zeros(2), "a": 2}],
    "dicts with a key less": lambda torch: [{"a": 1, "b": 2}, {"a": 1}],
    "dicts with a key more": lambda torch: [{"a": 1}, {"a": 1, "b": 2}],
    "dicts of None": lambda torch: [{"a": None}, {"a": None}],
    "dicts of own class": lambda torch: [named(a=1), named(a=2)],
    "empty dicts": lambda torch: [{}, {}],
    "ordered dicts": lambda torch: [collections.OrderedDict(b=1, a=2)] * 2,
    "default dicts": lambda torch: [collections.defaultdict(int, a=1)] * 2,
    "counters": lambda torch: [collections.Counter("aab")] * 2,
    "frozen": lambda torch: [Frozen({"a": 1}), Frozen({"a": 2})],
    "proxies": lambda torch: [types.MappingProxyType({"a": 1})] * 2,
    "stubborn": lambda torch: [Stubborn(1, 2), Stubborn(3, 4)],
    "deep": lambda torch: [
        {"a": [(torch.ones(2), {"b": np.ones(1)}), Point("x", 1)]},
        {"a": [(torch.zeros(2), {"b": np.zeros(1)}), Point("y", 2)]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
@side_by_side
def test_default_collate(torch: Any, name: str) -> Any:
    samples = SAMPLES[name](torch)
    result = outcome(torch.utils.data.default_collate, samples)
    if name == "frozen":
        assert not isinstance(result, Exception), result
    return shown(result)


@pytest.mark.parametrize("name", SAMPLES)
@side_by_side
def test_default_convert(torch: Any, name: str) -> Any:
    """Of the list, and of each sample by itself."""
    samples = SAMPLES[name](torch)
    convert = torch.utils.data.default_convert
    if name == "objects":
        return convert(samples[0]) is samples[0]
    return shown(outcome(convert, samples)), [shown(outcome(convert, each)) for each in samples]


@side_by_side
def test_what_shares_memory(torch: Any) -> Any:
    values, row = np.zeros(2), torch.zeros(2)
    converted = torch.utils.data.default_convert({"a": values})
    collated = torch.utils.data.default_collate([values, values])
    stacked = torch.utils.data.default_collate([row])
    values += 1
    row += 1
    original = [np.ones(1)]
    copied = torch.utils.data.default_convert(original)
    return converted, collated, stacked, copied is original, type(original[0])


@side_by_side
def test_the_gradient_of_a_batch(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    batch = torch.utils.data.default_collate([x, 3 * x])
    (batch * torch.arange(4.0).reshape(2, 2)).sum().backward()
    return batch, x.grad


@contextlib.contextmanager
def entry(table: Any, kind: Any, function: Any) -> Any:
    """A further entry of the table, for a while."""
    before = dict(table)
    table[kind] = function
    try:
        yield
    finally:
        table.clear()
        table.update(before)


def collate_module(torch: Any) -> Any:
    return our_collate if torch is minitorch else torchs_collate


class Custom:
    def __init__(self, number: int) -> None:
        self.number = number


class Finer(Custom):
    pass


@side_by_side
def test_a_table_with_more_types(torch: Any) -> Any:
    module = collate_module(torch)

    def total(batch: Any, *, collate_fn_map: Any) -> Any:
        return sum(each.number for each in batch)

    def joined(batch: Any, *, collate_fn_map: Any = None) -> Any:
        return "".join(batch)

    samples = [(Custom(1), "a"), (Finer(2), "b")]
    results = [outcome(torch.utils.data.default_collate, samples)]
    with entry(module.default_collate_fn_map, Custom, total):
        results.append(torch.utils.data.default_collate(samples))
        results.append(torch.utils.data.default_collate([Finer(3)]))
    own = {Custom: total, (str, bytes): joined}
    results.append(module.collate(samples, collate_fn_map=own))
    results.append(outcome(module.collate, [1, 2], collate_fn_map=own))
    results.append(outcome(module.collate, [1, 2]))
    both = {int: lambda batch, collate_fn_map: "int", bool: lambda batch, collate_fn_map: "bool"}
    results.append([module.collate([each], collate_fn_map=both) for each in (1, True)])
    results.append(list(module.default_collate_fn_map)[1:])
    return results


@side_by_side
def test_a_table_that_changes_tensors_or_tuples(torch: Any) -> Any:
    """It holds for the rows of a TensorDataset too."""
    module, data = collate_module(torch), torch.utils.data
    dataset = data.TensorDataset(torch.arange(4))
    loader = data.DataLoader(dataset, batch_size=2)
    results = [list(loader)]
    with entry(module.default_collate_fn_map, torch.Tensor, lambda batch, collate_fn_map: "rows"):
        results.append(list(loader))
    with entry(module.default_collate_fn_map, tuple, lambda batch, collate_fn_map: "samples"):
        results.append(list(loader))
    results.append(list(loader))
    return results
