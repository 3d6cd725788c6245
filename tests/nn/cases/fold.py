from tests.nn.cases.case import args, function, integers, layer, mask, normal, refused

CASES = [
    *layer(
        "Unfold", args(3),
        args(normal(2, 3, 5, 4)), args(normal(3, 5, 4)), args(normal(1, 1, 3, 3)),
        args(normal(0, 2, 3, 4)),
    ),
    *layer("Unfold", args((2, 3), dilation=2, padding=1, stride=2), args(normal(2, 2, 6, 7))),
    *layer("Unfold", args(2, (1, 2), (0, 3), (3, 1)), args(normal(2, 5, 2))),
    *layer("Unfold", args(1), args(normal(2, 3, 2, 2))),
    *layer("Unfold", args(2, stride=3), args(normal(2, 1, 6, 7))),
    *layer(
        "Fold", args(5, 3),
        args(normal(2, 18, 9)), args(normal(9, 9)), args(normal(0, 9, 9)),
    ),
    *layer("Fold", args((5, 4), (3, 2), 1, (0, 1), (1, 2)), args(normal(2, 12, 9))),
    *layer("Fold", args((6, 7), (2, 3), dilation=2, padding=1, stride=2), args(normal(2, 12, 9))),
    *layer("Fold", args((6, 7), 2, stride=3), args(normal(2, 4, 4))),
    *layer("Fold", args(1, 1), args(normal(3, 1))),
    *function(
        "unfold",
        args(normal(2, 3, 5, 4), 2), args(normal(3, 5, 4), (2, 1), 2, padding=1, stride=(1, 2)),
    ),
    *function("unfold", args(mask(1, 2, 3, 3), 2), differences=False),
    *function(
        "fold",
        args(normal(2, 8, 12), (5, 4), 2), args(normal(2, 30), (5, 4), (2, 1), 2, 1, (1, 1)),
    ),
]  # fmt: skip

REFUSED = [
    refused("Unfold", args(3), args(normal(1, 1, 1, 5, 5)), RuntimeError, "Unfold", "4", "5, 5]"),
    refused("Unfold", args(3), args(normal(1, 0, 5, 5)), RuntimeError, "[1, 0, 5, 5]"),
    refused("Unfold", args(3), args(normal(1, 1, 2, 2)), RuntimeError, "(3, 3)", "2 x 2"),
    refused("Unfold", args(3), args(integers(0, 9, 1, 1, 3, 3)), NotImplementedError, "int64"),
    refused("Unfold", args((1, 1, 1)), args(normal(1, 1, 3, 3)), RuntimeError, "kernel_size", "2"),
    refused("Unfold", args(2, stride=0), args(normal(1, 1, 3, 3)), RuntimeError, "stride", "0"),
    refused("Unfold", args(2, dilation=0), args(normal(1, 1, 3, 3)), RuntimeError, "dilation"),
    refused("Unfold", args(2, padding=-1), args(normal(1, 1, 3, 3)), RuntimeError, "padding"),
    refused("Unfold", args(0), args(normal(1, 1, 3, 3)), RuntimeError, "kernel_size", "0"),
    refused("Unfold", args(2), args([1.0]), TypeError, "Unfold", "list"),
    refused("Fold", args(5, 3), args(normal(2, 27, 8)), RuntimeError, "Fold", "9 columns", "8"),
    refused("Fold", args(5, 3), args(normal(2, 26, 9)), RuntimeError, "Fold", "9", "26"),
    refused("Fold", args(5, 3), args(normal(2, 1, 27, 9)), RuntimeError, "[2, 1, 27, 9]"),
    refused("Fold", args(5, 3), args(normal(1, 0, 9)), RuntimeError, "[1, 0, 9]"),
    refused("Fold", args(2, 3), args(normal(2, 27, 9)), RuntimeError, "Fold", "(3, 3)", "2 x 2"),
    refused("Fold", args((5, 5, 5), 3), args(normal(2, 27, 9)), RuntimeError, "output_size"),
    refused("Fold", args(5, 3, stride=0), args(normal(2, 27, 9)), RuntimeError, "stride"),
    refused("Fold", args(5, 3), args(integers(0, 9, 2, 27, 9)), NotImplementedError, "int64"),
    refused("fold", None, args([1.0], 5, 3), TypeError, "Fold", "list"),
]
