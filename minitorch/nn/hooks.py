"""Functions that a user hangs on modules: before and after forward, and in backward."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

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


class GlobalHooks:
    """Hooks on every module there is; `used` says whether there ever was one."""

    used = False
    forward_pre = HookTable()
    forward = HookTable()
    backward_pre = HookTable()
    backward = HookTable()


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, args)` before the forward of every module.

    Returns:
        A handle whose `remove()` takes the hook away.
    """
    GlobalHooks.used = True
    return GlobalHooks.forward_pre.add(Hook(hook))


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, args, output)` after the forward of every module.

    Returns:
        A handle whose `remove()` takes the hook away.
    """
    GlobalHooks.used = True
    return GlobalHooks.forward.add(Hook(hook, with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_output)` before the backward of every module."""
    GlobalHooks.used = True
    return GlobalHooks.backward_pre.add(hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` after the backward of every module."""
    GlobalHooks.used = True
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
            always_call: call it even if forward raises, with None as output. Default: False.

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
                    _run_despite_error(module, hook, args, kwargs)
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
    module: Module, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Call an always-call hook after forward raised; its own error becomes a warning."""
    try:
        _run_forward_hook(module, hook, args, kwargs, None)
    except Exception as error:  # the error of forward must not be hidden by this one
        warnings.warn(
            f"a forward hook with always_call=True raised an exception that was silenced, since "
            f"forward had raised before: {error}",
            stacklevel=4,
        )


def _run_backward_pre_hooks(module: Module, grads: tuple[Any, ...]) -> tuple[Any, ...]:
    for hook in [*GlobalHooks.backward_pre.values(), *module._backward_pre_hooks.values()]:
        replaced = hook(module, grads)
        if replaced is not None:
            grads = replaced if isinstance(replaced, tuple) else (replaced,)
    return grads


def _run_backward_hooks(
    module: Module, grad_input: tuple[Any, ...], grad_output: tuple[Any, ...]
) -> tuple[Any, ...]:
    for hook in [*GlobalHooks.backward.values(), *module._backward_hooks.values()]:
        replaced = hook(module, grad_input, grad_output)
        if replaced is not None:
            replaced = replaced if isinstance(replaced, tuple) else (replaced,)
            if len(replaced) != len(grad_input):
                raise RuntimeError(
                    f"Backward hook returned an invalid number of grad_input, got "
                    f"{len(replaced)}, but expected {len(grad_input)}"
                )
            grad_input = replaced
    return grad_input


# -- backward in the graph ----------------------------------------------------------------


class WatchInputs(Operator):
    """Passes tensors on unchanged; their gradients go through the full backward hooks."""

    differentiable_backward = False
    materialize_grads = False
    observer: _BackwardObserver

    def forward(self, *inputs: Any, observer: _BackwardObserver) -> Any:
        self.observer = observer
        return tuple(item.view() for item in inputs)

    def backward(self, *grads: Any) -> Any:
        return tuple(self.observer.inputs_known(grads))


class WatchOutputs(Operator):
    """Passes tensors on unchanged; their gradients go through the backward pre-hooks."""

    differentiable_backward = False
    materialize_grads = False
    observer: _BackwardObserver

    def forward(self, *outputs: Any, observer: _BackwardObserver) -> Any:
        self.observer = observer
        return tuple(item.view() for item in outputs)

    def backward(self, *grads: Any) -> Any:
        return tuple(self.observer.outputs_known(grads))


class _BackwardObserver:
    """Calls a module's backward hooks for one call with Tensors."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.grad_output: tuple[Any, ...] = ()
        self.input_places: list[int] = []
        self.output_places: list[int] = []
        self.input_count = 0
        self.output_count = 0

    @classmethod
    def around(
        cls, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> _BackwardObserver | None:
        """An observer where the call has backward hooks and is made with Tensors."""
        if (
            not module._has_backward_hooks()
            or not state.grad_enabled
            or is_array_call(args, kwargs)
        ):
            return None
        return cls(module)

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Put the tensors among `args` that need a gradient under observation."""
        self.input_count = len(args)
        self.input_places = _differentiable_places(args)
        return self._through(WatchInputs, args, self.input_places)

    def watch_outputs(self, output: Any) -> Any:
        """Put the output, or the tensors in a tuple or list of outputs, under observation."""
        if not isinstance(output, (Variable, tuple, list)):
            return output
        outputs = (output,) if isinstance(output, Variable) else tuple(output)
        self.output_count = len(outputs)
        self.output_places = _differentiable_places(outputs)
        results = self._through(WatchOutputs, outputs, self.output_places)
        if isinstance(output, Variable):
            return results[0]
        if hasattr(output, "_fields"):
            return type(output)(*results)
        return type(output)(results)

    def _through(
        self, operator: type[Operator], items: tuple[Any, ...], places: list[int]
    ) -> tuple[Any, ...]:
        if not places:
            return items
        results = list(items)
        passed = operator.apply(*(items[place] for place in places), observer=self)
        for place, result in zip(places, passed, strict=True):
            results[place] = result
        return tuple(results)

    def outputs_known(self, grads: Sequence[Any]) -> Sequence[Any]:
        """Run the pre-hooks; where no input needs a gradient, the hooks as well."""
        grad_output = _as_tensors(grads, self.output_places, self.output_count)
        self.grad_output = _run_backward_pre_hooks(self.module, grad_output)
        if not self.input_places:
            nothing = (None,) * self.input_count
            _run_backward_hooks(self.module, nothing, self.grad_output)
        return [_as_array(self.grad_output[place]) for place in self.output_places]

    def inputs_known(self, grads: Sequence[Any]) -> Sequence[Any]:
        """Run the full backward hooks."""
        grad_input = _as_tensors(grads, self.input_places, self.input_count)
        grad_input = _run_backward_hooks(self.module, grad_input, self.grad_output)
        return [_as_array(grad_input[place]) for place in self.input_places]


def _differentiable_places(items: Sequence[Any]) -> list[int]:
    return [
        place
        for place, item in enumerate(items)
        if isinstance(item, Variable) and item.requires_grad
    ]


def _as_tensors(grads: Sequence[Any], places: Sequence[int], count: int) -> tuple[Any, ...]:
    """Gradients as Tensors, at the places of the arguments that they belong to."""
    result: list[Any] = [None] * count
    for place, grad in zip(places, grads, strict=True):
        result[place] = wrap(grad) if type(grad) is ndarray else grad
    return tuple(result)


def _as_array(grad: Any) -> Any:
    return grad.array if isinstance(grad, Variable) else grad
