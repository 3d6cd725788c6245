"""The short path of calls with one Tensor: layers one after another, or one alone.

It records each call just as `calls.call_on_tensors` does, in the least time: nearly every call
is of a layer that calls no children and returns one new floating-point array. Any other call is
handed on. For results in between, which nobody can see, no Tensor is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from sys import getrefcount
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .calls import as_outputs, finish_leaf
from .grad_mode import state
from .node import next_sequence, root
from .notes import name_module
from .record import OUTPUT, Record, sources_of
from .variable import FLOATING, Array, Variable, ndarray, wrap

if TYPE_CHECKING:
    from ..nn.module import Module
    from .pair import Pair

ONLY_OUTPUT: dict[int, Any] = {0: OUTPUT}
_new = object.__new__


def _references_of_new() -> int:
    """How many references `getrefcount` counts for a new array under one local name."""
    result = np.empty(1)
    return getrefcount(result)


_NEW = _references_of_new()


def is_shared(result: Array, references: int, record: Record) -> bool:
    """Whether others than the call itself hold its result: it may be a weight's buffer."""
    saved = record.saved
    if saved and saved[0] is result:
        references -= 1
    return references > _NEW + sum([item is result for item in saved[1:]])


def call_in_order(modules: Iterable[Any], value: Any, only: Pair | None = None) -> Any:
    """Call modules on `value`, a Tensor, and on one another's results.

    Args:
        modules: in the order of their calls.
        value: the input.
        only: the pair to call, where it is not the one that the (only) module has.
    """
    thread = state
    array: Array | None = None  # a result for which no Tensor was made: then `value` is None
    target: Any = None  # where the gradient of `array` goes
    record: Record | None = None
    for module in modules:
        pair: Any = only or getattr(module, "_pair", None)
        if array is None and isinstance(value, Variable):
            array, target = value.array, value._edge()
        if array is None or not (
            only
            or (
                pair
                and pair.leaf
                and not module._hooked
                and not (pair.in_place and module.inplace and module.obeys_inplace)
            )
        ):
            value = module(_as_tensor(array, target) if value is None else value)
            array = record = None
            continue
        record = _new(Record)
        record.module = module
        record.pair = pair
        thread.frame = record
        try:
            result = pair.forward(module, array)
        except Exception as error:
            name_module(error, module)
            raise
        finally:
            thread.frame = None
        if (
            type(result) is not ndarray
            or result.base is not None
            or result.dtype.kind != FLOATING
            or (
                (count := getrefcount(result)) > _NEW
                and not (count == _NEW + 1 and record.saved and record.saved[0] is result)
                and is_shared(result, count, record)
            )
            or record.children is not None
        ):
            tensor = _as_tensor(array, target) if value is None else value
            value = finish_leaf(record, (tensor,), result)
            array = record = None
            continue
        record.edges = (target,)
        if value is not None:  # the buffer of a Tensor that others may change
            record.seen = [(value._counter or value._shared_counter(), ref(root(array)))]
            value = None
        if target is not None or record.saves_weights():
            record.leaf = True
            record.shape = result.shape
            record.dtype = result.dtype
            record.sequence = next_sequence()
            if module.differentiable_backward:
                saved = record.saved
                if len(saved) == 1 and saved[0] is result:
                    record.sources = ONLY_OUTPUT
                else:
                    record.sources = sources_of(record, (array,), result)
            target = record
        array = result
    return value if record is None else _as_tensor(array, target)


def _as_tensor(array: Any, maker: Any) -> Variable:
    """The Tensor for a result that becomes visible: its maker may have saved its buffer."""
    output = wrap(array, maker)
    if maker is not None:
        counter = output._counter = [0, 0, 0]
        maker.seen = [*maker.seen, (counter, ref(array))]
    return output


def call_on_two(module: Module, pair: Any, input: Variable, other: Variable) -> Any:
    """Call a written pair, such as a loss's, with two Tensors."""
    record = _new(Record)
    record.module = module
    record.pair = pair
    array, second = input.array, other.array
    state.frame = record
    try:
        result = pair.forward(module, array, second)
    finally:
        state.frame = None
    if isinstance(result, np.generic):
        result = as_outputs(record, result)
    if (
        type(result) is not ndarray
        or result.base is not None
        or result.dtype.kind != FLOATING
        or ((count := getrefcount(result)) > _NEW and is_shared(result, count, record))
        or record.children is not None
    ):
        return finish_leaf(record, (input, other), result)
    edge, other_edge = input._edge(), other._edge()
    if edge is None and other_edge is None and not record.saves_weights():
        return wrap(result)
    record.edges = (edge, other_edge)
    record.needs = (edge is not None, other_edge is not None)
    record.leaf = True
    record.shape = result.shape
    record.dtype = result.dtype
    record.sequence = next_sequence()
    if module.differentiable_backward:
        record.sources = sources_of(record, (array, second), result)
    output = wrap(result, record)
    for item in record.saved:
        if (
            item is array
            or item is second
            or item is result
            or getattr(item, "base", 0) is not None
        ):
            tensors = (input, other, output)
            record.seen = [(each._shared_counter(), ref(root(each.array))) for each in tensors]
            break
    return output
