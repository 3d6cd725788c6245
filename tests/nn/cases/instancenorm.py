from tests.nn.cases.case import args, exactly, function, layer, normal, refused

SHAPES = {
    "InstanceNorm1d": [(2, 3, 4), (3, 4), (1, 3, 3)],
    "InstanceNorm2d": [(2, 3, 4, 5), (3, 4, 5), (5, 3, 3, 1)],
    "InstanceNorm3d": [(2, 3, 2, 3, 2), (3, 2, 2, 2)],
}
OPTIONS = [
    args(3),
    args(3, affine=True),
    args(3, affine=True, bias=False, eps=1e-2),
    args(3, track_running_stats=True, momentum=0.4),
    args(3, affine=True, track_running_stats=True, momentum=None),
]
STATISTICS = (exactly([0.5, -1.0, 0.0]), exactly([0.5, 2.0, 1e-3]))

CASES = [
    *[
        case
        for name, shapes in SHAPES.items()
        for options in OPTIONS
        for case in layer(name, options, *[args(normal(*shape)) for shape in shapes])
    ],
    *layer("InstanceNorm1d", args(3, affine=True), args(normal(2, 3, 0))),
    *layer("InstanceNorm1d", args(3), args(normal(2, 3, 8, scale=1e4))),
    *function(
        "instance_norm",
        args(normal(2, 3, 4)),
        args(normal(2, 3, 4, 2), weight=normal(3), bias=normal(3), eps=1e-2),
        args(normal(2, 3, 4), bias=normal(3)),
        args(normal(2, 3, 2, 1, 1, 2), weight=normal(3)),
    ),
    *function(
        "instance_norm",
        args(normal(2, 3, 4), *STATISTICS, use_input_stats=False),
        args(normal(2, 3, 4), *STATISTICS, normal(3), normal(3), False),
        # Statistics have no gradient, and the driver asks for one.
        call=lambda torch, run, input, mean, var, *more, **options: run(
            input, mean.detach(), var.detach(), *more, **options
        ),
    ),
]

REFUSED = [
    refused("InstanceNorm1d", args(3), args(normal(3)), ValueError, "InstanceNorm1d", "2D or 3D"),
    refused("InstanceNorm1d", args(3), args(normal(2, 3, 2, 2)), ValueError, "4D"),
    refused("InstanceNorm2d", args(3), args(normal(2, 3)), ValueError, "3D or 4D"),
    refused("InstanceNorm3d", args(3), args(normal(2, 3, 4)), ValueError, "4D or 5D"),
    refused("InstanceNorm1d", args(4, affine=True), args(normal(2, 3, 5)), ValueError, "4", "3"),
    refused("InstanceNorm1d", args(4, affine=True), args(normal(3, 5)), ValueError, "4", "3"),
    refused("InstanceNorm1d", args(3), args(normal(2, 3, 1)), ValueError, "more than 1", "[2, 3"),
    refused("InstanceNorm1d", args(1), args([[[1.0], [2.0]]]), AttributeError, "list"),
    refused(
        "InstanceNorm1d", args(1), args(exactly([[[1, 2]]], "int64")), NotImplementedError, "int64"
    ),
    refused("instance_norm", None, args(normal(3, 4)), ValueError, "[3, 4]"),
    refused("instance_norm", None, args(normal(2, 3, 1)), ValueError, "more than 1"),
    refused(
        "instance_norm", None, args(normal(2, 3, 4), use_input_stats=False), RuntimeError, "running"
    ),
    refused("instance_norm", None, args(normal(2, 3, 4), normal(3)), ValueError, "only one"),
    refused("instance_norm", None, args(normal(2, 3, 4), weight=normal(4)), RuntimeError, "[4]"),
    refused("instance_norm", None, args(normal(2, 3, 4), bias=normal(4)), RuntimeError, "[4]"),
]  # fmt: skip
