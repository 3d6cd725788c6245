"""What all optimizers share: parameter groups, state, hooks, and the walk over the parameters."""

from __future__ import annotations

import contextvars
import functools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from copy import deepcopy
from itertools import chain
from typing import Any, ClassVar, Final, TypeAlias, TypeVar, cast

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..autograd.grad_mode import state as thread
from ..autograd.hooks import HookTable, RemovableHandle
from ..autograd.inplace import changed
from ..autograd.node import latest_change, next_sequence
from ..autograd.variable import FLOATING, Variable, ndarray, wrap
from ..tensor import Tensor
from .options import YOUNGER
from .work import (
    Group,
    Layout,
    Member,
    Plan,
    Record,
    Scratch,
    Work,
    adjustment,
    check_parameter,
    share_memory,
)

ParamsT: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]
StateDict: TypeAlias = dict[str, Any]
Step = TypeVar("Step", bound=Callable[..., Any])

_global_pre_hooks: Final = HookTable()
_global_post_hooks: Final = HookTable()

# Where updates run, so that overflow in a diverging run is as silent as in PyTorch. What an update
# calls may use `minitorch.quiet`, whose own context cannot be entered twice; a copy of this can.
_silent: Final = contextvars.Context()
_silent.run(np.seterr, all="ignore")


class _Required:
    """Stands as a default for an option that every parameter group must give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required: Final = _Required()

_NO_STATE: Final[Record] = {}  # of parameters of which nothing is remembered


def register_optimizer_step_pre_hook(
    hook: Callable[[Optimizer, tuple[Any, ...], dict[str, Any]], Any],
) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before each `step` of every optimizer.

    As `Optimizer.register_step_pre_hook`; these hooks run before an optimizer's own.
    """
    return _global_pre_hooks.add(hook)


def register_optimizer_step_post_hook(
    hook: Callable[[Optimizer, tuple[Any, ...], dict[str, Any]], None],
) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after each `step` of every optimizer.

    As `Optimizer.register_step_post_hook`; these hooks run after an optimizer's own.
    """
    return _global_post_hooks.add(hook)


def _with_hooks(step: Step) -> Step:
    """Make `step` call the step hooks around itself."""

    @functools.wraps(step)
    def hooked_step(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        if (
            self._optimizer_step_pre_hooks
            or self._optimizer_step_post_hooks
            or _global_pre_hooks
            or _global_post_hooks
        ):
            return self._step_with_hooks(step, args, kwargs)
        return step(self, *args, **kwargs)

    hooked_step.hooked = True  # type: ignore[attr-defined]
    return cast(Step, hooked_step)


class Optimizer:
    """Base of all optimizers.

    A subclass gives its options to `__init__` and writes one of the two:

    - `update_rule(group, work)`, on arrays, as `SGD` and `Adam` do. `step` does the rest: it runs
      the closure and the hooks, looks for the parameters that have gradients, keeps the state
      that `scalar_state` and `array_state` declare, and does what the options "maximize" and
      "weight_decay" say, if a group has them.
    - `step(closure=None)`, as in PyTorch. The step hooks run around it too.

    Args:
        params: the Tensors to optimize: an iterable of Tensors, of pairs (name, Tensor) such as
            `module.named_parameters()`, or of dicts, each a parameter group with its Tensors
            under "params" and options that differ from `defaults`.
        defaults: the value of each option for groups that do not give it.

    Attributes:
        param_groups: the parameter groups: dicts with "params" and every option, which may be
            changed at any time (`group["lr"] = 0.01`).
        state: per parameter, a dict of what the optimizer remembers from step to step.
        defaults: as given.

    Raises:
        TypeError: `params` is a single Tensor, or holds something else than Tensors.
        ValueError: `params` is empty, holds a computed Tensor, names some parameters but not
            others, has a parameter in two groups, or lacks a required option.

    Example:
        >>> import minitorch
        >>> class SignDescent(minitorch.optim.Optimizer):
        ...     def __init__(self, params, lr):
        ...         super().__init__(params, {"lr": lr})
        ...     @minitorch.no_grad()
        ...     def step(self, closure=None):
        ...         for group in self.param_groups:
        ...             for p in group["params"]:
        ...                 p.add_(p.grad.sign(), alpha=-group["lr"])
        >>> w = minitorch.tensor([1.0, 2.0], requires_grad=True)
        >>> (w * w).sum().backward()
        >>> SignDescent([w], lr=0.5).step()
        >>> w
        tensor([0.5000, 1.5000], requires_grad=True)
    """

    # Options that old checkpoints lack beside those of `YOUNGER`, with what their absence means.
    absent_options: ClassVar[Mapping[str, Any]] = {}
    # Whether `update_rule` treats each number of a parameter by itself, so that arrays may be flat.
    elementwise: ClassVar[bool] = True
    # Whether weight decay shrinks the weights directly; a group's option of this name decides.
    # None: the rule itself sees to it.
    decoupled_weight_decay: ClassVar[bool | None] = False

    defaults: dict[str, Any]
    state: defaultdict[Any, Any]
    param_groups: list[Group]
    _stepping: bool = False  # hooks are being called around a step

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        if isinstance(params, Variable):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or "
                f"dicts, but got {_type_name(params)}; for a single Tensor give [tensor]"
            )
        self.defaults = defaults
        self.state = defaultdict(dict)
        self.param_groups = []
        self._set_up()
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        with ExitStack() as on_error:  # leave the caller's dicts as they were
            for group in groups:
                if isinstance(group, dict):
                    on_error.callback(_restore, group, group.copy())
                self.add_param_group(group)
            on_error.pop_all()

    def _set_up(self) -> None:
        """Make what is neither copied nor pickled: tables of hooks and scratch arrays."""
        self._optimizer_step_pre_hooks = HookTable()
        self._optimizer_step_post_hooks = HookTable()
        self._optimizer_state_dict_pre_hooks = HookTable()
        self._optimizer_state_dict_post_hooks = HookTable()
        self._optimizer_load_state_dict_pre_hooks = HookTable()
        self._optimizer_load_state_dict_post_hooks = HookTable()
        self._plans: dict[int, Plan] = {}
        self._members: dict[Tensor, Member] = {}
        self._scratch = Scratch()
        cls = type(self)
        if not hasattr(cls.step, "hooked"):  # a subclass that wrote `step` itself
            cls.step = _with_hooks(cls.step)  # type: ignore[method-assign]

    def __getstate__(self) -> dict[str, Any]:
        return {
            "defaults": self.defaults,
            "state": self.state,
            "param_groups": self.param_groups,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_plans" not in self.__dict__:
            self._set_up()
        self._plans.clear()
        self._members.clear()
        for name, value in {**YOUNGER, **self.absent_options}.items():
            if name in self.defaults:
                for group in self.param_groups:
                    group.setdefault(name, value)

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for index, group in enumerate(self.param_groups):
            text += f"\nParameter Group {index}\n"
            for name in sorted(group):
                if name != "params":
                    text += f"    {name}: {group[name]}\n"
        return text + ")"

    # -- parameter groups -----------------------------------------------------------------

    def add_param_group(self, param_group: Group) -> None:
        """Add a parameter group, for example of layers that are no longer frozen.

        Args:
            param_group: "params" (a Tensor, an iterable of Tensors or of pairs (name, Tensor))
                and options that differ from the defaults. The dict itself becomes the group.

        Raises:
            TypeError: it is not a dict, or "params" is a set or holds something else than
                Tensors.
            KeyError: "params" is missing.
            ValueError: a Tensor is computed or already in a group, some Tensors have names and
                others not, or a required option is missing.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        if "params" not in param_group:
            raise KeyError("param_group must give its Tensors under the key 'params'")
        group = param_group.copy()
        group["params"], names = _split_names(param_group["params"])
        if names:
            group["param_names"] = names
        for name, default in self.defaults.items():
            group.setdefault(name, default)
        self._check_group(group)
        # Only now that nothing can fail any more, change what the caller gave.
        param_group.update(group)
        self.param_groups.append(param_group)

    def _check_group(self, group: Group) -> None:
        """Refuse a group that is wrong in itself or beside the groups there are."""
        tensors = group["params"]
        for tensor in tensors:
            if not isinstance(tensor, Variable):
                raise TypeError(
                    "optimizer can only optimize Tensors, but one of the params is "
                    f"{_type_name(tensor)}"
                )
            if not (tensor.is_leaf or tensor.retains_grad):
                raise ValueError(
                    "can't optimize a non-leaf Tensor: it was computed from others, so optimize "
                    "those, or a copy of it: tensor.detach().requires_grad_()"
                )
        for name, value in group.items():
            if value is required:
                raise ValueError(
                    "parameter group didn't specify a value of required optimization parameter "
                    f"{name}"
                )
        if len(tensors) != len(set(tensors)):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; each is updated "
                "as often as it is listed. In future, this will cause an error; list it once",
                stacklevel=4,
            )
        for other in self.param_groups:
            if ("param_names" in group) != ("param_names" in other):
                given = "with names" if "param_names" in group else "without names"
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param "
                    f"group {given} to the optimizer"
                )
            if not set(tensors).isdisjoint(other["params"]):
                raise ValueError("some parameters appear in more than one parameter group")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Args:
            set_to_none: set `.grad` to None, so that parameters that the next backward does not
                reach are left alone; False fills the gradients with zeros, and the next step
                counts them. Default: True.
        """
        if set_to_none:
            for group in self.param_groups:
                for parameter in group["params"]:
                    parameter._grad = None
            return
        for parameter in chain.from_iterable(group["params"] for group in self.param_groups):
            grad = parameter._grad
            if isinstance(grad, Variable):
                if grad.grad_fn is None:
                    grad.requires_grad_(False)
                else:
                    grad.detach_()
                changed(grad)
            if grad is not None:
                parameter._grad_array().fill(0)

    # -- step -----------------------------------------------------------------------------

    @_with_hooks
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient, once.

        Args:
            closure: computes the loss and its gradients anew, and returns the loss; it is called
                first. Default: None, the gradients are there already.

        Returns:
            What `closure` returned, else None.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        recording = thread.grad_enabled
        thread.grad_enabled = False
        try:
            _silent.copy().run(self._update_all)
        finally:
            thread.grad_enabled = recording
        return loss

    def scalar_state(self, group: Group) -> Mapping[str, float]:
        """The numbers that the rule remembers of each parameter, with their first values.

        The first must be "step", which is counted without the rule. Default: none.
        """
        return {}

    def array_state(
        self, group: Group, shape: tuple[int, ...]
    ) -> Mapping[str, float | tuple[int, ...]]:
        """The arrays that the rule remembers of a parameter, with their first values.

        Args:
            group: the parameter's group.
            shape: the parameter's shape.

        Returns:
            For each name the number that fills an array like the parameter at first, or the
            shape of another array, of zeros. Default: none.
        """
        return {}

    def update_rule(self, group: Group, work: Work) -> None:
        """Apply the update rule to parameters of one group; for subclasses to write.

        It goes through `work.blocks()`, tuples of arrays, and changes the parameter and the
        state in each in place. It need not know which parameter a block belongs to: small
        parameters are joined, large ones cut.

        Args:
            group: the group, for its options.
            work: the arrays, the number of the step and the options as arrays; see `Work`.

        Example:
            >>> import minitorch, numpy as np
            >>> class SignMomentum(minitorch.optim.Optimizer):
            ...     def __init__(self, params, lr=1e-4, beta=0.9, weight_decay=0.0):
            ...         super().__init__(params, dict(lr=lr, beta=beta, weight_decay=weight_decay))
            ...     def array_state(self, group, shape):
            ...         return {"momentum": 0.0}
            ...     def update_rule(self, group, work):
            ...         beta, lr = work.constants[group["beta"]], work.constants[group["lr"]]
            ...         for w, g, scratch, other, m in work.blocks():
            ...             np.subtract(m, g, scratch)
            ...             np.multiply(scratch, beta, scratch)
            ...             np.add(g, scratch, m)              # m = β m + (1 - β) g
            ...             np.multiply(np.sign(m, scratch), lr, scratch)
            ...             np.subtract(w, scratch, w)         # w = w - γ sign(m)
            >>> w = minitorch.ones(2, requires_grad=True)
            >>> w.grad = minitorch.tensor([3.0, -0.1])
            >>> SignMomentum([w], lr=0.5).step()
            >>> w
            tensor([0.5000, 1.5000], requires_grad=True)
        """
        raise NotImplementedError(
            f"{type(self).__name__} must write update_rule(self, group, work) or "
            "step(self, closure=None)"
        )

    def _update_all(self) -> None:
        """Find the parameters that have gradients and let `update_rule` change them."""
        found: list[tuple[Group, Iterable[Plan]]] = []
        for index, group in enumerate(self.param_groups):
            plan = self._plans.get(index)
            if plan is not None and plan.holds(
                group, list(self.array_state(group, ())), self.state
            ):
                found.append((group, (plan,)))
            else:
                found.append((group, self._make_plans(index, group)))
        # What cannot be updated has been refused, before any parameter is changed.
        now = latest_change[0] = next_sequence()
        for group, plans in found:
            for plan in plans:
                for parameter in plan.parameters:
                    counter = parameter._counter  # `changed(parameter)`, without the call
                    if counter is None:
                        counter = parameter._shared_counter()
                    counter[0] += 1
                    counter[2] = now
                self._carry_out(group, plan)

    def _check_parameters(self, group: Group, parameters: Sequence[Tensor]) -> None:
        """Refuse parameters that cannot be updated."""
        for parameter in parameters:
            check_parameter(parameter)
            if parameter._node is not None and group.get("differentiable"):
                raise NotImplementedError(
                    "differentiable=True with a computed parameter: step changes arrays in place "
                    "and is not recorded. To differentiate through an update, write it with "
                    "Tensors: w - lr * minitorch.autograd.grad(loss, w, create_graph=True)[0]"
                )

    def _make_plans(self, index: int, group: Group) -> Iterable[Plan]:
        """Divide a group's parameters into works.

        Those that come together twice in a row are worth joining. Parameters that share memory,
        or are listed twice, have to be updated one after the other.
        """
        parameters = [each for each in group["params"] if each._grad is not None]
        self._check_parameters(group, parameters)
        last = self._plans.pop(index, None)
        if share_memory([parameter.array for parameter in parameters]):
            return (self._make_plan(group, [each], again=False) for each in parameters)
        again = last is not None and last.is_of(parameters)
        plan = self._plans[index] = self._make_plan(group, parameters, again)
        return (plan,)

    def _make_plan(self, group: Group, parameters: list[Tensor], again: bool) -> Plan:
        members = [self._member(group, parameter) for parameter in parameters]
        again = again and not any(member.is_new for member in members)
        layout = Layout.WHOLE
        if self.elementwise:
            layout = Layout.JOINED if again else Layout.CUT
        names = list(self.array_state(group, ()))
        return Plan(group, members, names, self._scratch, layout, reusable=again)

    def _member(self, group: Group, parameter: Tensor) -> Member:
        """A parameter with its state, which is made if it is missing."""
        scalars = self.scalar_state(group)
        arrays = self.array_state(group, parameter.array.shape)
        record = self.state[parameter] if scalars or arrays else _NO_STATE
        member = self._members.get(parameter)
        if member is None or not member.fits(record, scalars, arrays):
            member = self._members[parameter] = Member(parameter, record, scalars, arrays)
        return member

    def _carry_out(self, group: Group, plan: Plan) -> None:
        """Update the parameters of a plan."""
        try:
            for work in plan.works:
                adjust = None
                if group.get("maximize") or group.get("weight_decay"):
                    decoupled = group.get("decoupled_weight_decay", self.decoupled_weight_decay)
                    adjust = adjustment(group, work.constants, decoupled)
                work.begin(adjust)
                self.update_rule(group, work)
                work.end()
        except BaseException:
            self._forget_new_state(plan)
            raise

    def _forget_new_state(self, plan: Plan) -> None:
        """Take out the state that was made for a step that did not happen."""
        self._plans.clear()
        for member in chain.from_iterable(work.members for work in plan.works if work.is_first):
            member.forget()
            self._members.pop(member.parameter, None)
            if not member.record:
                self.state.pop(member.parameter, None)

    # -- step hooks -----------------------------------------------------------------------

    def register_step_pre_hook(
        self, hook: Callable[[Optimizer, tuple[Any, ...], dict[str, Any]], Any]
    ) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each `step`.

        `args` begins with the optimizer, as `step` receives it. The hook may return new
        `(args, kwargs)`, with which `step` is then called, or None.
        """
        return self._optimizer_step_pre_hooks.add(hook)

    def register_step_post_hook(
        self, hook: Callable[[Optimizer, tuple[Any, ...], dict[str, Any]], None]
    ) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each `step`."""
        return self._optimizer_step_post_hooks.add(hook)

    def _step_with_hooks(
        self, step: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call the hooks around the outermost `step`, not again around `super().step()`."""
        if self._stepping:
            return step(self, *args, **kwargs)
        self._stepping = True
        try:
            args = (self, *args)
            for hook in (*_global_pre_hooks.values(), *self._optimizer_step_pre_hooks.values()):
                replaced = hook(self, args, kwargs)
                if replaced is not None:
                    if not (isinstance(replaced, tuple) and len(replaced) == 2):
                        raise RuntimeError(
                            f"{hook} must return None or a tuple of (new_args, new_kwargs), but "
                            f"got {replaced}."
                        )
                    args, kwargs = replaced
            result = step(*args, **kwargs)
            for hook in (*self._optimizer_step_post_hooks.values(), *_global_post_hooks.values()):
                hook(self, args, kwargs)
            return result
        finally:
            self._stepping = False

    # -- saving and loading ---------------------------------------------------------------

    def state_dict(self) -> StateDict:
        """What the optimizer remembers, as a dict of two entries that PyTorch's also has.

        Parameters are numbered in the order of the groups.

        Returns:
            "state": per parameter's number, its dict in `state`, not copied.
            "param_groups": the groups, with numbers instead of Tensors under "params".
        """
        for hook in list(self._optimizer_state_dict_pre_hooks.values()):
            hook(self)
        number_of: dict[int, int] = {}
        groups, total = [], 0
        for group in self.param_groups:
            for number, parameter in enumerate(group["params"], total):
                number_of.setdefault(id(parameter), number)
            total += len(group["params"])
            packed = {name: value for name, value in group.items() if name != "params"}
            packed["params"] = [number_of[id(parameter)] for parameter in group["params"]]
            groups.append(packed)
        state = {
            number_of[id(key)] if isinstance(key, Variable) else key: value
            for key, value in self.state.items()
        }
        result: StateDict = {"state": state, "param_groups": groups}
        for hook in list(self._optimizer_state_dict_post_hooks.values()):
            replaced = hook(self, result)
            if replaced is not None:
                result = replaced
        return result

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over a copy of what `state_dict` returned.

        Options are taken over too, so make schedulers first. Parameters are matched by their
        order. Tensors of the state are converted to their parameter's dtype, except "step".
        PyTorch's state dicts fit: its tensors are converted.

        Args:
            state_dict: as from `state_dict()`.

        Raises:
            ValueError: the number of groups, or of parameters in one, differs. Nothing has been
                changed then.
        """
        state_dict = state_dict.copy()
        for hook in list(self._optimizer_load_state_dict_pre_hooks.values()):
            replaced = hook(self, state_dict)
            if replaced is not None:
                state_dict = replaced
        groups = deepcopy(state_dict["param_groups"])
        self._check_loaded_groups(groups)
        parameter_of: dict[Any, Tensor] = {}
        float_step: dict[Any, bool] = {}
        for group, loaded in zip(self.param_groups, groups, strict=True):
            parameter_of.update(zip(loaded["params"], group["params"], strict=True))
            is_float = bool(loaded.get("fused") or loaded.get("capturable"))
            float_step.update(dict.fromkeys(loaded["params"], is_float))
            loaded["params"] = group["params"]
            if "param_names" in group:
                loaded.setdefault("param_names", group["param_names"])
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in parameter_of:
                parameter = parameter_of[key]
                state[parameter] = _fit_state(value, parameter.array.dtype, float_step[key])
            else:
                state[key] = value
        self.__setstate__({"state": state, "param_groups": groups})
        for hook in list(self._optimizer_load_state_dict_post_hooks.values()):
            hook(self)

    def _check_loaded_groups(self, groups: Sequence[Group]) -> None:
        """Refuse loaded groups that do not match the optimizer's in number and sizes."""
        if len(groups) != len(self.param_groups):
            raise ValueError(
                "loaded state dict has a different number of parameter groups: "
                f"{len(groups)}, but the optimizer has {len(self.param_groups)}"
            )
        for index, (group, loaded) in enumerate(zip(self.param_groups, groups, strict=True)):
            if len(group["params"]) != len(loaded["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of "
                    f"optimizer's group: group {index} has {len(loaded['params'])} parameters, "
                    f"but the optimizer's has {len(group['params'])}"
                )

    def register_state_dict_pre_hook(
        self, hook: Callable[[Optimizer], None], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer)` before `state_dict`; first of these hooks if `prepend`."""
        return self._optimizer_state_dict_pre_hooks.add(hook, prepend=prepend)

    def register_state_dict_post_hook(
        self, hook: Callable[[Optimizer, StateDict], StateDict | None], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after `state_dict`; what it returns replaces it."""
        return self._optimizer_state_dict_post_hooks.add(hook, prepend=prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Callable[[Optimizer, StateDict], StateDict | None], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before loading; what it returns is loaded instead.

        The hook gets a shallow copy of the dict that was given.
        """
        return self._optimizer_load_state_dict_pre_hooks.add(hook, prepend=prepend)

    def register_load_state_dict_post_hook(
        self, hook: Callable[[Optimizer], None], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer)` after loading; first of these hooks if `prepend`."""
        return self._optimizer_load_state_dict_post_hooks.add(hook, prepend=prepend)


# -- helpers ------------------------------------------------------------------------------


def _split_names(params: Any) -> tuple[list[Any], list[str]]:
    """The Tensors of a group and, if they were given as pairs, their names."""
    if isinstance(params, Variable):
        return [params], []
    if isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering "
            "of tensors in sets will change between runs. Please use a list instead."
        )
    items = list(params)
    names = [item[0] for item in items if isinstance(item, tuple)]
    if names and len(names) != len(items):
        raise ValueError(
            "all optimizer params should be with/without names. Some param names are missing"
        )
    return [item[1] if isinstance(item, tuple) else item for item in items], names


def _restore(group: Group, before: Group) -> None:
    group.clear()
    group.update(before)


def _fit_state(value: Any, dtype: np.dtype[Any], float_step: bool, key: Any = None) -> Any:
    """A copy of a parameter's loaded state with its arrays in `dtype`.

    The count of steps keeps its dtype, unless a fused or capturable PyTorch optimizer saved it.
    """
    if isinstance(value, dict):
        return {name: _fit_state(item, dtype, float_step, name) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_fit_state(item, dtype, float_step) for item in value)
    array = value.array if isinstance(value, Variable) else value
    if isinstance(array, np.generic) or not hasattr(array, "__array__"):
        return deepcopy(value)
    target: np.dtype[Any] | None = dtype if dtype.kind == FLOATING else None
    if key == "step":
        target = np.dtype(np.float32) if float_step else None
    copy = np.array(np.asarray(array), target)
    return copy if isinstance(value, ndarray) else wrap(copy)


def _type_name(value: Any) -> str:
    """The name of a value's type, with its module unless that is Python itself."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
