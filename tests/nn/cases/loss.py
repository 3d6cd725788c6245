from tests.nn.cases.case import args, full, function, layer, normal, refused

CASES = [
    case
    for reduction in ("mean", "sum", "none")
    for case in (
        *layer(
            "MSELoss", args(reduction=reduction),
            args(normal(4, 3), normal(4, 3)), args(normal(), normal()),
        ),
        *function("mse_loss", args(normal(2, 3), normal(2, 3), reduction=reduction)),
    )
]  # fmt: skip
CASES += layer("MSELoss", args(reduction="sum"), args(normal(0, 3), normal(0, 3)))
CASES += layer("MSELoss", args(), args(full(1e4, 3), full(-1e4, 3)), differences=False)

REFUSED = [
    refused(
        "MSELoss", args(reduction="average"), args(normal(2), normal(2)), ValueError, "average"
    ),
    refused("MSELoss", args(), args(normal(2, 3), 0.5), AttributeError, "MSELoss", "float"),
]
