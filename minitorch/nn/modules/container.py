"""Containers: modules made of modules or parameters."""

from __future__ import annotations

import itertools
import operator
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Self, overload

from ...tensor import Tensor
from ..module import Module
from ..parameter import Parameter


class _ModuleSequence(Module):
    """Modules in order, as Sequential and ModuleList have them: a list whose items have names."""

    @abstractmethod
    def _of(self, entries: list[tuple[str, Any]]) -> Self:
        """A container of the same class with these of its entries."""

    def _name_at(self, index: Any) -> str:
        return list(self._modules)[_position(index, len(self))]

    @overload
    def __getitem__(self, idx: slice) -> Self: ...
    @overload
    def __getitem__(self, idx: int) -> Module: ...
    def __getitem__(self, idx: slice | int) -> Any:
        if isinstance(idx, slice):
            return self._of(list(self._modules.items())[idx])
        return self._modules[self._name_at(idx)]

    def __setitem__(self, idx: int, module: Module) -> None:
        setattr(self, self._name_at(idx), module)

    def __delitem__(self, idx: slice | int) -> None:
        names = list(self._modules)[idx] if isinstance(idx, slice) else [self._name_at(idx)]
        for name in names:
            del self._modules[name]
        self._renumber(list(self))

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())  # type: ignore[arg-type]

    def append(self, module: Module) -> Self:
        """Add a module at the end, under the next number.

        Raises:
            TypeError: `module` is no Module.
        """
        self._insert(len(self), module)
        return self

    def pop(self, key: int | slice) -> Module:
        """Take the module at a position, or those of a slice, out and return it.

        Raises:
            IndexError: there is none.
        """
        taken: Any = self[key]
        del self[key]
        return taken  # type: ignore[no-any-return]

    def _insert(self, index: int, module: Module) -> None:
        """Insert `module` as a list does; where that moves others, all are numbered afresh."""
        position, end = operator.index(index), len(self)
        if str(end) in self._modules:  # a slice of a Sequential kept its names: 1, 2
            self._renumber(list(self))
        self.add_module(str(end), module)
        if position < end:
            modules = list(self)
            modules.insert(position, modules.pop())
            self._renumber(modules)

    def _renumber(self, modules: list[Module]) -> None:
        """Take `modules` in this order, under the names 0, 1, 2, ..."""
        self._modules.clear()
        self._modules.update((str(index), module) for index, module in enumerate(modules))


class Sequential(_ModuleSequence):
    """Calls its modules one after another: output = m_n(... m_1(m_0(input))).

    Its forward and backward are the two loops that one would write by hand; with Tensors each
    module is recorded on its own. It is indexed, sliced and changed like a list; a slice keeps
    the modules' names, while deleting and inserting number them afresh.

    Args:
        args: the modules in order, or one OrderedDict of named modules.

    Raises:
        TypeError: an argument is no Module.

    Example:
        >>> from minitorch import nn
        >>> model = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid())
        >>> model.append(nn.Identity())
        Sequential(
          (0): Linear(in_features=3, out_features=2, bias=True)
          (1): Sigmoid()
          (2): Identity()
        )
        >>> model[-1]
        Identity()

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
    """

    transparent = True
    in_order = True

    def __init__(self, *args: Module | OrderedDict[str, Module]) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            for index, argument in enumerate(args):
                self.add_module(str(index), argument)  # type: ignore[arg-type]

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)  # type: ignore[misc]
        return input

    def backward(self, grad_output: Any) -> Any:
        for module in reversed(self._modules.values()):
            grad_output = module.backward(grad_output)  # type: ignore[union-attr]
        return grad_output

    def _of(self, entries: list[tuple[str, Any]]) -> Self:
        return type(self)(OrderedDict(entries))

    def __add__(self, other: Sequential) -> Sequential:
        _check_sequential(other)
        return Sequential(*self, *other)

    def __iadd__(self, other: Sequential) -> Self:
        _check_sequential(other)
        return self.extend(other)

    def __mul__(self, other: int) -> Sequential:
        _check_times(other)
        return Sequential(*list(self) * other)

    __rmul__ = __mul__

    def __imul__(self, other: int) -> Self:
        _check_times(other)
        return self.extend(list(self) * (other - 1))

    def insert(self, index: int, module: Module) -> Self:
        """Add a module before the one at `index`.

        Raises:
            AssertionError: `module` is no Module (PyTorch's exception).
            IndexError: `index` is out of range.
        """
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type {Module}, got {type(module)}")
        count = len(self)
        if not -count <= index <= count:
            raise IndexError(f"Index out of range: {index}; expected {-count} to {count}")
        self._insert(index, module)
        return self

    def extend(self, sequential: Iterable[Module]) -> Self:
        """Add modules at the end.

        Raises:
            TypeError: `sequential` is not iterable, or holds what is no Module.
        """
        for module in _iterated(self, sequential):
            self.append(module)
        return self


class ModuleList(_ModuleSequence):
    """A list of modules; it has no forward, its owner calls them.

    It has a list's operations as far as PyTorch's class has them. The modules' names are their
    positions.

    Args:
        modules: an iterable of modules. Default: none.

    Raises:
        TypeError: `modules` is not iterable, or holds what is no Module.

    Example:
        >>> from minitorch import nn
        >>> nn.ModuleList(nn.Linear(3, 3) for _ in range(2)) + [nn.Sigmoid()]
        ModuleList(
          (0-1): 2 x Linear(in_features=3, out_features=3, bias=True)
          (2): Sigmoid()
        )

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def _of(self, entries: list[tuple[str, Any]]) -> Self:
        return type(self)(module for _, module in entries)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def insert(self, index: int, module: Module) -> None:
        """Add a module before the one at `index`, which counts as in `list.insert`.

        Raises:
            TypeError: `module` is no Module.
        """
        self._insert(index, module)

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end.

        Raises:
            TypeError: `modules` is not iterable, or holds what is no Module.
        """
        for module in _iterated(self, modules):
            self.append(module)
        return self

    __iadd__ = extend

    def __repr__(self) -> str:
        """The modules, neighbours of one text in one line."""
        lines, start = [], 0
        for text, group in itertools.groupby(repr(module) for module in self):
            count = len(list(group))
            last = start + count - 1
            place = f"({start}): " if count == 1 else f"({start}-{last}): {count} x "
            lines.append("\n  " + place + text.replace("\n", "\n  "))
            start += count
        return f"{self._get_name()}({''.join(lines)}" + ("\n)" if lines else ")")


class ModuleDict(Module):
    """A dict of modules that keeps their order; it has no forward, its owner calls them.

    Args:
        modules: a mapping of names to modules, or an iterable of (name, module) pairs.
            Default: none.

    Raises:
        TypeError: `modules` is neither, a name is no string, or a value is no Module.
        ValueError: an element of an iterable is no pair.
        KeyError: a name is empty, contains a dot, or is an attribute of the class (`keys`).

    Example:
        >>> from minitorch import nn
        >>> choices = nn.ModuleDict({"identity": nn.Identity()})
        >>> choices["sigmoid"] = nn.Sigmoid()
        >>> list(choices)
        ['identity', 'sigmoid']

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
    """

    def __init__(
        self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None
    ) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]  # type: ignore[return-value]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Take every module out."""
        self._modules.clear()

    def pop(self, key: str) -> Module:
        """Take a module out and return it.

        Raises:
            KeyError: there is none of that name.
        """
        return self._modules.pop(key)  # type: ignore[return-value]

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._modules.keys()

    def items(self) -> ItemsView[str, Module]:
        """The (name, module) pairs."""
        return self._modules.items()  # type: ignore[return-value]

    def values(self) -> ValuesView[Module]:
        """The modules."""
        return self._modules.values()  # type: ignore[return-value]

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules, or put them in place of those of the same name.

        Args:
            modules: as for the constructor.

        Raises:
            TypeError, ValueError, KeyError: as in the constructor.
        """
        for name, module in _pairs(self, modules):
            self[name] = module


class ParameterList(Module):
    """A list of parameters; a Tensor that is put in becomes a Parameter over the same memory.

    Values that are no Tensors may stand among them; `parameters()` and `state_dict()` pass over
    those.

    Args:
        values: an iterable of Parameters, Tensors and others. Default: none.

    Raises:
        TypeError: `values` is not iterable, or is itself a Tensor.
        RuntimeError: a Tensor's dtype is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ParameterList([minitorch.ones(2, 3), minitorch.zeros(4)])
        ParameterList(
            (0): Parameter containing: [minitorch.float32 of size 2x3]
            (1): Parameter containing: [minitorch.float32 of size 4]
        )

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
    """

    _size: int

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    @overload
    def __getitem__(self, idx: slice) -> Self: ...
    @overload
    def __getitem__(self, idx: int) -> Any: ...
    def __getitem__(self, idx: slice | int) -> Any:
        if isinstance(idx, slice):
            return type(self)(list(self)[idx])
        return getattr(self, str(_position(idx, len(self))))

    def __setitem__(self, idx: int, param: Any) -> None:
        setattr(self, str(_position(idx, len(self))), _as_parameter(param))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def append(self, value: Any) -> Self:
        """Add a value at the end."""
        setattr(self, str(len(self)), _as_parameter(value))
        self._size += 1
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add values at the end.

        Raises:
            TypeError: `values` is not iterable, or is a Tensor.
        """
        for value in _iterated(self, values):
            self.append(value)
        return self

    __iadd__ = extend

    def extra_repr(self) -> str:
        return "\n".join(
            _entry_text(index, value, getattr(value, "dtype", None))
            for index, value in enumerate(self)
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ParameterList should not be called.")


class ParameterDict(Module):
    """A dict of parameters; a Tensor that is put in becomes a Parameter over the same memory.

    Values that are no Tensors may stand among them; `parameters()` and `state_dict()` pass over
    those. It keeps the order of insertion, but takes the entries of a plain dict sorted by name,
    as PyTorch does.

    Args:
        parameters: a mapping of names to values, or an iterable of (name, value) pairs.
            Default: none.

    Raises:
        TypeError: `parameters` is neither, or a name is no string.
        ValueError: an element of an iterable is no pair.
        KeyError: a parameter's name is empty, contains a dot, or is an attribute of the class.
        RuntimeError: a Tensor's dtype is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ParameterDict({"scale": minitorch.ones(3), "power": 2})
        ParameterDict(
            (power): Object of type: int
            (scale): Parameter containing: [minitorch.FloatTensor of size 3]
        )

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
    """

    _keys: dict[str, None]

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys = {}
        if parameters is not None:
            self.update(parameters)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "_keys": dict(state["_keys"])})  # copy.copy would share it

    def __getitem__(self, key: str) -> Any:
        _check_key(key)
        if key not in self._keys:
            raise AttributeError(f"'{type(self).__name__}' object has no entry '{key}'")
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        _check_key(key)
        if isinstance(value, Tensor) and key not in self._keys:
            self._check_name("parameter", key, "_parameters")
        setattr(self, key, _as_parameter(value))
        self._keys[key] = None

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def copy(self) -> ParameterDict:
        """A ParameterDict with the same entries."""
        return ParameterDict(self)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`; if there is none, enter `default` first."""
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        """Take every entry out."""
        for key in list(self):
            del self[key]

    def pop(self, key: str) -> Any:
        """Take an entry out and return its value.

        Raises:
            AttributeError: there is none (PyTorch's exception).
        """
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take the latest entry out and return it as (name, value).

        Raises:
            KeyError: there is no entry.
        """
        if not self._keys:
            raise KeyError("popitem(): the ParameterDict is empty")
        key = next(reversed(self))
        return key, self.pop(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default` if there is none."""
        return getattr(self, key) if key in self._keys else default

    @staticmethod
    def fromkeys(keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new ParameterDict with these names and one value."""
        return ParameterDict((key, default) for key in keys)

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._keys.keys()

    def items(self) -> Iterator[tuple[str, Any]]:
        """The (name, value) pairs."""
        return ((key, self[key]) for key in self)

    def values(self) -> Iterator[Any]:
        """The values."""
        return (self[key] for key in self)

    def update(self, parameters: Any) -> None:
        """Add entries, or put values in place of those of the same name.

        Args:
            parameters: as for the constructor.

        Raises:
            TypeError, ValueError, KeyError, RuntimeError: as in the constructor.
        """
        pairs = _pairs(self, parameters)
        if isinstance(parameters, Mapping) and not isinstance(parameters, OrderedDict):
            pairs.sort(key=operator.itemgetter(0))  # PyTorch's order, which state dicts show
        for key, value in pairs:
            self[key] = value

    def extra_repr(self) -> str:
        return "\n".join(
            _entry_text(key, value, value.type() if isinstance(value, Tensor) else None)
            for key, value in self.items()
        )

    def __call__(self, input: Any) -> Any:
        raise RuntimeError("ParameterDict should not be called.")

    def __or__(self, other: Any) -> ParameterDict:
        result = self.copy()
        result.update(other)
        return result

    def __ror__(self, other: Any) -> Any:
        if not isinstance(other, Mapping):
            return NotImplemented
        result: Any = other.copy()  # type: ignore[attr-defined]
        result.update(self)
        return result

    def __ior__(self, other: Any) -> Self:
        self.update(other)
        return self


# -- arguments ----------------------------------------------------------------------------


def _position(index: Any, count: int) -> int:
    """The position that `index` means among `count` entries; a negative one counts backwards.

    Raises:
        IndexError: there is none.
        TypeError: `index` is no integer.
    """
    position = operator.index(index)
    if not -count <= position < count:
        raise IndexError(f"index {position} is out of range for {count} entries")
    return position % count


def _iterated(container: Module, values: Any) -> list[Any]:
    """The items of `values`.

    Raises:
        TypeError: it is not iterable; a Tensor counts as a single value.
    """
    if not isinstance(values, Iterable) or isinstance(values, Tensor):
        raise TypeError(
            f"{type(container).__name__}.extend should be called with an iterable, but got "
            f"{type(values).__name__}"
        )
    return list(values)


def _pairs(container: Module, entries: Any) -> list[tuple[str, Any]]:
    """The (name, value) pairs of a mapping or an iterable of pairs.

    Raises:
        TypeError: it is neither.
        ValueError: an element of the iterable has another length than 2.
    """
    if isinstance(entries, (Mapping, ModuleDict, ParameterDict)):
        return list(entries.items())
    name = type(container).__name__
    if not isinstance(entries, Iterable):
        raise TypeError(
            f"{name}.update should be called with an iterable of key/value pairs, but got "
            f"{type(entries).__name__}"
        )
    pairs = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, Iterable):
            raise TypeError(
                f"{name} update sequence element #{number} should be a (name, value) pair, but "
                f"is {type(entry).__name__}"
            )
        pair = tuple(entry)
        if len(pair) != 2:
            raise ValueError(
                f"{name} update sequence element #{number} has length {len(pair)}; 2 is required"
            )
        pairs.append(pair)
    return pairs


def _check_sequential(other: Any) -> None:
    if not isinstance(other, Sequential):
        raise ValueError(
            f"add operator supports only objects of Sequential class, but {type(other)} is given; "
            "extend takes any iterable of modules"
        )


def _check_times(times: Any) -> None:
    if not isinstance(times, int):
        raise TypeError(f"unsupported operand type(s) for *: Sequential and {type(times).__name__}")
    if times <= 0:
        raise ValueError(f"Non-positive multiplication factor {times} for Sequential")


def _check_key(key: Any) -> None:
    if not isinstance(key, str):
        raise TypeError(f"ParameterDict expects a string as key, got {type(key).__name__} {key!r}")


def _as_parameter(value: Any) -> Any:
    """A Tensor as a Parameter over the same memory; anything else as it is."""
    if isinstance(value, Tensor) and not isinstance(value, Parameter):
        return Parameter(value)
    return value


def _entry_text(name: Any, value: Any, kind: Any) -> str:
    """One entry of a ParameterList or ParameterDict, as `repr` shows it."""
    if not isinstance(value, Tensor):
        return f"  ({name}): Object of type: {type(value).__name__}"
    label = "Parameter" if isinstance(value, Parameter) else "Tensor"
    size = "x".join(str(length) for length in value.shape)
    return f"  ({name}): {label} containing: [{kind} of size {size}]"
