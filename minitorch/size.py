"""Size: the shape of a tensor."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any, Self, SupportsIndex, overload


class Size(tuple[int, ...]):
    """A tuple of integers, which `Tensor.shape` and `Tensor.size()` return.

    Slices, sums and multiples of a Size are Sizes.

    Args:
        sizes: an iterable of integers. Default: none, the shape of a single number.

    Raises:
        TypeError: an item is not an integer.

    Example:
        >>> import minitorch
        >>> size = minitorch.Size([2, 3, 4])
        >>> size[1:]
        minitorch.Size([3, 4])
        >>> size.numel()
        24
        >>> size == (2, 3, 4)
        True
    """

    __slots__ = ()

    def __new__(cls, sizes: Iterable[SupportsIndex] = ()) -> Self:
        items = tuple(sizes)
        for index, item in enumerate(items):
            if not hasattr(item, "__index__"):
                raise TypeError(
                    f"Size() takes an iterable of 'int' (item {index} is '{type(item).__name__}')"
                )
        return super().__new__(cls, map(operator.index, items))

    def numel(self) -> int:
        """The number of elements of a tensor of this shape: the product of the sizes."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"minitorch.Size({list(self)})"

    def __reduce__(self) -> Any:
        return Size, (tuple(self),)

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Size: ...
    def __getitem__(self, index: SupportsIndex | slice) -> int | Size:
        item = super().__getitem__(index)
        return as_size(item) if isinstance(item, tuple) else item

    def __add__(self, other: Any) -> Size:
        return Size(super().__add__(other))

    def __radd__(self, other: Any) -> Any:
        return Size(other + tuple(self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, count: SupportsIndex) -> Size:
        return as_size(super().__mul__(count))

    __rmul__ = __mul__


def as_size(shape: tuple[int, ...]) -> Size:
    """A Size of what is known to be integers, such as an array's shape, without checking them."""
    return tuple.__new__(Size, shape)
