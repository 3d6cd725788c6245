from tests.nn.cases.case import args, exactly, full, function, integers, layer, normal, refused

CASES = [
    *layer(
        "CosineSimilarity", args(),
        args(normal(4, 3), normal(4, 3)), args(normal(2, 3, 2), normal(2, 3, 2)),
        args(normal(2, 3), normal(1, 3)),
        args(normal(0, 3), normal(0, 3)), args(normal(2, 0), normal(2, 0)),
    ),
    *layer("CosineSimilarity", args(dim=-1), args(normal(2, 1, 3), normal(4, 3))),
    *layer("CosineSimilarity", args(0, 1e-3), args(normal(3), normal(3)), args(normal(), normal())),
    # Below ε, PyTorch's derivative is not that of its forward.
    *layer("CosineSimilarity", args(0, 5.0), args(normal(3), normal(3)), differences=False),
    *layer(
        "CosineSimilarity", args(),
        args(exactly([[1e4, -1e4, 3], [1, 2, 1e4]]), exactly([[1e4, 0, 5], [-1e4, -2e4, 1]])),
        args(full(0, 2, 3), normal(2, 3)), args(full(1e-9, 2, 3), normal(2, 3)),
        args(full(0, 2, 3), full(0, 2, 3)),
        differences=False,
    ),
    *function("cosine_similarity", args(normal(2, 3), normal(2, 3), dim=0, eps=1e-3)),
    *layer(
        "PairwiseDistance", args(),
        args(normal(4, 3), normal(4, 3)), args(normal(4, 3), normal(3)), args(normal(3), normal(3)),
        args(normal(2, 3, 2), normal(2, 3, 2)), args(normal(0, 3), normal(0, 3)),
        args(normal(2, 0), normal(2, 0)), args(normal(), normal()),
    ),
    *[
        case
        for p in (1, 1.5, 3, 0.5, float("inf"), float("-inf"), -1)
        for case in layer("PairwiseDistance", args(p=p), args(normal(4, 3), normal(4, 3)))
    ],
    *layer("PairwiseDistance", args(0), args(normal(4, 3), normal(4, 3)), differences=False),
    *layer("PairwiseDistance", args(2, 0.1, True), args(normal(4, 3), normal(4, 3))),
    *layer(
        "PairwiseDistance", args(),
        args(full(1e4, 2, 3), full(-1e4, 2, 3)), args(full(1, 2, 3), full(1, 2, 3)),
        differences=False,
    ),
    *function("pairwise_distance", args(normal(4, 3), normal(3), 3.0, 1e-3, True)),
]  # fmt: skip

whole = integers(1, 3, 2, 3)

CASES += function(
    "normalize",
    args(normal(4, 3)), args(normal(4, 3), 1.0, 0), args(normal(2, 3, 4), p=3, dim=-1),
    args(normal(2, 3, 4), dim=(1, 2)), args(normal(0, 3)), args(normal(2, 3), eps=10.0),
)  # fmt: skip
CASES += function("normalize", args(full(0, 2, 3)), args(full(1e4, 2, 3)), differences=False)

REFUSED = [
    refused("CosineSimilarity", args(2), args(normal(2, 3), normal(2, 3)), IndexError, "2"),
    refused("CosineSimilarity", args((0, 1)), args(normal(2, 3), normal(2, 3)), TypeError, "tuple"),
    refused(
        "CosineSimilarity", args(), args(normal(2, 3), normal(2, 2)), RuntimeError,
        "CosineSimilarity", "[2, 3]", "[2, 2]",
    ),
    refused("CosineSimilarity", args(), args(whole, whole), RuntimeError, "int64"),
    refused("CosineSimilarity", args(), args([1.0], normal(2, 3)), TypeError, "x1", "list"),
    refused(
        "PairwiseDistance", args(), args(normal(2, 3), normal(2, 2)), RuntimeError,
        "PairwiseDistance", "[2, 3]", "[2, 2]",
    ),
    refused("PairwiseDistance", args(), args(normal(2), None), TypeError, "x2"),
    refused("pairwise_distance", None, args([1.0], normal(2, 3)), TypeError, "x1", "list"),
]  # fmt: skip
REFUSED += [refused("normalize", None, args(normal(3)), IndexError, "1")]
