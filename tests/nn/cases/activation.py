from tests.nn.cases.case import args, exactly, function, layer, normal, refused

# Elementwise functions take any shape; where they saturate they stay finite.
SHAPES = [args(normal(2, 3, scale=2.0)), args(normal()), args(normal(1)), args(normal(0, 3))]
EXTREMES = args(exactly([-1e4, -400.0, -88.0, -20.0, -0.0, 0.0, 20.0, 88.0, 400.0, 1e4]))

CASES = [
    *layer("Sigmoid", args(), *SHAPES),
    *layer("Sigmoid", args(), EXTREMES, differences=False),
    *function("sigmoid", args(normal(2, 3))),
]

REFUSED = [refused("Sigmoid", args(), args([1.0]), TypeError, "Sigmoid", "list")]
