from tests.nn.cases.case import (
    Arguments,
    Case,
    Refused,
    args,
    exactly,
    full,
    function,
    integers,
    layer,
    normal,
    refused,
)  # fmt: skip

KINDS = {
    "ZeroPad": (),
    "ConstantPad": (-1.5,),
    "ReflectionPad": (),
    "ReplicationPad": (),
    "CircularPad": (),
}


def inputs(*shape: int) -> list[Arguments]:
    """Batched, unbatched, one sample of one channel, and an empty batch."""
    shapes = [(2, 3, *shape), (3, *shape), (1, 1, *shape), (0, 3, *shape)]
    return [args(normal(*each)) for each in shapes]


def of_kind(kind: str, *more: float) -> list[Case]:
    names = [f"{kind}{count}d" for count in (1, 2, 3)]
    big = args(full(1e4, 1, 2, 4))
    return [
        *layer(names[0], args(2, *more), *inputs(4)),
        *layer(names[0], args(2, *more), args(integers(0, 9, 1, 2, 4)), big, differences=False),
        *layer(names[0], args((3, 0), *more), args(normal(2, 3, 4))),
        *layer(names[0], args([0, 3], *more), args(normal(2, 3, 4))),
        *layer(names[0], args(0, *more), args(normal(2, 3, 4))),
        *layer(names[0], args((-1, 2), *more), args(normal(2, 3, 5))),
        *layer(names[0], args((2, -3), *more), args(normal(2, 3, 6))),
        *layer(names[0], args(-2, *more), args(normal(2, 3, 5))),
        *layer(names[1], args(1, *more), *inputs(3, 2)),
        *layer(names[1], args((1, 2, 3, 0), *more), args(normal(2, 3, 4, 3))),
        *layer(names[1], args((0, 0, 1, 1), *more), args(normal(2, 3, 4, 3))),
        *layer(names[1], args((-1, 1, 2, -1), *more), args(normal(2, 2, 4, 3))),
        *layer(names[2], args(1, *more), *inputs(2, 3, 2)),
        *layer(names[2], args((1, 0, 2, 1, 0, 2), *more), args(normal(2, 2, 3, 3, 2))),
        *layer(names[2], args((0, 1, -1, 1, 1, -1), *more), args(normal(1, 2, 3, 3, 2))),
    ]


CASES = [
    *(case for kind, more in KINDS.items() for case in of_kind(kind, *more)),
    # constants, beside what the layers do: any dimensions, empty ones, extremes, other dtypes
    *layer("ZeroPad1d", args(1), args(normal(4)), args(normal(2, 0)), args(normal(2, 3, 2, 4))),
    *layer("ZeroPad2d", args(1), args(normal(2, 4)), args(normal(2, 1, 3, 2, 4))),
    *layer("ConstantPad1d", args((1, 1), 2), args(integers(0, 9, 3)), differences=False),
    *layer("ConstantPad1d", args(1, float("inf")), args(normal(3)), differences=False),
    *layer("ConstantPad1d", args(1, float("nan")), args(normal(3)), differences=False),
    *layer("ReflectionPad1d", args(1), args(exactly([[[1e38, -1e38, 0.0]]])), differences=False),
    *layer("CircularPad1d", args(3), args(normal(2, 3, 3)), args(normal(2, 0, 3))),
    *layer("ReplicationPad1d", args(3), args(normal(2, 3, 1))),
    *layer("ReplicationPad1d", args((-2, 3)), args(normal(2, 3, 2))),
    *function(
        "pad",
        args(normal(2, 3), (1, 2)),
        args(normal(2, 3), [1, 2, 0, 1], "constant", 2.5),
        args(normal(2, 1, 3, 2), (1, 0, 0, 1, 2, 1, 1, 1), value=1),
        args(normal(2, 3), ()),
        args(normal(2, 3), (0, 0)),
        args(normal(), ()),
        args(normal(3), (-1, -1)),
        args(normal(3), (-1, -2)),
        args(normal(0, 3), (1, 1, 0, 2)),
        args(normal(2, 3), pad=(1, 2), mode="reflect"),
        args(normal(2, 2, 3), (1, 2), mode="replicate", value=0.0),
        args(normal(2, 2, 3), (1, 2, 1, 1), mode="circular", value=None),
        args(normal(1, 2, 3, 3), (1, 2, 1, 1), mode="reflect"),
        args(normal(2, 3, 3, 2), (1, 1, 2, 1, 1, 0), mode="replicate"),
    ),
    *function(
        "pad",
        args(integers(0, 2, 2, 3, dtype="bool"), (1, 1), value=2.0),
        args(integers(0, 2, 2, 3, dtype="uint8"), (1, 1), value=200.7),
        args(normal(2, 3), (1, 1), value=float("-inf")),
        differences=False,
    ),
]  # fmt: skip

REFUSED: list[Refused] = [
    refused("ZeroPad2d", args(1), args(normal(3)), RuntimeError, "ZeroPad2d", "4", "[3]"),
    refused("ConstantPad1d", args((1,), 0.0), args(normal(3)), RuntimeError, "ConstantPad1d", "1"),
    refused("ReflectionPad2d", args(1), args(normal(3)), RuntimeError, "ReflectionPad2d", "[3]"),
    refused("CircularPad2d", args(1), args(normal(3)), ValueError, "CircularPad2d", "[3]"),
    refused("ZeroPad1d", args((-2, -2)), args(normal(3)), RuntimeError, "2", "3"),
    refused("ZeroPad1d", args((4, -4)), args(normal(3)), RuntimeError, "4", "3"),
    refused("ZeroPad1d", args(1), args([1.0]), TypeError, "ZeroPad1d", "list"),
    refused("ConstantPad1d", args(1, 300.0), args(integers(0, 2, 3, dtype="uint8")),
            RuntimeError, "300", "uint8", "255"),
    refused("ReflectionPad1d", args(4), args(normal(1, 1, 4)), RuntimeError, "reflect", "5", "4"),
    refused("ReflectionPad1d", args((-4, 0)), args(normal(1, 1, 4)), RuntimeError, "4"),
    refused("ReflectionPad1d", args(1), args(normal(4)), NotImplementedError,
            "ReflectionPad1d", "2 or 3", "[4]"),
    refused("ReflectionPad1d", args(1), args(normal(1, 1, 2, 4)), NotImplementedError, "2 or 3"),
    refused("ReflectionPad2d", args(1), args(normal(2, 0, 3, 3)), RuntimeError,
            "ReflectionPad2d", "[2, 0, 3, 3]"),
    refused("ReflectionPad2d", args((1, 1, 3, 0)), args(normal(1, 3, 3)), RuntimeError, "4", "3"),
    refused("ReplicationPad1d", args(1), args(normal(2, 2, 0)), RuntimeError, "empty"),
    refused("ReplicationPad1d", args((-3, 0)), args(normal(2, 2, 3)), RuntimeError, "3"),
    refused("ReplicationPad3d", args(1), args(normal(2, 2, 3)), NotImplementedError, "4 or 5"),
    refused("CircularPad1d", args(4), args(normal(1, 1, 3)), RuntimeError, "circular", "4", "3"),
    refused("CircularPad1d", args(1), args(normal(1, 1, 0)), RuntimeError, "circular", "1", "0"),
    refused("CircularPad2d", args(1), args(normal(3, 3)), ValueError, "CircularPad2d", "3 or 4"),
    refused("pad", None, args(normal(3), (1,)), RuntimeError, "two numbers", "1"),
    refused("pad", None, args(normal(3), (1, 1, 1, 1)), RuntimeError, "4", "[3]"),
    refused("pad", None, args(normal(3), 1), TypeError, "pad", "1"),
    refused("pad", None, args(normal(3), (1.5, 1)), TypeError, "pad", "float"),
    refused("pad", None, args([1.0], (1, 1)), TypeError, "list"),
    refused("pad", None, args(normal(2, 3), (1, 1), "mirror"), NotImplementedError, "mirror"),
    refused("pad", None, args(normal(2, 3), (1, 1), "reflect", 1.0), RuntimeError, "reflect"),
    refused("pad", None, args(normal(2, 3), (1, 1), "constant", "one"), TypeError, "value", "str"),
    refused("pad", None, args(normal(2, 3), (1, 1), "constant", 1e39), RuntimeError, "1e+39"),
    refused("pad", None, args(normal(2, 2, 2, 2, 2, 2), (1,) * 8, "reflect"),
            NotImplementedError, "8"),
]  # fmt: skip
