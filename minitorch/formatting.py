"""Text of tensors: the numbers, brackets and line breaks of PyTorch's ``repr``.

The text is made in three steps. Too large an array first loses the middle of its long
dimensions. Then one notation and one width are chosen for all numbers that are left. Last,
the numbers are set in rows and the rows in brackets.

Source: the observed output of PyTorch 2.13, with which ``tests/parity/test_formatting.py``
compares this file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "PrintOptions",
    "format_tensor",
    "get_printoptions",
    "printoptions",
    "set_printoptions",
]


@dataclass(frozen=True)
class PrintOptions:
    """How tensors are printed; see :func:`set_printoptions` for the meaning of each field.

    Example:
        >>> from minitorch.formatting import PrintOptions
        >>> PrintOptions()
        PrintOptions(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)
    """

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=inf),
}

_options = PrintOptions()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: Literal["default", "short", "full"] | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed from now on, in all threads.

    An option that is not given stays as it is, except ``sci_mode``, which every call sets.
    As in PyTorch, a profile of another name is ignored.

    Args:
        precision: Digits after the decimal point (at first 4).
        threshold: Tensors with more elements than this are summarised (at first 1000).
        edgeitems: Elements that a summary keeps at each end of a dimension (at first 3).
        linewidth: Columns after which a row is broken (at first 80).
        profile: Values for the four options above, which those given override: ``"default"``
            as at first, ``"short"`` with precision 2 and 2 edge items, ``"full"`` without
            summaries.
        sci_mode: True for scientific notation, False for none, None to let the numbers decide.

    Example:
        >>> import numpy as np
        >>> from minitorch.formatting import format_tensor, set_printoptions
        >>> set_printoptions(precision=2, threshold=5)
        >>> print(format_tensor(np.array([1.12345])))
        tensor([1.12])
        >>> print(format_tensor(np.arange(10)))
        tensor([0, 1, 2,  ..., 7, 8, 9])
        >>> set_printoptions(profile="default")
        >>> print(format_tensor(np.array([1.12345])))
        tensor([1.1235])
    """
    global _options
    base = _options if profile is None else _PROFILES.get(profile, _options)
    _options = PrintOptions(
        precision=base.precision if precision is None else precision,
        threshold=base.threshold if threshold is None else threshold,
        edgeitems=base.edgeitems if edgeitems is None else edgeitems,
        linewidth=base.linewidth if linewidth is None else linewidth,
        sci_mode=sci_mode,
    )


def get_printoptions() -> dict[str, Any]:
    """Return the present options as keywords for :func:`set_printoptions`.

    Example:
        >>> from minitorch.formatting import get_printoptions
        >>> get_printoptions()["linewidth"]
        80
    """
    return asdict(_options)


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Set print options for the length of a ``with`` block.

    Args:
        options: The keywords of :func:`set_printoptions`.

    Raises:
        TypeError: If a keyword is not one of these.

    Example:
        >>> import numpy as np
        >>> from minitorch.formatting import format_tensor, printoptions
        >>> with printoptions(sci_mode=True):
        ...     print(format_tensor(np.array([0.5, 20.0])))
        tensor([5.0000e-01, 2.0000e+01])
    """
    global _options
    before = _options
    set_printoptions(**options)
    try:
        yield
    finally:
        _options = before


def format_tensor(
    array: NDArray[Any], *, suffixes: Sequence[str] = (), prefix: str = "tensor("
) -> str:
    """Return the text of a tensor that holds ``array``, as PyTorch prints it.

    ``size=`` comes before the given suffixes where the numbers do not tell the shape: for an
    empty array unless it has one dimension, and for every other array if ``edgeitems`` is 0.

    Args:
        array: Of any shape; booleans, integers, or floats of 16, 32 or 64 bits.
        suffixes: Texts to put after the numbers, such as ``"requires_grad=True"``. One that
            does not fit within ``linewidth`` goes on a new line.
        prefix: Text before the numbers, whose length is the indentation of further lines.

    Raises:
        TypeError: If the array has another dtype.

    Example:
        >>> import numpy as np
        >>> from minitorch.formatting import format_tensor
        >>> print(format_tensor(np.array([[1.0, 2.0], [3.0, 4.0]])))
        tensor([[1., 2.],
                [3., 4.]])
        >>> print(format_tensor(np.array([0.5, np.inf]), suffixes=["requires_grad=True"]))
        tensor([0.5000,    inf], requires_grad=True)
        >>> print(format_tensor(np.zeros((0, 3))))
        tensor([], size=(0, 3))
    """
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise TypeError(
            "expected an array of booleans, integers or floats of at most 64 bits, "
            f"got dtype {array.dtype}"
        )
    options = _options
    shape_is_hidden = array.ndim != 1 if array.size == 0 else options.edgeitems == 0
    if shape_is_hidden:
        suffixes = [f"size={array.shape}", *suffixes]
    text = prefix + _format_data(array, len(prefix), options)
    return _append_suffixes(text, suffixes, len(prefix), options.linewidth) + ")"


def _append_suffixes(text: str, suffixes: Sequence[str], indent: int, linewidth: int) -> str:
    """Put the suffixes after the text, each on a new line if it does not fit on the last."""
    # The two columns extra after the numbers are PyTorch's; lines of suffixes have none.
    column = len(text) - (text.rfind("\n") + 1) + 2
    for suffix in suffixes:
        if column + len(", ") + len(suffix) <= linewidth:
            text += ", " + suffix
            column += len(", ") + len(suffix)
        else:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
    return text


def _format_data(array: NDArray[Any], indent: int, options: PrintOptions) -> str:
    """Return the numbers in brackets, the first bracket standing at column ``indent``."""
    if array.size == 0:
        return "[]"
    edge = options.edgeitems
    is_summary = array.size > options.threshold
    shortened = tuple(is_summary and length > 2 * edge for length in array.shape)
    shown = array
    for axis, length in enumerate(array.shape):
        if shortened[axis]:
            shown = np.delete(shown, slice(edge, length - edge), axis)
    number_spec, width = _number_format(shown, options)
    layout = _Layout(number_spec, width, options.linewidth, edge)
    return layout.nested(shown.tolist(), indent, shortened)


def _number_format(shown: NDArray[Any], options: PrintOptions) -> tuple[str, int]:
    """Return the format specification and the width that all printed numbers share.

    Zeros, infinities and NaNs follow the other numbers of a floating-point array: they have no
    say in the notation and none in the width, so ``-0.`` may stick out.
    """
    if shown.dtype.kind == "f":
        deciding = shown[np.isfinite(shown) & (shown != 0)]
        number_spec = _float_spec(deciding, options)
    else:
        deciding = shown.reshape(-1)
        number_spec = ""
    width = max((len(format(value, number_spec)) for value in deciding.tolist()), default=1)
    return number_spec, width


def _float_spec(values: NDArray[Any], options: PrintOptions) -> str:
    """Return the format specification for floats of which these are finite and not zero.

    Whole numbers are printed as ``1.`` (the ``#`` keeps the point), others with ``precision``
    digits. Numbers that are very large, very small or far apart are in scientific notation,
    whole or not.
    """
    whole = "#.0f"
    if values.size == 0:
        return whole
    magnitudes = np.abs(values)
    # Python floats: a quotient above the largest double is inf, without NumPy's warning.
    smallest, largest = float(magnitudes.min()), float(magnitudes.max())
    is_scientific = options.sci_mode
    if is_scientific is None:
        is_scientific = largest / smallest > 1000 or largest > 1e8 or smallest < 1e-4
    if is_scientific:
        return f".{options.precision}e"
    if np.all(values == np.trunc(values)):
        return whole
    return f".{options.precision}f"


@dataclass(frozen=True)
class _Layout:
    """Sets numbers of a common format in rows and brackets.

    Attributes:
        number_spec: Format specification of every number.
        width: Columns that every number takes at least.
        linewidth: Columns after which a row is broken.
        edgeitems: Items before the dots of a shortened dimension.
    """

    number_spec: str
    width: int
    linewidth: int
    edgeitems: int

    def nested(self, values: Any, indent: int, shortened: tuple[bool, ...]) -> str:
        """Return the text of nested lists, given for each dimension whether it has dots."""
        if not shortened:
            return self.number(values)
        if len(shortened) == 1:
            return self.row(values, indent, shortened[0])
        blocks = [self.nested(value, indent + 1, shortened[1:]) for value in values]
        if shortened[0]:
            blocks.insert(self.edgeitems, "...")
        line_breaks = "\n" * (len(shortened) - 1)
        return _bracket(blocks, line_breaks, indent)

    def row(self, values: list[Any], indent: int, shortened: bool) -> str:
        """Return the text of a list of numbers, on as many lines as it needs."""
        items = [self.number(value) for value in values]
        if shortened:
            items.insert(self.edgeitems, " ..." if items else "...")
        per_line = max(1, (self.linewidth - indent) // (self.width + len(", ")))
        starts = range(0, len(items), per_line)
        lines = [", ".join(items[start : start + per_line]) for start in starts]
        return _bracket(lines, "\n", indent)

    def number(self, value: float) -> str:
        """Return the text of one number, padded on the left."""
        return format(value, self.number_spec).rjust(self.width)


def _bracket(parts: list[str], line_breaks: str, indent: int) -> str:
    """Put the parts below one another within brackets, the first at column ``indent``."""
    return "[" + ("," + line_breaks + " " * (indent + 1)).join(parts) + "]"
