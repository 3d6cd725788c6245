"""Dimension arguments: negative numbers count from the end, and what is out of range is refused."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeAlias, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
Dims: TypeAlias = "int | Sequence[int] | None"
_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def normalize_dim(dim: Any, ndim: int) -> int:
    """The dimension as a number from 0 on; a tensor without dimensions takes 0 and -1.

    Raises:
        IndexError: there is no such dimension.
        TypeError: `dim` is not an integer.

    Example:
        >>> normalize_dim(-1, 3)
        2
    """
    if type(dim) is not int:
        dim = _as_int(dim)
    last = ndim - 1 if ndim else 0
    if 0 <= dim <= last:
        return dim  # type: ignore[no-any-return]
    if -last - 1 <= dim < 0:
        return dim + last + 1  # type: ignore[no-any-return]
    raise IndexError(
        f"Dimension out of range (expected to be in range of [{-last - 1}, {last}], but got {dim})"
    )


def normalize_dims(dim: Dims, ndim: int) -> tuple[int, ...]:
    """Every dimension that `dim` names, from 0 on, in the order given; None names all there are.

    An empty sequence gives an empty tuple. A tensor without dimensions takes 0 and -1, which
    both give (0,).

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: a dimension is named twice.
        TypeError: `dim` is not made of integers.

    Example:
        >>> normalize_dims((0, -1), 3)
        (0, 2)
    """
    if dim is None:
        return tuple(range(ndim))
    if not isinstance(dim, (tuple, list)):
        return (normalize_dim(dim, ndim),)
    dims = tuple(normalize_dim(each, ndim) for each in dim)
    if len(set(dims)) != len(dims):
        twice = next(each for index, each in enumerate(dims) if each in dims[:index])
        raise RuntimeError(
            f"dim {twice} appears multiple times in the list of dims {list(dim)} of a tensor "
            f"with {ndim} dimensions; name each dimension once"
        )
    return dims


def numpy_names(function: Callable[P, R]) -> Callable[P, R]:
    """Let `function` take NumPy's keywords `axis` and `keepdims` for `dim` and `keepdim`.

    PyTorch does so in every function with these parameters.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs:
            for theirs, ours in _NUMPY_NAMES.items():
                if theirs in kwargs and ours not in kwargs:
                    kwargs[ours] = kwargs.pop(theirs)
        return function(*args, **kwargs)

    return wrapper


def _as_int(dim: Any) -> int:
    """An integer that is not Python's own, such as NumPy's."""
    if not isinstance(dim, bool):
        try:
            return operator.index(dim)
        except TypeError:
            pass
    raise TypeError(
        f"a dimension must be int, not {type(dim).__name__}: {dim!r}; give an int such as -1"
    ) from None
