from tests.nn.cases.case import args, layer, normal, refused

CASES = [
    *layer("Flatten", args(), args(normal(2, 3, 4)), args(normal(0, 3, 4)), args(normal(2, 1))),
    *layer("Flatten", args(0, -2), args(normal(2, 3, 4))),
    *layer("Flatten", args(0), args(normal())),
]

REFUSED = [refused("Flatten", args(3), args(normal(2, 2)), IndexError, "3")]
