"""Which forward belongs to which backward, and what happens when one of them is called.

A class that is created, or changed later, is settled: wrappers stand in the places of the methods
that it wrote, and each call of one finds the pair that the MRO of the module's class gives from
there on. What a class wrote itself stays reachable as `wrapper.__wrapped__`.
"""

from __future__ import annotations

import functools
import inspect
import types
from abc import ABCMeta
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import nest
from .calls import backward_by_hand, call_on_arrays, call_on_tensors
from .chain import call_in_order, call_on_two
from .grad_mode import state
from .inplace import overwrite
from .notes import name_module
from .variable import Variable, ndarray, wrap

if TYPE_CHECKING:
    from ..nn.module import Module

PAIR_NAMES = ("forward", "backward")


class Pair:
    """A forward with the backward that belongs to it.

    Args:
        forward: as it was written.
        backward: as it was written, or None where it is derived.
        on_tensors: forward is written for Tensors, since its class left backward to be derived.
        transparent: calls go straight through; only the children are recorded.
        in_order: forward does nothing but call the children one after another.
        plain_call: the class has the framework's `__call__`.
        in_place: the class declares `obeys_inplace`: with `module.inplace` the output is written
            over the first input.

    Attributes:
        apart: the same pair, which leaves its input as it is.
        leaf: a call with Tensors may take the short path.
        open: a call with Tensors goes straight to forward.
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        backward: Callable[..., Any] | None,
        on_tensors: bool = False,
        transparent: bool = False,
        in_order: bool = False,
        plain_call: bool = True,
        in_place: bool = False,
    ) -> None:
        self.forward = forward
        self.backward = backward
        self.on_tensors = on_tensors
        self.transparent = transparent
        self.in_order = in_order and plain_call
        self.leaf = plain_call and backward is not None and not transparent and not on_tensors
        self.open = backward is None or transparent
        self.in_place = in_place
        if in_place:
            self.apart = Pair(forward, backward, on_tensors, transparent, in_order, plain_call)

    @functools.cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """The names of forward's parameters, for keywords in signature order."""
        try:
            return tuple(inspect.signature(self.forward).parameters)
        except (TypeError, ValueError):  # a builtin has no signature to read
            return ()

    def in_signature_order(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Keywords in the order in which forward names them."""
        if len(kwargs) < 2:
            return kwargs
        known = [name for name in self.parameter_names if name in kwargs]
        return {name: kwargs[name] for name in (*known, *(k for k in kwargs if k not in known))}


# -- what a call does ---------------------------------------------------------------------


def is_array_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Say whether arguments hold arrays and no Tensor."""
    arrays = False
    for item in nest.leaves((args, kwargs)):
        if isinstance(item, Variable):
            return False
        arrays = arrays or isinstance(item, (ndarray, np.generic))
    return arrays


def call(module: Module, pair: Pair, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `pair`'s forward in the mode that the arguments ask for."""
    if pair.in_place and module.inplace and module.obeys_inplace:
        return call_over_input(module, pair, args, kwargs)
    if not kwargs and args and isinstance(args[0], Variable):
        if len(args) == 1:
            if pair.open:
                return pair.forward(module, args[0])
            if pair.leaf and state.frame is None and state.grad_enabled:
                return call_in_order((module,), args[0], pair)
        elif (
            len(args) == 2
            and pair.leaf
            and isinstance(args[1], Variable)
            and state.frame is None
            and state.grad_enabled
        ):
            return call_on_two(module, pair, *args)
    elif len(args) == 1 and not kwargs and type(args[0]) is ndarray:
        return call_on_arrays(module, pair, args, kwargs)
    kwargs = pair.in_signature_order(kwargs)
    if is_array_call(args, kwargs):
        return call_on_arrays(module, pair, args, kwargs)
    if pair.transparent or pair.backward is None:
        args, kwargs = nest.transform(_as_constant, (args, kwargs))
        return pair.forward(module, *args, **kwargs)
    return call_on_tensors(module, pair, args, kwargs)


def call_over_input(
    module: Module, pair: Pair, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a pair whose output is to be written over its first input."""
    if not args and (name := pair.parameter_names[1]) in kwargs:
        args, kwargs = (kwargs[name],), {key: kwargs[key] for key in kwargs if key != name}
    if not args or not isinstance(args[0], (Variable, ndarray)):  # forward explains the error
        return call(module, pair.apart, args, kwargs)
    first, *others = args

    def compute(value: Any) -> Any:
        return call(module, pair.apart, (value, *others), kwargs)

    return overwrite(first, compute, type(module).__name__)


def _as_constant(item: Any) -> Any:
    """An array beside Tensors, as a Tensor without gradient."""
    return wrap(np.asarray(item)) if isinstance(item, (ndarray, np.generic)) else item


def go_back(module: Module, pair: Pair, grads: tuple[Any, ...]) -> Any:
    """Run `pair`'s backward by hand, with hooks if it is the one that `module.backward` is."""
    try:
        if pair is module._pair and module._has_backward_hooks():
            return module._backward_with_hooks(pair, grads)
        return backward_by_hand(module, pair, grads)
    except Exception as error:
        name_module(error, module)
        raise


# -- which belongs to which ---------------------------------------------------------------


def written(cls: type, name: str) -> Any:
    """The method `name` that `cls` itself wrote, or None; the framework's do not count."""
    if isinstance(cls, PairMeta):
        return cls._written.get(name)
    value = cls.__dict__.get(name)  # a mixin that is no module
    return None if value is None else as_function(value)


def find(classes: tuple[type, ...], name: str) -> tuple[int, Any]:
    """The place, and the method, of the first class that wrote `name`."""
    for place, cls in enumerate(classes):
        value = written(cls, name)
        if value is not None:
            return place, value
    return len(classes), None


def as_function(value: Any) -> Callable[..., Any]:
    """What stands under a method's name, as a function of (self, ...)."""
    if inspect.isfunction(value):
        return cast("Callable[..., Any]", value)

    def bound(self: Any, *args: Any, **kwargs: Any) -> Any:
        get = getattr(value, "__get__", None)
        return (value if get is None else get(self, type(self)))(*args, **kwargs)

    return functools.wraps(value)(bound) if callable(value) else bound


def resolve(classes: tuple[type, ...], plain_call: bool = True) -> Pair | None:
    """Pair the forward and backward that come first in `classes`, part of an MRO.

    Where one class wrote both, or backward's class comes earlier, they are a written pair;
    where forward's comes earlier, backward is derived. None where there is no forward.
    """
    forward_place, forward = find(classes, "forward")
    backward_place, backward = find(classes, "backward")
    if forward is None:
        return None
    owner = classes[forward_place]
    transparent = backward_place == forward_place and declares_transparent(owner)
    return Pair(
        forward,
        backward if backward_place <= forward_place else None,
        on_tensors=written(owner, "backward") is None,
        transparent=transparent,
        in_order=transparent and bool(owner.__dict__.get("in_order")),
        plain_call=plain_call,
        in_place=bool(owner.__dict__.get("obeys_inplace")),
    )


def declares_transparent(owner: type) -> bool:
    """Whether a class says that it is transparent, and still has the methods of its body."""
    said = bool(owner.__dict__.get("transparent"))
    return said and not (isinstance(owner, PairMeta) and owner._written != owner._body)


def pair_from(cls: PairMeta, owner: type, name: str) -> Pair:
    """The pair that `owner`'s wrapper of `name` stands for in a module of class `cls`.

    It is what the MRO gives from `owner` on, with the classes before it over which a search for
    `name` (by `super()`, or by an attribute) goes to reach `owner`.
    """
    pair = cls._pairs.get((owner, name))
    if pair is None:
        mro = cls.__mro__
        start = mro.index(owner)
        while start > 0 and name not in mro[start - 1].__dict__:
            start -= 1
        pair = cls._pair if start == 0 else resolve(mro[start:])
        assert pair is not None
        cls._pairs[owner, name] = pair
    return pair


def settle(cls: PairMeta) -> None:
    """Find `cls`'s pair and put wrappers where it needs its own; then its subclasses'."""
    type.__setattr__(cls, "_pairs", {})
    type.__setattr__(cls, "_pair", resolve(cls.__mro__, by_framework(cls.__call__)))
    for name in PAIR_NAMES:
        if name in cls.__dict__ and not is_placeholder(cls.__dict__[name]):
            type.__delattr__(cls, name)
    if cls._pair is None:  # no forward yet: what it wrote waits for a subclass
        for name, function in cls._written.items():
            type.__setattr__(cls, name, function)
    elif cls._written or not all(by_framework(getattr(cls, name)) for name in PAIR_NAMES):
        type.__setattr__(cls, "forward", make_forward(cls, cls._pair))
        type.__setattr__(cls, "backward", make_backward(cls, cls._pair))
    for subclass in cast("list[PairMeta]", type.__subclasses__(cast(Any, cls))):
        settle(subclass)


def make_forward(owner: PairMeta, pair: Pair) -> Callable[..., Any]:
    """The method `forward` of a class, which runs the pair of the module that it is called on."""

    @functools.wraps(pair.forward)
    def forward(self: Module, *args: Any, **kwargs: Any) -> Any:
        return call(self, pair_from(type(self), owner, "forward"), args, kwargs)

    return mark(forward, owner, owner._written.get("forward"))


def make_backward(owner: PairMeta, pair: Pair) -> Callable[..., Any]:
    """The method `backward` of a class, which goes back through a call of the same pair."""

    def backward(self: Module, *grad_outputs: Any) -> Any:
        """Go back through the latest array call; derived from what forward calls."""
        return go_back(self, pair_from(type(self), owner, "backward"), grad_outputs)

    if pair.backward is not None:
        functools.update_wrapper(backward, pair.backward)
    return mark(backward, owner, owner._written.get("backward"))


def mark(wrapper: Callable[..., Any], owner: Any = None, raw: Any = None) -> Callable[..., Any]:
    """Note that the framework made `wrapper` for the class `owner`, which wrote `raw`."""
    vars(wrapper)["_made_for"] = (owner, raw)
    return wrapper


def is_placeholder(value: Any) -> bool:
    """Say whether a method only says that there is none, as `Module`'s own do."""
    return getattr(value, "__dict__", {}).get("_made_for") == (None, None)


def by_framework(value: Any) -> bool:
    """Say whether a method is a wrapper of the framework's."""
    return "_made_for" in getattr(value, "__dict__", ())


class PairMeta(ABCMeta):
    """The type of modules: settles a class when it is created and when a method is assigned."""

    _written: dict[str, Any]  # the methods that the class itself wrote
    _body: dict[str, Any]  # the same as the class was created
    _pair: Pair | None  # what its modules run
    _pairs: dict[tuple[type, str], Pair]  # what `super()` runs in them

    def __init__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **keywords: Any
    ) -> None:
        super().__init__(name, bases, namespace)
        type.__setattr__(cls, "_written", {})
        for method in PAIR_NAMES:
            if method in namespace:
                cls._note(method, namespace[method])
        type.__setattr__(cls, "_body", cls._written.copy())
        settle(cls)

    def _note(cls, name: str, value: Any) -> None:
        """Remember `value` as written by this class, unless the framework put it there."""
        if not by_framework(value):
            cls._written[name] = as_function(value)
            return
        owner, raw = value._made_for
        if owner in cls.__mro__[1:]:  # taken back: forward = Base.forward
            raw = value
        elif owner is not None and owner is not cls:  # taken over: forward = Other.forward
            raw = getattr(owner._pair, name)
        if raw is not None:
            cls._written[name] = raw

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in PAIR_NAMES:
            cls._written.pop(name, None)
            cls._note(name, value)
        if name in PAIR_NAMES or name == "__call__":
            settle(cls)

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        if name in PAIR_NAMES:
            cls._written.pop(name, None)
        if name in PAIR_NAMES or name == "__call__":
            settle(cls)


# -- methods assigned to one module -------------------------------------------------------


def settle_instance(module: Module) -> None:
    """Pair the methods that were assigned to one module, and put bound wrappers in place."""
    attributes = vars(module)
    for name in (*PAIR_NAMES, "_pair"):
        attributes.pop(name, None)
    assigned: dict[str, Callable[..., Any]] = attributes.get("_assigned", {})
    inherited = type(module)._pair
    if not assigned or (inherited is None and "forward" not in assigned):
        return
    forward, backward = (_unbound(assigned.get(name)) for name in PAIR_NAMES)
    if forward is not None:
        pair = Pair(forward, backward, on_tensors=backward is None)
    else:
        assert inherited is not None
        pair = Pair(inherited.forward, backward, on_tensors=inherited.on_tensors)

    def run(self: Module, *args: Any, **kwargs: Any) -> Any:
        return call(self, pair, args, kwargs)

    def run_back(self: Module, *grad_outputs: Any) -> Any:
        return go_back(self, pair, grad_outputs)

    attributes["_pair"] = pair
    for name, function in zip(PAIR_NAMES, (run, run_back), strict=True):
        original = assigned.get(name, getattr(type(module), name))
        functools.update_wrapper(function, original)
        if name in assigned:
            vars(function)["__signature__"] = _with_self(original)
        wrapper = mark(function, None, assigned.get(name))
        attributes[name] = types.MethodType(wrapper, module)


def _unbound(value: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """A function without self, which was assigned to a module, as one with self."""
    if value is None:
        return None
    return lambda self, *args, **kwargs: value(*args, **kwargs)


def _with_self(function: Callable[..., Any]) -> inspect.Signature:
    """The signature of `function` with a first parameter for the module it is bound to."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a builtin has none
        return inspect.Signature()
    module = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    return signature.replace(parameters=[module, *_without_clash(signature)])


def _without_clash(signature: inspect.Signature) -> Iterator[inspect.Parameter]:
    for parameter in signature.parameters.values():
        yield parameter.replace(name="self_") if parameter.name == "self" else parameter


def assign_to_instance(module: Module, name: str, value: Any) -> None:
    """Carry out `module.forward = value`; the module's own method takes the assignment back."""
    assigned = vars(module).setdefault("_assigned", {})
    if by_framework(value) and getattr(value, "__self__", None) is module:
        owner, raw = value._made_for
        if owner is None or value.__func__ is getattr(type(module), name):
            value = raw if owner is None else None  # what a wrapper stood for, put back
    if value is None:
        assigned.pop(name, None)
    else:
        assigned[name] = value
    settle_instance(module)
