from tests.nn.cases.case import Made, args, exactly, function, layer, normal, refused

f64 = exactly([[0.5] * 7], "float64")

CASES = [
    *layer("Identity", args(54, unused=True), args(normal(2, 3)), args(normal())),
    *layer("Identity", args(), args(normal(2, 0))),
    *layer(
        "Linear", args(3, 2),
        args(normal(4, 3)), args(normal(3)), args(normal(2, 4, 3)), args(normal(1, 3)),
        args(normal(0, 3)), args(normal(2, 0, 3)),
    ),
    *layer("Linear", args(3, 2, bias=False), args(normal(4, 3)), args(normal(3))),
    *layer("Linear", args(1, 1), args(normal(2, 1))),
    *layer("Linear", args(64, 10), args(normal(5, 64))),
    *layer("Linear", args(7, 5, dtype=Made(lambda torch: torch.float64)), args(f64)),
    *function(
        "linear",
        args(normal(4, 3), normal(2, 3), normal(2)),
        args(normal(4, 3), normal(2, 3)),
        args(normal(2, 4, 3), normal(2, 3), bias=normal(2)),
        args(normal(3), normal(2, 3)),
        args(normal(4, 3), normal(3)),
        args(normal(0, 3), normal(2, 3), normal(2)),
    ),
]  # fmt: skip

REFUSED = [
    refused("Linear", args(3, 2), args(normal(4, 5)), RuntimeError, "Linear", "3", "[4, 5]"),
    refused("Linear", args(3, 2), args(normal()), RuntimeError, "Linear", "3"),
    refused("Linear", args(3, 2), args([1.0, 2.0, 3.0]), TypeError, "Linear", "list"),
    refused("linear", None, args(normal(4, 3), normal(2, 4)), RuntimeError, "Linear", "4"),
]
