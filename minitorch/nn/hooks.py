"""Functions that a user hangs on modules: before and after forward, and in backward."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..autograd.calls import backward_by_hand, in_array_call
from ..autograd.grad_mode import state
from ..autograd.hooks import HookTable, RemovableHandle
from ..autograd.operator import Operator
from ..autograd.pair import Pair, is_array_call
from ..autograd.variable import Variable, ndarray, wrap

if TYPE_CHECKING:
    from .module import Module

NO_HOOKS: Mapping[int, Any] = MappingProxyType({})


class Hook(NamedTuple):
    """A forward hook with the options that it was registered with."""

    function: Callable[..., Any]
    with_kwargs: bool = False
    always_call: bool = False


class GlobalTable(HookTable):
    """Hooks on every module there is; the short paths of calls are closed while there are any."""

    def add(self, hook: Any, *, prepend: bool = False) -> RemovableHandle:
        GlobalHooks.used = True
        return super().add(hook, prepend=prepend)

    def pop(self, key: int, *default: Any) -> Any:
        hook = super().pop(key, *default)
        tables = (
            GlobalHooks.forward_pre,
            GlobalHooks.forward,
            GlobalHooks.backward_pre,
            GlobalHooks.backward,
        )
        GlobalHooks.used = any(tables)
        return hook


class GlobalHooks:
    """Hooks on every module there is; `used` says whether there are any."""

    used = False
    forward_pre = GlobalTable()
    forward = GlobalTable()
    backward_pre = GlobalTable()
    backward = GlobalTable()


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, args)` before the forward of every module.

    Returns:
        A handle whose `remove()` takes the hook away.
    """
    return GlobalHooks.forward_pre.add(Hook(hook))


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, args, output)` after the forward of every module.

    Returns:
        A handle whose `remove()` takes the hook away.
    """
    return GlobalHooks.forward.add(Hook(hook, with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_output)` before the backward of every module.

    Returns:
        A handle whose `remove()` takes the hook away.
    """
    return GlobalHooks.backward_pre.add(hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` after the backward of every module.

    Returns:
        A handle whose `remove()` takes the hook away.
    """
    return GlobalHooks.backward.add(hook)


class ModuleHooks:
    """The part of `Module` that registers hooks and calls them."""

    _hooked: bool = False  # a hook was registered once, so calls have to look for hooks
    _forward_pre_hooks: Mapping[int, Any] = NO_HOOKS
    _forward_hooks: Mapping[int, Any] = NO_HOOKS
    _backward_pre_hooks: Mapping[int, Any] = NO_HOOKS
    _backward_hooks: Mapping[int, Any] = NO_HOOKS

    def _hook_table(self, name: str) -> HookTable:
        """The table of hooks under an attribute's name, made at its first use."""
        vars(self)["_hooked"] = True
        table = vars(self).get(name)
        if table is None:
            table = vars(self)[name] = HookTable()
        return cast(HookTable, table)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before every call of forward.

        What it returns, if not None, replaces the positional arguments (with Tensors; in array
        mode that is an error, since the gradient could not pass the replacement).

        Args:
            hook: the function. Called as `hook(module, args, kwargs)`, and to return a pair,
                if `with_kwargs`.
            prepend: call it before the hooks that are there. Default: False.
            with_kwargs: give it the keyword arguments too. Default: False.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        table = self._hook_table("_forward_pre_hooks")
        return table.add(Hook(hook, with_kwargs), prepend=prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after every call of forward.

        What it returns, if not None, replaces the output (with Tensors; in array mode that is
        an error).

        Args:
            hook: the function. Called as `hook(module, args, kwargs, output)` if `with_kwargs`.
            prepend: call it before the hooks that are there. Default: False.
            with_kwargs: give it the keyword arguments too. Default: False.
            always_call: call it even if forward, with None as output, or another hook raises.
                Default: False.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import minitorch
            >>> from minitorch import nn
            >>> layer = nn.Identity()
            >>> handle = layer.register_forward_hook(lambda module, args, output: print(output))
            >>> _ = layer(minitorch.ones(2))
            tensor([1., 1.])
        """
        table = self._hook_table("_forward_hooks")
        return table.add(Hook(hook, with_kwargs, always_call), prepend=prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_output)` when the gradients of the outputs are known.

        What it returns, if not None, replaces them.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._hook_table("_backward_pre_hooks").add(hook, prepend=prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the inputs' gradients are known.

        Both are tuples. What it returns, if not None, replaces `grad_input`.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._hook_table("_backward_hooks").add(hook, prepend=prepend)

    register_backward_hook = register_full_backward_hook

    def _has_backward_hooks(self) -> bool:
        return bool(
            self._backward_hooks
            or self._backward_pre_hooks
            or GlobalHooks.backward
            or GlobalHooks.backward_pre
        )

    # -- forward --------------------------------------------------------------------------

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call forward with the hooks before and after it."""
        if is_array_call(args, kwargs):
            return in_array_call(self._call_between_hooks, args, kwargs)
        return self._call_between_hooks(args, kwargs)

    def _call_between_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        module = cast("Module", self)
        pending = [*GlobalHooks.forward.values(), *self._forward_hooks.values()]
        output = None
        try:
            for hook in [*GlobalHooks.forward_pre.values(), *self._forward_pre_hooks.values()]:
                args, kwargs = _run_pre_hook(module, hook, args, kwargs)
            observer = _BackwardObserver.around(module, args, kwargs)
            if observer is not None:
                args = observer.watch_inputs(args)
            output = module.forward(*args, **kwargs)
            while pending:
                output = _run_forward_hook(module, pending.pop(0), args, kwargs, output)
            return output if observer is None else observer.watch_outputs(output)
        except Exception:
            for hook in pending:
                if hook.always_call:
                    output = _run_despite_error(module, hook, args, kwargs, output)
            raise

    # -- backward by hand -----------------------------------------------------------------

    def _backward_with_hooks(self, pair: Pair, grad_outputs: tuple[Any, ...]) -> Any:
        """Run backward by hand with the full backward hooks before and after it."""
        module = cast("Module", self)
        seen: list[tuple[Any, ...]] = []

        def before(grads: Sequence[Any]) -> Sequence[Any]:
            seen.append(_run_backward_pre_hooks(module, tuple(grads)))
            return seen[0]

        result = backward_by_hand(module, pair, grad_outputs, before)
        several = isinstance(result, tuple)
        grads = _run_backward_hooks(module, result if several else (result,), seen[0])
        return grads if several else grads[0]


def _run_pre_hook(
    module: Module, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    given = (args, kwargs)
    if hook.with_kwargs:
        result = hook.function(module, args, kwargs)
        if result is None:
            return given
        if not (isinstance(result, tuple) and len(result) == 2):
            raise RuntimeError(
                "forward pre-hook must return None or a tuple of (new_args, new_kwargs), but "
                f"got {result}."
            )
        replaced: tuple[tuple[Any, ...], dict[str, Any]] = result
    else:
        result = hook.function(module, args)
        if result is None:
            return given
        replaced = (result if isinstance(result, tuple) else (result,), kwargs)
    _check_replacement(module, given, replaced, "input")
    return replaced


def _run_forward_hook(
    module: Module, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> Any:
    if hook.with_kwargs:
        replaced = hook.function(module, args, kwargs, output)
    else:
        replaced = hook.function(module, args, output)
    if replaced is None or replaced is output:
        return output
    if is_array_call(args, kwargs):
        _refuse_replacement(module, "output")
    return replaced


def _check_replacement(module: Module, given: Any, replaced: Any, what: str) -> None:
    """Refuse other arrays than the given ones in array mode."""
    if not is_array_call(*given):
        return
    (args, kwargs), (new_args, new_kwargs) = given, replaced
    same = len(args) == len(new_args) and kwargs.keys() == new_kwargs.keys()
    if not (
        same
        and all(a is b for a, b in zip(args, new_args, strict=True))
        and all(kwargs[key] is new_kwargs[key] for key in kwargs)
    ):
        _refuse_replacement(module, what)


def _refuse_replacement(module: Module, what: str) -> None:
    raise RuntimeError(
        f"a hook replaced the {what} of {type(module).__name__} in array mode, where backward "
        "could not go through the replacement; call the module with Tensors (minitorch.as_tensor)"
    )


def _run_despite_error(
    module: Module, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> Any:
    """Call an always-call hook after forward raised; its own error becomes a warning."""
    try:
        return _run_forward_hook(module, hook, args, kwargs, output)
    except Exception as error:  # the error of forward must not be hidden by this one
        warnings.warn(
            f"a forward hook with always_call=True raised an exception that was silenced, since "
            f"forward had raised before: {error}",
            stacklevel=4,
        )
        return output


def _run_backward_pre_hooks(module: Module, grad_output: tuple[Any, ...]) -> tuple[Any, ...]:
    for hook in [*GlobalHooks.backward_pre.values(), *module._backward_pre_hooks.values()]:
        result = hook(module, grad_output)
        grad_output = _replaced(grad_output, result, "Backward pre hook", "grad_output")
    return grad_output


def _run_backward_hooks(
    module: Module, grad_input: tuple[Any, ...], grad_output: tuple[Any, ...]
) -> tuple[Any, ...]:
    for hook in [*GlobalHooks.backward.values(), *module._backward_hooks.values()]:
        result = hook(module, grad_input, grad_output)
        grad_input = _replaced(grad_input, result, "Backward hook", "grad_input")
    return grad_input


def _replaced(grads: tuple[Any, ...], result: Any, hook: str, what: str) -> tuple[Any, ...]:
    """The gradients after a hook that returned `result`.

    Raises:
        RuntimeError: it returned another number of gradients.
    """
    if result is None:
        return grads
    given = tuple(result) if isinstance(result, (tuple, list)) else (result,)
    if len(given) != len(grads):
        raise RuntimeError(
            f"{hook} returned an invalid number of {what}, got {len(given)}, but expected "
            f"{len(grads)}"
        )
    return given


# -- backward in the graph ----------------------------------------------------------------


class BackwardHookFunction(Operator):
    """Passes tensors on unchanged; an observer sees, and may replace, their gradients."""

    materialize_grads = False
    see: Callable[[Sequence[Any]], Sequence[Any]]

    def name(self) -> str:
        return "BackwardHookFunctionBackward"

    def forward(self, *items: Any, see: Callable[[Sequence[Any]], Sequence[Any]]) -> Any:
        self.see = see
        return tuple(item.view() for item in items)

    def backward(self, *grads: Any) -> Any:
        seen = self.see(grads)
        if any(isinstance(grad, Variable) for grad in grads):  # create_graph=True
            return tuple(seen)
        return tuple(grad.array if isinstance(grad, Variable) else grad for grad in seen)


class _BackwardObserver:
    """Calls a module's backward hooks for one call with Tensors.

    Attributes:
        grad_output: the gradients of the outputs, between the two moments when hooks are called.
        inputs: the positional arguments' shapes and dtypes; None for those that are no Tensors.
        input_places: which of them need a gradient.
        output_count: how many outputs there are.
        output_places: which of them have a gradient.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.grad_output: tuple[Any, ...] | None = None
        self.inputs: list[tuple[tuple[int, ...], Any] | None] = []
        self.input_places: list[int] = []
        self.output_count = 0
        self.output_places: list[int] = []

    @classmethod
    def around(
        cls, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> _BackwardObserver | None:
        """An observer where the call has backward hooks and is made with Tensors."""
        if not (state.grad_enabled and module._has_backward_hooks()) or is_array_call(args, kwargs):
            return None
        return cls(module)

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Put the tensors among `args` that need a gradient under observation."""
        self.inputs = [
            (item.array.shape, item.array.dtype) if isinstance(item, Variable) else None
            for item in args
        ]
        self.input_places = _differentiable_places(args)
        return _through(self.inputs_known, args, self.input_places)

    def watch_outputs(self, output: Any) -> Any:
        """Put the output, or the tensors in a tuple or list of outputs, under observation."""
        if not isinstance(output, (Variable, tuple, list)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor, or a tuple "
                f"or list of Tensors, but received {type(output)}",
                stacklevel=5,
            )
            return output
        outputs = (output,) if isinstance(output, Variable) else tuple(output)
        self.output_count = len(outputs)
        self.output_places = _differentiable_places(outputs)
        results = _through(self.outputs_known, outputs, self.output_places)
        if isinstance(output, Variable):
            return results[0]
        if hasattr(output, "_fields"):
            return type(output)(*results)
        return type(output)(results)

    def outputs_known(self, grads: Sequence[Any]) -> Sequence[Any]:
        """Run the pre-hooks; where no input needs a gradient, the hooks as well."""
        grad_output = _in_places(grads, self.output_places, self.output_count)
        grad_output = _run_backward_pre_hooks(self.module, grad_output)
        if self.input_places:
            self.grad_output = grad_output
        else:
            self._run_without_inputs(grad_output)
        return [grad_output[place] for place in self.output_places]

    def inputs_known(self, grads: Sequence[Any]) -> Sequence[Any]:
        """Run the full backward hooks, unless the gradient did not come by the outputs."""
        grad_output, self.grad_output = self.grad_output, None
        if grad_output is None:
            return grads
        grad_input = _in_places(grads, self.input_places, len(self.inputs))
        grad_input = tuple(
            wrap(np.zeros(*meta)) if grad is None and meta is not None else grad
            for grad, meta in zip(grad_input, self.inputs, strict=True)
        )
        grad_input = _run_backward_hooks(self.module, grad_input, grad_output)
        return [grad_input[place] for place in self.input_places]

    def _run_without_inputs(self, grad_output: tuple[Any, ...]) -> None:
        """Run the full backward hooks of a call in which no input needed a gradient.

        Raises:
            RuntimeError: a hook returned a gradient.
        """
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module "
            f"outputs since no inputs of {type(self.module).__name__} require gradients; it gets "
            "None for each of them",
            stacklevel=2,
        )
        nothing = (None,) * len(self.inputs)
        grads = _run_backward_hooks(self.module, nothing, grad_output)
        if any(grad is not None for grad in grads):
            raise RuntimeError(
                "Backward hook for Modules where no input requires gradient should always return "
                "None or None for all gradients."
            )


def _through(
    see: Callable[[Sequence[Any]], Sequence[Any]], items: tuple[Any, ...], places: list[int]
) -> tuple[Any, ...]:
    """`items` with those at `places` led past an observer."""
    if not places:
        return items
    results = list(items)
    passed = BackwardHookFunction.apply(*(items[place] for place in places), see=see)
    for place, result in zip(places, passed, strict=True):
        results[place] = result
    return tuple(results)


def _differentiable_places(items: Sequence[Any]) -> list[int]:
    return [
        place
        for place, item in enumerate(items)
        if isinstance(item, Variable) and item.requires_grad
    ]


def _in_places(grads: Sequence[Any], places: Sequence[int], count: int) -> tuple[Any, ...]:
    """Gradients as Tensors, at the places of the arguments that they belong to."""
    result: list[Any] = [None] * count
    for place, grad in zip(places, grads, strict=True):
        result[place] = wrap(grad) if type(grad) is ndarray else grad
    return tuple(result)
