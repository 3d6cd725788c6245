"""The operators' pairs: stateless, one instance per call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np

from .grad_mode import state
from .node import Node, Target, mark_views, number_outputs, root
from .variable import FLOATING, Array, Variable, ndarray, wrap

Edge: TypeAlias = "Target | None"


class Operator(Node):
    """A pair without parameters: `forward` on arrays and `backward` on gradient arrays.

    Subclasses write both. `apply(*inputs, **options)` runs the pair as every call of the
    framework runs: arrays in, arrays out; a Tensor among the inputs, Tensors out and the call
    recorded. `forward` gets arrays for Tensors, Python numbers as they are, and the options as
    keywords. `backward` returns one gradient per input, None where there is none; a bare array
    for one input. A gradient need not be summed over the dimensions that were broadcast, nor
    cast to the input's dtype: the engine does both.

    Where `differentiable_backward` is True, `backward` is written in operations that Tensors
    have too (`grad * other`, functions of `minitorch`), and saves only inputs, outputs and
    constants. It is then called with Tensors for `create_graph=True`.

    Example:
        >>> import minitorch
        >>> from minitorch.autograd.operator import Operator
        >>> class Triple(Operator):
        ...     def forward(self, input):
        ...         return input * 3
        ...     def backward(self, grad):
        ...         return grad * 3
        >>> Triple.apply(minitorch.ones(2, requires_grad=True))
        tensor([3., 3.], grad_fn=<TripleBackward0>)
    """

    differentiable_backward: ClassVar[bool] = True
    needs_input_grad: tuple[bool, ...] = ()
    # What each saved array is: an input's edge, or an output's index.
    _sources: Sequence[Edge | int] = ()

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output array, or a tuple of them."""
        raise NotImplementedError

    def backward(self, *grads: Any) -> Any:
        """Return the gradient of each input, given that of each output."""
        raise NotImplementedError

    def save_for_backward(self, *items: Any) -> None:
        """Keep `items` (arrays, shapes, None: anything) for `backward`."""
        self.saved = items

    @property
    def saved_tensors(self) -> Any:
        """What `save_for_backward` was given, checked to be unchanged."""
        return self.unpack()

    @classmethod
    def apply(cls, *inputs: Any, **options: Any) -> Any:
        """Run the pair on `inputs`, recorded if a Tensor among them needs a gradient."""
        arrays = []
        has_tensor = has_array = recorded = False
        for item in inputs:
            if isinstance(item, Variable):
                has_tensor = True
                if item._base is not None:
                    item._refresh()
                recorded = recorded or item._requires_grad
                arrays.append(item.array)
            else:
                has_array = has_array or isinstance(item, (ndarray, np.generic))
                arrays.append(item)
        node = cls()
        recorded = recorded and state.grad_enabled
        if recorded:
            node.needs_input_grad = tuple(
                isinstance(item, Variable) and item._requires_grad for item in inputs
            )
        try:
            output = node.forward(*arrays, **options)
        except AttributeError:
            if has_tensor or has_array or not inputs:
                raise
            raise TypeError(
                f"expected a Tensor or an array, got {type(inputs[0]).__name__}: {inputs[0]!r}; "
                "minitorch.tensor(...) makes a Tensor of it"
            ) from None
        if has_array and not has_tensor:
            return _as_arrays(output)
        return node._wrap_output(output, inputs, recorded)

    def _wrap_output(self, output: Any, inputs: Sequence[Any], recorded: bool) -> Any:
        """Turn what `forward` returned into Tensors, with this node as their maker."""
        if type(output) is tuple:
            arrays = [np.asarray(item) for item in output]
            if recorded:
                results: Any = number_outputs(self, arrays)
            else:
                results = [wrap(array) for array in arrays]
        else:
            array = output if type(output) is ndarray else np.asarray(output)
            if recorded and array.dtype.kind == FLOATING:
                self.set_output(array)
                results = [wrap(array, self)]
            else:
                recorded = False
                results = [wrap(array)]
        for result in results:
            if result.array.base is not None or any(
                result.array is item.array for item in inputs if isinstance(item, Variable)
            ):
                mark_views(result, inputs)
        if recorded:
            self._link(inputs, results)
        return tuple(results) if type(output) is tuple else results[0]

    def _link(self, inputs: Sequence[Any], outputs: Sequence[Variable]) -> None:
        """Note where gradients go and watch the saved buffers for changes."""
        self.edges = tuple(item._edge() if isinstance(item, Variable) else None for item in inputs)
        if not self.saved:
            return
        sources: list[Edge | int] = []
        watched = []
        for item in self.saved:
            source, variable = self._origin(item, inputs, outputs)
            sources.append(source)
            if variable is not None:
                watched.append(variable._shared_counter())
        self._sources, self.watched = sources, watched

    def _origin(
        self, item: Any, inputs: Sequence[Any], outputs: Sequence[Variable]
    ) -> tuple[Edge | int, Variable | None]:
        """Say whether a saved item is an input, an output, or part of one."""
        if type(item) is not ndarray:
            return None, None
        for candidate, edge in zip(inputs, self.edges, strict=True):
            if isinstance(candidate, Variable) and candidate.array is item:
                return edge, candidate
        for index, output in enumerate(outputs):
            if output.array is item:
                return index, output
        owner = root(item)
        for candidate in (*inputs, *outputs):
            if isinstance(candidate, Variable) and root(candidate.array) is owner:
                return None, candidate
        return None, None

    # -- backward -------------------------------------------------------------------------

    def propagate(self, run: Any, grad: Any) -> tuple[Target | None, Any]:
        result = self.backward(grad) if self.outputs is None else self.backward(*grad)
        edges = self.edges
        if type(result) is not tuple:
            if len(edges) == 1:
                return edges[0], result
            result = (result,)
        if len(result) != len(edges):
            raise RuntimeError(
                f"{self.describe()} returned an incorrect number of gradients (expected "
                f"{len(edges)}, got {len(result)})"
            )
        for target, item in zip(edges, result, strict=True):
            if target is not None and item is not None:
                run.receive(target, item)
        return None, None

    def propagate_recorded(self, run: Any, grad: Any) -> tuple[Target | None, Any]:
        if not self.differentiable_backward:
            super().propagate_recorded(run, grad)
        saved = self.saved
        self.saved = self._saved_as_tensors()
        try:
            return self.propagate(run, grad)
        finally:
            self.saved = saved

    def _saved_as_tensors(self) -> Any:
        """What was saved, with inputs and outputs as Tensors that lead back into the graph."""
        items = self.unpack()
        if not items:
            return items
        return tuple(
            item if type(item) is not ndarray else self._lift(item, source)
            for item, source in zip(items, self._sources, strict=True)
        )

    def _lift(self, item: Array, source: Edge | int) -> Any:
        if item.dtype.kind != FLOATING:
            return item
        if source is None:
            return wrap(item)
        if isinstance(source, int):
            return wrap(item, self if self.outputs is None else self.output(source))
        return source if isinstance(source, Variable) else wrap(item, source)


def _as_arrays(output: Any) -> Any:
    if type(output) is tuple:
        return tuple(np.asarray(item) for item in output)
    return output if type(output) is ndarray else np.asarray(output)
