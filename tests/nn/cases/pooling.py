from dataclasses import replace
from typing import Any

import numpy as np

from tests.nn.cases.case import (
    Case,
    Values,
    args,
    distinct,
    exactly,
    full,
    function,
    integers,
    layer,
    normal,
    refused,
    uniform,
)

NAN, INF = float("nan"), float("inf")
SIZES = {1: (9,), 2: (5, 6), 3: (3, 4, 5)}
ODD = [1.0, 1.0, NAN, NAN, 2.0, -INF, -INF, -INF, INF, 0.0, 3.0, NAN]  # ties and extremes


def batched(n: int, make: Any = distinct) -> Values:
    return make(2, 3, *SIZES[n])


def in_a_row(numbers: list[float], n: int) -> Values:
    """An input with one channel, over n dimensions of which all but the last are 1."""
    return exactly(np.reshape(numbers, (1, *(1,) * (n - 1), -1)).tolist())


def maxima(n: int) -> list[Case]:
    """The cases of maximum pooling over n dimensions."""
    name, x, size = f"MaxPool{n}d", batched(n), SIZES[n]
    many = {"stride": 2, "padding": 1, "dilation": 2, "ceil_mode": True}
    odd = in_a_row(ODD, n)
    along = (*(1,) * (n - 1), 4)  # a kernel over the last dimension
    rows = [
        *layer(name, args(2), args(x), args(distinct(3, *size)), args(distinct(0, 3, *size))),
        *layer(name, args(2), args(distinct(20, 2, *size)), differences=False),
        *layer(name, args(2), args(distinct(1, 1, *(2,) * n))),
        *layer(name, args((2,)), args(x)),
        *layer(name, args(3, 2, 1), args(x), args(full(-INF, 2, *size)), differences=False),
        *layer(name, args(3, **many), args(batched(n, lambda *s: distinct(*s[:2], *(7,) * n)))),
        *layer(name, args(2, 1), args(full(0.0, 1, *size)), differences=False),
        *layer(name, args([3] * n, [1] * n, [1] * n), args(x)),
        *layer(name, args(along, along, return_indices=True), args(odd), differences=False),
        *layer(name, args(1, return_indices=True), args(x), differences=False),
        *layer(name, args(3, return_indices=True, **many), args(x), differences=False),
        *function(f"max_pool{n}d", args(x, 2), args(x, 3, 2, 1, 1, True), args(x, kernel_size=2)),
        *function(f"max_pool{n}d", args(x, 2, return_indices=True), differences=False),
        *function(
            f"max_pool{n}d_with_indices", args(x, 2), args(x, 3, 2, 1, ceil_mode=True),
            args(integers(-9, 9, 2, *size), 2), differences=False,
        ),
    ]  # fmt: skip
    if n == 1:  # a kernel that is searched at once
        rows += layer(name, args(40, 35), args(distinct(2, 3, 76)))
        rows += layer(name, args(40, 60, 20), args(full(-INF, 2, 41)), differences=False)
        odd = exactly([ODD * 6])
        rows += layer(name, args(40, 36, 1, return_indices=True), args(odd), differences=False)
    return rows


def means(n: int) -> list[Case]:
    """The cases of average pooling over n dimensions."""
    name, x, size = f"AvgPool{n}d", batched(n, normal), SIZES[n]
    extremes = in_a_row([INF, 1.0, NAN, -INF, 1e30, 1e30, INF, -INF], n)
    pairs = (*(1,) * (n - 1), 2)  # a kernel over the last dimension
    apart = {"kernel_size": 2, "stride": 3, "ceil_mode": True}
    rows = [
        *layer(name, args(2), args(x), args(normal(3, *size)), args(normal(0, 3, *size))),
        *layer(name, args(2), args(normal(1, 1, *(2,) * n))),
        *layer(name, args(2), args(full(1e4, 2, *size)), differences=False),
        *layer(name, args(pairs), args(extremes), differences=False),
        *layer(name, args((2,)), args(x)),
        *layer(name, args(3, 2, 1), args(x)),
        *layer(name, args(3, 1, 1, count_include_pad=False), args(x)),
        *layer(name, args(3, 2, 1, True), args(x)),
        *layer(name, args(3, 2, 1, True, False), args(x)),
        *layer(name, args(**apart), args(x)),
        *layer(name, args(3, 1), args(normal(2, *(3,) * n)), args(normal(2, *(4,) * n))),
        *function(f"avg_pool{n}d", args(x, 2), args(x, 3, 2, 1, True, False)),
        *function(f"avg_pool{n}d", args(integers(-9, 9, 2, *size), 2), differences=False),
    ]  # fmt: skip
    if n > 1:
        rows += layer(name, args(3, 2, 1, divisor_override=5), args(x))
        rows += layer(name, args(2, divisor_override=-3, ceil_mode=True), args(x))
        rows += function(f"avg_pool{n}d", args(x, 2, divisor_override=1))
        by_three = args(integers(-9, 9, 2, *size), 2, divisor_override=-3)
        rows += function(f"avg_pool{n}d", by_three, differences=False)
    return rows


def adaptive(n: int) -> list[Case]:
    """The cases of adaptive pooling over n dimensions."""
    size = SIZES[n]
    rows = []
    for kind, make in (("Avg", normal), ("Max", distinct)):
        name, x = f"Adaptive{kind}Pool{n}d", batched(n, make)
        rows += [
            *layer(name, args(1), args(x), args(make(3, *size)), args(make(0, 3, *size))),
            *layer(name, args(3), args(x), args(make(0, *size))),
            *layer(name, args(2), args(x), args(make(2, *(4,) * n))),
            *layer(name, args(2), args(make(20, 2, *(5,) * n)), differences=False),
            *layer(name, args(4), args(make(2, *(1,) * n))),
            *layer(name, args([7, 3, 2][:n]), args(x)),
            *function(f"adaptive_{kind.lower()}_pool{n}d", args(x, 2), args(x, (3,) * n)),
        ]
        if n > 1:
            rows += layer(name, args((None, 3, 1)[:n]), args(x))
            rows += layer(name, args((None,) * n), args(x))
    name, x = f"AdaptiveMaxPool{n}d", batched(n)
    odd = in_a_row(ODD, n)
    rows += [
        *layer(name, args(2, True), args(x), differences=False),
        *layer(name, args((*(1,) * (n - 1), 5), return_indices=True), args(odd), differences=False),
        *function(f"adaptive_max_pool{n}d", args(x, 2, return_indices=True), differences=False),
        *function(f"adaptive_max_pool{n}d_with_indices", args(x, 2), differences=False),
    ]
    if n == 1:  # long rows: a mean that is added up in pairs, a maximum that is searched at once
        # PyTorch adds the numbers up one after another, and is the less accurate.
        rows += layer(
            "AdaptiveAvgPool1d", args(1), args(full(0.1, 2, 5000)), differences=False,
            tolerance={"float32": 1e-4},
        )  # fmt: skip
        rows += layer("AdaptiveMaxPool1d", args(1), args(distinct(2, 3, 50)))
    return rows


def unpooled(n: int) -> list[Case]:
    """The cases of putting maxima back over n dimensions."""
    name, rng = f"MaxUnpool{n}d", np.random.default_rng(3)

    def indices(shape: tuple[int, ...], below: int) -> Values:
        """Different ones for each plane."""
        size = int(np.prod(shape[-n:]))
        planes = [rng.permutation(below)[:size] for _ in range(int(np.prod(shape[:-n])))]
        return exactly(np.reshape(planes, shape).tolist(), "int64")

    shape = (2, 3, *(3, 2, 2)[-n:])
    x, two = normal(*shape), indices(shape, 2**n * int(np.prod(shape[2:])))
    small = indices((3, *(2,) * n), 3**n)
    wide = indices((3, *(2,) * n), 5**n)
    row = exactly(np.zeros((1, *(1,) * (n - 1), 2), int).tolist(), "int64")
    rows = [
        *layer(name, args(2), args(x, two)),
        *layer(name, args(2, 1), args(normal(3, *(2,) * n), small)),
        *layer(name, args((3,) * n, 2), args(normal(3, *(2,) * n), indices=wide)),
        *layer(name, args(3, 2, 1), args(normal(3, *(2,) * n), small)),
        *layer(name, args(2), args(normal(3, *(2,) * n), wide, output_size=[5] * n)),
        *layer(name, args(2), args(normal(3, *(2,) * n), wide, (1, 3, *(5,) * n))),
        *layer(name, args(2), args(normal(1, *(1,) * (n - 1), 2), row), differences=False),
        *function(f"max_unpool{n}d", args(x, two, 2), args(x, two, 2, 2, 0)),
        *function(f"max_unpool{n}d", args(normal(3, *(2,) * n), wide, 2, output_size=(5,) * n)),
    ]
    if n == 1:
        return rows
    return [replace(row, strided=False) for row in rows]  # PyTorch cannot go back through those


def norms(n: int) -> list[Case]:
    """The cases of power means over n dimensions."""
    name, x = f"LPPool{n}d", batched(n, normal)
    positive = uniform(0.5, 2.0, 2, 3, *SIZES[n])
    zeros = full(0.0, 2, *SIZES[n])
    return [
        *layer(
            name, args(2, 2), args(x), args(normal(3, *SIZES[n])), args(normal(0, 3, *SIZES[n]))
        ),
        *layer(name, args(2, 3, 2, ceil_mode=True), args(positive)),
        *layer(name, args(1, 2), args(positive), args(zeros), differences=False),
        *layer(name, args(2.5, 2, stride=1), args(positive)),
        *layer(name, args(3, 2), args(x), args(zeros), differences=False),
        *function(f"lp_pool{n}d", args(positive, 3, 2), args(positive, 2, 3, 2, True)),
        *function(f"lp_pool{n}d", args(zeros, 2, 2), differences=False),
    ]


FAMILIES = (maxima, means, adaptive, unpooled, norms)
CASES = [case for n in (1, 2, 3) for family in FAMILIES for case in family(n)]


def all_refused(n: int) -> list[Any]:
    """What each layer over n dimensions refuses."""
    size = SIZES[n]
    x, wide = normal(2, 3, *size), normal(1, 2, 3, *size)
    rows = []
    for kind in ("Max", "Avg"):
        name = f"{kind}Pool{n}d"
        rows += [
            refused(name, args(20), args(x), RuntimeError, name, "kernel_size", "20", str(size[0])),
            refused(name, args(2, 1, 2), args(x), RuntimeError, name, "padding", "half", "2"),
            refused(name, args(2, 1, -1), args(x), RuntimeError, name, "padding", "-1"),
            refused(name, args(2, 0), args(x), RuntimeError, name, "stride", "zero"),
            refused(name, args(2, -1), args(x), RuntimeError, name, "stride", "-1"),
            refused(name, args(0), args(x), RuntimeError, name, "kernel_size", "zero"),
            refused(name, args(2.0), args(x), TypeError, name, "kernel_size", "2.0"),
            refused(name, args((2,) * (n + 1)), args(x), RuntimeError, name, "kernel_size", str(n)),
            refused(name, args(2, (1,) * (n + 1)), args(x), RuntimeError, name, "stride", str(n)),
            refused(name, args(2), args(wide), RuntimeError, name, f"[1, 2, 3, {size[0]}"),
            refused(name, args(2), args(normal(2, 3, *size[1:], 0)), RuntimeError, name, "empty"),
            refused(name, args(2), args(normal(2, 0, *size)), RuntimeError, name, "[2, 0"),
            refused(name, args(2), args([1.0, 2.0]), TypeError, name, "list"),
            refused(
                name, args(2), args(exactly([[[True] * 2] * 2] * 2, "bool")) if n == 2
                else args(integers(0, 2, 2, *size, dtype="bool")),
                NotImplementedError, name, "bool",
            ),
        ]  # fmt: skip
    name = f"MaxPool{n}d"
    rows += [
        refused(name, args(2), args(normal(*size)), RuntimeError, name, str(list(size)))
        if n > 1 else refused(name, args(2), args(normal(9)), RuntimeError, name, "[9]"),
        refused(name, args(2, 1, 0, 0), args(x), RuntimeError, name, "dilation", "zero"),
        refused(name, args(2, 1, 0, 9), args(x), RuntimeError, name, "dilation", "9"),
        refused(name, args(3, 1, 2, 3), args(x), RuntimeError, name, "padding", "2", "3"),
    ]  # fmt: skip
    ints = integers(0, 9, 2, 3, *size, dtype="int32")
    rows.append(refused(f"AvgPool{n}d", args(2), args(ints), NotImplementedError, "int32"))
    if n > 1:
        zero = args(2, divisor_override=0)
        rows.append(refused(f"AvgPool{n}d", zero, args(x), RuntimeError, "divisor_override"))
        half = args(2, divisor_override=0.5)
        rows.append(refused(f"AvgPool{n}d", half, args(x), TypeError, "divisor_override", "0.5"))
    for kind in ("Avg", "Max"):
        name = f"Adaptive{kind}Pool{n}d"
        rows += [
            refused(name, args(-1), args(x), RuntimeError, name, "output_size", "-1"),
            refused(name, args(None), args(x), TypeError, name, "output_size", "None"),
            refused(name, args(2.0), args(x), TypeError, name, "output_size", "2.0"),
            refused(name, args((2,) * (n + 1)), args(x), RuntimeError, name, "output_size", str(n)),
            refused(name, args(2), args(wide), RuntimeError, name, f"[1, 2, 3, {size[0]}"),
            refused(name, args(2), args(normal(*size)), RuntimeError, name, str(list(size))),
            refused(name, args(2), args(normal(2, 3, *size[1:], 0)), RuntimeError, name, "empty"),
            refused(name, args(2), args(integers(0, 9, 2, *size)), NotImplementedError, "int64"),
        ]
    name = f"MaxUnpool{n}d"
    y, ones = normal(1, *(1,) * n), (1, *(1,) * n)
    index = exactly(np.ones(ones, int).tolist(), "int64")
    rows += [
        refused(name, args(2), args(y, integers(9, 10, *ones)), RuntimeError, name, "9", "2"),
        refused(name, args(2), args(y, integers(-9, -8, *ones)), RuntimeError, name, "-9"),
        refused(
            name, args(2), args(y, integers(0, 1, *ones, dtype="int32")), RuntimeError, "int32"
        ),
        refused(name, args(2), args(y, integers(0, 1, 2, *ones[1:])), RuntimeError, name, "[2, 1"),
        refused(name, args(2), args(y, index, [9] * n), ValueError, name, "output_size", "9"),
        refused(name, args(2), args(y, index, [2] * (n + 1)), ValueError, name, "output_size"),
        refused(name, args(2), args(integers(0, 1, *ones), index), NotImplementedError, "int64"),
    ]
    name = f"LPPool{n}d"
    rows += [
        refused(name, args(0, 2), args(x), ZeroDivisionError),
        refused(name, args(2, 20), args(x), RuntimeError, "AvgPool", "20"),
        refused(name, args(2, 2, 0), args(x), RuntimeError, "stride", "zero"),
    ]
    rows += [
        refused(f"max_pool{n}d", None, args(x, 20), RuntimeError, f"MaxPool{n}d", "20"),
        refused(f"avg_pool{n}d", None, args(x, 20), RuntimeError, f"AvgPool{n}d", "20"),
    ]
    return rows


REFUSED = [row for n in (1, 2, 3) for row in all_refused(n)]
