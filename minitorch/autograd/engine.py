"""Backward: walk the recorded calls in reverse order of creation."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from sys import getrefcount
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..quiet import begin_silence, end_silence
from .grad_mode import state
from .node import Node, Target, fit, reduce_broadcast
from .variable import FLOATING, LeafHooks, Variable, ndarray, set_engine, wrap, wrap_writable

if TYPE_CHECKING:
    from ..tensor import Tensor

ALONE = 2  # references to an array that only a dict holds, as getrefcount(dict[key]) counts them


class Run:
    """One backward: the gradients that are on their way, and where they end.

    A run is a context manager: inside, `Tensor.accumulate_grad` hands gradients to it; at the
    end, unless an error was raised, everything left is propagated and the leaves' `.grad` are
    written. So an error leaves every `.grad` as it was.

    Args:
        retain_graph: keep what the nodes saved.
        create_graph: gradients are Tensors and the backward is recorded.
        captures: targets whose gradients are wanted; then nothing is written to `.grad`.
        accumulate: write captured leaves to `.grad` nevertheless (`backward(inputs=...)`).
        outer: the run that gets what leaves a nested graph.
        boundary: nodes with a smaller creation number belong to the outer run.
    """

    outer: Run | None = None
    boundary: int = 0
    accumulate: bool = True
    create_graph: bool = False
    captured: dict[Target, Any] | None = None
    leading: set[Target] | None = None  # the targets that lead to a capture
    plain: bool = True  # none of the special cases above
    uses: dict[Variable, int] | None = None  # how many nodes still feed a leaf with such hooks

    def __init__(
        self,
        retain_graph: bool = False,
        *,
        create_graph: bool = False,
        captures: Iterable[Target] | None = None,
        accumulate: bool = True,
        outer: Run | None = None,
        boundary: int = 0,
    ) -> None:
        self.retain_graph = retain_graph
        self.pending: dict[Node, Any] = {}  # what has arrived for a node
        self.queue: list[Node] = []  # a heap of the same nodes, the one created last on top
        self.totals: dict[Variable, Any] = {}  # what has arrived for a leaf
        self.retained: list[tuple[Variable, Any]] = []  # what `retain_grad` asked for
        if create_graph or captures is not None or outer is not None:
            self.plain = False
            self.create_graph = create_graph
            self.captured = None if captures is None else dict.fromkeys(captures)
            self.accumulate = accumulate
            self.outer = outer
            self.boundary = boundary

    def __enter__(self) -> Run:
        self._previous = state.run
        self._silence = begin_silence()  # PyTorch's operators do not warn either
        state.run = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.drain()
                self.commit()
        finally:
            state.run = self._previous
            end_silence(self._silence)

    # -- gradients arrive -----------------------------------------------------------------

    def receive(self, target: Any, grad: Any) -> None:
        """Add `grad` to what has arrived for `target`, a leaf or a node."""
        if not self.plain and self._goes_elsewhere(target, grad):
            return
        waiting: dict[Any, Any]
        if isinstance(target, Variable):
            if not target._requires_grad:  # frozen since it was recorded
                return
            shape, dtype = target.array.shape, target.array.dtype
            waiting = self.totals
        else:
            shape, dtype = target.shape, target.dtype
            waiting = self.pending
        if type(grad) is not ndarray or grad.shape != shape or grad.dtype is not dtype:
            grad = self._fit(grad, shape, dtype, target)
        if target in waiting:
            total = waiting[target] + grad
            waiting[target] = total if self.create_graph else np.asarray(total)
            return
        waiting[target] = grad
        if waiting is self.pending:
            if self.queue:
                heappush(self.queue, target)
            else:
                self.queue.append(target)

    def _goes_elsewhere(self, target: Target, grad: Any) -> bool:
        """Drop what leads to no capture; pass on what leaves a nested graph."""
        if self.leading is not None and target not in self.leading:
            return True
        outer = self.outer
        if outer is None:
            return False
        if isinstance(target, Variable):
            outside = self.captured is None or target not in self.captured
        else:
            outside = target.sequence < self.boundary
        if outside:
            outer.receive(target, grad)
        return outside

    def receive_output(self, call: Node, index: int, grad: Any) -> None:
        """Note the gradient of one of several outputs of `call`."""
        grads = self.pending.get(call)
        if grads is None:
            assert call.outputs is not None
            grads = self.pending[call] = [None] * len(call.outputs)
            heappush(self.queue, call)
        grads[index] = grad

    def _fit(self, grad: Any, shape: tuple[int, ...], dtype: Any, target: Target) -> Any:
        def describe() -> str:
            if isinstance(target, Variable):
                return f"the backward that reached a leaf of shape {list(shape)}"
            return f"the backward that reached the output of {target.describe()}"

        if not (self.create_graph and isinstance(grad, Variable)):
            grad = fit(grad, shape, dtype, describe)
            return wrap(grad) if self.create_graph else grad
        if grad.array.shape != shape:
            grad = reduce_broadcast(grad, shape, describe)
        return grad if grad.array.dtype == dtype else grad.to(dtype)

    # -- gradients go on ------------------------------------------------------------------

    def drain(self) -> None:
        """Propagate until nothing is pending, the node created last first."""
        queue, pending = self.queue, self.pending
        plain, retain_graph = self.plain, self.retain_graph
        while queue:
            node: Any = queue.pop() if len(queue) == 1 else heappop(queue)
            grad = pending.pop(node)
            while node is not None:
                if node._special:
                    grad = self._prepare(node, grad)
                if plain:
                    target, grad = node.propagate(self, grad)
                else:
                    target, grad = self._propagate(node, grad)
                done, node = node, None
                if target is not None and grad is not None:
                    if (
                        plain
                        and not queue
                        and type(grad) is ndarray
                        and isinstance(target, Node)
                        and grad.shape == target.shape
                        and grad.dtype is target.dtype
                    ):
                        node = target  # nothing else is on its way: go on with it at once
                    else:
                        self.receive(target, grad)
                if self.uses:
                    self._count_uses(done)
                if plain and not retain_graph:
                    done.release()

    def _propagate(self, node: Node, grad: Any) -> tuple[Target | None, Any]:
        """`propagate` where something special is asked for: captures, a recorded backward."""
        if self.captured is not None and self.leading is not None:
            if node in self.captured:
                self.captured[node] = grad
            if not any(target in self.leading for target in node.targets()):
                return None, None
        go = node.propagate_recorded if self.create_graph else node.propagate
        result = go(self, grad)
        if not self.retain_graph:
            node.release()
        return result

    def _prepare(self, node: Node, grad: Any) -> Any:
        """Fill in gradients of unused outputs; run hooks; keep what `retain_grad` asks for."""
        if node.outputs is not None:
            return self._fill_unused(node, grad)
        if node._hooks:
            grad = self._call_hooks(node, grad)
        if node.retaining is not None:
            variable = node.retaining()
            if variable is not None:
                self.retained.append((variable, grad))
        return grad

    def _call_hooks(self, target: Target, grad: Any) -> Any:
        """Call the hooks of a tensor with its gradient; what they return replaces it."""
        assert target._hooks is not None
        shown = grad if isinstance(grad, Variable) else wrap_writable(grad)
        for hook in list(target._hooks.values()):
            replaced = hook(shown)
            if replaced is not None:
                _check_replacement(hook, shown, replaced)
                shown = replaced
        return shown if self.create_graph else shown.array

    def _fill_unused(self, node: Node, grads: list[Any]) -> list[Any]:
        """Zeros for the outputs that nothing used."""
        assert node.outputs is not None
        if not node.materialize_grads:
            return grads
        return [
            self._zeros(*meta) if grad is None and meta is not None else grad
            for grad, meta in zip(grads, node.outputs, strict=True)
        ]

    def _zeros(self, shape: tuple[int, ...], dtype: Any) -> Any:
        zeros = np.zeros(shape, dtype)
        return wrap(zeros) if self.create_graph else zeros

    # -- gradients end --------------------------------------------------------------------

    def commit(self) -> None:
        """Write the gradients, after every hook was called: one may raise an error."""
        totals = self.totals
        if LeafHooks.exist:
            for leaf in totals:
                self._run_leaf_hooks(leaf)
        if self.outer is not None:
            self.outer.retained += self.retained
        else:
            for variable, grad in self.retained:
                variable._store_grad(grad, alone=False)
        if LeafHooks.exist or self.captured is not None:
            for leaf in list(totals):
                self._deliver(leaf)
            return
        for leaf in totals:
            # Asked of the dict's entry itself: a name for the array would be one more holder.
            alone = getrefcount(totals[leaf]) <= ALONE
            grad = totals[leaf]
            if alone and leaf._grad is None and type(grad) is ndarray and grad.base is None:
                leaf._grad = grad  # as `_store_grad` does, without the call
            else:
                leaf._store_grad(grad, alone)

    def _run_leaf_hooks(self, leaf: Variable) -> None:
        if leaf._hooks:
            self.totals[leaf] = self._call_hooks(leaf, self.totals[leaf])

    def _deliver(self, leaf: Variable) -> None:
        """Finish one leaf: its capture or its `.grad`, then its post-accumulate hooks."""
        alone = getrefcount(self.totals[leaf]) <= ALONE
        grad = self.totals.pop(leaf)
        if self.captured is not None:
            if leaf not in self.captured:
                return
            self.captured[leaf] = grad
            if not self.accumulate:
                return
        leaf._store_grad(grad, alone)
        if leaf._post_accumulate_hooks:
            for hook in list(leaf._post_accumulate_hooks.values()):
                hook(leaf)

    def _count_uses(self, node: Node) -> None:
        """Deliver the leaves with post-accumulate hooks that `node` was the last to feed."""
        uses = self.uses or {}
        finished = set()
        for target in set(node.targets()):
            if isinstance(target, Variable) and target in uses:
                uses[target] -= 1
                if uses[target] == 0:
                    finished.add(target)
        for leaf in [leaf for leaf in self.totals if leaf in finished]:  # as they arrived
            self._run_leaf_hooks(leaf)
            self._deliver(leaf)

    # -- before the walk ------------------------------------------------------------------

    def survey(self, roots: Sequence[Target]) -> None:
        """Look over the graph first, where captures or post-accumulate hooks ask for it."""
        nodes = reachable(roots, self.boundary)
        if self.captured is not None:
            leading: set[Target] = set(self.captured)
            for node in sorted(nodes, key=lambda node: node.sequence):
                if any(target in leading for target in node.targets()):
                    leading.add(node)
            self.leading = leading
        uses = self.uses = {}
        for node in nodes:
            for target in set(node.targets()):
                if isinstance(target, Variable) and target._post_accumulate_hooks:
                    uses[target] = uses.get(target, 0) + 1


def reachable(roots: Iterable[Target], boundary: int = 0) -> set[Node]:
    """The nodes that `roots` lead to, themselves included, from creation number `boundary` on."""
    found: set[Node] = set()
    work = [target for target in roots if isinstance(target, Node)]
    while work:
        node = work.pop()
        if node in found or node.sequence < boundary:
            continue
        found.add(node)
        work.extend(target for target in node.targets() if isinstance(target, Node))
    return found


def _check_replacement(hook: Any, grad: Variable, replaced: Any) -> None:
    """Refuse what a hook returned in a gradient's place, unless it fits.

    Raises:
        TypeError: it is no Tensor.
        RuntimeError: its shape or dtype differs.
    """
    name = getattr(hook, "__name__", type(hook).__name__)
    if not isinstance(replaced, Variable):
        raise TypeError(
            f"expected Variable, but hook {name!r} returned {type(replaced).__name__!r}: a "
            "gradient hook returns a Tensor or None"
        )
    before, after = grad.array, replaced.array
    if after.shape != before.shape:
        raise RuntimeError(
            f"hook {name!r} has changed the size of value (was {list(before.shape)} got "
            f"{list(after.shape)})"
        )
    if after.dtype != before.dtype:
        raise RuntimeError(
            f"hook {name!r} has changed the type of value (was {before.dtype} got {after.dtype})"
        )


ONES = {np.dtype(name): np.ones((), name) for name in ("f2", "f4", "f8")}
for _one in ONES.values():
    _one.flags.writeable = False


def first_gradient(tensor: Variable, grad: Any, create_graph: bool, index: int = 0) -> Any:
    """The gradient to start from: the given one, or 1 for a single element.

    Raises:
        RuntimeError: there is none for a tensor of several elements, or its shape differs.
    """
    array = tensor.array
    if grad is None:
        if array.dtype.kind != FLOATING:
            raise RuntimeError(
                f"grad can be implicitly created only for real scalar outputs but got {array.dtype}"
            )
        if array.size != 1:
            raise RuntimeError(
                "grad can be implicitly created only for scalar outputs: this tensor has shape "
                f"{list(array.shape)}; pass a gradient of that shape, or reduce it with .sum() "
                "or .mean() first"
            )
        one = ONES[array.dtype] if array.ndim == 0 else np.ones(array.shape, array.dtype)
        return wrap(one) if create_graph else one
    given = grad.array if isinstance(grad, Variable) else grad
    if given.shape != array.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{index}] has a shape of {list(given.shape)} and "
            f"output[{index}] has a shape of {list(array.shape)}."
        )
    if create_graph:
        return grad if isinstance(grad, Variable) else wrap(given)
    return given


def _start(run: Run, tensors: Sequence[Tensor], grads: Sequence[Any], survey: bool) -> None:
    """Check everything, then give the run its first gradients."""
    begin = []
    for index, (tensor, grad) in enumerate(zip(tensors, grads, strict=True)):
        target = tensor._edge()
        if target is None:
            raise RuntimeError(
                f"element {index} of tensors does not require grad and does not have a grad_fn: "
                "nothing that it was computed from requires a gradient (was it computed under "
                "no_grad, or from frozen or detached tensors?)"
            )
        begin.append((target, first_gradient(tensor, grad, run.create_graph, index)))
    if survey:
        run.survey([target for target, _ in begin])
    for target, grad in begin:
        run.receive(target, grad)


def backward_plain(tensor: Variable, retain_graph: bool) -> None:
    """`backward` of one single-element tensor into the leaves, in the least time."""
    target = tensor._edge()
    array = tensor.array
    if target is None or array.ndim or isinstance(target, Variable):
        return backward(cast("Tensor", tensor), retain_graph=retain_graph)
    frame, enabled, outer = state.frame, state.grad_enabled, state.run
    run = Run(retain_graph)
    silence = begin_silence()
    state.frame, state.grad_enabled, state.run = None, False, run
    try:
        run.pending[target] = ONES[array.dtype]
        run.queue.append(target)
        run.drain()
        run.commit()
    finally:
        state.frame, state.grad_enabled, state.run = frame, enabled, outer
        end_silence(silence)
    return None


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Tensor | Sequence[Tensor | None] | None = None,
    inputs: Sequence[Tensor] | Tensor | None = None,
) -> None:
    """Add to each leaf's `.grad` the gradient of the sum of `tensors`.

    Args:
        tensors: what to differentiate.
        grad_tensors: dL/d(each of them). Default: 1 for each, which must be a single element.
        retain_graph: keep what the graph saved. Default: as `create_graph`.
        create_graph: record the backward too. Default: False.
        grad_variables: the deprecated name of `grad_tensors`.
        inputs: accumulate into these tensors only. Default: every leaf.

    Raises:
        RuntimeError: as `Tensor.backward`.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, requires_grad=True)
        >>> minitorch.autograd.backward([x.sum(), (x * x).sum()])
        >>> x.grad
        tensor([3., 3.])
    """
    if grad_variables is not None:
        warnings.warn(
            "`grad_variables` is deprecated. Use `grad_tensors` instead.",
            FutureWarning,
            stacklevel=2,
        )
        if grad_tensors is not None:
            raise RuntimeError(
                "'grad_tensors' and 'grad_variables' (deprecated) were both passed to backward(). "
                "Use 'grad_tensors' alone"
            )
        grad_tensors = grad_variables
    outputs = _as_sequence(tensors)
    grads = _first_gradients(grad_tensors, len(outputs))
    wanted = None
    if inputs is not None:
        wanted = _as_sequence(inputs)
        if not wanted:
            raise RuntimeError("'inputs' argument to backward() cannot be empty.")
        captures = [_captured_edge(tensor, "backward") for tensor in wanted]
    run = Run(
        retain_graph=create_graph if retain_graph is None else retain_graph,
        create_graph=create_graph,
        captures=None if wanted is None else captures,
    )
    _walk(run, outputs, grads, survey=wanted is not None or LeafHooks.exist)
    if wanted is not None:
        assert run.captured is not None
        for target, tensor in dict(zip(captures, wanted, strict=True)).items():
            value = run.captured[target]
            if isinstance(target, Node) and value is not None and not tensor.retains_grad:
                tensor._store_grad(value, alone=False)


def _walk(run: Run, outputs: Sequence[Tensor], grads: Sequence[Any], survey: bool) -> None:
    """Run backward in the frame-free state that a fresh walk needs, then restore the state."""
    frame, enabled = state.frame, state.grad_enabled
    state.frame, state.grad_enabled = None, run.create_graph
    try:
        with run:
            _start(run, outputs, grads, survey)
    finally:
        state.frame, state.grad_enabled = frame, enabled


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:
    """Return the gradient of the sum of `outputs` with respect to `inputs`; touch no `.grad`.

    Args:
        outputs: what to differentiate.
        inputs: with respect to what: leaves or computed tensors.
        grad_outputs: dL/d(each output). Default: 1 for each, which must be a single element.
        retain_graph: keep what the graph saved. Default: as `create_graph`.
        create_graph: record the backward, to differentiate the result again. Default: False.
        only_inputs: ignored, as in PyTorch; False is a FutureWarning.
        allow_unused: give None for an input that the outputs do not depend on, instead of an
            error. Default: the value of `materialize_grads`.
        is_grads_batched: not offered; True is a NotImplementedError.
        materialize_grads: give zeros in place of None. Default: False.

    Returns:
        One gradient per input.

    Raises:
        RuntimeError: an input does not require a gradient or was not used, or as
            `Tensor.backward`.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor(3.0, requires_grad=True)
        >>> minitorch.autograd.grad(x * x, x)
        (tensor(6.),)
    """
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched=True is not offered; loop over the gradients")
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but "
            "got: allow_unused=False."
        )
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To "
            "accumulate gradient for other parts of the graph, please use autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    results, wanted = _as_sequence(outputs), _as_sequence(inputs)
    grads = _first_gradients(grad_outputs, len(results))
    captures = [_captured_edge(tensor, "grad") for tensor in wanted]
    run = Run(
        retain_graph=create_graph if retain_graph is None else retain_graph,
        create_graph=create_graph,
        captures=captures,
        accumulate=False,
    )
    _walk(run, results, grads, survey=True)
    captured = cast("dict[Target, Any]", run.captured)
    found = []
    for index, (tensor, target) in enumerate(zip(wanted, captures, strict=True)):
        value = captured[target]
        if value is None and materialize_grads:
            value = np.zeros_like(tensor.array)
        elif value is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {index} appears to not have been used in "
                "the graph. Set allow_unused=True if this is the desired behavior."
            )
        if type(value) is ndarray:
            value = wrap_writable(value)
        found.append(value)
    return tuple(found)


def _as_sequence(value: Any) -> Any:
    return (value,) if isinstance(value, (Variable, ndarray)) else tuple(value)


def _first_gradients(given: Any, count: int) -> Sequence[Any]:
    """What to start from for each of `count` outputs; None where nothing was given.

    Raises:
        TypeError: something given is no Tensor.
        RuntimeError: there are too many or too few.
    """
    if given is None:
        return [None] * count
    grads = _as_sequence(given)
    for grad in grads:
        if grad is not None and not isinstance(grad, (Variable, ndarray)):
            raise TypeError(
                f"gradients can be either Tensors or None, but got {type(grad).__name__}"
            )
    if len(grads) != count:
        raise RuntimeError(f"got {count} tensors to differentiate and {len(grads)} gradients")
    return cast("Sequence[Any]", grads)


def _captured_edge(tensor: Variable, function: str) -> Target:
    target = tensor._edge()
    if target is None:
        raise RuntimeError(
            f"One of the differentiated Tensors does not require grad: {function}() can only "
            "compute gradients for tensors with requires_grad=True"
        )
    return target


set_engine(sys.modules[__name__])
