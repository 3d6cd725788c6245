"""Saving and restoring what a module has learnt: state dicts, pickling, copying."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..autograd.hooks import HookTable, RemovableHandle
from ..autograd.inplace import changed
from ..autograd.variable import Array
from ..quiet import quiet
from ..tensor import Tensor
from .hooks import NO_HOOKS
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

_EXTRA_STATE = "_extra_state"


class IncompatibleKeys(NamedTuple):
    """What did not fit in `load_state_dict`.

    Attributes:
        missing_keys: keys that the module has and the state dict does not.
        unexpected_keys: keys that the state dict has and the module does not.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"_IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


# How to take back what the `load_state_dict` under way has done so far, latest last.
_undo: ContextVar[list[Callable[[], Any]] | None] = ContextVar("undo", default=None)


class ModuleState:
    """The part of `Module` that saves and restores state."""

    _state_dict_hooks: Mapping[int, Any] = NO_HOOKS
    _state_dict_pre_hooks: Mapping[int, Any] = NO_HOOKS
    _load_state_dict_pre_hooks: Mapping[int, Any] = NO_HOOKS
    _load_state_dict_post_hooks: Mapping[int, Any] = NO_HOOKS

    def _hook_table(self, name: str) -> HookTable:
        raise NotImplementedError

    # -- saving ---------------------------------------------------------------------------

    def state_dict(
        self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Return parameters and persistent buffers by path; they share the module's memory.

        Args:
            destination: a dict to add to. Default: a new one.
            prefix: put before every key. Default: nothing.
            keep_vars: give the parameters themselves instead of detached tensors.

        Example:
            >>> from minitorch import nn
            >>> list(nn.Sequential(nn.Linear(3, 2)).state_dict())
            ['0.weight', '0.bias']
        """
        module = cast("Module", self)
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": getattr(self, "_version", 1)}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in list(self._state_dict_pre_hooks.values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, child in module._modules.items():
            if child is not None:
                child.state_dict(
                    destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
                )
        for hook in list(self._state_dict_hooks.values()):
            result = hook(self, destination, prefix, metadata)
            if result is not None:
                raise RuntimeError("state_dict post-hook must return None")
        return cast("dict[str, Any]", destination)

    def _save_to_state_dict(
        self, destination: dict[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        """Add this module's own parameters and buffers, not its children's."""
        module = cast("Module", self)
        for name, tensor in _persistent(module):
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if type(self).get_extra_state is not ModuleState.get_extra_state:
            destination[prefix + _EXTRA_STATE] = self.get_extra_state()

    def get_extra_state(self) -> Any:
        """State that is no tensor, for a subclass to add to the state dict."""
        raise RuntimeError(
            "Reached a code path in Module.get_extra_state() that should never be called."
        )

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` gave; a subclass writes both."""
        raise RuntimeError(
            "Reached a code path in Module.set_extra_state() that should never be called."
        )

    def register_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` when state was collected.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._hook_table("_state_dict_hooks").add(hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before state is collected.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._hook_table("_state_dict_pre_hooks").add(hook)

    # -- loading --------------------------------------------------------------------------

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy values from a state dict; nothing is changed unless all of it fits.

        Args:
            state_dict: values by path, as `state_dict()` gives.
            strict: demand that the keys are exactly the module's. Default: True.
            assign: put the given tensors in place of the module's, instead of copying values.
                Default: False.

        Returns:
            The missing and unexpected keys, as a namedtuple.

        Raises:
            TypeError: `state_dict` is no mapping.
            RuntimeError: keys or shapes do not fit; all of them are named in one message.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata = getattr(state_dict, "_metadata", None) or {}
        keys = IncompatibleKeys([], [])
        errors: list[str] = []
        with _all_or_nothing():
            self._load_tree(dict(state_dict), "", metadata, assign, keys, errors)
            if strict:
                for title, found in (("Unexpected", keys[1]), ("Missing", keys[0])):
                    if found:
                        names = ", ".join(f'"{name}"' for name in found)
                        errors.insert(0, f"{title} key(s) in state_dict: {names}. ")
            if errors:
                listing = "\n\t".join(errors)
                raise RuntimeError(
                    f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{listing}"
                )
        return keys

    def _load_tree(
        self,
        values: dict[str, Any],
        prefix: str,
        metadata: Mapping[str, Any],
        assign: bool,
        keys: IncompatibleKeys,
        errors: list[str],
    ) -> None:
        """Load this module's part of the state dict, then its children's."""
        local = dict(metadata.get(prefix[:-1], {}))
        if assign:
            local["assign_to_params_buffers"] = True
        self._load_from_state_dict(values, prefix, local, True, *keys, errors)
        for name, child in cast("Module", self)._modules.items():
            if child is not None:
                path = f"{prefix}{name}."
                own = {key: value for key, value in values.items() if key.startswith(path)}
                child._load_tree(own, path, metadata, assign, keys, errors)
        for hook in list(self._load_state_dict_post_hooks.values()):
            if hook(self, keys) is not None:
                raise RuntimeError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected "
                    "to return new values, if incompatible_keys need to be modified, it should be "
                    "done inplace."
                )

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module's own entries, and note what does not fit; a subclass may extend it."""
        found = (missing_keys, unexpected_keys, error_msgs)
        for hook in list(self._load_state_dict_pre_hooks.values()):
            hook(self, state_dict, prefix, local_metadata, strict, *found)
        module = cast("Module", self)
        put = _assign if local_metadata.get("assign_to_params_buffers", False) else _copy
        for name, tensor in _persistent(module):
            key = prefix + name
            if key in state_dict:
                error_msgs.extend(_load_entry(put, module, name, tensor, key, state_dict[key]))
            elif strict:
                missing_keys.append(key)
        key = prefix + _EXTRA_STATE
        takes_extra = type(self).set_extra_state is not ModuleState.set_extra_state
        if takes_extra and key in state_dict:
            _note_undo(partial(_restore_attributes, module, vars(module).copy()))
            self.set_extra_state(state_dict[key])
        elif takes_extra and strict:
            missing_keys.append(key)
        elif strict and key in state_dict:
            unexpected_keys.append(key)
        if strict:
            unexpected_keys.extend(_unexpected(module, state_dict, prefix))

    def register_load_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata, strict, missing_keys, ...)`.

        It runs before this module's entries are checked, and may change the given lists and the
        state dict.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._hook_table("_load_state_dict_pre_hooks").add(hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` after a state dict was loaded.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._hook_table("_load_state_dict_post_hooks").add(hook)

    # -- pickling and copying -------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """The attributes without what belongs to running calls."""
        module = cast("Module", self)
        attributes = vars(module).copy()
        attributes.pop("_array_records", None)
        for method in ("forward", "backward", "_pair"):
            attributes.pop(method, None)
        return attributes

    def __setstate__(self, state: dict[str, Any]) -> None:
        from ..autograd.pair import settle_instance
        from .module import Registry

        module = cast("Module", self)
        attributes = vars(module)
        attributes.update(state)
        attributes.pop("_array_records", None)  # where a subclass gives all its attributes
        for name in ("_parameters", "_buffers", "_modules"):
            if name in state:
                registry = Registry(module)
                registry.update(state[name])
                attributes[name] = registry
        settle_instance(module)


def _persistent(module: Module) -> list[tuple[str, Tensor]]:
    """The module's own parameters and persistent buffers, with their names."""
    buffers = {
        name: tensor
        for name, tensor in module._buffers.items()
        if name not in module._non_persistent_buffers_set
    }
    members: dict[str, Any] = {**module._parameters, **buffers}
    return [(name, tensor) for name, tensor in members.items() if tensor is not None]


def _unexpected(module: Module, state_dict: Mapping[str, Any], prefix: str) -> list[str]:
    """The keys under `prefix` that belong to nothing in `module`."""
    own = {name for name, _ in _persistent(module)}
    found = []
    for key in state_dict:
        if key.startswith(prefix) and key != prefix + _EXTRA_STATE:
            name, *rest = key[len(prefix) :].split(".", 1)
            if name not in (module._modules if rest else own):
                found.append(key)
    return found


# -- putting values in, all or none -------------------------------------------------------


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Take back what was loaded in the block if it raises an error."""
    outer = _undo.get()
    steps: list[Callable[[], Any]] = []
    token = _undo.set(steps)
    try:
        yield
    except BaseException:
        for step in reversed(steps):
            step()
        raise
    finally:
        _undo.reset(token)
    if outer is not None:
        outer.extend(steps)


def _note_undo(step: Callable[[], Any]) -> None:
    steps = _undo.get()
    if steps is not None:
        steps.append(step)


def _load_entry(
    put: Callable[..., None], module: Module, name: str, tensor: Tensor, key: str, value: Any
) -> list[str]:
    """Put `value` into a module, or say why it does not fit."""
    if not isinstance(value, Tensor):
        return [
            f'While copying the parameter named "{key}", expected minitorch.Tensor or Tensor-like '
            f"object from checkpoint but received {type(value)}"
        ]
    if not tensor.array.ndim and value.array.shape == (1,):
        value = value[0]
    if value.array.shape != tensor.array.shape:
        return [
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, "
            f"the shape in current model is {tensor.shape}."
        ]
    try:
        put(module, name, tensor, value)
    except (RuntimeError, ValueError) as error:
        return [
            f'While copying the parameter named "{key}", whose dimensions in the model are '
            f"{tensor.shape} and whose dimensions in the checkpoint are {value.shape}, an "
            f"exception occurred: {error}"
        ]
    return []


def _copy(module: Module, name: str, tensor: Tensor, value: Tensor) -> None:
    """Copy the elements of `value` into `tensor`."""
    before = tensor.array.copy(), tensor._shared_counter().copy()
    quiet.run(np.copyto, tensor.array, value.array, casting="unsafe")
    _note_undo(partial(_restore_elements, tensor, *before))
    changed(tensor)


def _restore_elements(tensor: Tensor, array: Array, counter: list[int]) -> None:
    np.copyto(tensor.array, array)
    tensor._shared_counter()[:] = counter  # as if it had never been changed


def _assign(module: Module, name: str, tensor: Tensor, value: Tensor) -> None:
    """Put `value` in the place of `tensor`."""
    if isinstance(tensor, Parameter):
        if isinstance(value, Parameter):
            _note_undo(partial(value.requires_grad_, value.requires_grad))
            value.requires_grad_(tensor.requires_grad)
        else:
            value = Parameter(value, requires_grad=tensor.requires_grad)
    _note_undo(partial(setattr, module, name, tensor))
    setattr(module, name, value)


def _restore_attributes(module: Module, attributes: dict[str, Any]) -> None:
    vars(module).clear()
    vars(module).update(attributes)
