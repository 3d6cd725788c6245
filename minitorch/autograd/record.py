"""One call of a module's pair: what forward saved for it, and how backward goes through it.

A record is a node of the graph when the call was made with Tensors. When it was made with
arrays, the module keeps it for a `backward` by hand; and while a written forward runs, the
records that its children make are collected in its own record, where its backward finds them.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import nest
from .engine import ONES, Run, reachable
from .grad_mode import state
from .node import (
    FREED,
    Node,
    Target,
    fit,
    latest_change,
    mark_views,
    next_sequence,
    number_outputs,
    root,
)
from .notes import name_module
from .variable import FLOATING, Array, Variable, buffer, ndarray, wrap

if TYPE_CHECKING:
    from ..nn.module import Module
    from ..tensor import Tensor
    from .pair import Pair


_NESTED = frozenset((tuple, list, dict))
OUTPUT = "output"  # marks a saved output; the record itself there would be a cycle


class ArrayCall:
    """One outermost call with arrays; the records of other calls do not mix with its own."""

    def __init__(self) -> None:
        self.reached: list[Records] = []

    def clear(self) -> None:
        """Forget what was recorded, because the call raised."""
        for records in self.reached:
            records.stack.clear()


class Records(threading.local):
    """A module's records of array calls in one thread, latest last.

    Attributes:
        call: the outermost array call that they belong to.
        stack: the records.
    """

    call: ArrayCall | None = None

    def __init__(self) -> None:
        self.stack: list[Record] = []

    def __reduce__(self) -> Any:  # records are neither copied nor pickled
        return Records, ()

    def join(self, call: ArrayCall) -> list[Record]:
        """The stack for `call`, which starts afresh where the call comes by first."""
        if self.call is not call:
            self.call = call
            self.stack.clear()
            call.reached.append(self)
        return self.stack


class Record(Node):
    """The record of one call.

    Args:
        module: whose pair was called.
        pair: the forward and backward that belong together in this call.

    Attributes:
        by_hand: made by an array call that no Tensor call encloses.
        recording: whether anything is kept: not under `no_grad`.
        children: the records made by children while the written forward ran.
        inner: the graph that a forward on Tensors made inside.
        parents: where gradients go other than to the inputs: saved weights.
        returned: shape and dtype of each output, for `backward` by hand.
        received: shape and dtype of each input, for `backward` by hand.
        needs: per array argument, whether its gradient is needed; None where `edges` tell.
        used: whether its backward has run, so that it counts no more.
        leaf: made by the short path: what can be found out later is not noted.
        seen: of a leaf, the version counters and buffers of Tensors whose buffers may be saved.
    """

    children: list[Record] | None = None
    inner: InnerGraph | None = None
    parents: Sequence[Target] = ()
    by_hand: bool = False
    recording: bool = True
    used: bool = False
    call: ArrayCall | None = None  # the outermost array call that it belongs to
    returned: Sequence[tuple[tuple[int, ...], Any]] = ()
    received: Sequence[tuple[tuple[int, ...], Any]] = ()
    needs: tuple[bool, ...] | None = None
    leaf: bool = False
    seen: Sequence[tuple[list[int], weakref.ref[Array]]] = ()
    # For each saved item that is an input or the output, by its place, where its gradient goes.
    sources: dict[int, Target | str | None] = {}  # noqa: RUF012 - replaced, never changed

    def __init__(self, module: Module, pair: Pair) -> None:
        self.module = module
        self.pair = pair

    def name(self) -> str:
        return f"{self.module.graph_name or type(self.module).__name__}Backward0"

    def describe(self) -> str:
        return type(self.module).__name__

    def handed(self) -> Sequence[Target]:
        if self.leaf:
            return () if self.saved is FREED else self.gather_parents()
        return self.parents

    def check(self) -> None:
        """Refuse to go back if what was saved is gone or was changed in place since.

        Raises:
            RuntimeError: an earlier backward freed it, or it was changed.
        """
        saved = self.unpack()
        if not self.leaf:
            return
        for item in nest.leaves(saved):
            if isinstance(item, Variable):
                if item._counter is not None:
                    self.check_counter(item._counter)
            elif type(item) is ndarray:
                owner = root(item)
                for counter, reference in self.seen:
                    if reference() is owner:
                        self.check_counter(counter)
                for weight in self._weights():
                    if weight._counter is not None and root(weight.array) is owner:
                        self.check_counter(weight._counter)

    def _weights(self) -> list[Tensor]:
        """The module's own parameters and buffers, whose buffers may be saved as arrays."""
        module = self.module
        members = (*module._parameters.values(), *module._buffers.values())
        return [tensor for tensor in members if tensor is not None]

    @property
    def is_new(self) -> bool:
        """Whether its forward is still running."""
        return self.sequence == 0

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """For each array argument, whether its gradient is needed."""
        if self.needs is not None:
            return self.needs
        return tuple([edge is not None for edge in self.edges])

    # -- backward -------------------------------------------------------------------------

    def propagate(self, run: Any, grad: Any) -> tuple[Target | None, Any]:
        if not self.leaf:
            result = self.replay((grad,) if self.outputs is None else grad)
        else:
            if self.saved is FREED or latest_change[0] > self.sequence:
                self.check()
            frame = state.frame
            state.frame = self
            try:
                result = self.pair.backward(self.module, grad)  # type: ignore[misc]
            except Exception as error:
                name_module(error, self.module)
                raise
            finally:
                state.frame = frame
                if self.children is not None:  # made by a forward that backward ran again
                    self.children = None
        edges = self.edges
        if type(result) is ndarray and len(edges) == 1:
            return edges[0], result
        if result is None:
            return None, None
        if type(result) is not tuple or len(result) != len(edges):
            result = self.per_input(result)
        for edge, item in zip(edges, result, strict=True):
            if edge is not None and item is not None:
                run.receive(edge, item)
        return None, None

    def propagate_recorded(self, run: Any, grad: Any) -> tuple[Target | None, Any]:
        if not self.module.differentiable_backward or self.inner or self.children:
            super().propagate_recorded(run, grad)
        saved = self.unpack()
        self.saved = tuple(self._lift(index, item) for index, item in enumerate(saved))
        try:
            return self.propagate(run, grad)
        finally:
            self.saved = saved

    def _lift(self, index: int, item: Any) -> Any:
        """A saved input or output as a Tensor that leads back into the graph."""
        numbers = isinstance(item, (ndarray, np.generic))
        if numbers and index not in self.sources and item.dtype.kind == FLOATING:
            # Something in between, whose own derivative nobody knows.
            super().propagate_recorded(None, None)  # type: ignore[arg-type]
        if type(item) is not ndarray:
            return item
        source = self.sources.get(index)
        if isinstance(source, Variable):
            return source
        return wrap(item, self if isinstance(source, str) else source)

    def replay(self, grads: Sequence[Any], pair: Pair | None = None) -> Any:
        """Run a backward, with this record as the place where it finds what was saved.

        Args:
            grads: dL/d(each output).
            pair: whose backward. Default: the pair that was called.
        """
        if self.saved is FREED or latest_change[0] > self.sequence:
            self.check()
        backward = (pair or self.pair).backward
        if backward is None:
            return self.replay_inner(grads)
        frame, children = state.frame, self.children
        state.frame = self
        if children is not None:  # each is taken once in a backward, and a backward may recur
            self.children = children.copy()
        try:
            return backward(self.module, *grads)
        except Exception as error:
            name_module(error, self.module)
            raise
        finally:
            state.frame = frame
            self.children = children

    def replay_inner(self, grads: Sequence[Any]) -> Any:
        """Go back through what a forward on Tensors recorded inside."""
        if self.inner is None:
            self.saved = FREED
            self.unpack()
        assert self.inner is not None
        return self.inner.backward(grads)

    def is_re_paired(self, module: Module, pair: Pair) -> bool:
        """Whether `pair` is this call's with another backward: called by `super().backward`."""
        return (
            self.module is module
            and self.pair.forward is pair.forward
            and self.pair.backward is not pair.backward
        )

    def take_child(self, module: Module, pair: Pair) -> Record | None:
        """Take out the latest record that `pair`'s forward made for `module` in this call."""
        children = self.children
        if children:
            for index in range(len(children) - 1, -1, -1):
                child = children[index]
                if child.module is module and child.pair.forward is pair.forward:
                    return children.pop(index)
        return None

    def release(self) -> None:
        if self.saved and type(self.saved[0]) is ndarray:
            self.saved = FREED
        else:
            super().release()
        if self.leaf:
            return
        if self.inner is not None:
            self.inner = None
        if self.children is not None:
            for child in self.children:
                child.release()

    def use_up(self) -> None:
        """Note that backward by hand has gone through this call, so that it counts no more."""
        self.used = True
        self.release()
        for child in self.children or ():
            child.use_up()

    def per_input(self, result: Any) -> Sequence[Any]:
        """What backward returned, as one gradient or None per array argument.

        Raises:
            RuntimeError: there are too many or too few, or one stands alone where a second
                input needs one too.
        """
        count = len(self.edges) if self.needs is None else len(self.needs)
        if not isinstance(result, (tuple, list)):
            if result is not None:
                self._check_first_alone()
            return (result, *(None,) * (count - 1)) if count else ()
        items = list(nest.leaves(result))
        if len(items) < count or any(item is not None for item in items[count:]):
            raise RuntimeError(
                f"{self.describe()}.backward returned an incorrect number of gradients (expected "
                f"{count}, one per array argument, got {len(items)})"
            )
        return items[:count]

    def _check_first_alone(self) -> None:
        if not self.by_hand and any(edge is not None for edge in self.edges[1:]):
            raise RuntimeError(
                f"{self.describe()}.backward returned one gradient, but another input of forward "
                f"needs one too; return a tuple of {len(self.edges)}"
            )

    def first_gradients(self, grads: Sequence[Any]) -> list[Any]:
        """Check and complete the gradients that `backward` by hand was given.

        Raises:
            RuntimeError: the count or a shape is wrong.
        """
        returned = self.returned
        if (
            len(grads) == 1
            and len(returned) == 1
            and type(grads[0]) is ndarray
            and (grads[0].shape, grads[0].dtype) == returned[0]
        ):
            return list(grads)
        given = list(nest.leaves(grads))
        if not given and len(returned) == 1 and not returned[0][0]:
            return [ONES[returned[0][1]]]
        if len(given) != len(returned):
            raise RuntimeError(
                f"{self.describe()}.backward expected {len(returned)} gradients, one per output "
                f"of forward, got {len(given)}"
            )
        return [
            self._first_gradient(index, grad, *meta)
            for index, (grad, meta) in enumerate(zip(given, returned, strict=True))
        ]

    def _first_gradient(self, index: int, grad: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        if grad is None:
            return np.zeros(shape, dtype)
        array = fit_kind(buffer(grad), dtype, self.describe)
        if array.shape != shape:
            raise RuntimeError(
                f"Mismatch in shape: {self.describe()}.backward got a gradient of shape "
                f"{list(array.shape)} for output {index} of shape {list(shape)}"
            )
        return array

    def saves_weights(self) -> bool:
        """Whether a saved Tensor needs a gradient."""
        for item in self.saved:
            if isinstance(item, Variable):
                if item.requires_grad:
                    return True
            elif type(item) in _NESTED and any(
                isinstance(leaf, Variable) and leaf.requires_grad for leaf in nest.leaves(item)
            ):
                return True
        return False

    # -- what a call leaves behind --------------------------------------------------------

    def gather_parents(self) -> list[Target]:
        """The targets of saved Tensors, the children's and the inner graph's."""
        parents: list[Target] = []
        for item in nest.leaves(self.saved):
            if isinstance(item, Variable):
                edge = item._edge()
                if edge is not None:
                    parents.append(edge)
        for child in self.children or ():
            parents.extend(child.handed())
        if self.inner is not None:
            parents.extend(self.inner.parents())
        return parents

    def saved_arrays(self) -> Iterator[Array]:
        """Every array that this record or one of its children saved."""
        for item in nest.leaves(self.saved):
            if type(item) is ndarray:
                yield item
            elif isinstance(item, Variable):
                yield item.array
        for child in self.children or ():
            yield from child.saved_arrays()
        if self.inner is not None:
            yield from self.inner.saved_arrays()

    def watch(self, variables: Sequence[Variable]) -> None:
        """Remember the versions of saved weights, inputs and outputs."""
        watched = []
        for item in nest.leaves(self.saved):
            if isinstance(item, Variable):
                watched.append(item._shared_counter())
        roots = {id(root(array)) for array in self.saved_arrays()}
        for variable in (*variables, *self._weights()):
            if id(root(variable.array)) in roots:
                watched.append(variable._shared_counter())
        self.watched = watched

    def link(self, inputs: Sequence[Any], arrays: Sequence[Array]) -> list[Tensor]:
        """Become the maker of the outputs, if anything needs a gradient."""
        self.edges = tuple(item._edge() if isinstance(item, Variable) else None for item in inputs)
        self.parents = self.gather_parents()
        needed = bool(self.parents) or any(edge is not None for edge in self.edges)
        if not (needed and self.recording and any(a.dtype.kind == FLOATING for a in arrays)):
            outputs = [wrap(array) for array in arrays]
            self._mark_views(outputs, inputs)
            return outputs
        if len(arrays) == 1:
            self.set_output(arrays[0])
            outputs = [wrap(arrays[0], self)]
        else:
            outputs = number_outputs(self, arrays)
        self._mark_views(outputs, inputs)
        self.watch([item for item in (*inputs, *outputs) if isinstance(item, Variable)])
        if self.module.differentiable_backward:
            self.sources = sources_of(self, [buffer(item) for item in inputs], outputs[0].array)
        return outputs

    def _mark_views(self, outputs: Sequence[Variable], inputs: Sequence[Any]) -> None:
        """Make outputs that share memory with inputs their views."""
        saved = {id(root(array)) for array in self.saved_arrays()} if self.children else ()
        for output in outputs:
            owner = root(output.array)
            if id(owner) in saved and not output.array.flags.writeable:
                owner.flags.writeable = True  # a child's call protected it; now it is watched
                output.array.flags.writeable = True
            mark_views(output, (*inputs, *self._weights(), *nest.leaves(self.saved)))

    def settle_single(self, array: Array, result: Array) -> bool:
        """`settle_by_hand` for the plain case of one array in and a new one out, if it is one."""
        if not self.pair.transparent:
            if self.children is not None or self.inner is not None or result.base is not None:
                return False
            if result is array:
                return False
            if any(weight.array is result for weight in self._weights()):
                return False
            for item in self.saved:
                if type(item) in _NESTED or (isinstance(item, Variable) and item.array is result):
                    return False
            self.leaf = True
        self.needs = (array.dtype.kind == FLOATING,)
        self.received = ((array.shape, array.dtype),)
        self.returned = ((result.shape, result.dtype),)
        self.sequence = next_sequence()
        return True

    def give_out(self, result: Array) -> Array:
        """The result, read-only where it was saved too."""
        for item in self.saved:
            if item is result or (type(item) is ndarray and item.base is result):
                return _read_only(result)
        return result

    def settle_by_hand(self, inputs: Sequence[Any], arrays: Sequence[Array]) -> list[Array]:
        """Note what `backward` by hand will need; give out saved arrays read-only."""
        only_first = self.module.is_loss
        self.needs = tuple(
            item.dtype.kind == FLOATING and not (only_first and index)
            for index, item in enumerate(inputs)
        )
        self.received = [(item.shape, item.dtype) for item in inputs]
        self.returned = [(array.shape, array.dtype) for array in arrays]
        self.parents = self.gather_parents()
        self.watch(())
        self.sequence = next_sequence()
        saved = {id(root(array)) for array in self.saved_arrays()}
        saved.update(id(root(weight.array)) for weight in self._weights())
        return [_read_only(array) if id(root(array)) in saved else array for array in arrays]


class InnerGraph:
    """What a forward on Tensors recorded while it was given arrays.

    Args:
        inputs: the leaves that stood for the arrays, one per array argument.
        outputs: the outputs: Tensors, or arrays that have no graph.
        boundary: the creation number before which nodes belong to somebody else.
    """

    def __init__(self, inputs: Sequence[Variable], outputs: Sequence[Any], boundary: int) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.boundary = boundary

    def _roots(self) -> list[Target]:
        edges = [item._edge() for item in self.outputs if isinstance(item, Variable)]
        return [edge for edge in edges if edge is not None]

    def backward(self, grads: Sequence[Any]) -> tuple[Any, ...]:
        """Go through the graph; weights and what lies outside go to the run under way."""
        run = Run(
            retain_graph=True,
            captures=self.inputs,
            accumulate=False,
            outer=state.run,
            boundary=self.boundary,
        )
        frame = state.frame
        state.frame = None
        try:
            with run:
                for output, grad in zip(self.outputs, grads, strict=True):
                    target = output._edge() if isinstance(output, Variable) else None
                    if target is not None:
                        run.receive(target, grad)
        finally:
            state.frame = frame
        assert run.captured is not None
        return tuple(run.captured[leaf] for leaf in self.inputs)

    def parents(self) -> list[Target]:
        """The leaves and outside nodes that the graph leads to, its own inputs left out."""
        roots = self._roots()
        nodes = reachable(roots, self.boundary)
        own = set(self.inputs)
        found = dict.fromkeys(roots)
        for node in nodes:
            found.update(dict.fromkeys(node.targets()))
        return [target for target in found if target not in nodes and target not in own]

    def saved_arrays(self) -> Iterator[Array]:
        """Every array that the graph saved."""
        for node in reachable(self._roots(), self.boundary):
            if isinstance(node, Record):
                yield from node.saved_arrays()
            else:
                for item in nest.leaves(node.saved):
                    if isinstance(item, (Variable, ndarray)):
                        yield buffer(item)


def _read_only(array: Array) -> Array:
    """A view of `array` that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


def fit_kind(value: Any, dtype: Any, describe: Any) -> Array:
    """A gradient by hand as an array of the output's dtype; its shape is left alone."""
    shape = np.shape(value)
    return fit(value, shape, dtype, describe)


def sources_of(
    record: Record, inputs: Sequence[Array], result: Array
) -> dict[int, Target | str | None]:
    """For each saved item that is an input or the output, where its gradient goes."""
    sources: dict[int, Target | str | None] = {}
    for index, item in enumerate(record.saved):
        if item is result:
            sources[index] = OUTPUT
        else:
            for array, edge in zip(inputs, record.edges, strict=True):
                if item is array:
                    sources[index] = edge
    return sources
