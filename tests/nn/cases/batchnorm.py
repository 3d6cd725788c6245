from tests.nn.cases.case import Made, args, exactly, full, function, layer, normal, refused

SHAPES = {
    "BatchNorm1d": [(4, 3), (4, 3, 5), (1, 3, 5), (3, 3, 1)],
    "BatchNorm2d": [(2, 3, 4, 5), (4, 3, 1, 1), (5, 3, 2, 2)],
    "BatchNorm3d": [(2, 3, 2, 3, 2)],
}
OPTIONS = [
    args(3),
    args(3, eps=1e-2, momentum=0.4),
    args(3, momentum=None),
    args(3, affine=False),
    args(3, track_running_stats=False),
    args(3, affine=False, track_running_stats=False),
    args(3, bias=False),
]
STATISTICS = (exactly([0.5, -1.0, 0.0]), exactly([0.5, 2.0, 1e-3]))
f64 = Made(lambda torch: torch.float64)

CASES = [
    *[
        case
        for name, shapes in SHAPES.items()
        for options in OPTIONS
        for case in layer(name, options, *[args(normal(*shape)) for shape in shapes])
    ],
    *layer("BatchNorm1d", args(3), args(normal(0, 3)), args(normal(2, 3, 0))),
    *layer("BatchNorm2d", args(3), args(normal(0, 3, 2, 2))),
    *layer("BatchNorm1d", args(2, dtype=f64), args(exactly([[1.0, 2.0], [3.0, -1.0]], "float64"))),
    *layer("BatchNorm1d", args(3), args(normal(8, 3, scale=1e4)), args(normal(8, 3, scale=1e-4))),
    *layer(
        "BatchNorm1d", args(1),
        args(exactly([[1.0], [float("inf")], [2.0]])), args(exactly([[1.0], [float("nan")]])),
        differences=False,
    ),
    # PyTorch takes the mean of equal numbers exactly, so that the output is 0.
    *layer("BatchNorm2d", args(2), args(full(1024.0, 2, 2, 3, 3)), differences=False),
    *function(
        "batch_norm",
        args(normal(4, 3), None, None, normal(3), normal(3), True),
        args(normal(2, 3, 1, 2, 1, 2), None, None, training=True),
        args(normal(0, 3), None, None, normal(3), normal(3), True),
    ),
    *function(
        "batch_norm",
        args(normal(4, 3), *STATISTICS),
        args(normal(4, 3, 5), *STATISTICS, normal(3), normal(3), eps=1e-2),
        args(normal(4, 3), *STATISTICS, normal(3)),
        args(normal(4, 3), *STATISTICS, bias=normal(3)),
        # Statistics have no gradient, and the driver asks for one.
        call=lambda torch, run, input, mean, var, *more, **options: run(
            input, mean.detach(), var.detach(), *more, **options
        ),
    ),
]  # fmt: skip

REFUSED = [
    refused("BatchNorm1d", args(3), args(normal(3)), ValueError, "BatchNorm1d", "[3]", "2D or 3D"),
    refused("BatchNorm1d", args(3), args(normal()), ValueError, "BatchNorm1d"),
    refused("BatchNorm1d", args(3), args(normal(2, 3, 2, 2)), ValueError, "4D"),
    refused("BatchNorm2d", args(3), args(normal(3, 2, 2)), ValueError, "BatchNorm2d", "4D"),
    refused("BatchNorm3d", args(3), args(normal(2, 3, 2, 2)), ValueError, "BatchNorm3d", "5D"),
    refused("BatchNorm1d", args(4), args(normal(2, 3)), RuntimeError, "running_mean", "[4]", "[3]"),
    refused(
        "BatchNorm1d", args(4, track_running_stats=False), args(normal(2, 3)), RuntimeError,
        "weight", "[4]",
    ),
    refused("BatchNorm1d", args(3), args(normal(1, 3)), ValueError, "more than 1 value", "[1, 3]"),
    refused("BatchNorm2d", args(3), args(normal(1, 3, 1, 1)), ValueError, "more than 1 value"),
    refused(
        "BatchNorm1d", args(2, dtype=f64), args(normal(3, 2)), RuntimeError, "float32", "float64"
    ),
    refused(
        "BatchNorm1d", args(1), args(exactly([[1], [2]], "int64")), NotImplementedError, "int64"
    ),
    refused("BatchNorm1d", args(1), args([[1.0], [2.0]]), AttributeError, "list"),
    refused("BatchNorm1d", args(3, eps=0.0), args(normal(2, 3)), ValueError, "eps"),
    refused("batch_norm", None, args(normal(4, 3), None, None), RuntimeError, "running_mean"),
    refused(
        "batch_norm", None, args(normal(4, 3), normal(3), None), RuntimeError, "running_var"
    ),
    refused(
        "batch_norm", None, args(normal(4, 3), normal(3), None, training=True), ValueError, "one"
    ),
    refused("batch_norm", None, args(normal(4, 3), normal(4), normal(3)), RuntimeError, "[4]"),
    refused(
        "batch_norm", None, args(normal(4, 3), None, None, normal(4), training=True),
        RuntimeError, "weight", "[4]",
    ),
    refused(
        "batch_norm", None, args(normal(4, 3), None, None, None, normal(4), training=True),
        RuntimeError, "bias", "[4]",
    ),
    refused("batch_norm", None, args(normal(1, 3), None, None, training=True), ValueError, "more"),
    refused("batch_norm", None, args(normal(4, 3), None, None, training=1), TypeError, "1"),
    refused(
        "batch_norm", None, args(normal(4, 3), None, None, training=True, eps=-1.0), ValueError,
        "eps", "-1",
    ),
    refused("batch_norm", None, args(normal(3), normal(3), normal(3)), RuntimeError, "[3]"),
]  # fmt: skip
