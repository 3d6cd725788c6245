from tests.nn.cases.case import args, integers, layer, normal, refused

CASES = [
    *layer("Flatten", args(), args(normal(2, 3, 4)), args(normal(0, 3, 4)), args(normal(2, 1))),
    *layer("Flatten", args(0, -2), args(normal(2, 3, 4))),
    *layer("Flatten", args(0), args(normal())),
    *layer("Unflatten", args(1, (2, 3)), args(normal(2, 6)), args(normal(0, 6, 2))),
    *layer("Unflatten", args(1, (2, 3)), args(integers(0, 9, 1, 6)), differences=False),
    *layer("Unflatten", args(-1, (2, -1)), args(normal(2, 6)), args(normal(6))),
    *layer("Unflatten", args(0, [-1, 1, 2]), args(normal(4, 3))),
    *layer("Unflatten", args(dim=1, unflattened_size=(1,)), args(normal(2, 1))),
    *layer("Unflatten", args(1, (3, 0)), args(normal(2, 0))),
]  # fmt: skip

REFUSED = [
    refused("Flatten", args(3), args(normal(2, 2)), IndexError, "3"),
    refused("Unflatten", args(1, (4, 2)), args(normal(2, 6)), RuntimeError, "4, 2", "6"),
    refused("Unflatten", args(1, ()), args(normal(2, 6)), RuntimeError, "empty"),
    refused("Unflatten", args(1, (-1, -1)), args(normal(2, 6)), RuntimeError, "-1, -1"),
    refused("Unflatten", args(2, (2, 3)), args(normal(2, 6)), IndexError, "2"),
    refused("Unflatten", args(1, (2, 3)), args([1.0]), AttributeError, "Unflatten", "list"),
    refused("Unflatten", args("W", (2, 3)), args(normal(2, 6)), TypeError, "dim"),
    refused("Unflatten", args(1, 6), None, TypeError, "Unflatten", "int", "6"),
    refused("Unflatten", args(1, (2.0, 3)), None, TypeError, "Unflatten", "float", "0"),
    refused("Unflatten", args("W", (("a", 2), ("b", 3))), None, TypeError, "Unflatten", "tuple"),
]  # fmt: skip
