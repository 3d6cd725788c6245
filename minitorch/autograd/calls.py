"""Calls of a module's pair, with Tensors or with arrays, and going back through one by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import default_numpy_dtype
from . import nest
from .engine import Run
from .grad_mode import state
from .node import fit, next_sequence
from .record import ArrayCall, InnerGraph, Record
from .variable import FLOATING, Array, Variable, buffer, ndarray, wrap

if TYPE_CHECKING:
    from ..nn.module import Module
    from ..tensor import Tensor
    from .pair import Pair


def arrays_of(structure: Any) -> list[Any]:
    """The Tensors, arrays and NumPy numbers among arguments, in order."""
    return [
        item for item in nest.leaves(structure) if isinstance(item, (Variable, ndarray, np.generic))
    ]


def as_argument(item: Any) -> Any:
    """An argument as a written forward gets it."""
    if isinstance(item, Variable):
        return item.array
    return np.asarray(item) if isinstance(item, np.generic) else item


def as_output(item: Any, module: Module) -> Any:
    """What a written forward returned, checked: NumPy's scalars become arrays.

    Raises:
        TypeError: it is a Tensor, or an array of objects.
    """
    if type(item) is ndarray:
        if item.dtype.hasobject:
            raise TypeError(
                f"{type(module).__name__}.forward returned an object array; a forward that has a "
                "backward works on numeric arrays (use tensor.array for the array of a Tensor)"
            )
        return item
    if isinstance(item, Variable):
        raise TypeError(
            f"{type(module).__name__}.forward returned a Tensor, but a forward that has a "
            "backward works on arrays: use tensor.array (of a weight: self.weight.array), or "
            "leave out backward to have it derived"
        )
    if isinstance(item, (np.generic, ndarray)):
        return as_output(np.asarray(item), module)
    return np.asarray(item, default_numpy_dtype()) if isinstance(item, float) else item


def finish_leaf(record: Record, inputs: Sequence[Variable], result: Any) -> Any:
    """Go on with a call that began on a short path and turned out to be no plain one."""
    return finish_on_tensors(record, inputs, as_outputs(record, result))


def as_outputs(record: Record, result: Any) -> Any:
    """What a written forward returned, checked: see `as_output`.

    NumPy makes a scalar of an array without dimensions. Where it was saved too, its array takes its
    place, so that it is known there for the output.
    """

    def convert(item: Any) -> Any:
        array = as_output(item, record.module)
        if array is not item and isinstance(item, np.generic):
            record.saved = tuple(array if saved is item else saved for saved in record.saved)
        return array

    return nest.transform(convert, result)


def run_forward(record: Record, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run the pair's forward as it wants to be run; return its outputs as arrays."""
    pair = record.pair
    if pair.on_tensors:
        return _run_on_tensors(record, args, kwargs)
    frame = state.frame
    state.frame = record
    try:
        result = pair.forward(
            record.module,
            *nest.transform(as_argument, args),
            **nest.transform(as_argument, kwargs),
        )
    finally:
        state.frame = frame
    return as_outputs(record, result)


def _run_on_tensors(record: Record, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Give a forward on Tensors its arrays as leaves, and keep what it records inside."""
    leaves: list[Tensor] = []

    def as_leaf(item: Any) -> Any:
        if not isinstance(item, (Variable, ndarray, np.generic)):
            return item
        leaf = wrap(np.asarray(buffer(item)))
        if isinstance(item, Variable):
            leaf._counter = item._shared_counter()  # so that a change of it is noticed here too
        leaf._requires_grad = leaf.array.dtype.kind == FLOATING and record.recording
        leaves.append(leaf)
        return leaf

    boundary = next_sequence()
    frame = state.frame
    state.frame = None
    try:
        result = record.pair.forward(
            record.module, *nest.transform(as_leaf, args), **nest.transform(as_leaf, kwargs)
        )
    finally:
        state.frame = frame
    outputs = arrays_of(result)
    record.inner = InnerGraph(leaves, outputs, boundary)
    return nest.transform(lambda item: as_output(buffer(item), record.module), result)


def call_unrecorded(
    module: Module, pair: Pair, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a pair with arrays for which nobody will ask a backward."""
    record = Record(module, pair)
    record.recording = False
    return run_forward(record, args, kwargs)


def call_on_tensors(
    module: Module, pair: Pair, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a written pair with Tensors: outputs are Tensors, and the call is recorded."""
    record = Record(module, pair)
    record.recording = state.grad_enabled
    result = run_forward(record, args, kwargs)
    return finish_on_tensors(record, arrays_of((args, kwargs)), result)


def finish_on_tensors(record: Record, inputs: Sequence[Any], result: Any) -> Any:
    """Wrap the arrays that forward returned, with the record as their maker."""
    outputs = iter(record.link(inputs, arrays_of(result)))
    return nest.transform(lambda item: next(outputs) if type(item) is ndarray else item, result)


def call_on_arrays(
    module: Module, pair: Pair, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a pair with arrays: outputs are arrays, and `backward` by hand finds the record."""
    if state.array_call is not None or state.frame is not None:
        return _call_on_arrays(module, pair, args, kwargs)
    return in_array_call(_call_on_arrays, module, pair, args, kwargs)


def in_array_call(function: Callable[..., Any], *args: Any) -> Any:
    """Call `function` within the outermost array call; if there is none, this becomes it."""
    if state.frame is not None or state.array_call is not None:
        return function(*args)
    call = state.array_call = ArrayCall()
    try:
        return function(*args)
    except BaseException:
        call.clear()
        raise
    finally:
        state.array_call = None


def _call_on_arrays(
    module: Module, pair: Pair, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    frame = state.frame
    record = Record(module, pair)
    record.by_hand = frame is None or frame.by_hand
    record.recording = state.grad_enabled and (frame is None or frame.recording)
    call, stack = state.array_call, None
    if record.by_hand and call is not None and not (frame is not None and frame.module is module):
        stack = module._records.join(call)
    single = len(args) == 1 and not kwargs and type(args[0]) is ndarray
    if pair.transparent:
        result = pair.forward(module, *args, **kwargs)
        if type(result) is not ndarray:
            result = nest.transform(lambda item: as_output(item, module), result)
    elif single and pair.leaf:
        result = _forward_on_array(record, args[0])
    else:
        result = run_forward(record, args, kwargs)
    if not record.recording:
        if stack is not None and frame is None:  # within a pair it is that pair's own affair
            stack.clear()
        return result
    if single and type(result) is ndarray and record.settle_single(args[0], result):
        result = record.give_out(result)
    else:
        inputs = [np.asarray(item) for item in arrays_of((args, kwargs))]
        given = iter(record.settle_by_hand(inputs, arrays_of(result)))
        result = nest.transform(lambda item: next(given) if type(item) is ndarray else item, result)
    record.call = call
    if frame is not None:
        if frame.children is None:
            frame.children = []
        frame.children.append(record)
    if stack is not None:
        stack.append(record)
    return result


def _forward_on_array(record: Record, array: Array) -> Any:
    """`run_forward` for a layer that is given one array."""
    frame = state.frame
    state.frame = record
    try:
        result = record.pair.forward(record.module, array)
    finally:
        state.frame = frame
    if type(result) is ndarray and not result.dtype.hasobject:
        return result
    return as_outputs(record, result)


def backward_by_hand(
    module: Module,
    pair: Pair,
    grads: tuple[Any, ...],
    before: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> Any:
    """Run the backward that belongs to the latest array call of `module`.

    Args:
        module: the module.
        pair: the forward that made the record, with the backward to run.
        grads: dL/d(each output).
        before: may replace the completed gradients.

    Returns:
        One gradient per array argument of that call; a single one stands alone.

    Raises:
        RuntimeError: there was no call, or the gradients do not fit its outputs.
    """
    frame = state.frame
    if frame is not None and frame.is_re_paired(module, pair):
        return _replay_as(frame, pair, grads)
    if frame is None:
        record, stack = _latest(module, pair)
    else:
        record, stack = frame.take_child(module, pair), None
    if record is None:
        raise RuntimeError(
            f"{type(module).__name__}.backward has no recorded call to go back through: call "
            "forward first, with arrays and not under no_grad, once per backward (after a call "
            "with Tensors use loss.backward())"
        )
    first: Sequence[Any] = record.first_gradients(grads)
    if before is not None:
        first = record.first_gradients(tuple(before(first)))
    if stack is not None:
        stack.pop()
    try:
        return _finish_backward(record, _within_run(record, pair, first))
    finally:
        if record.by_hand:
            record.use_up()


def _latest(module: Module, pair: Pair) -> tuple[Record | None, list[Record] | None]:
    """The latest array call of `module` in this thread that no backward has gone through.

    While a transparent container goes back, only calls that were part of the container's own
    count.
    """
    records = module._records
    stack = records.stack
    while stack and (stack[-1].used or stack[-1].pair.forward is not pair.forward):
        stack.pop()
    if not stack or (state.array_call is not None and records.call is not state.array_call):
        return None, None
    return stack[-1], stack


def _replay_as(record: Record, pair: Pair, grads: tuple[Any, ...]) -> Any:
    """Run a backward that the running one replaced, and now calls by `super()`."""
    if pair.backward is None:
        result = record.replay_inner(grads)
        return result[0] if len(result) == 1 else result
    return pair.backward(record.module, *grads)


def _within_run(record: Record, pair: Pair, grads: Sequence[Any]) -> Any:
    """Replay inside the run under way, or in one of its own that then writes the gradients."""
    if state.run is not None:
        return _replay(record, pair, grads)
    enabled = state.grad_enabled
    state.grad_enabled = False
    try:
        with Run(retain_graph=True):
            return _replay(record, pair, grads)
    finally:
        state.grad_enabled = enabled


def _replay(record: Record, pair: Pair, grads: Sequence[Any]) -> Any:
    if not pair.transparent:
        return record.replay(grads, pair)
    assert pair.backward is not None
    call = state.array_call
    state.array_call = record.call
    try:
        return pair.backward(record.module, *grads)
    finally:
        state.array_call = call


def _finish_backward(record: Record, result: Any) -> Any:
    """Check the gradients that backward returned; inputs that are no floats have none."""
    received = record.received
    if type(result) is ndarray and len(received) == 1:
        shape, dtype = received[0]
        if result.shape == shape and result.dtype == dtype and dtype.kind == FLOATING:
            return result

    def describe() -> str:
        return f"{record.describe()}.backward"

    grads = [
        None if item is None or dtype.kind != FLOATING else fit(item, shape, dtype, describe)
        for item, (shape, dtype) in zip(record.per_input(result), received, strict=True)
    ]
    alone = len(grads) == 1 or record.module.is_loss
    bare = len(grads) > 1 and not isinstance(result, (tuple, list))
    return grads[0] if grads and (alone or bare) else tuple(grads)
