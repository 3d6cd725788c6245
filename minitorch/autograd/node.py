"""The recorded graph: one node per recorded call, edges from a call to what it used."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

import numpy as np

from .hooks import HookTable
from .variable import FLOATING, Array, Variable, ndarray, wrap

if TYPE_CHECKING:
    from ..tensor import Tensor
    from .engine import Run

Target: TypeAlias = "Variable | Node"
Meta: TypeAlias = tuple[tuple[int, ...], Any]  # a shape and a dtype
next_sequence: Callable[[], int] = itertools.count(1).__next__

# The creation number at the latest change in place of any tensor: where nothing was changed since
# a call, there is no need to look at what it saved.
latest_change = [0]


class Freed(tuple[()]):
    """Stands where saved arrays were, once a backward has used them."""


FREED: Any = Freed()


class Node:
    """A recorded call with one output: what backward needs to go through it.

    A node made later never leads into one made earlier, so going through the nodes in reverse
    order of `sequence` meets each after everything that uses it.

    Attributes:
        edges: per input, where its gradient goes, or None.
        saved: what `forward` saved for `backward`.
        watched: the version counters of the saved buffers.
        sequence: the creation number.
        shape, dtype: those of the output.
    """

    edges: tuple[Target | None, ...] = ()
    saved: Any = ()
    watched: Sequence[list[int]] = ()
    sequence: int = 0
    shape: tuple[int, ...] = ()
    dtype: Any = None
    frees_all: ClassVar[bool] = False  # what was saved goes even if it is only numbers
    materialize_grads: bool = True  # give zeros for the gradients of unused outputs
    # Whether backward must look at the next three before it goes through the node.
    _special: bool = False
    outputs: Sequence[Meta | None] | None = None  # set for a call with several outputs
    retaining: weakref.ref[Variable] | None = None  # the tensor that asked for its gradient
    _hooks: HookTable | None = None
    output_nodes: list[weakref.ref[Output] | None]  # weak: an output's node leads to its call

    def __lt__(self, other: Node) -> bool:
        """Whether this node was created later, and so comes first in backward."""
        return self.sequence > other.sequence

    # -- what a user sees -----------------------------------------------------------------

    def name(self) -> str:
        """The name of the recorded call, as PyTorch forms it."""
        return f"{type(self).__name__}Backward0"

    def __repr__(self) -> str:
        return f"<{self.name()}>"

    @property
    def maker(self) -> Node:
        """The call itself: differs from the node for one of several outputs."""
        return self

    @property
    def next_functions(self) -> tuple[tuple[Node | AccumulateGrad | None, int], ...]:
        """Where the gradients of the inputs go, as pairs of a node and its output's number."""
        return tuple(_describe_edge(edge) for edge in (*self.edges, *self.handed()))

    # -- backward -------------------------------------------------------------------------

    def propagate(self, run: Run, grad: Any) -> tuple[Target | None, Any]:
        """Run backward for the output's gradient and hand the results to `run`.

        Returns:
            Where there is only one result, its target and the result itself, not handed to
            `run`: a chain of nodes then needs no queue. Else two times None.
        """
        raise NotImplementedError

    def propagate_recorded(self, run: Run, grad: Any) -> tuple[Target | None, Any]:
        """The same on Tensors, so that the backward is recorded too (`create_graph=True`)."""
        raise NotImplementedError(
            f"create_graph=True: the backward of {self.describe()} works on arrays, so it has no "
            f"derivative of its own; write it in Tensor operators (leave out backward) to "
            f"differentiate twice"
        )

    def describe(self) -> str:
        """How error messages call this node."""
        return self.name()

    def handed(self) -> Sequence[Target]:
        """The targets that get gradients other than as inputs: saved weights."""
        return ()

    def targets(self) -> Iterator[Target]:
        """Every target that this node may send a gradient to."""
        for edge in self.edges:
            if edge is not None:
                yield edge
        yield from self.handed()

    def unpack(self) -> Any:
        """What was saved, after checking that it is still there and unchanged.

        Raises:
            RuntimeError: an earlier backward freed it, or it was changed in place.
        """
        if self.saved is FREED:
            raise RuntimeError(
                f"Trying to backward through the graph a second time: what {self.describe()} "
                "saved was freed by the first backward. Specify retain_graph=True in the first "
                "backward if you need another one"
            )
        if latest_change[0] > self.sequence:
            for counter in self.watched:
                self.check_counter(counter)
        return self.saved

    def check_counter(self, counter: list[int]) -> None:
        """Refuse to use a saved array whose version counter tells of a later change in place."""
        if counter[2] > self.sequence:
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an "
                f"inplace operation: an array that {self.describe()} saved was changed after the "
                f"call (it is at version {counter[0]} now). Change a copy (.clone()), or change "
                "it after backward"
            )

    def release(self) -> None:
        """Drop saved arrays, so that their memory is free; shapes and the like may stay."""
        if self.frees_all and self.saved:
            self.saved = FREED
            return
        for item in self.saved:
            if isinstance(item, (ndarray, Variable, list, dict)) or any(
                isinstance(part, (ndarray, Variable))
                for part in (item if isinstance(item, tuple) else ())
            ):
                self.saved = FREED
                return

    def set_output(self, array: Array) -> None:
        """Note the output's shape and dtype and take the next creation number."""
        self.shape = array.shape
        self.dtype = array.dtype
        self.sequence = next_sequence()

    def set_outputs(self, outputs: Sequence[Meta | None]) -> None:
        """The same for several outputs; None stands for one that is no Tensor."""
        self.outputs = outputs
        self._special = True
        self.output_nodes = [None] * len(outputs)
        self.sequence = next_sequence()

    def output(self, index: int) -> Output:
        """The node of one of several outputs; there is only one of it at a time."""
        reference = self.output_nodes[index]
        node = None if reference is None else reference()
        if node is None:
            assert self.outputs is not None
            meta = self.outputs[index]
            assert meta is not None
            node = Output(self, index, meta)
            self.output_nodes[index] = weakref.ref(node)
        return node


class Output(Node):
    """One of several outputs of a call; it collects its gradient for the call.

    Args:
        call: the node of the call.
        index: which output this is.
        meta: the shape and dtype of the output.
    """

    def __init__(self, call: Node, index: int, meta: Meta) -> None:
        self.edges = (call,)
        self.index = index
        self.shape, self.dtype = meta
        self.sequence = next_sequence()

    @property
    def maker(self) -> Node:
        call = self.edges[0]
        assert isinstance(call, Node)
        return call

    def name(self) -> str:
        return self.maker.name()

    def propagate(self, run: Run, grad: Any) -> tuple[Target | None, Any]:
        run.receive_output(self.maker, self.index, grad)
        return None, None

    propagate_recorded = propagate


class AccumulateGrad:
    """What a leaf looks like in `next_functions`.

    Args:
        variable: the leaf.
    """

    next_functions = ()

    def __init__(self, variable: Variable) -> None:
        self.variable = variable

    def name(self) -> str:
        """The name that PyTorch gives it."""
        return "torch::autograd::AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad of shape {list(self.variable.array.shape)}>"


def _describe_edge(edge: Target | None) -> tuple[Node | AccumulateGrad | None, int]:
    if isinstance(edge, Variable):
        return AccumulateGrad(edge), 0
    if isinstance(edge, Output):
        return edge.maker, edge.index
    return edge, 0


def number_outputs(node: Node, arrays: Sequence[Array]) -> list[Tensor]:
    """Wrap the arrays that a recorded call with several outputs returned.

    Outputs that are not floating point carry no gradient.
    """
    node.set_outputs([(array.shape, array.dtype) for array in arrays])
    return [
        wrap(array, node.output(index) if array.dtype.kind == FLOATING else None)
        for index, array in enumerate(arrays)
    ]


def mark_views(output: Variable, inputs: Sequence[Any]) -> None:
    """If `output` shares memory with a Tensor among `inputs`, make it a view of that one."""
    owner = root(output.array)
    for candidate in inputs:
        if isinstance(candidate, Variable) and root(candidate.array) is owner:
            base = candidate if candidate._base is None else candidate._base
            output._base = base  # type: ignore[assignment]
            output._counter = candidate._shared_counter()
            output._rebases = output._counter[1]
            if candidate._history_is_fixed:
                output._history_is_fixed = True
            return


def root(array: Any) -> Any:
    """The array that owns an array's memory, or holds the object that does."""
    while type(array.base) is ndarray:
        array = array.base
    return array


def fit(grad: Any, shape: tuple[int, ...], dtype: Any, describe: Callable[[], str]) -> Array:
    """Bring a gradient to the shape and dtype of what it belongs to.

    Dimensions that the forward broadcast are summed, a number becomes an array, and the dtype
    is cast, as PyTorch does.

    Raises:
        TypeError: `grad` is a Tensor or not a number at all.
        RuntimeError: its shape is no broadcast of `shape`.
    """
    if type(grad) is not ndarray or grad.dtype.kind != FLOATING:
        if isinstance(grad, Variable):
            raise TypeError(f"{describe()} gave a Tensor as gradient; give its .array")
        grad = np.asarray(grad)
        if grad.dtype.kind not in "fiub":
            raise TypeError(f"{describe()} gave a gradient of type {grad.dtype}; give an array")
    if grad.shape != shape:
        grad = reduce_broadcast(grad, shape, describe)
    if grad.dtype != dtype:
        grad = grad.astype(dtype)
    return grad  # type: ignore[no-any-return]


def reduce_broadcast(grad: Any, shape: tuple[int, ...], describe: Callable[[], str]) -> Any:
    """Sum a gradient, array or Tensor, over the dimensions that broadcasting added or widened."""
    if not is_broadcast_of(grad.shape, shape):
        raise RuntimeError(
            f"{describe()} gave an invalid gradient - got {list(grad.shape)} but expected shape "
            f"compatible with {list(shape)}"
        )
    extra = grad.ndim - len(shape)
    widened = tuple(
        extra + axis
        for axis, size in enumerate(shape)
        if size == 1 and grad.shape[extra + axis] != 1
    )
    axes = tuple(range(extra)) + widened
    if axes and isinstance(grad, Variable):
        grad = cast(Any, grad).sum(axes)
    elif axes:
        grad = np.asarray(np.add.reduce(grad, axis=axes))
    return grad.reshape(shape)


def is_broadcast_of(wide: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Say whether broadcasting brings `shape` to `wide`."""
    extra = len(wide) - len(shape)
    return extra >= 0 and all(
        size in (1, got) for size, got in zip(shape, wide[extra:], strict=True)
    )
