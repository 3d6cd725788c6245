"""Random numbers equal to PyTorch's for the same seed: the generators and their state.

PyTorch's CPU generator is the Mersenne twister MT19937 with the seeding of NumPy's legacy
`RandomState`. What becomes of its bits stands in `minitorch/streams.py`, a function for each
distribution, and the functions that users call in `minitorch/ops/sampling.py` and `filling.py`.
"""

from __future__ import annotations

import contextlib
import operator
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .autograd.variable import Array, Variable, wrap
from .device import device as Device

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = [
    "Generator",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]

_DEFAULT_SEED = 67280421310721  # what PyTorch starts from before the first manual_seed
_TWISTER_SIZE = 624  # 32-bit numbers that MT19937 makes at a time
_FEW = 2048  # numbers that are drawn faster one by one

# The bytes of a state, as PyTorch lays them out.
_STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),  # how many of the present numbers are left, and one
        ("seeded", "<i4"),
        ("next", "<u8"),  # the place of the next number; 0 before the first draw
        ("numbers", "<u8", (_TWISTER_SIZE,)),
        ("unused_x", "<f8"),
        ("normal", "<f8"),  # the second normal number of a pair, not yet asked for
        ("unused_rho", "<f8"),
        ("has_normal", "<i4"),
        ("unused", "V12"),
    ],
    align=True,
)


class Generator:
    """A stream of random numbers.

    Args:
        device: the CPU.

    Attributes:
        device: the CPU.

    Raises:
        RuntimeError: another device.

    A generator can be copied and pickled; the copy goes on from the same place by itself.

    Example:
        >>> import minitorch
        >>> generator = minitorch.Generator().manual_seed(0)
        >>> minitorch.randperm(4, generator=generator)
        tensor([0, 1, 3, 2])
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.device = Device(device)
        self.manual_seed(_DEFAULT_SEED)

    # -- where the stream stands ----------------------------------------------------------

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream afresh from a seed and return the generator.

        Only the low 32 bits of the seed matter.

        Args:
            seed: from -2⁶³ to 2⁶⁴ - 1; a negative one counts as 2⁶⁴ + seed.

        Raises:
            ValueError: it is beyond.
            RuntimeError: it is no integer.
        """
        try:
            number = operator.index(seed)
        except TypeError:
            raise RuntimeError(
                f"manual_seed expects an integer, got {type(seed).__name__}: {seed!r}"
            ) from None
        if not -(2**63) <= number < 2**64:
            raise ValueError(f"a seed must be from -2**63 to 2**64 - 1, got {number}")
        self._seed = number % 2**64
        self.__dict__.pop("_twister", None)
        self._drawn = False
        self._kept_normals: list[float] = []
        return self

    def seed(self) -> int:
        """Start the stream afresh from a seed that the operating system draws, and return it."""
        number = int.from_bytes(os.urandom(8), "little")
        self.manual_seed(number)
        return number

    def initial_seed(self) -> int:
        """The seed that the stream was started from."""
        return self._seed

    def get_state(self) -> Tensor:
        """Where the stream stands, as 5,056 bytes that PyTorch's generator takes too.

        Example:
            >>> import minitorch
            >>> generator = minitorch.Generator()
            >>> state = generator.get_state()
            >>> before = minitorch.rand(2, generator=generator)
            >>> generator.set_state(state) is generator
            True
            >>> minitorch.equal(minitorch.rand(2, generator=generator), before)
            True
        """
        twister: Any = self._engine()[0].state["state"]
        numbers, place = twister["key"], int(twister["pos"])
        state = np.zeros((), _STATE)
        state["seed"], state["seeded"] = self._seed, 1
        state["left"] = _TWISTER_SIZE + 1 - place
        state["next"] = place if self._drawn else 0
        state["numbers"] = numbers
        for number in self._kept_normals:
            state["normal"], state["has_normal"] = number, 1
        return wrap(np.frombuffer(state.tobytes(), np.uint8).copy())

    def set_state(self, new_state: Tensor) -> Generator:
        """Go to the place in a stream that `get_state` gave, here or under PyTorch.

        Raises:
            TypeError: `new_state` is no tensor of bytes.
            RuntimeError: it has another number of bytes, or they are no state.
        """
        if not isinstance(new_state, Variable):
            raise TypeError(
                f"the state of a generator must be a tensor of dtype uint8, as get_state gives "
                f"it, but got {type(new_state).__name__}"
            )
        if new_state.array.dtype != np.uint8:
            raise TypeError(
                f"the state of a generator must be of dtype uint8, but got {new_state.dtype}"
            )
        if new_state.array.size != _STATE.itemsize:
            raise RuntimeError(
                f"the state of a generator has {_STATE.itemsize} bytes, but got "
                f"{new_state.array.size}"
            )
        state = np.frombuffer(new_state.array.tobytes(), _STATE)[0]
        if not (
            state["seeded"] == 1
            and 1 <= state["left"] <= _TWISTER_SIZE
            and state["next"] <= _TWISTER_SIZE
        ):
            raise RuntimeError("these bytes are no state of an MT19937 generator")
        self.manual_seed(int(state["seed"]))
        place = _TWISTER_SIZE + 1 - int(state["left"])
        twister: Any = {"key": state["numbers"].astype(np.uint32), "pos": place}
        self._engine()[0].state = {"bit_generator": "MT19937", "state": twister}
        self._drawn = bool(state["next"])
        if state["has_normal"]:
            self.keep_normal(float(state["normal"]))
        return self

    def clone_state(self) -> Generator:
        """A new generator that goes on from the same place."""
        return Generator().set_state(self.get_state())

    def __reduce__(self) -> Any:
        """For copy and pickle."""
        return _at_state, (self.get_state(),)

    # -- bits -----------------------------------------------------------------------------

    def draw(self, count: int) -> Array:
        """The next `count` 32-bit numbers of the stream."""
        if count < _FEW:
            return self._raw(count).astype(np.uint32)
        return self._many(2**32, count, np.uint32)

    def draw_pairs(self, count: int) -> Array:
        """The next `count` 64-bit numbers: each is two 32-bit ones, the high half drawn first."""
        if count < _FEW:
            halves = self._raw(2 * count)
            numbers: Array = halves[0::2] << 32
            numbers |= halves[1::2]
            return numbers
        return self._many(2**64, count, np.uint64)

    def _raw(self, count: int) -> Array:
        """32-bit numbers, each in 64 bits: made without the preparations of `_many`."""
        self._drawn = self._drawn or count > 0
        bits: Any = self._engine()[0]
        numbers: Array = bits.random_raw(count)
        return numbers

    def _many(self, bound: int, count: int, dtype: Any) -> Array:
        self._drawn = True
        return self._engine()[1].randint(0, bound, count, dtype)

    def _engine(self) -> tuple[np.random.MT19937, np.random.RandomState]:
        """NumPy's twister: its bits, and what makes many numbers of them at a time."""
        twister: tuple[np.random.MT19937, np.random.RandomState] | None
        twister = self.__dict__.get("_twister")
        if twister is None:  # only now, since importing numpy.random takes its time
            bits = np.random.MT19937(0)
            state = np.random.RandomState(bits)
            state.seed(self._seed & 0xFFFFFFFF)
            # If two threads come here at once, both get the one that was there first.
            twister = self.__dict__.setdefault("_twister", (bits, state))
        return twister

    def keep_normal(self, number: float) -> None:
        """Keep the second normal number of a pair for whoever asks next."""
        self._kept_normals[:] = [number]

    def take_normal(self) -> list[float]:
        """The normal number that was kept, if there is one: to one thread only."""
        try:
            return [self._kept_normals.pop()]
        except IndexError:
            return []


def _at_state(state: Tensor) -> Generator:
    return Generator().set_state(state)


default_generator = Generator()


def source(generator: Generator | None) -> Generator:
    """The generator to draw from: the one given, or the default one.

    Raises:
        TypeError: it is no generator.
    """
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        raise TypeError(
            f"argument 'generator' must be a minitorch.Generator, not {type(generator).__name__}"
        )
    return generator


def manual_seed(seed: int) -> Generator:
    """Start the default generator afresh from a seed and return it.

    Raises:
        ValueError: as `Generator.manual_seed`.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.rand(2)
        tensor([0.4963, 0.7682])
    """
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Start the default generator afresh from a seed that nobody chose, and return the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the default generator stands, as bytes."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Go to a place in the default generator's stream that `get_rng_state` gave.

    Raises:
        TypeError, RuntimeError: as `Generator.set_state`.
    """
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(
    devices: Iterable[Any] | None = None, enabled: bool = True, device_type: str | None = None
) -> Iterator[None]:
    """Draw inside a `with` block without moving the default generator's stream outside it.

    Args:
        devices: accepted for PyTorch's signature; there are no others than the CPU.
        enabled: False makes the block an ordinary one. Default: True.
        device_type: accepted for PyTorch's signature.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> with minitorch.random.fork_rng():
        ...     inside = minitorch.rand(2)
        >>> minitorch.equal(minitorch.rand(2), inside)
        True
    """
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
