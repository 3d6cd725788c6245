from tests.nn.cases.case import Made, args, exactly, full, function, layer, normal, refused

f64 = Made(lambda torch: torch.float64)

CASES = [
    *layer(
        "LayerNorm", args(4),
        args(normal(3, 4)), args(normal(4)), args(normal(2, 3, 4)), args(normal(1, 4)),
        args(normal(0, 4)), args(normal(3, 4, scale=1e4)), args(normal(3, 4, scale=1e-4)),
    ),
    *layer("LayerNorm", args((3, 4)), args(normal(2, 3, 4)), args(normal(3, 4))),
    *layer("LayerNorm", args([3, 2, 2], eps=1e-2, bias=False), args(normal(2, 3, 2, 2))),
    *layer("LayerNorm", args(4, elementwise_affine=False), args(normal(2, 3, 4))),
    *layer("LayerNorm", args(0), args(normal(2, 0))),
    *layer("LayerNorm", args(200), args(normal(5, 200, offset=3.0))),
    *function(
        "layer_norm",
        args(normal(3, 4), (4,)),
        args(normal(2, 3, 4), [3, 4], normal(3, 4), normal(3, 4)),
        args(normal(3, 4), (4,), normal(4)),
        args(normal(3, 4), (4,), bias=normal(4), eps=1e-2),
    ),
    *layer(
        "RMSNorm", args(4),
        args(normal(3, 4)), args(normal(4)), args(normal(2, 3, 4)), args(normal(0, 4)),
        args(normal(3, 4, scale=1e4)),
    ),
    *layer("RMSNorm", args((3, 4), eps=1e-2), args(normal(2, 3, 4))),
    *layer("RMSNorm", args(4, elementwise_affine=False), args(normal(2, 3, 4))),
    *layer("RMSNorm", args(4), args(full(0.0, 2, 4)), differences=False),
    *function(
        "rms_norm",
        args(normal(3, 4), (4,)),
        args(normal(2, 3, 4), [3, 4], normal(3, 4), 1e-3),
    ),
    *layer(
        "GroupNorm", args(2, 6),
        args(normal(3, 6)), args(normal(3, 6, 5)), args(normal(1, 6, 2, 3)),
        args(normal(0, 6, 3)), args(normal(3, 6, 5, scale=1e4)), args(normal(2, 6, 1, 2, 2)),
    ),
    *layer("GroupNorm", args(1, 4), args(normal(3, 4, 5))),
    *layer("GroupNorm", args(4, 4, eps=1e-2), args(normal(3, 4, 5))),
    *layer("GroupNorm", args(2, 4, bias=False), args(normal(3, 4, 5))),
    *layer("GroupNorm", args(2, 4, affine=False), args(normal(3, 4, 5)), args(normal(3, 6, 5))),
    *function(
        "group_norm",
        args(normal(3, 4, 5), 2),
        args(normal(3, 6), 2, normal(6), normal(6)),
        args(normal(3, 4, 5), 4, normal(4)),
    ),
]  # fmt: skip

REFUSED = [
    refused("LayerNorm", args(4), args(normal(2, 3)), RuntimeError, "LayerNorm", "[*, 4]", "[2"),
    refused("LayerNorm", args((4, 3)), args(normal(3)), RuntimeError, "[*, 4, 3]", "[3]"),
    refused("LayerNorm", args(4), args(normal()), RuntimeError, "[*, 4]"),
    refused("LayerNorm", args(()), args(normal(2, 3)), RuntimeError, "normalized_shape"),
    refused("LayerNorm", args(2, dtype=f64), args(normal(3, 2)), RuntimeError, "float64"),
    refused("LayerNorm", args(2), args(exactly([1, 2], "int64")), RuntimeError, "int64"),
    refused(
        "LayerNorm", args(2, elementwise_affine=False), args(exactly([1, 2], "int64")),
        NotImplementedError, "int64",
    ),
    refused("LayerNorm", args(2), args([1.0, 2.0]), TypeError, "list"),
    refused("LayerNorm", args(2.0), None, TypeError, "float"),
    refused("layer_norm", None, args(normal(2, 3), 3), TypeError, "normalized_shape", "3"),
    refused("layer_norm", None, args(normal(2, 3), (3.0,)), TypeError, "float"),
    refused("layer_norm", None, args(normal(2, 3), (3,), normal(2)), RuntimeError, "weight", "[2]"),
    refused("layer_norm", None, args(normal(2, 3), (2, 3), normal(3)), RuntimeError, "[2, 3]"),
    refused(
        "layer_norm", None, args(normal(2, 3), (3,), None, normal(1)), RuntimeError, "bias", "[1]"
    ),
    refused("RMSNorm", args(4), args(normal(2, 3)), RuntimeError, "RMSNorm", "[*, 4]", "[2, 3]"),
    refused("RMSNorm", args((2, 3, 4)), args(normal(2, 4)), ValueError, "[*, 2, 3, 4]"),
    refused("RMSNorm", args(2), args(exactly([1, 2], "int64")), NotImplementedError, "int64"),
    refused("RMSNorm", args(2), args([1.0, 2.0]), TypeError, "list"),
    refused("rms_norm", None, args(normal(2, 3), 3), TypeError, "normalized_shape"),
    refused("rms_norm", None, args(normal(2, 3), (3,), normal(2)), RuntimeError, "weight", "[2]"),
    refused("GroupNorm", args(2, 3), None, ValueError, "num_channels=3", "num_groups=2"),
    refused("GroupNorm", args(0, 3), None, ZeroDivisionError),
    refused("GroupNorm", args(2, 4), args(normal(2, 6, 3)), RuntimeError, "[4]", "[6]"),
    refused("GroupNorm", args(2, 4), args(normal(2, 5, 3)), RuntimeError, "5", "num_groups=2"),
    refused("GroupNorm", args(2, 4), args(normal(4)), RuntimeError, "[4]"),
    refused("GroupNorm", args(4, 4), args(normal(1, 4)), ValueError, "more than 1", "[1, 4]"),
    refused("GroupNorm", args(1, 2, dtype=f64), args(normal(3, 2)), RuntimeError, "float64"),
    refused("GroupNorm", args(1, 2), args([[1.0, 2.0]]), AttributeError, "list"),
    refused("group_norm", None, args(normal(2, 5), 2), RuntimeError, "5", "num_groups=2"),
    refused("group_norm", None, args(normal(2, 4), -1), RuntimeError, "-1"),
    refused("group_norm", None, args(normal(2, 4), 0), ZeroDivisionError, "0"),
    refused("group_norm", None, args(normal(2, 4), 2, normal(3)), RuntimeError, "weight", "[3]"),
    refused("group_norm", None, args(normal(2, 4), 2, None, normal(3)), RuntimeError, "bias"),
]  # fmt: skip
