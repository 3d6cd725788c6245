"""Module: a pair of forward and backward that owns parameters, buffers and children."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, ClassVar, Self, cast

from .. import dtypes
from ..autograd.chain import call_in_order
from ..autograd.grad_mode import state
from ..autograd.notes import name_module
from ..autograd.pair import (
    PAIR_NAMES,
    Pair,
    PairMeta,
    assign_to_instance,
    call,
    mark,
    settle_instance,
)
from ..autograd.record import Records
from ..autograd.variable import ndarray
from ..tensor import Tensor
from .hooks import GlobalHooks, ModuleHooks
from .parameter import Buffer, Parameter
from .state import ModuleState


class Registry(dict[str, Any]):
    """What a module registered under names; each entry is the module's attribute too.

    Args:
        owner: the module. It is held weakly, so that module and registry are no cycle.
    """

    def __init__(self, owner: Module) -> None:
        super().__init__()
        self._owner = weakref.ref(owner)

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        owner = self._owner()
        if owner is not None:
            vars(owner)[name] = value

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        owner = self._owner()
        if owner is not None:
            vars(owner).pop(name, None)

    def pop(self, name: str, *default: Any) -> Any:
        """Take an entry out and return it."""
        if name not in self and default:
            return default[0]
        value = self[name]
        del self[name]
        return value

    # By way of __setitem__ and __delitem__, as dict's own do not go.
    popitem = MutableMapping.popitem
    clear = MutableMapping.clear
    update = MutableMapping.update
    setdefault = MutableMapping.setdefault

    def __reduce__(self) -> Any:  # copies belong to nobody yet: see `ModuleState.__setstate__`
        return dict, (dict(self),)


class Module(ModuleHooks, ModuleState, metaclass=PairMeta):
    """Base of all networks and layers: a forward, its backward, and what they need.

    A subclass writes `forward`, and `backward` too if it wants to work on arrays:

    - with both, `forward` gets arrays, saves what it needs with `save_for_backward`, and
      `backward` turns dL/d(output) into dL/d(input) and hands the weights theirs with
      `weight.accumulate_grad(array)`;
    - with `forward` alone, it gets Tensors, and `backward` is derived.

    Calling the module with arrays returns arrays, and `module.backward(grad)` goes back by hand.
    Calling it with Tensors returns Tensors, and `loss.backward()` calls the same `backward`.

    Attributes:
        training: whether the module is in training mode (`train`, `eval`).
        transparent: a container's own declaration that calls go straight to its children.
        in_order: a transparent container's declaration that forward calls each child once, in
            order, on the result of the one before.
        is_loss: in array mode backward returns the gradient of the first input only.
        differentiable_backward: backward is written in operators that Tensors have too, so
            that `create_graph=True` can differentiate it.
        obeys_inplace: a class's declaration that its output may be written over its first input:
            the framework does so where the module's attribute `inplace` is true.
        graph_name: the name of its calls in `grad_fn`, where it is not the class's.
        call_super_init: `Module.__init__` calls that of the classes after it in the MRO.

    Example:
        >>> import minitorch, numpy as np
        >>> from minitorch import nn
        >>> class Square(nn.Module):
        ...     def forward(self, input):
        ...         self.save_for_backward(input)
        ...         return input * input
        ...     def backward(self, grad_output):
        ...         (input,) = self.saved_tensors
        ...         return 2 * input * grad_output
        >>> square = Square()
        >>> square(np.array([3.0]))
        array([9.])
        >>> square.backward(np.array([1.0]))
        array([6.])
        >>> x = minitorch.tensor([3.0], requires_grad=True)
        >>> square(x).sum().backward()
        >>> x.grad
        tensor([6.])
    """

    transparent: ClassVar[bool] = False
    in_order: ClassVar[bool] = False
    is_loss: ClassVar[bool] = False
    differentiable_backward: ClassVar[bool] = False
    obeys_inplace: ClassVar[bool] = False
    graph_name: ClassVar[str] = ""
    call_super_init: ClassVar[bool] = False
    _pair: ClassVar[Pair | None]  # the forward and backward in force
    training: bool
    inplace: bool  # of the classes that declare `obeys_inplace`
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if (args or kwargs) and not self.call_super_init:
            what = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
            raise TypeError(f"{type(self).__name__}.__init__() got unexpected {', '.join(what)}")
        attributes = vars(self)
        attributes["training"] = True
        for registry in ("_parameters", "_buffers", "_modules"):
            for name in attributes.get(registry, ()):  # of an earlier call
                attributes.pop(name, None)
            attributes[registry] = Registry(self)
        attributes["_non_persistent_buffers_set"] = set()
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    # -- forward and backward -------------------------------------------------------------

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; every subclass writes its own."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    mark(forward)

    def backward(self, *grad_outputs: Any) -> Any:
        """Go back through the latest array call of this module.

        Adds to every parameter's `.grad`.

        Args:
            grad_outputs: dL/d(each output), in order: arrays, numbers or None. Default: 1 for a
                single scalar output.

        Returns:
            dL/d(input): one gradient per array argument of forward; a single one stands alone.

        Raises:
            RuntimeError: there was no array call to go back through, or a gradient does not
                fit its output.
        """
        raise NotImplementedError(
            f"Module [{type(self).__name__}] has no forward to go back through"
        )

    mark(backward)

    def save_for_backward(self, *items: Any) -> None:
        """Keep `items` for this call's backward: arrays, weights (as Tensors), shapes, None.

        Call it once in `forward`. A saved weight gets its gradient even if another has taken its
        place by the time of backward.

        Raises:
            RuntimeError: no forward with a backward of this module is running.
        """
        frame = state.frame
        if frame is None or frame.module is not self:
            raise RuntimeError(
                f"{type(self).__name__}.save_for_backward works inside a forward that has a "
                "backward beside it, called through the module"
            )
        frame.saved = items

    @property
    def saved_tensors(self) -> Any:
        """What `save_for_backward` was given in the call that this backward belongs to.

        Raises:
            RuntimeError: no backward is running, what was saved has been freed by an earlier
                backward, or a saved array was changed in place since.
        """
        frame = state.frame
        if frame is None or frame.module is not self:
            raise RuntimeError(
                f"{type(self).__name__}.saved_tensors is there only while its backward runs"
            )
        return frame.saved

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """Inside `backward`: for each array argument of forward, whether its gradient is needed.

        (Whether a saved weight needs one is `weight.requires_grad`.)
        """
        frame = state.frame
        if frame is None or frame.module is not self:
            raise RuntimeError(
                f"{type(self).__name__}.needs_input_grad is there only while its backward runs"
            )
        if frame.needs is None and len(frame.edges) == 1:
            return _NEEDED if frame.edges[0] is not None else _NOT_NEEDED
        return frame.needs_input_grad

    @property
    def _records(self) -> Records:
        """This thread's records of array calls."""
        records: Records | None = vars(self).get("_array_records")
        if records is None:
            # By setdefault, since another thread may be doing the same.
            records = vars(self).setdefault("_array_records", Records())
        return records

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if self._hooked or GlobalHooks.used:
                return self._call_with_hooks(args, kwargs)
            pair = self._pair
            if pair is None:
                return self.forward(*args, **kwargs)
            if (
                pair.in_order
                and len(args) == 1
                and not kwargs
                and isinstance(args[0], Tensor)
                and state.frame is None
                and state.grad_enabled
            ):
                return call_in_order(self._modules.values(), args[0])
            return call(self, pair, args, kwargs)
        except Exception as error:
            name_module(error, self)
            raise

    mark(__call__)

    # -- registration ---------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = vars(self)
        wanted = _registry_of(value)
        for registry, (kind, expected) in _KINDS.items():  # an earlier kind displaces a later one
            if registry == wanted:
                self._check_assigned(registry, name, value)
            elif name not in attributes.get(registry, ()):
                continue
            elif value is not None and not (registry == "_buffers" and isinstance(value, Tensor)):
                raise TypeError(
                    f"cannot assign '{type(value).__name__}' as {kind} '{name}' "
                    f"({expected} or None expected)"
                )
            self._register(registry, name, value)
            return
        if name in PAIR_NAMES:
            assign_to_instance(self, name, value)
            return
        frame = state.frame
        if type(value) is ndarray and frame is not None and frame.module is self and frame.is_new:
            _warn_about_array(self, name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for registry in _KINDS:
            if name in vars(self).get(registry, ()):
                del vars(self)[registry][name]
                self._non_persistent_buffers_set.discard(name)
                return
        if name in vars(self).get("_assigned", ()):
            del vars(self)["_assigned"][name]
            settle_instance(self)
            return
        object.__delattr__(self, name)

    def _register(self, registry: str, name: str, value: Any) -> None:
        """Put `value` under `name` in one registry and take the name out of the others."""
        for other in _KINDS:
            if other != registry:
                vars(self)[other].pop(name, None)
        if registry != "_buffers":
            self._non_persistent_buffers_set.discard(name)
        elif isinstance(value, Buffer):
            change = set.discard if value.persistent else set.add
            change(self._non_persistent_buffers_set, name)
        vars(self)[registry][name] = vars(self)[name] = value

    def _check_assigned(self, registry: str, name: str, value: Any) -> None:
        """Refuse to register what is assigned under a name that belongs to something else."""
        if registry == "_parameters":
            if registry not in vars(self):
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._check_name("parameter", name, registry, type(self))
            _check_leaf(name, value)
        elif registry == "_buffers":
            self._check_name("buffer", name, registry)
        elif registry not in vars(self):
            raise AttributeError("cannot assign module before Module.__init__() call")

    def _check_name(self, kind: str, name: str, registry: str, owner: Any = None) -> None:
        """Refuse a name that is none, or one that `owner`, by default the module, has already."""
        if registry not in vars(self):
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(owner or self, name) and name not in vars(self)[registry]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or None to reserve its name.

        Raises:
            AttributeError: before `Module.__init__`.
            KeyError: the name is taken, empty, or contains a dot.
            TypeError: `param` is no Parameter.
            ValueError: `param` was computed: it is no leaf.
        """
        self._check_name("parameter", name, "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                "(minitorch.nn.Parameter or None required)"
            )
        if param is not None:
            _check_leaf(name, param)
        self._register("_parameters", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that belongs to the state but is not trained.

        Args:
            name: its attribute's name.
            tensor: the values, or None to reserve the name.
            persistent: whether it is part of `state_dict`. Default: True.

        Raises:
            AttributeError: before `Module.__init__`.
            KeyError: the name is taken, empty, or contains a dot.
            TypeError: `tensor` is no Tensor.
        """
        self._check_name("buffer", name, "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' "
                "(minitorch Tensor or None required)"
            )
        self._register("_buffers", name, tensor)
        change = set.discard if persistent else set.add
        change(self._non_persistent_buffers_set, name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child.

        Raises:
            AttributeError: before `Module.__init__`.
            KeyError: the name is taken, empty, or contains a dot.
            TypeError: `module` is no Module.
        """
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_name("module", name, "_modules")
        self._register("_modules", name, module)

    register_module = add_module

    # -- looking through the tree ---------------------------------------------------------

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it with their paths, a shared one once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """Yield this module and all below it, a shared one once."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the children with their names, a shared one once."""
        seen: set[Module | None] = {None}
        for name, module in self._modules.items():
            if module not in seen:
                seen.add(module)
                assert module is not None
                yield name, module

    def children(self) -> Iterator[Module]:
        """Yield the children, a shared one once."""
        for _, module in self.named_children():
            yield module

    def _named_members(
        self,
        members: Callable[[Module], Any],
        prefix: str = "",
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, Any]]:
        """Yield what `members` gives for each module, with paths, a shared one once."""
        seen: set[Any] = set()
        modules = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        for path, module in modules:
            for name, value in members(module):
                if value is None or value in seen:
                    continue
                if remove_duplicate:
                    seen.add(value)
                yield f"{path}.{name}" if path else name, value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters with their paths, a shared one once."""
        yield from self._named_members(
            lambda module: module._parameters.items(), prefix, recurse, remove_duplicate
        )

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, a shared one once; those of children too if `recurse`."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers with their paths, a shared one once."""
        yield from self._named_members(
            lambda module: module._buffers.items(), prefix, recurse, remove_duplicate
        )

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, a shared one once; those of children too if `recurse`."""
        for _, tensor in self.named_buffers(recurse=recurse):
            yield tensor

    def get_submodule(self, target: str) -> Module:
        """Return the module at a dotted path; the empty path is this module.

        Raises:
            AttributeError: nothing, or no module, is there.
        """
        module: Module = self
        for name in target.split(".") if target else []:
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put `module` at a dotted path, in place of the one there.

        Args:
            target: the path.
            module: the new module.
            strict: demand that there is one already. Default: False.

        Raises:
            ValueError: the path is empty, or `module` is no Module.
            AttributeError: the path's parent, or with `strict` its end, does not exist.
        """
        if not target:
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{type(parent).__name__} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def _find(self, target: str) -> tuple[Module, str]:
        """Return the module that a dotted path leads to, and its attribute's name."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        return module, name

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a dotted path.

        Raises:
            AttributeError: nothing, or no parameter, is there.
        """
        module, name = self._find(target)
        parameter = getattr(module, name)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at a dotted path.

        Raises:
            AttributeError: nothing, or no buffer, is there.
        """
        module, name = self._find(target)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return cast(Tensor, module._buffers[name])

    # -- modes and conversions ------------------------------------------------------------

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """Call `fn` on every module, children first, and return this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set training mode, or evaluation mode for False, here and below.

        Raises:
            ValueError: `mode` is not a bool.
        """
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Set evaluation mode here and below."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch gradients of all parameters on or off: False freezes the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop every parameter's gradient, or fill it with zeros if `set_to_none` is False."""
        for parameter in self.parameters():
            if set_to_none:
                parameter._grad = None
            elif parameter.grad is not None:
                parameter.grad.detach_()
                parameter.grad.zero_()

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Replace the values of all parameters, their gradients and buffers by what `fn` gives."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        for parameter in self._parameters.values():
            if parameter is not None:
                parameter.data = fn(parameter.data)
                if parameter.grad is not None:
                    parameter.grad.data = fn(parameter.grad.data)
        for name, tensor in self._buffers.items():
            if tensor is not None:
                self._register("_buffers", name, fn(tensor))
        return self

    def _cast(self, dtype: dtypes.dtype) -> Self:
        return self._apply(
            lambda tensor: tensor.to(dtype) if tensor.is_floating_point() else tensor
        )

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Convert floating-point parameters and buffers to a dtype (`to(minitorch.float64)`).

        Raises:
            TypeError: the dtype is not floating point.
            RuntimeError: a device other than the CPU is asked for.
        """
        dtype = Tensor([]).to(*args, **kwargs).dtype
        if not dtype.is_floating_point:
            raise TypeError(
                f"nn.Module.to only accepts floating point dtypes, but got desired dtype={dtype}"
            )
        return self._apply(
            lambda tensor: tensor.to(*args, **kwargs) if tensor.is_floating_point() else tensor
        )

    def type(self, dst_type: dtypes.dtype | str) -> Self:
        """Convert all parameters and buffers to a dtype, or a type such as "torch.FloatTensor".

        Raises:
            RuntimeError: the dtype is not floating point and a parameter requires a gradient.
        """
        needed = any(parameter.requires_grad for parameter in self.parameters())
        Tensor([]).type(dst_type).requires_grad_(needed)  # refuses before anything is changed
        return self._apply(lambda tensor: tensor.type(dst_type))

    def float(self) -> Self:
        """Convert floating-point parameters and buffers to float32."""
        return self._cast(dtypes.float32)

    def double(self) -> Self:
        """Convert floating-point parameters and buffers to float64."""
        return self._cast(dtypes.float64)

    def half(self) -> Self:
        """Convert floating-point parameters and buffers to float16."""
        return self._cast(dtypes.float16)

    def cpu(self) -> Self:
        """Return the module: everything is on the CPU."""
        return self

    def share_memory(self) -> Self:
        """Return the module: threads share its arrays anyway."""
        return self

    # -- text -----------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What `repr` shows between the parentheses, for a subclass to say."""
        return ""

    def _get_name(self) -> str:
        return self.__class__.__name__

    def __repr__(self) -> str:
        lines = []
        for name, module in self._modules.items():
            text = repr(module).replace("\n", "\n  ")
            lines.append(f"({name}): {text}")
        extra = self.extra_repr()
        if not lines and "\n" not in extra:
            return f"{self._get_name()}({extra})"
        body = "\n  ".join([*extra.split("\n"), *lines] if extra else lines)
        return f"{self._get_name()}(\n  {body}\n)"

    def __dir__(self) -> list[str]:
        names = {*dir(type(self)), *vars(self)}
        return sorted(name for name in names if not name[:1].isdigit())


_NEEDED, _NOT_NEEDED = (True,), (False,)
_KINDS = {
    "_parameters": ("parameter", "minitorch.nn.Parameter"),
    "_modules": ("child module", "minitorch.nn.Module"),
    "_buffers": ("buffer", "minitorch.Tensor"),
}


def _registry_of(value: Any) -> str | None:
    """Where a value of this type is registered when it is assigned."""
    if isinstance(value, Parameter):
        return "_parameters"
    if isinstance(value, Buffer):
        return "_buffers"
    return "_modules" if isinstance(value, Module) else None


def _check_leaf(name: str, parameter: Parameter) -> None:
    """Refuse a parameter that was computed: it could not be trained."""
    if parameter.grad_fn is not None:
        raise ValueError(
            f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be "
            f"created explicitly. To express '{name}' as a function of another Tensor, "
            "compute the value in the forward() method."
        )


_warned: set[tuple[type, str]] = set()


def _warn_about_array(module: Module, name: str) -> None:
    """Say once that an array on the module is overwritten by its next call."""
    key = (type(module), name)
    if key not in _warned:
        _warned.add(key)
        warnings.warn(
            f"{type(module).__name__}.forward assigns an array to self.{name}: the next call "
            "overwrites it, so that a backward of this call would be wrong. Keep it with "
            "self.save_for_backward(...) and read it from self.saved_tensors",
            stacklevel=3,
        )
