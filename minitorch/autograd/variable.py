"""What the graph knows of a tensor: its buffer, its gradient and where it came from.

`minitorch.Tensor` adds the operators. Everything that concerns gradients is here, so that the
graph can be read without them.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from .grad_mode import state
from .hooks import HookTable, RemovableHandle

if TYPE_CHECKING:
    from ..tensor import Tensor
    from .node import Node

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
ndarray = np.ndarray
FLOATING = "f"  # the kind of NumPy dtypes that can carry a gradient
_NO_GRAD_OF_COMPUTED = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. backward() does "
    "not fill it: call .retain_grad() on the tensor before, or use the leaf that you meant"
)


class Variable:
    """A buffer with its gradient and its place in the graph; the base of `Tensor`.

    Attributes:
        array: the NumPy buffer.
    """

    array: Array
    # Class-wide defaults keep the creation of a tensor cheap: only what differs is stored.
    _requires_grad: bool = False
    _node: Node | None = None  # the call that made it; None for a leaf
    _grad: Any = None  # an array that nobody has seen yet, or a Tensor
    # [version, rebases, creation number at the last change], shared with views; made when needed
    _counter: list[int] | None = None
    _base: Tensor | None = None  # the tensor that this one is a view of
    _rebases: int = 0  # the shared count of rebases at which `_node` was right
    _history_is_fixed: bool = False  # a view whose maker is a Function, or a view of such a view
    _special: bool = False  # set with the first hook, as on a node, where backward asks for it
    _hooks: HookTable | None = None
    _post_accumulate_hooks: HookTable | None = None

    # -- place in the graph ---------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for this tensor; assign to switch a leaf."""
        if self._base is not None:
            self._refresh()
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if type(value) is not bool:
            raise RuntimeError(f"requires_grad must be a bool, got {type(value).__name__}")
        if self._node is not None and not value:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. To use a computed "
                "tensor without its history, call .detach()"
            )
        if value and self.array.dtype.kind != FLOATING:
            raise RuntimeError(
                "only Tensors of floating point dtype can require gradients, got "
                f"{self.array.dtype}; convert with .float() first"
            )
        self._requires_grad = value

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad` in place and return the tensor."""
        if type(requires_grad) is not bool:
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' must be bool, not "
                f"{type(requires_grad).__name__}"
            )
        self.requires_grad = requires_grad
        return cast("Tensor", self)

    @property
    def is_leaf(self) -> bool:
        """True unless this tensor was computed from one that requires a gradient."""
        if self._base is not None:
            self._refresh()
        return self._node is None

    @property
    def grad_fn(self) -> Node | None:
        """The recorded call that made this tensor, or None for a leaf."""
        if self._base is not None:
            self._refresh()
        node = self._node
        return None if node is None else node.maker

    @property
    def _version(self) -> int:
        """How often the buffer was changed in place."""
        return 0 if self._counter is None else self._counter[0]

    def _shared_counter(self) -> list[int]:
        """The version counter, made at its first use."""
        if self._counter is None:
            self._counter = [0, 0, 0]
        return self._counter

    def _edge(self) -> Variable | Node | None:
        """Where a gradient of this tensor goes: its maker, the leaf itself, or nowhere."""
        if self._base is not None:
            self._refresh()
        if not self._requires_grad:
            return None
        node = self._node
        return self if node is None else node

    def _refresh(self) -> None:
        """Bring a view's history up to date after its base was changed in place."""
        from .inplace import refresh_view

        refresh_view(self)

    def detach(self) -> Tensor:
        """Return a tensor of the same buffer that is cut off from the graph.

        A change in place of one is seen in the other, and in the version counter they share.

        Example:
            >>> import minitorch
            >>> minitorch.ones(2, requires_grad=True).detach().requires_grad
            False
        """
        result = wrap(self.array)
        result._counter = self._shared_counter()
        return result

    def detach_(self) -> Tensor:
        """Cut this tensor off from the graph, in place."""
        if self._base is not None:
            raise RuntimeError("Can't detach views in-place; use .detach() instead")
        self._node = None
        self._requires_grad = False
        return cast("Tensor", self)

    @property
    def data(self) -> Tensor:
        """A detached tensor of the same buffer; assigning replaces the buffer."""
        return wrap(self.array)

    @data.setter
    def data(self, value: Variable | Array) -> None:
        array = value.array if isinstance(value, Variable) else np.asarray(value)
        if self._requires_grad and array.dtype.kind != FLOATING:
            raise RuntimeError(
                f"data set to a tensor that requires gradients must be floating point, got "
                f"{array.dtype}"
            )
        self.array = array

    # -- gradient -------------------------------------------------------------------------

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient, a Tensor, or None before the first backward."""
        grad = self._grad
        if grad is None:
            if self._node is not None and not self.retains_grad:
                warnings.warn(_NO_GRAD_OF_COMPUTED, stacklevel=2)
            return None
        if type(grad) is ndarray:  # from now on somebody may hold it
            grad = self._grad = wrap(grad)
        return cast("Tensor", grad)

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Variable):
                raise TypeError(
                    f"assigned grad expected to be a Tensor or None but got {type(value).__name__}"
                )
            if value is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if value.array.shape != self.array.shape:
                raise RuntimeError(
                    f"assigned grad has data of a different size: expected "
                    f"{list(self.array.shape)}, got {list(value.array.shape)}"
                )
            if value.array.dtype != self.array.dtype:
                raise RuntimeError(
                    f"assigned grad has data of a different type: expected {self.array.dtype}, "
                    f"got {value.array.dtype}"
                )
        self._grad = value

    def _grad_array(self) -> Array | None:
        """The gradient's buffer, without letting anyone take hold of it."""
        grad = self._grad
        if grad is None or type(grad) is ndarray:
            return cast("Array | None", grad)
        return cast(Variable, grad).array

    def accumulate_grad(self, grad: Array) -> None:
        """Add `grad` to this tensor's gradient: how a written `backward` hands it over.

        Inside a backward run the run decides where it goes: a leaf's goes to `.grad`, a
        computed tensor's goes on to what it was computed from, `autograd.grad` redirects it,
        and a frozen tensor's is dropped.

        Args:
            grad: an array of this tensor's shape, or of a shape it broadcasts to.

        Raises:
            RuntimeError: `grad` does not fit the tensor's shape.

        Example:
            >>> import minitorch, numpy as np
            >>> w = minitorch.ones(2, requires_grad=True)
            >>> w.accumulate_grad(np.array([1.0, 2.0], dtype=np.float32))
            >>> w.grad
            tensor([1., 2.])
        """
        run = state.run
        if run is not None and run.plain and self._node is None and self._base is None:
            # The short path of `run.receive`: a leaf, reached for the first time.
            array = self.array
            if (
                self not in run.totals
                and self._requires_grad
                and type(grad) is ndarray
                and grad.shape == array.shape
                and grad.dtype is array.dtype
            ):
                run.totals[self] = grad
                return
        target = self._edge()
        if target is None:
            return
        if run is not None:
            run.receive(target, grad)
            return
        with _engine.Run(retain_graph=True) as own_run:
            own_run.receive(target, grad)

    def _store_grad(self, grad: Any, alone: bool) -> None:
        """Take `grad` as, or add it to, `.grad`; never in place where somebody could see it.

        `alone` says that nobody else holds the array, so that it need not be copied.
        """
        current = self._grad
        if type(grad) is not ndarray:  # a Tensor: the gradient has a graph of its own
            # A copy: the same gradient may be on its way to another leaf.
            self._grad = grad.clone() if current is None else self.grad + grad
        elif current is None:
            self._grad = grad if alone and grad.base is None else grad.copy()
        elif type(current) is ndarray and current.flags.writeable:
            np.add(current, grad, out=current)
        elif type(current) is ndarray:
            self._grad = np.asarray(current + grad)
        else:  # seen: the Tensor stays the same object, its old buffer stays as it is
            current.array = np.asarray(current.array + grad)

    # -- hooks ----------------------------------------------------------------------------

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook(grad)` whenever a gradient of this tensor is complete.

        What the hook returns, if not None, replaces the gradient.

        Returns:
            A handle whose `remove()` takes the hook away.

        Raises:
            RuntimeError: the tensor does not require a gradient.

        Example:
            >>> import minitorch
            >>> x = minitorch.ones(1, requires_grad=True)
            >>> handle = x.register_hook(lambda grad: grad * 10)
            >>> (x * 2).sum().backward()
            >>> x.grad
            tensor([20.])
        """
        target = self._edge()
        if target is None:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if target._hooks is None:
            target._hooks = HookTable()
            target._special = True
        LeafHooks.exist = True
        return target._hooks.add(hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(tensor)` after a backward has added to this leaf's `.grad`.

        Raises:
            RuntimeError: the tensor is not a leaf, or does not require a gradient.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._node is not None:
            raise RuntimeError(
                "post accumulate grad hooks cannot be registered on non-leaf tensors"
            )
        if self._post_accumulate_hooks is None:
            self._post_accumulate_hooks = HookTable()
        LeafHooks.exist = True
        return self._post_accumulate_hooks.add(hook)

    def retain_grad(self) -> None:
        """Keep this computed tensor's gradient in `.grad` too; a leaf's is kept anyway.

        Raises:
            RuntimeError: the tensor does not require a gradient.
        """
        target = self._edge()
        if target is None:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if not isinstance(target, Variable):
            target.retaining = weakref.ref(self)
            target._special = True

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad` was called on this computed tensor."""
        node = self._node
        return node is not None and node.retaining is not None and node.retaining() is self

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | Tensor | None = None,
    ) -> None:
        """Compute the gradient of this tensor with respect to the leaves of its graph.

        It is added to each leaf's `.grad`.

        Args:
            gradient: dL/d(this tensor), of its shape. Default: 1 for a single element.
            retain_graph: keep what the graph saved, for another backward.
                Default: as `create_graph`.
            create_graph: record the backward too, for higher derivatives. Default: False.
            inputs: accumulate into these tensors only. Default: every leaf.

        Raises:
            RuntimeError: nothing here requires a gradient, the tensor has several elements and
                no `gradient` was given, shapes differ, the graph was freed by an earlier
                backward, or a saved array was changed in place.

        Example:
            >>> import minitorch
            >>> x = minitorch.tensor([1.0, 2.0], requires_grad=True)
            >>> (x * x).sum().backward()
            >>> x.grad
            tensor([2., 4.])
        """
        if gradient is None and inputs is None and not create_graph and not LeafHooks.exist:
            _engine.backward_plain(self, bool(retain_graph))
        else:
            _engine.backward(self, gradient, retain_graph, create_graph, inputs=inputs)


class LeafHooks:
    """Whether any tensor hook was ever registered; without one, backward need not count uses."""

    exist = False


_new = object.__new__
_tensor_type: type[Tensor]
_engine: Any  # the module `engine`, which imports this one


def set_engine(engine: Any) -> None:
    """Say where backward is; `engine` calls this once."""
    global _engine
    _engine = engine


def set_tensor_type(tensor_type: type[Tensor]) -> None:
    """Say which class `wrap` makes; `minitorch.tensor` calls this once."""
    global _tensor_type
    _tensor_type = tensor_type


def wrap(array: Array, node: Node | None = None) -> Tensor:
    """Make a Tensor of `array` without copying; `node` is the recorded call that made it."""
    tensor = _new(_tensor_type)
    tensor.array = array
    if node is not None:
        tensor._node = node
        tensor._requires_grad = True
    return tensor


def wrap_writable(array: Array) -> Tensor:
    """Make a Tensor that a user may see, and so write to, of a gradient that may be a constant."""
    return wrap(array if array.flags.writeable else array.copy())


def buffer(value: Any) -> Any:
    """The array of a Tensor; anything else as it is."""
    return value.array if isinstance(value, Variable) else value
