from tests.nn.cases.case import Made, args, exactly, function, integers, layer, normal, refused

words = integers(0, 7, 4, 5)
repeated = exactly([[1, 1, 2], [1, 0, 1]], "int64")
table = normal(3, 2)

CASES = [
    *layer(
        "Embedding", args(7, 3),
        args(words), args(integers(0, 7, 5, dtype="int32")), args(exactly(6, "int64")),
        args(integers(0, 7, 2, 3, 2)), args(integers(0, 1, 0, 4)), args(integers(0, 7, 1, 1)),
    ),
    *layer("Embedding", args(1, 1), args(integers(0, 1, 3))),
    *layer("Embedding", args(3, 0), args(repeated)),
    *layer("Embedding", args(3, 2, _weight=normal(3, 2)), args(repeated)),
    *layer("Embedding", args(3, 2, dtype=Made(lambda torch: torch.float64)), args(repeated)),
    # Gradients that are not the derivative: that is what these options are for.
    *[
        case
        for options in (
            {"padding_idx": 1}, {"padding_idx": -2}, {"scale_grad_by_freq": True},
            {"padding_idx": 1, "scale_grad_by_freq": True},
        )
        for case in (
            *layer("Embedding", args(3, 2, **options), args(repeated), differences=False),
            *function("embedding", args(repeated, table, **options), differences=False),
        )
    ],
    # Many rows with few repetitions, and with many: they are added up in different ways.
    *layer("Embedding", args(500, 64), args(integers(0, 500, 600)), differences=False),
    *layer("Embedding", args(500, 64), args(integers(0, 9, 600)), differences=False),
    # The weight is changed by the call, and not by every call of a comparison.
    *[
        case
        for options in (
            {"max_norm": 0.5}, {"max_norm": 1.0, "norm_type": 1.0}, {"max_norm": 100.0},
            {"max_norm": 1.0, "norm_type": float("inf"), "padding_idx": 0}, {"max_norm": 0.0},
        )
        for case in layer("Embedding", args(3, 2, **options), args(repeated), differences=False)
    ],
    *function("embedding", args(repeated, table), args(exactly(2, "int64"), table)),
    *function(
        "one_hot",
        args(repeated), args(repeated, 5), args(exactly(1, "int64"), 3),
        args(integers(0, 1, 0, 2), 3),
        differences=False,
    ),
]  # fmt: skip

REFUSED = [
    refused("Embedding", args(3, 2), args(exactly([0, 3], "int64")), IndexError,
            "index out of range in self", "3"),
    refused("Embedding", args(3, 2), args(exactly([-1], "int64")), IndexError, "-1", "3 entries"),
    refused("Embedding", args(3, 2), args(exactly(7, "int32")), IndexError, "7"),
    refused("Embedding", args(3, 2), args(normal(2)), RuntimeError, "Embedding", "float32"),
    refused("Embedding", args(3, 2), args(integers(0, 3, 2, dtype="int16")), RuntimeError, "int16"),
    refused("Embedding", args(3, 2), args(integers(0, 3, 2, dtype="uint8")), RuntimeError, "uint8"),
    refused("Embedding", args(3, 2), args([1, 2]), TypeError, "Embedding", "list"),
    refused("Embedding", args(3, 2, padding_idx=3), None, AssertionError, "3", "from -3 to 2"),
    refused("Embedding", args(3, 2, padding_idx=-4), None, AssertionError, "-4"),
    refused("Embedding", args(3, 2, _weight=normal(3, 3)), None, AssertionError, "[3, 3]", "2"),
    refused("Embedding", args(-3, 2), None, RuntimeError, "-3"),
    refused("Embedding", args(3.5, 2), None, TypeError, "float"),
    refused("embedding", None, args(repeated, normal(3)), RuntimeError, "[3]", "2"),
    refused("embedding", None, args(repeated, normal(3, 2), 5), AssertionError, "5"),
    refused("embedding", None, args(repeated, [[1.0]]), TypeError, "weight", "list"),
    refused("one_hot", None, args(repeated, 2), RuntimeError, "num_classes=2", "between 0 and 2"),
    refused("one_hot", None, args(exactly([0, -2], "int64")), RuntimeError, "-2"),
    refused("one_hot", None, args(normal(2)), RuntimeError, "float32"),
    refused("one_hot", None, args(integers(0, 2, 2, dtype="int32")), RuntimeError, "int32"),
    refused("one_hot", None, args(integers(0, 1, 0)), RuntimeError, "empty"),
    refused("one_hot", None, args([1], 3), TypeError, "list"),
    refused("one_hot", None, args(repeated, 3.0), TypeError, "float"),
]  # fmt: skip
