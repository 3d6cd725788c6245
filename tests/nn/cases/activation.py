from tests.nn.cases.case import (
    args,
    distinct,
    exactly,
    full,
    function,
    integers,
    layer,
    mask,
    normal,
    refused,
)

# Elementwise functions take any shape; where they saturate they stay finite.
SHAPES = [args(normal(2, 3, scale=2.0)), args(normal()), args(normal(1)), args(normal(0, 3))]
LARGE = args(normal(3, 5, 7, scale=3.0))
# More than one block of the formulas that work in blocks, and of the masks made of bits.
LONG = args(normal(90, 100, scale=2.0))
EXTREMES = args(exactly([-1e4, -400.0, -88.0, -20.0, -0.0, 0.0, 20.0, 88.0, 400.0, 1e4]))
CONSTANT = args(full(1e4, 2, 4))
INTEGERS = args(integers(-3, 8, 5))

ELEMENTWISE = {
    "ELU": [args(), args(0.5)],
    "GELU": [args(), args("tanh")],
    "Hardtanh": [args(), args(-2.0, 0.5)],
    "LeakyReLU": [args(), args(0.2), args(-0.5)],
    "LogSigmoid": [args()],
    "PReLU": [args(), args(init=-0.3)],
    "ReLU": [args()],
    "ReLU6": [args()],
    "Sigmoid": [args()],
    "SiLU": [args()],
    "Softplus": [args(), args(2, 3), args(beta=0.5, threshold=1.0)],
    "Tanh": [args()],
}

CASES = [
    case
    for name, constructors in ELEMENTWISE.items()
    for made in constructors
    for case in (
        *layer(name, made, *SHAPES, LARGE),
        *layer(name, made, LONG, EXTREMES, CONSTANT, differences=False),
    )
]
CASES += [
    case
    for name in ("ReLU", "ReLU6", "Hardtanh", "Sigmoid", "Tanh")
    for case in layer(name, args(), INTEGERS, differences=False)
]
# What is written over its input cannot be a leaf: here nothing requires a gradient.
CASES += [
    case
    for name in ("ReLU", "ReLU6", "Hardtanh")
    for case in layer(name, args(inplace=True), INTEGERS, differences=False)
]
CASES += layer("PReLU", args(3), args(normal(4, 3)), args(normal(2, 3, 5)), args(normal(0, 3, 2)))
CASES += layer("PReLU", args(1), args(normal(2, 3, 5)))

VECTORS = [args(normal(5)), args(normal(2, 3, 4)), args(normal(2, 0)), args(normal(3, 1))]
for name in ("Softmax", "LogSoftmax"):
    CASES += layer(name, args(-1), *VECTORS, args(normal()), args(normal(0, 3)))
    CASES += layer(name, args(0), args(normal(5, 2)), args(normal(1, 3)))
    CASES += layer(name, args(1), args(normal(2, 3, 4)), args(normal(2, 3, 2, 2)))
    CASES += layer(name, args(0), EXTREMES, CONSTANT, differences=False)
    CASES += layer(name, args(-1), args(exactly([[-1e4, 0.0, 1e4], [1e4, 1e4, -1e4]])),
                   args(exactly([[0.0, float("-inf"), 1.0]])), differences=False)  # fmt: skip
CASES += layer("GLU", args(), args(normal(4)), args(normal(2, 6)), args(normal(0, 4)))
CASES += layer("GLU", args(1), args(normal(2, 4, 3)))
CASES += layer("GLU", args(0), EXTREMES, CONSTANT, differences=False)

ONE = normal(2, 3)


def on_product(torch, module, input):
    """A call on what was computed: a leaf cannot be written over."""
    product = input * 2
    output = module(product)
    assert output is product
    return output


for name in ("ReLU", "ReLU6", "Hardtanh", "LeakyReLU", "ELU", "SiLU"):
    CASES += layer(name, args(inplace=True), args(ONE), LARGE, call=on_product)
for name in ("relu_", "elu_", "leaky_relu_", "hardtanh_"):
    CASES += function(name, args(ONE), call=on_product)
CASES += [
    *function("elu", args(ONE), args(ONE, 0.5)),
    *function("gelu", args(ONE), args(ONE, approximate="tanh")),
    *function("glu", args(normal(2, 4)), args(normal(2, 4), 0)),
    *function("hardtanh", args(ONE), args(ONE, -0.5, 0.5)),
    *function("leaky_relu", args(ONE), args(ONE, 0.3)),
    *function("log_softmax", args(ONE, 1), args(ONE, dim=0)),
    *function("logsigmoid", args(ONE)),
    *function(
        "prelu", args(ONE, normal(1)), args(ONE, normal(3)), args(normal(2, 3, 4), normal(3))
    ),
    *function("prelu", args(ONE, normal())),
    *function("relu", args(ONE)),
    *function("relu6", args(distinct(3, 4, step=1.0))),
    *function("sigmoid", args(ONE)),
    *function("silu", args(ONE)),
    *function("softmax", args(ONE, 1), args(ONE, dim=0)),
    *function("softplus", args(ONE), args(ONE, 2, 1)),
    *function("tanh", args(ONE)),
]

FLOATING = ["ELU", "GELU", "LeakyReLU", "LogSigmoid", "SiLU", "Softplus"]
LIST = args([1.0])

REFUSED = [
    *(refused(name, args(), LIST, TypeError, name, "list") for name in ELEMENTWISE),
    *(refused(name, args(), INTEGERS, NotImplementedError, name, "int64") for name in FLOATING),
    *(
        refused(name, args(), args(mask(3)), RuntimeError, name)
        for name in ("ReLU", "ReLU6", "Hardtanh")
    ),
    *(
        refused(name, args(0), args(integers(0, 5, 6)), NotImplementedError, name, "int64")
        for name in ("Softmax", "LogSoftmax", "GLU")
    ),
    *(
        refused(n, args(0), LIST, AttributeError, n, "list")
        for n in ("Softmax", "LogSoftmax", "GLU")
    ),
    refused("Softmax", args(3), args(ONE), IndexError, "3"),
    refused("LogSoftmax", args(-3), args(ONE), IndexError, "-3"),
    refused("GLU", args(), args(ONE), RuntimeError, "GLU", "3"),
    refused("GLU", args(), args(normal()), RuntimeError, "GLU"),
    refused("GELU", args("cubic"), args(ONE), RuntimeError, "GELU", "cubic"),
    refused("Hardtanh", args(1.0, -1.0), None, AssertionError, "Hardtanh", "-1.0"),
    refused(
        "Hardtanh",
        args(),
        args(integers(0, 5, 3, dtype="uint8")),
        RuntimeError,
        "Hardtanh",
        "-1.0",
        "uint8",
    ),
    refused("hardtanh", None, args(ONE, 1.0, -1.0), ValueError, "hardtanh", "-1.0"),
    refused("PReLU", args(3), args(normal(2, 4)), RuntimeError, "PReLU", "3", "4"),
    refused("PReLU", args(), INTEGERS, RuntimeError, "PReLU", "int64"),
    refused("prelu", None, args(ONE, normal(3, 1)), RuntimeError, "PReLU", "[3, 1]"),
]
