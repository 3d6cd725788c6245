"""Operations in place: they change a buffer, and the history of every tensor that shares it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .grad_mode import state
from .node import Node, Output, latest_change, next_sequence
from .operator import Operator
from .variable import FLOATING, Array, Variable, wrap

if TYPE_CHECKING:
    from ..tensor import Tensor

_VIEW_OF_FUNCTION = (
    "This view {}, but it was made inside a custom Function (or because an input was returned "
    "as-is): a new history would override the custom backward and give incorrect gradients. "
    "Clone the output of the custom Function"
)


def apply_in_place(
    function: Callable[..., Tensor], tensor: Tensor, *args: Any, **kwargs: Any
) -> Tensor:
    """Give `tensor` the values and the history of `function(tensor, *args, **kwargs)`.

    Every operation with a trailing underscore is this over its namesake.

    Raises:
        RuntimeError: the tensor is a leaf that requires a gradient, a view of one, or one of
            several views made by one call; or the result has another shape, or a dtype that the
            tensor's cannot hold.
    """
    recorded = check_in_place(tensor, *args, *kwargs.values())
    # The function may save its input for backward, which must not see the change below.
    result = function(_snapshot(tensor) if recorded else tensor, *args, **kwargs)
    _check_result(tensor, result)
    array = tensor.array
    if result.array.dtype != array.dtype:
        result = result.to(array.dtype)
    np.copyto(array, result.array)
    changed(tensor, result if recorded else None)
    return tensor


def overwrite(value: Any, compute: Callable[[Any], Any], layer: str) -> Any:
    """Write what `compute` makes of `value`, a Tensor or an array, over `value`, and return it.

    Args:
        value: what is changed.
        compute: gives the new values; it does not change its argument.
        layer: who does so, for the error.

    Raises:
        RuntimeError: as `apply_in_place`; or the array is read-only.
    """
    if isinstance(value, Variable):
        return _overwrite_tensor(cast("Tensor", value), compute)
    if not value.flags.writeable:
        raise RuntimeError(
            f"{layer} with inplace=True was given a read-only array: a layer before it may need "
            "the array in its backward. Use inplace=False, or give a copy"
        )
    check_no_overlap(value)
    result = compute(value.copy(order="K"))
    _check_result(wrap(value), wrap(result))
    np.copyto(value, result)
    return value


def _overwrite_tensor(tensor: Tensor, compute: Callable[[Tensor], Tensor]) -> Tensor:
    """As `apply_in_place`, but the values are copied before only if the call has saved them."""
    recorded = check_in_place(tensor)
    result = compute(tensor)
    _check_result(tensor, result)
    array, node = tensor.array, result._node
    if node is not None:
        node.saved = tuple(
            item.copy()
            if isinstance(item, np.ndarray) and np.may_share_memory(item, array)
            else item
            for item in node.saved
        )
    np.copyto(array, result.array)
    changed(tensor, result if recorded else None)
    return tensor


def check_in_place(tensor: Variable, *operands: Any) -> bool:
    """Refuse a change in place that would spoil values or gradients; say whether to record it."""
    check_no_overlap(tensor.array)
    return check_history(tensor, *operands)


def check_no_overlap(array: Array) -> None:
    """Refuse to write where several elements lie at one place in memory, as after `expand`."""
    if (
        array.size
        and 0 in array.strides
        and any(
            stride == 0 and size > 1
            for stride, size in zip(array.strides, array.shape, strict=True)
        )
    ):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location. Please clone() the tensor before performing the operation"
        )


def check_history(tensor: Variable, *operands: Any) -> bool:
    """Refuse a change in place that would spoil gradients; say whether it must be recorded."""
    if not state.grad_enabled:
        return False
    needed = tensor.requires_grad
    if needed and tensor._node is None:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation. Put "
            "`with no_grad():` around it, or use an operation that returns a new tensor"
        )
    base = tensor._base
    if base is not None:
        if base._requires_grad and base._node is None:
            raise RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place "
                "operation. Put `with no_grad():` around it, or use an operation that returns a "
                "new tensor"
            )
        if base._requires_grad and not needed:
            raise RuntimeError(
                "A view was created in no_grad mode and is being modified inplace with grad mode "
                "enabled. Make the view and change it either both inside no_grad or both outside"
            )
        if isinstance(tensor._node, Output):
            raise RuntimeError(
                f"Output {tensor._node.index} of {tensor._node.name()} is a view and is being "
                "modified inplace. This view is the output of a function that returns multiple "
                "views. Such functions do not allow the output views to be modified inplace. "
                "Use an operation that returns a new tensor"
            )
    recorded = needed or any(isinstance(item, Variable) and item.requires_grad for item in operands)
    if recorded and tensor._history_is_fixed:
        raise RuntimeError(_VIEW_OF_FUNCTION.format("is being modified inplace"))
    return recorded


def changed(tensor: Variable, result: Variable | None = None) -> None:
    """Note that `tensor`'s buffer was changed, and that its history is now `result`'s."""
    counter = tensor._shared_counter()
    counter[0] += 1
    counter[2] = latest_change[0] = next_sequence()
    if result is None or not result._requires_grad:
        return
    node, base = result._node, tensor._base
    assert node is not None  # it was computed, from `tensor` and what changed it
    if base is not None:
        set_history(base, _replaced(base, tensor, node))
    set_history(tensor, node)
    counter[1] += 1
    tensor._rebases = counter[1]


def set_history(tensor: Variable, node: Node) -> None:
    """Make `node` the call that made `tensor`; a gradient to be kept is kept there from now on."""
    before = tensor._node
    if before is not None and tensor.retains_grad:
        before.retaining, node.retaining = None, before.retaining
        node._special = True
    tensor._node = node
    tensor._requires_grad = True


def refresh_view(view: Variable) -> None:
    """Make a view's history that of its base, if the base's changed since."""
    base, counter = view._base, view._counter
    if base is None or counter is None or view._rebases == counter[1]:
        return
    if view._history_is_fixed:
        raise RuntimeError(_VIEW_OF_FUNCTION.format("has a base that was modified inplace"))
    view._rebases = counter[1]
    if base._requires_grad:
        node = TakeView()
        node.positions = _positions(base.array, view.array)
        node.base_shape, node.view_shape = base.array.shape, view.array.shape
        node.edges = (base._edge(),)
        node.set_output(view.array)
        set_history(view, node)


class TakeView(Operator):
    """The elements of a base that a view shows; the gradient goes back to their places."""

    positions: Array
    base_shape: tuple[int, ...]
    view_shape: tuple[int, ...]

    def forward(self, base: Any, *, positions: Array, shape: tuple[int, ...]) -> Any:
        self.positions, self.base_shape, self.view_shape = positions, base.shape, shape
        return base.reshape(-1)[positions].reshape(shape)

    def backward(self, grad: Any) -> Any:
        return PutView.apply(grad, positions=self.positions, shape=self.base_shape)

    def name(self) -> str:
        return "AsStridedBackward0"


class PutView(Operator):
    """A view's elements added up at their places in a base of zeros."""

    def forward(self, view: Any, *, positions: Array, shape: tuple[int, ...]) -> Any:
        self.positions, self.view_shape = positions, view.shape
        output = np.zeros(shape, view.dtype)
        np.add.at(output.reshape(-1), positions, view.reshape(-1))
        return output

    def backward(self, grad: Any) -> Any:
        return TakeView.apply(grad, positions=self.positions, shape=self.view_shape)


class BlankView(Operator):
    """A base with zeros where a view lies."""

    def forward(self, base: Any, *, positions: Array) -> Any:
        self.positions = positions
        output = base.copy()
        output.reshape(-1)[positions] = 0
        return output

    def backward(self, grad: Any) -> Any:
        return BlankView.apply(grad, positions=self.positions)


class ReplaceView(Operator):
    """A base after one of its views was changed: old elements outside, the view's inside."""

    positions: Array
    view_shape: tuple[int, ...]

    def backward(self, grad: Any) -> Any:
        outside = BlankView.apply(grad, positions=self.positions)
        inside = TakeView.apply(grad, positions=self.positions, shape=self.view_shape)
        return outside, inside

    def name(self) -> str:
        return "CopySlices"


def _replaced(base: Variable, view: Variable, changed_to: Node) -> ReplaceView:
    """The history of `base` now that `view`, of whose elements it consists, has another."""
    node = ReplaceView()
    node.positions = _positions(base.array, view.array)
    node.view_shape = view.array.shape
    node.edges = (base._edge(), changed_to)
    node.set_output(base.array)
    return node


def _positions(base: Array, view: Array) -> Array:
    """For each element of `view`, its flat index in `base`, found by memory address."""
    addresses = _addresses(view)
    if base.flags.c_contiguous:
        start = base.__array_interface__["data"][0]
        return cast(Array, (addresses - start) // base.itemsize)
    held = _addresses(base)
    order = np.argsort(held, kind="stable")
    return cast(Array, order[np.searchsorted(held, addresses, sorter=order)])


def _addresses(array: Array) -> Array:
    """The memory address of each element, in index order."""
    total = np.full((), array.__array_interface__["data"][0], np.int64)
    for axis, (size, stride) in enumerate(zip(array.shape, array.strides, strict=True)):
        steps = np.arange(size, dtype=np.int64) * stride
        total = total + steps.reshape((size,) + (1,) * (array.ndim - axis - 1))
    return np.broadcast_to(total, array.shape).reshape(-1)


def _snapshot(tensor: Tensor) -> Tensor:
    """A tensor of the same values and history in a buffer of its own."""
    copy = wrap(tensor.array.copy(order="K"))
    copy._node = tensor._node
    copy._requires_grad = tensor._requires_grad
    return copy


def _check_result(tensor: Variable, result: Variable) -> None:
    if result.array.shape != tensor.array.shape:
        raise RuntimeError(
            f"output with shape {list(tensor.array.shape)} doesn't match the broadcast shape "
            f"{list(result.array.shape)}"
        )
    order = "buif"
    got, held = result.array.dtype.kind, tensor.array.dtype.kind
    if order.index(got) > order.index(held) and (got == FLOATING or held == "b"):
        raise RuntimeError(
            f"result type {result.array.dtype} can't be cast to the desired output type "
            f"{tensor.array.dtype}"
        )
