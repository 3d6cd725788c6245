from tests.nn.cases.case import (
    Made,
    args,
    exactly,
    full,
    function,
    integers,
    layer,
    mask,
    normal,
    refused,
    uniform,
)

REDUCTIONS = ("mean", "sum", "none")
EVERY = [args(reduction=reduction) for reduction in REDUCTIONS]


def labels(*values):
    """Classes, one for each sample."""
    return exactly(list(values), "int64")


a_class = exactly(1, "int64")
signs = exactly([1, -1, 1, -1], "int64")

# -- of the difference --------------------------------------------------------------------

PAIRS = [
    args(normal(4, 3), normal(4, 3)), args(normal(), normal()), args(normal(0, 3), normal(0, 3)),
]  # fmt: skip
# At 0, and at the places where a square becomes a straight line.
KINKS = args(exactly([-2, -1, -0.5, 0, 0.5, 1, 2]), full(0, 7))
FAR = args(full(1e4, 3), full(-1e4, 3))

CASES = [
    case
    for name in ("L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss")
    for reduction in EVERY
    for case in (
        *layer(name, reduction, *PAIRS),
        *layer(name, reduction, KINKS, FAR, differences=False),
    )
]  # fmt: skip
for reduction in EVERY:
    CASES += layer("SmoothL1Loss", args(beta=0.3, **reduction.options), PAIRS[0])
    CASES += layer("SmoothL1Loss", args(beta=0, **reduction.options), PAIRS[0])
    CASES += layer("HuberLoss", args(delta=0.3, **reduction.options), PAIRS[0])
    for name in ("l1_loss", "mse_loss", "huber_loss"):
        CASES += function(
            name,
            args(normal(2, 3), normal(2, 3), **reduction.options),
            args(normal(2, 3), normal(2, 3), weight=uniform(0.5, 2, 2, 3), **reduction.options),
        )
    CASES += function("smooth_l1_loss", args(normal(2, 3), normal(2, 3), **reduction.options))
CASES += function("smooth_l1_loss", args(normal(2, 3), normal(2, 3), beta=0.2))
CASES += function("huber_loss", args(normal(2, 3), normal(2, 3), "sum", 0.2))

# -- of probabilities ---------------------------------------------------------------------

probabilities, logs = uniform(0.1, 0.9, 3, 4), uniform(-3, -0.1, 3, 4)
weights = uniform(0.5, 2, 4)

for name in ("sum", "none", "batchmean"):  # "mean" warns, and has its own test
    CASES += layer("KLDivLoss", args(reduction=name), args(logs, probabilities))
    CASES += layer("KLDivLoss", args(reduction=name, log_target=True), args(logs, logs))
    CASES += layer("KLDivLoss", args(reduction=name), args(normal(4), uniform(0.1, 1, 3, 4)))
    CASES += layer("KLDivLoss", args(reduction=name), args(normal(3, 4), uniform(0.1, 1, 4)))
CASES += layer("KLDivLoss", args(reduction="batchmean"), args(normal(), uniform(0, 1)))
CASES += layer("KLDivLoss", args(reduction="batchmean"), args(normal(0, 3), normal(0, 3)))
CASES += layer(
    "KLDivLoss", args(reduction="none"),
    args(full(-1e4, 3), exactly([0.0, 1.0, 0.5])), differences=False,
)  # fmt: skip
CASES += function(
    "kl_div",
    args(logs, probabilities, reduction="sum"),
    args(logs, logs, reduction="batchmean", log_target=True),
)

CERTAIN = args(exactly([0, 1, 1, 0, 1e-30]), exactly([0, 1, 0.5, 0.5, 0.5]))
for reduction in EVERY:
    CASES += layer(
        "BCELoss", reduction,
        args(probabilities, probabilities), args(uniform(0.1, 0.9), uniform(0, 1)),
        args(uniform(0, 1, 0, 2), uniform(0, 1, 0, 2)),
    )  # fmt: skip
    CASES += layer(
        "BCELoss", args(weights, **reduction.options), args(probabilities, probabilities)
    )
    CASES += layer(
        "BCEWithLogitsLoss", reduction,
        args(normal(3, 4), probabilities), args(normal(), uniform(0, 1)),
        args(normal(0, 2), uniform(0, 1, 0, 2)),
    )  # fmt: skip
    for options in (
        {"weight": weights}, {"pos_weight": weights}, {"pos_weight": full(3)},
        {"weight": uniform(0.5, 2, 3, 1), "pos_weight": weights},
    ):  # fmt: skip
        CASES += layer(
            "BCEWithLogitsLoss", args(**options, **reduction.options),
            args(normal(3, 4), probabilities),
        )  # fmt: skip
CASES += layer("BCELoss", args(reduction="none"), CERTAIN, differences=False)
EXTREMES = exactly([-1e4, 1e4, -1e4, 1e4, -88, 88, -20, 20, 0])
for name in ("mean", "none"):
    CASES += layer(
        "BCEWithLogitsLoss", args(reduction=name, pos_weight=full(2)),
        args(EXTREMES, exactly([0, 1, 1, 0, 1, 0, 0, 1, 0.5])), differences=False,
    )  # fmt: skip
CASES += layer(
    "BCEWithLogitsLoss", args(reduction="none"),
    *[args(EXTREMES, full(value, 9)) for value in (0, 1)], differences=False,
)  # fmt: skip
CASES += function("binary_cross_entropy", args(probabilities, probabilities))
CASES += function("binary_cross_entropy_with_logits", args(normal(3, 4), probabilities))

# -- of classes ---------------------------------------------------------------------------

batch = labels(3, 0, 2, 0, 1)
classes = {"weight": uniform(0.5, 2, 4)}
some_ignored = [args(normal(5, 4), labels(3, -100, 2, -100, 1))]
maps = [
    args(normal(2, 4, 3), integers(0, 4, 2, 3)), args(normal(2, 4, 3, 2), integers(0, 4, 2, 3, 2)),
    args(normal(2, 4, 2, 1, 2), integers(0, 4, 2, 2, 1, 2)),
]  # fmt: skip
INDICES = [
    args(normal(5, 4), batch), args(normal(4), a_class), args(normal(1, 4), labels(2)),
    args(normal(0, 4), integers(0, 1, 0)),
    args(normal(5, 4), integers(0, 4, 5, dtype="uint8")),
]  # fmt: skip

for name in ("NLLLoss", "CrossEntropyLoss"):
    for reduction in EVERY:
        given = reduction.options
        # PyTorch's own NLLLoss fails for images that are not contiguous.
        strided = name != "NLLLoss"
        CASES += layer(name, reduction, *INDICES, *some_ignored)
        CASES += layer(name, reduction, *maps, strided=strided)
        CASES += layer(name, args(**classes, **given), *INDICES[:2], *some_ignored)
        CASES += layer(name, args(**classes, **given), maps[1], strided=strided)
        CASES += layer(
            name, args(ignore_index=0, **given), INDICES[0], args(normal(4), exactly(0, "int64")),
            differences=given["reduction"] != "mean",
        )  # fmt: skip
        CASES += layer(name, args(**classes, ignore_index=0, **given), INDICES[0])
        CASES += layer(
            name, reduction, args(normal(2, 4), labels(-100, -100)), differences=False,
        )  # fmt: skip
CASES += layer("NLLLoss", args(), args(normal(1), labels(0)))

large = exactly([[1e4, -1e4, 0, 1e4], [-1e4, -1e4, -1e4, -1e4], [5, 5, 5, 5], [1e4, 0, 0, -1e4]])
for name in REDUCTIONS:
    CASES += layer(
        "CrossEntropyLoss", args(reduction=name), args(large, labels(1, 0, 3, 0)), differences=False
    )
    for options in ({}, classes):
        CASES += layer(
            "CrossEntropyLoss", args(label_smoothing=0.1, reduction=name, **options),
            INDICES[0], INDICES[1], some_ignored[0], maps[1],
            args(normal(4, 4), uniform(0, 1, 4, 4)),
        )  # fmt: skip
        CASES += layer(
            "CrossEntropyLoss", args(reduction=name, **options),
            args(normal(3, 4), uniform(0, 1, 3, 4)), args(normal(4), uniform(0, 1, 4)),
            args(normal(2, 4, 3), uniform(0, 1, 2, 4, 3)), args(normal(0, 4), uniform(0, 1, 0, 4)),
            args(normal(2, 4, 2, 3), uniform(0, 1, 2, 4, 2, 3)),
        )  # fmt: skip
    CASES += layer(
        "CrossEntropyLoss", args(label_smoothing=0.1, reduction=name),
        args(large, labels(1, 0, 3, 0)), args(large, full(0.25, 4, 4)),
        args(normal(2, 4), labels(-100, -100)), differences=False,
    )  # fmt: skip
CASES += layer("CrossEntropyLoss", args(label_smoothing=1.0), INDICES[0])
CASES += layer("CrossEntropyLoss", args(), args(normal(1000, scale=3.0), a_class))
for name in ("nll_loss", "cross_entropy"):
    CASES += function(
        name,
        args(normal(5, 4), batch), args(normal(5, 4), batch, ignore_index=0),
        args(normal(5, 4), batch, reduction="sum"),
    )  # fmt: skip
CASES += function("cross_entropy", args(normal(3, 4), uniform(0, 1, 3, 4), label_smoothing=0.2))

# -- of two inputs ------------------------------------------------------------------------

for reduction in EVERY:
    for margin in (0.0, 0.3):
        options = {"margin": margin, **reduction.options}
        CASES += layer(
            "CosineEmbeddingLoss", args(**options),
            args(normal(4, 3), normal(4, 3), signs), args(normal(4, 3), normal(1, 3), signs),
            args(normal(3), normal(3), exactly(1, "int64")),
            args(normal(4, 3), normal(4, 3), labels(-1)),
        )  # fmt: skip
        CASES += layer(
            "MarginRankingLoss", args(**options),
            args(normal(4), normal(4), signs), args(normal(4), normal(4), normal(4)),
            args(normal(), normal(), exactly(-1, "int64")),
            args(normal(4, 3), normal(1, 3), normal(4, 1)),
            args(normal(0, 3), normal(0, 3), normal(0, 3)),
        )  # fmt: skip
CASES += layer("CosineEmbeddingLoss", args(), args(normal(0, 3), normal(0, 3), integers(0, 1, 0)))
CASES += layer(
    "CosineEmbeddingLoss", args(reduction="none"),
    args(full(1e4, 4, 3), full(-1e4, 4, 3), signs), args(full(0, 4, 3), full(1, 4, 3), signs),
    differences=False,
)  # fmt: skip
CASES += layer(
    "MarginRankingLoss", args(reduction="none"), args(full(2, 4), full(2, 4), signs),
    differences=False,
)  # fmt: skip
CASES += function("cosine_embedding_loss", args(normal(4, 3), normal(4, 3), signs, 0.2))
CASES += function("margin_ranking_loss", args(normal(4), normal(4), signs, 0.5, reduction="sum"))

# -- errors -------------------------------------------------------------------------------

ALL = (
    "L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss", "KLDivLoss", "BCELoss", "BCEWithLogitsLoss",
    "NLLLoss", "CrossEntropyLoss",
)  # fmt: skip
chances = uniform(0, 1, 2, 3)
number = exactly([1, 2], "int64")
a_table = Made(lambda torch: torch.ones(3, requires_grad=True))

REFUSED = [
    refused(name, args(reduction="average"), args(uniform(0, 1, 2), uniform(0, 1, 2)), ValueError,
            "average")
    for name in ALL[:7]
]  # fmt: skip
REFUSED += [
    refused(name, args(reduction="average"), args(normal(2, 3), number), ValueError, "average")
    for name in ALL[7:]
]
REFUSED += [
    refused(name, args(), args(chances, 0.5), AttributeError, name, "float") for name in ALL[:4]
]
REFUSED += [
    refused("SmoothL1Loss", args(beta=-1.0), args(normal(2), normal(2)), RuntimeError, "-1.0"),
    refused("HuberLoss", args(delta=0), args(normal(2), normal(2)), RuntimeError, "0"),
    refused("SmoothL1Loss", args(), args(number, number), NotImplementedError, "int64"),
    refused("HuberLoss", args(), args(number, number), NotImplementedError, "int64"),
    refused("HuberLoss", args(), args(number, normal(2)), RuntimeError, "HuberLoss", "int64"),
    refused("L1Loss", args(), args(number, number), RuntimeError, "L1Loss", "int64"),
    refused("l1_loss", None, args(normal(2, 3), normal(2, 3), weight=normal(3)), ValueError, "[3]"),
    refused("huber_loss", None, args(normal(2), normal(2), "mean", -1.0), RuntimeError, "-1.0"),
    refused("KLDivLoss", args(reduction="sum"), args(normal(2, 3), normal(2, 2)), RuntimeError,
            "KLDivLoss", "[2, 3]", "[2, 2]"),
    refused("KLDivLoss", args(reduction="sum"), args(normal(2), number), RuntimeError, "int64"),
    refused("KLDivLoss", args(reduction="sum"), args([1.0], normal(2)), TypeError, "list"),
    refused("kl_div", None, args(normal(2), normal(2), reduction="avg"), ValueError, "avg"),
    # BCE
    refused("BCELoss", args(), args(uniform(2, 3, 2), uniform(0, 1, 2)), RuntimeError,
            "BCELoss", "input", "between 0 and 1"),
    refused("BCELoss", args(), args(exactly([0.5, float("nan")]), uniform(0, 1, 2)), RuntimeError,
            "input", "nan"),
    refused("BCELoss", args(), args(uniform(0, 1, 2), uniform(-2, -1, 2)), RuntimeError, "target"),
    refused("BCELoss", args(), args(chances, uniform(0, 1, 3)), ValueError, "BCELoss", "[3]"),
    refused("BCELoss", args(), args(uniform(0, 1, 2), exactly([0, 1], "int64")), RuntimeError,
            "BCELoss", "int64", "float32"),
    refused("BCELoss", args(), args(exactly([0, 1], "int64"), exactly([0, 1], "int64")),
            NotImplementedError, "int64"),
    refused("BCELoss", args(uniform(1, 2, 2)), args(chances, chances), RuntimeError, "[2]"),
    refused("BCELoss", args(), args(chances, None), AttributeError, "NoneType"),
    refused("BCELoss", args([1.0, 2.0]), None, TypeError, "list"),
    refused("BCEWithLogitsLoss", args(), args(chances, uniform(0, 1, 3)), ValueError, "[3]"),
    refused("BCEWithLogitsLoss", args(uniform(1, 2, 2)), args(chances, chances), RuntimeError,
            "BCEWithLogitsLoss", "weight", "[2]", "[2, 3]"),
    refused("BCEWithLogitsLoss", args(pos_weight=uniform(1, 2, 5, 2, 3)), args(chances, chances),
            RuntimeError, "pos_weight", "[5, 2, 3]"),
    refused("BCEWithLogitsLoss", args(), args(number, uniform(0, 1, 2)), NotImplementedError,
            "int64"),
    refused("BCEWithLogitsLoss", args(), args(normal(2), number), RuntimeError, "int64"),
    refused("binary_cross_entropy_with_logits", None, args(chances, chances, [1.0]), TypeError,
            "BCEWithLogitsLoss", "weight", "list"),
    refused("binary_cross_entropy", None, args(chances, chances, reduction="x"), ValueError, "x"),
    # two inputs
    refused("CosineEmbeddingLoss", args(), args(normal(2, 3), normal(2, 3), exactly(1, "int64")),
            RuntimeError, "CosineEmbeddingLoss", "[2, 3]"),
    refused("CosineEmbeddingLoss", args(), args(normal(3), normal(3), labels(1)), RuntimeError,
            "[1]"),
    refused("CosineEmbeddingLoss", args(), args(normal(2, 3), normal(2, 2), labels(1, 1)),
            RuntimeError, "[2, 2]"),
    refused("CosineEmbeddingLoss", args(), args([1.0], normal(2, 3), labels(1, 1)), TypeError,
            "input1", "list"),
    refused("CosineEmbeddingLoss", args(), args(normal(2, 3), normal(2, 3), labels(1, 1, 1)),
            RuntimeError, "[3]"),
    refused("MarginRankingLoss", args(), args(normal(2, 3), normal(2, 3), labels(1, 1)),
            RuntimeError, "MarginRankingLoss", "[2, 3]", "[2]"),
    refused("MarginRankingLoss", args(), args(normal(2), normal(3), labels(1, 1)), RuntimeError,
            "[3]"),
    refused("MarginRankingLoss", args(), args([1.0], normal(1), labels(1)), AttributeError, "list"),
    refused("MarginRankingLoss", args(), args(normal(3), normal(3), mask(3)), RuntimeError, "bool"),
    refused("margin_ranking_loss", None, args(normal(1), normal(1), labels(1), reduction="x"),
            ValueError, "x"),
]  # fmt: skip
for name in ("NLLLoss", "CrossEntropyLoss"):
    REFUSED += [
        refused(name, args(), args(normal(2, 3), labels(0, 3)), IndexError, name, "3", "to 2"),
        refused(name, args(), args(normal(2, 3), labels(0, -1)), IndexError, "-1"),
        refused(name, args(), args(normal(2, 3, 2), integers(3, 4, 2, 2)),
                IndexError, "3"),
        refused(name, args(), args(normal(3), exactly(5, "int64")), IndexError, "5"),
        refused(name, args(), args(normal(2, 0), labels(0, 0)), IndexError, "0"),
        refused(name, args(), args(normal(2, 3), integers(0, 3, 2, dtype="int32")), RuntimeError,
                name, "int32", ".long()"),
        refused(name, args(), args(normal(2, 3), uniform(0, 1, 2)), RuntimeError, "float32"),
        refused(name, args(), args(normal(2, 3, 2), integers(0, 3, 2, 2, dtype="uint8")),
                RuntimeError, "uint8"),
        refused(name, args(), args(normal(2, 3), labels(0, 1, 2)), ValueError, "[2, 3]", "[3]"),
        refused(name, args(), args(normal(2, 3), exactly(1, "int64")), ValueError, "batch"),
        refused(name, args(), args(normal(3), labels(0, 1)), ValueError, "[2]"),
        refused(name, args(), args(normal(2, 3), integers(0, 3, 2, 4)), RuntimeError, "[2, 4]"),
        refused(name, args(), args(normal(2, 3, 4), integers(0, 3, 2, 3)), RuntimeError, "[2, 3]"),
        refused(name, args(), args(normal(2, 3, 4, 5), integers(0, 3, 2, 5, 4)), RuntimeError,
                "[2, 5, 4]"),
        refused(name, args(), args(normal(2, 3), [0, 1]), TypeError, name, "target", "list"),
        refused(name, args(), args([0.0], labels(0)), TypeError, name, "input", "list"),
        refused(name, args(), args(integers(0, 3, 2, 3), labels(0, 1)), NotImplementedError, name),
        refused(name, args(weight=normal(2)), args(normal(2, 3), labels(0, 1)), RuntimeError,
                name, "3 classes", "[2]"),
        refused(name, args(weight=Made(lambda torch: torch.ones(3).double())),
                args(normal(2, 3), labels(0, 1)), RuntimeError, "float64", "float32"),
        refused(name, args(weight=a_table), args(normal(2, 3), labels(0, 1)), RuntimeError,
                name, "weight"),
        refused(name, args(weight=[1.0]), None, TypeError, "list"),
    ]  # fmt: skip
REFUSED += [
    refused("NLLLoss", args(), args(normal(), exactly(0, "int64")), ValueError, "NLLLoss"),
    refused("NLLLoss", args(), args(normal(2, 3), uniform(0, 1, 2, 3)), RuntimeError, "[2, 3]"),
    refused("CrossEntropyLoss", args(), args(normal(3), labels(0, 1, 2)), RuntimeError, "int64"),
    refused("CrossEntropyLoss", args(), args(normal(), uniform(0, 1)), IndexError, "classes"),
    refused("CrossEntropyLoss", args(label_smoothing=1.5), args(normal(2, 3), labels(0, 1)),
            RuntimeError, "label_smoothing", "1.5"),
    refused("CrossEntropyLoss", args(ignore_index=1), args(normal(2, 3), uniform(0, 1, 2, 3)),
            RuntimeError, "ignore_index=1"),
    refused("CrossEntropyLoss", args(weight=normal(2)), args(normal(2, 3), uniform(0, 1, 2, 3)),
            RuntimeError, "3 classes", "[2]"),
    refused("cross_entropy", None, args(normal(2, 3), labels(0, 1), [1.0]), TypeError, "list"),
    refused("nll_loss", None, args(normal(2, 3), labels(0, 1), reduction="x"), ValueError, "x"),
]  # fmt: skip
