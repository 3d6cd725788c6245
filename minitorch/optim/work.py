"""What an update rule works on: large parameters in blocks, small ones laid end to end.

A ufunc on a few numbers takes as long as one on a thousand, so small parameters are copied one
behind the other, updated as one array and copied back; their state always lies so. Arrays that
do not fit into the processor's cache are updated block by block, so that what one operation has
written is still there for the next. A rule sees neither: it gets arrays.

A `Plan` divides the parameters of a group into `Work`s, one for each call of the rule. A work has
`Member`s, parameters with their state, each alone or several `Joined`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum, auto
from itertools import chain
from operator import is_
from typing import Any, Final, TypeAlias

import numpy as np

from ..autograd.inplace import changed, check_no_overlap
from ..autograd.variable import FLOATING, Array, Variable, ndarray, wrap
from ..dtypes import get_default_dtype
from ..tensor import Tensor
from .options import number, scalar

Group: TypeAlias = dict[str, Any]
Record: TypeAlias = dict[str, Any]  # the state of one parameter
Link: TypeAlias = tuple[Record, str, Variable, Array]
# Parameter, gradient, two scratch arrays and the arrays of the state, all of one shape.
Block: TypeAlias = tuple[Array, ...]
Adjust: TypeAlias = Callable[[Array, Array, Array, Array], Array]

BLOCK_SIZE: Final = 2**16  # elements, with few calls and within reach of the caches
SMALL: Final = 2**12  # elements up to which copying costs less than calls of their own
WORTH_JOINING: Final = 2  # parameters
WORTH_JOINING_STATELESS: Final = 6  # a rule without state has hardly more calls than copying


class Constants(dict[Any, Array]):
    """Options as arrays without dimensions, which ufuncs take faster than Python numbers.

    `constants[0.9]` is 0.9 in the dtype of the computation, made once. A Tensor of one element
    is accepted too; its value is read each time, since it may be changed in place.

    Args:
        dtype: the dtype of the arrays.
    """

    max_size: Final = 1024  # a schedule brings ever new learning rates

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype

    def __missing__(self, value: Any) -> Array:
        array = np.array(number(value, "an option"), self.dtype)
        if not isinstance(value, Variable):
            if len(self) >= self.max_size:
                self.clear()
            array.flags.writeable = False
            self[value] = array
        return array

    def once(self, value: Any) -> Array:
        """An array of a value that every step has anew, which is not kept."""
        return np.array(value, self.dtype)


constants_of: Final = functools.cache(Constants)


class Scratch:
    """Arrays to compute in, shared by all parameters of an optimizer."""

    def __init__(self) -> None:
        self._pools: dict[tuple[int, np.dtype[Any]], Array] = {}

    def like(self, array: Array) -> tuple[Array, ...]:
        """Three arrays of a parameter's shape in the dtype of the computation."""
        rows = self._pool(3, computing_dtype(array), array.size)
        order: Any = "F" if array.flags.fnc else "C"
        return tuple(row[: array.size].reshape(array.shape, order=order) for row in rows)

    def copies(self, size: int, dtype: np.dtype[Any]) -> Array:
        """Two arrays for copies of joined parameters and of their gradients."""
        return self._pool(2, dtype, size)[:, :size]

    def _pool(self, count: int, dtype: np.dtype[Any], size: int) -> Array:
        pool = self._pools.get((count, dtype))
        if pool is None or pool.shape[1] < size:
            pool = np.empty((count, max(size, BLOCK_SIZE)), dtype)
            self._pools[count, dtype] = pool
        return pool


def computing_dtype(array: Array) -> np.dtype[Any]:
    """The dtype in which an array is updated: its own, but float32 for float16."""
    return _widened(array.dtype)


@functools.cache
def _widened(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.result_type(dtype, np.float32)


class Layout(Enum):
    """What may be done with parameters."""

    WHOLE = auto()  # the rule needs their shapes
    CUT = auto()  # large ones may be cut into blocks
    JOINED = auto()  # and small ones joined


class Member:
    """One parameter with its state.

    Args:
        parameter: the parameter.
        record: the dict of its state, in which what is missing is made.
        scalars, arrays: what the state consists of, as `Optimizer.scalar_state` and
            `array_state` say.

    Attributes:
        array: the parameter's array.
        scalars: the numbers of its state by name, such as the number of steps, (1,).
        arrays: the arrays of its state.
        is_new: an array of the state was made with this object, for a step to come.
        links: which Tensors hold the state and what their arrays are: tuples (record, name,
            Tensor, array).
    """

    def __init__(
        self,
        parameter: Tensor,
        record: Record,
        scalars: Mapping[str, float],
        arrays: Mapping[str, float | tuple[int, ...]],
    ) -> None:
        self.parameter, self.array, self.record = parameter, parameter.array, record
        self.names = (tuple(scalars), tuple(arrays))
        self._made = [name for name in (*scalars, *arrays) if record.get(name) is None]
        self.is_new = any(record.get(name) is None for name in arrays)
        row = _ensure_scalars(record, scalars)
        self.place(row, [_ensure_array(record, *item, self.array) for item in arrays.items()])

    def place(self, scalars: Array, arrays: Sequence[Array]) -> None:
        """Let the Tensors of the state be views of these arrays from now on."""
        self.scalars, self.arrays = scalars, arrays
        names_of_scalars, names_of_arrays = self.names
        for name in names_of_scalars:
            self.record[name].array = scalars[name].reshape(())
        for name, array in zip(names_of_arrays, arrays, strict=True):
            self.record[name].array = array
        tensors = [(name, self.record[name]) for name in chain(*self.names)]
        self.links = [(self.record, name, tensor, tensor.array) for name, tensor in tensors]
        self._whole: tuple[Tensor, Array, Array, tuple[Array, ...]] | None = None

    def fits(self, record: Record, scalars: Iterable[str], arrays: Iterable[str]) -> bool:
        """Whether this is still the parameter with its state."""
        return (
            self.parameter.array is self.array
            and self.record is record
            and self.names == (tuple(scalars), tuple(arrays))
            and are_in_place(self.links)
        )

    def forget(self) -> None:
        """Take what was made out of the state again: the step did not happen."""
        for name in self._made:
            self.record.pop(name, None)

    def keep(self) -> None:
        """Keep what was made: the step happened."""
        self.is_new, self._made = False, []

    def whole(self, scratch: Scratch) -> tuple[Tensor, Array, Array, tuple[Array, ...]]:
        """What a block of the whole parameter consists of, but for its gradient.

        That is the parameter, its array, an array for the adjusted gradient, and the rest.
        """
        if self._whole is None:
            spare, *rest = scratch.like(self.array)
            self._whole = (self.parameter, self.array, spare, (*rest, *self.arrays))
        return self._whole

    def can_join(self) -> bool:
        """Whether it is small, its state lies as it does, and nobody has views of the state."""
        shape, dtype = self.array.shape, self.array.dtype
        return (
            self.array.size <= SMALL
            and all(each.shape == shape and each.dtype == dtype for each in self.arrays)
            and all(tensor._counter is None for _, _, tensor, _ in self.links)
        )

    def can_be_cut(self) -> bool:
        """Whether it is larger than a block and can be seen as flat."""
        return self.array.size > BLOCK_SIZE and all(
            each.flags.c_contiguous and each.shape == self.array.shape
            for each in (self.array, *self.arrays)
        )


def are_in_place(links: Iterable[Link]) -> bool:
    """Whether nobody replaced a Tensor of the state or its array; if so, count their change."""
    for record, name, tensor, array in links:
        if record.get(name) is not tensor or tensor.array is not array:
            return False
        if tensor._counter is not None:  # somebody may look at it
            changed(tensor)
    return True


class Cut:
    """A large parameter, updated block by block."""

    def __init__(self, member: Member, scratch: Scratch) -> None:
        self.scalars = member.scalars
        self._parameter: Any = member.parameter
        self._array = member.array.reshape(-1)
        self._state = [array.reshape(-1) for array in member.arrays]
        self._scratch = scratch.like(self._array[:BLOCK_SIZE])

    def blocks(self, adjust: Adjust | None) -> Iterator[Block]:
        grads: Array = self._parameter._grad_array().reshape(-1)
        for start in range(0, self._array.size, BLOCK_SIZE):
            part = slice(start, start + BLOCK_SIZE)
            weights, grad = self._array[part], grads[part]
            spare, one, two = self._scratch
            if weights.size < BLOCK_SIZE:
                spare, one, two = (each[: weights.size] for each in self._scratch)
            if adjust is not None:
                grad = adjust(weights, grad, spare, two)
            yield weights, grad, one, two, *[each[part] for each in self._state]


class Joined:
    """Several small parameters, laid end to end. Their state is moved there for good."""

    def __init__(self, members: Sequence[Member], scratch: Scratch) -> None:
        self.scalars = np.concatenate([member.scalars for member in members])
        count, dtype = len(members[0].arrays), members[0].array.dtype
        total = sum(member.array.size for member in members)
        state = np.empty((count, total), dtype)
        flat = [*scratch.copies(total, dtype), *state]
        self._scratch = scratch.like(flat[0])
        self._flat = flat
        # Of each parameter: its array, and where its copy and its gradient's lie.
        self._places: list[tuple[Tensor, Array, Array, Array]] = []
        start = 0
        for row, member in enumerate(members):
            shape, stop = member.array.shape, start + member.array.size
            array, grad, *arrays = (each[start:stop].reshape(shape) for each in flat)
            for old, new in zip(member.arrays, arrays, strict=True):
                new[...] = old
            member.place(self.scalars[row : row + 1], arrays)
            self._places.append((member.parameter, member.array, array, grad))
            start = stop

    def blocks(self, adjust: Adjust | None) -> Iterator[Block]:
        for parameter, array, copy, grad_copy in self._places:
            copy[...] = array
            grad = parameter._grad
            grad_copy[...] = grad if type(grad) is ndarray else grad.array
        (weights, grad, *state), (spare, one, two) = self._flat, self._scratch
        if adjust is not None:
            grad = adjust(weights, grad, spare, two)
        yield weights, grad, one, two, *state
        for _, array, copy, _ in self._places:
            array[...] = copy


Part: TypeAlias = Cut | Joined


class Work:
    """Parameters that one call of an update rule changes: of one group, dtype and age.

    The optimizer makes it and calls `begin` and `end`; the rule uses the rest.

    Attributes:
        constants: gives options as arrays: `constants[group["lr"]]`. Their dtype,
            `constants.dtype`, is that of the computation and of the scratch arrays: the
            parameters', but float32 for float16.
        scalars: the numbers of the state before this step, by name; the rule may assign new
            ones. "step" is counted without it.
        step: the number t of this step, counted from 1.
        is_first: the state of these parameters was made for this step.
    """

    def __init__(self, members: Sequence[Member], scratch: Scratch, layout: Layout) -> None:
        self.members = members
        self.is_first = members[0].is_new
        self.constants = constants_of(computing_dtype(members[0].array))
        self.step = 0.0
        self._names = members[0].names[0]
        alone, self._parts = _divide(members, scratch, layout)
        self._whole = [member.whole(scratch) for member in alone]
        self._row: Array = members[0].scalars.copy().reshape(())
        self._tables = [each.scalars for each in (*alone, *self._parts)]

    def is_of_one_age(self) -> bool:
        """Whether these parameters have still taken as many steps as each other."""
        row = self._row.tobytes()
        return all(table.tobytes() == row * len(table) for table in self._tables)

    def begin(self, adjust: Adjust | None) -> None:
        """Prepare for a call of the rule; `adjust` takes care of weight decay and sign."""
        self._adjust = adjust
        self._progress = "not begun"
        if self._names:
            self.scalars = {name: self._row[name][()] for name in self._names}
            self.step = float(self.scalars["step"]) + 1

    def blocks(self) -> Iterator[Block]:
        """Tuples of arrays of one shape, to be updated one after the other, once and to the end.

        What was written into a block is kept when the next one is asked for.

        Yields:
            The parameter w; its gradient g, which has the opposite sign if the group
            maximizes and contains λ w if its weight decay is coupled; two scratch arrays; and
            the arrays of the state. All but g may be overwritten.

        Raises:
            RuntimeError: called for the second time in a step: weights would decay twice.
        """
        if self._progress != "not begun":
            raise RuntimeError("an update rule can go through work.blocks() only once in a step")
        self._progress = "begun"
        adjust = self._adjust
        for parameter, array, spare, rest in self._whole:
            grad = parameter._grad
            if type(grad) is not ndarray:
                grad = grad.array
            if adjust is not None:
                grad = adjust(array, grad, spare, rest[1])
            yield array, grad, *rest
        for part in self._parts:
            yield from part.blocks(adjust)
        self._progress = "done"

    def end(self) -> None:
        """Keep the numbers of the state."""
        if self._progress == "begun":
            raise RuntimeError(
                "an update rule must go through work.blocks() to the end: small parameters are "
                "written back then"
            )
        if self._names:
            self._row[()] = (self.step, *list(self.scalars.values())[1:])
            for table in self._tables:
                table[:] = self._row
        if self.is_first:
            self.is_first = False
            for member in self.members:
                member.keep()


class Plan:
    """How the parameters of a group are divided into works, kept from step to step.

    Args:
        group: the group.
        members: its parameters that have gradients, with their state.
        names: the names of the arrays of the state, without regard to shapes.
        scratch: arrays to compute in.
        layout: what may be done with the parameters.
        reusable: the next step may use this plan again.

    Attributes:
        parameters: those that have gradients.
        works: what is to be done, one after the other.
    """

    def __init__(
        self,
        group: Group,
        members: Sequence[Member],
        names: Sequence[str],
        scratch: Scratch,
        layout: Layout,
        reusable: bool,
    ) -> None:
        self._names = names
        self.parameters = [member.parameter for member in members]
        arrays = {id(member.parameter): member.array for member in members}
        self._everyone = [(each, arrays.get(id(each))) for each in group["params"]]
        self._reusable = reusable
        alike: dict[Any, list[Member]] = {}
        for member in members:
            row = member.scalars
            kind = (computing_dtype(member.array), member.is_new, row.dtype, row.tobytes())
            alike.setdefault(kind, []).append(member)
        self.works = [Work(several, scratch, layout) for several in alike.values()]
        # Not before, since joining moves the state.
        self._records = [(member.parameter, member.record) for member in members if member.links]
        self._links = list(chain.from_iterable(member.links for member in members))

    def is_of(self, parameters: Sequence[Tensor]) -> bool:
        """Whether these are the parameters, in the same order."""
        return len(parameters) == len(self.parameters) and all(
            map(is_, parameters, self.parameters)
        )

    def holds(self, group: Group, names: Sequence[str], state: Mapping[Any, Record]) -> bool:
        """Whether the plan serves the group's gradients and nothing it relies on was replaced.

        If so, a change of the state is counted, as an update is to follow.
        """
        everyone = group["params"]
        if not self._reusable or len(everyone) != len(self._everyone) or names != self._names:
            return False
        for given, (parameter, array) in zip(everyone, self._everyone, strict=True):
            if given is not parameter or array is not (
                given.array if given._grad is not None else None
            ):
                return False
        if not self._links:
            return True
        for parameter, record in self._records:
            if state.get(parameter) is not record:
                return False
        return are_in_place(self._links) and all(work.is_of_one_age() for work in self.works)


def _divide(
    members: Sequence[Member], scratch: Scratch, layout: Layout
) -> tuple[list[Member], list[Part]]:
    """Join the small ones of each dtype, cut the large ones, and leave the others alone."""
    alone: list[Member] = []
    parts: list[Part] = []
    small: dict[Any, list[Member]] = {}
    for member in members:
        if layout is Layout.JOINED and member.can_join():
            small.setdefault(member.array.dtype, []).append(member)
        elif layout is not Layout.WHOLE and member.can_be_cut():
            parts.append(Cut(member, scratch))
        else:
            alone.append(member)
    for run in chain.from_iterable(map(_runs, small.values())):
        if len(run) >= (WORTH_JOINING if run[0].arrays else WORTH_JOINING_STATELESS):
            parts.append(Joined(run, scratch))
        else:
            alone += run
    return alone, parts


def _runs(members: Sequence[Member]) -> Iterator[list[Member]]:
    """Runs that together are no larger than a block."""
    run: list[Member] = []
    size = 0
    for member in members:
        if size + member.array.size > BLOCK_SIZE:
            yield run
            run, size = [], 0
        run.append(member)
        size += member.array.size
    yield run


def adjustment(group: Group, constants: Constants, decoupled: bool | None) -> Adjust | None:
    """What is done before every rule: maximizing changes the sign, weight decay is applied.

    Args:
        group: with "maximize", "weight_decay" (λ) and "lr" (γ); what is missing is not done.
        constants: of the dtype of the computation.
        decoupled: w becomes (1 - γ λ) w. Otherwise the gradient becomes g + λ w, the derivative
            of the penalty ½ λ |w|² included. None: nothing is decayed.

    Returns:
        A function of a parameter, its gradient and two scratch arrays that returns the gradient
        for the rule; None if there is nothing to do.

    Source of the decoupled form: Loshchilov and Hutter, "Decoupled weight decay regularization"
    (ICLR 2019).
    """
    maximize = group.get("maximize", False)
    decay = 0 if decoupled is None else scalar(group.get("weight_decay", 0))
    if not (maximize or decay != 0):
        return None
    factor = None
    if decay != 0:
        factor = constants[1 - scalar(group["lr"]) * decay if decoupled else decay]

    def adjust(weights: Array, grad: Array, spare: Array, other: Array) -> Array:
        if maximize:
            grad = np.negative(grad, spare)
        if factor is not None and decoupled:
            np.multiply(weights, factor, weights)
        elif factor is not None:
            np.multiply(weights, factor, other)
            grad = np.add(grad, other, spare)
        return grad

    return adjust


# -- state of a parameter -----------------------------------------------------------------


def _ensure_scalars(record: Record, initial: Mapping[str, float]) -> Array:
    """Lay the numbers of a parameter's state in one array, of which their tensors are views.

    Each keeps its dtype: loading a state casts all but "step" to the parameter's.
    """
    values = [_ensure_tensor(record, name, value).array for name, value in initial.items()]
    dtypes = [
        value.dtype if value.dtype.kind == FLOATING else _dtype_of_scalars() for value in values
    ]
    row = np.empty(1, np.dtype(list(zip(initial, dtypes, strict=True))))
    row[0] = tuple(value.item() for value in values)
    return row


def _ensure_tensor(record: Record, name: str, initial: float) -> Variable:
    """A number of the state as the Tensor that it is kept in; old checkpoints have it bare."""
    value = record.get(name)
    if isinstance(value, Variable):
        return value
    tensor = record[name] = wrap(
        np.array(number(initial if value is None else value, name), _dtype_of_scalars())
    )
    return tensor


def _dtype_of_scalars() -> np.dtype[Any]:
    """float64 if that is the default dtype, else float32, as in PyTorch."""
    return np.result_type(get_default_dtype(), np.float32)


def _ensure_array(
    record: Record, name: str, initial: float | tuple[int, ...], parameter: Array
) -> Array:
    """An array of a parameter's state, made if it is missing.

    `initial` is the number to fill it with or, for zeros of another shape, that shape.
    """
    shape = initial if isinstance(initial, tuple) else parameter.shape
    tensor = record.get(name)
    if tensor is None:
        fill = 0.0 if isinstance(initial, tuple) else initial
        tensor = record[name] = wrap(np.full(shape, fill, parameter.dtype))
    elif not isinstance(tensor, Variable):
        tensor = record[name] = wrap(np.asarray(tensor))
    array: Array = tensor.array
    if array.shape != shape:
        raise RuntimeError(
            f"the state {name!r} of a parameter of shape {list(parameter.shape)} should have the "
            f"shape {list(shape)}, but has {list(array.shape)}; it belongs to another parameter, "
            "or the parameter was replaced"
        )
    return array


# -- parameters ---------------------------------------------------------------------------


def check_parameter(parameter: Tensor) -> None:
    """Refuse a parameter that cannot be updated."""
    array, grad = parameter.array, parameter._grad_array()
    if array.dtype.kind != FLOATING:
        raise RuntimeError(
            f"only floating-point Tensors can be optimized, but a parameter of shape "
            f"{list(array.shape)} is {array.dtype}"
        )
    if grad is not None and grad.shape != array.shape:
        raise RuntimeError(
            f"a parameter of shape {list(array.shape)} has a gradient of shape "
            f"{list(grad.shape)}; call zero_grad() after replacing a parameter's data"
        )
    if not array.flags.writeable:
        raise RuntimeError(
            f"a parameter of shape {list(array.shape)} cannot be updated, since its array "
            "is read-only; make the Tensor of a copy of the array"
        )
    check_no_overlap(array)


def share_memory(arrays: Sequence[Array]) -> bool:
    """Whether some of the arrays overlap, by their bounds."""
    owners = set(map(_owner, arrays))
    if len(owners) == len(arrays):
        return False
    bounds = sorted(np.lib.array_utils.byte_bounds(array) for array in arrays if array.size)
    return any(high > low for (_, high), (low, _) in itertools.pairwise(bounds))


def _owner(array: Any) -> int:
    """The object whose memory an array shows."""
    while type(array) is ndarray and array.base is not None:
        array = array.base
    return id(array)
