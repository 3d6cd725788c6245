from typing import Any

from tests.nn.cases.case import (
    Arguments,
    Case,
    Made,
    args,
    exactly,
    full,
    integers,
    layer,
    normal,
    refused,
)


def pair(*shape: int) -> Any:
    """h_0 and c_0 of an LSTM."""
    return normal(*shape), normal(*shape)


def packed(
    torch: Any, module: Any, input: Any, hx: Any = None, lengths: Any = None, **options: Any
) -> Any:
    """Call a layer with packed sequences and pad what it returns."""
    rnn = torch.nn.utils.rnn
    sequences = rnn.pack_padded_sequence(input, lengths, module.batch_first, **options)
    output, states = module(sequences, hx)
    padded, found = rnn.pad_packed_sequence(output, module.batch_first, padding_value=0.5)
    assert found.tolist() == list(lengths)
    return padded, states


def on_packed(name: str, constructor: Arguments, *inputs: Arguments, **more: Any) -> list[Case]:
    return [Case(name, constructor, each, call=packed, **more) for each in inputs]


def common(name: str, states: Any) -> list[Case]:
    """What RNN, LSTM and GRU share; `states(*shape)` makes hx."""
    return [
        *layer(
            name, args(3, 4),
            args(normal(5, 2, 3)), args(normal(5, 2, 3), states(1, 2, 4)),
            args(normal(5, 3)), args(normal(5, 3), states(1, 4)),
            args(normal(5, 3), hx=states(1, 4)),
            args(normal(1, 2, 3)), args(normal(1, 3)), args(normal(5, 1, 3), states(1, 1, 4)),
            args(normal(5, 0, 3)), args(normal(2, 0, 3), states(1, 0, 4)),
        ),
        *layer(
            name, args(3, 4),
            args(normal(3, 2, 3, scale=1e4)), args(full(0, 3, 2, 3), states(1, 2, 4)),
            differences=False,
        ),
        *layer(name, args(3, 4, bias=False), args(normal(5, 2, 3)), args(normal(5, 3))),
        *layer(name, args(1, 1), args(normal(3, 1, 1))),
        *layer(
            name, args(3, 4, batch_first=True),
            args(normal(2, 5, 3)), args(normal(2, 5, 3), states(1, 2, 4)), args(normal(5, 3)),
        ),
        *layer(name, args(3, 2, 3), args(normal(4, 2, 3), states(3, 2, 2))),
        *layer(
            name, args(3, 2, bidirectional=True),
            args(normal(4, 2, 3)), args(normal(4, 3), states(2, 2)),
        ),
        *layer(
            name, args(3, 2, num_layers=2, batch_first=True, bidirectional=True),
            args(normal(2, 4, 3), states(4, 2, 2)),
        ),
        *layer(
            name, args(3, 2, num_layers=3, dropout=0.5),
            args(normal(4, 2, 3)), args(normal(4, 3), states(3, 2)), random=True,
        ),
        *layer(
            name, args(3, 2, 2, batch_first=True, dropout=0.3, bidirectional=True),
            args(normal(2, 4, 3)), random=True,
        ),
        *layer(name, args(3, 2, 2, dropout=1.0), args(normal(4, 2, 3)), random=True),
        *layer(name, args(2, 5, dtype=Made(lambda torch: torch.float64)), args(f64)),
        *on_packed(
            name, args(3, 2),
            args(normal(4, 3, 3), lengths=[4, 2, 1]),
            args(normal(4, 3, 3), states(1, 3, 2), lengths=[4, 4, 2]),
            args(normal(4, 3, 3), lengths=[4, 4, 4]),
            args(normal(4, 1, 3), lengths=[4]),
            args(normal(4, 3, 3), states(1, 3, 2), lengths=[1, 4, 2], enforce_sorted=False),
        ),
        *on_packed(
            name, args(3, 2, 2, batch_first=True, bidirectional=True),
            args(normal(4, 5, 3), states(4, 4, 2), lengths=[2, 5, 1, 2], enforce_sorted=False),
        ),
        *on_packed(
            name, args(3, 2, 2, dropout=0.5),
            args(normal(4, 3, 3), lengths=[4, 2, 1]), random=True,
        ),
    ]  # fmt: skip


def cells(name: str, states: Any) -> list[Case]:
    """What the cells share."""
    return [
        *layer(
            name, args(3, 4),
            args(normal(2, 3)), args(normal(2, 3), states(2, 4)), args(normal(3)),
            args(normal(3), states(4)), args(normal(2, 3), hx=states(2, 4)),
            args(normal(1, 3), states(1, 4)), args(normal(0, 3)), args(normal(0, 3), states(0, 4)),
        ),
        *layer(name, args(3, 4), args(normal(7, 3, scale=1e4), states(7, 4)), differences=False),
        *layer(name, args(3, 4, False), args(normal(2, 3), states(2, 4))),
        *layer(name, args(1, 1), args(normal(1, 1))),
        *layer(name, args(3, 0), args(normal(2, 3))),
        *layer(name, args(2, 5, dtype=Made(lambda torch: torch.float64)), args(f64_row)),
    ]  # fmt: skip


def refusals(name: str, states: Any) -> list[Any]:
    """What RNN, LSTM and GRU refuse alike."""
    made, dense, single = args(3, 4, 2), normal(5, 2, 3), normal(5, 3)
    return [
        refused(name, args(0, 4), None, ValueError, name, "input_size", "0"),
        refused(name, args(3, 0), None, ValueError, name, "hidden_size", "0"),
        refused(name, args(3, -1), None, ValueError, name, "hidden_size", "-1"),
        refused(name, args(3, 2.5), None, TypeError, name, "hidden_size", "float"),
        refused(name, args(3, 4, 0), None, ValueError, name, "num_layers", "0"),
        refused(name, args(3, 4, 2, dropout=2), None, ValueError, name, "dropout", "2"),
        refused(name, args(3, 4, 2, dropout=True), None, ValueError, name, "dropout", "True"),
        refused(name, args(3, 4, 2, dropout="a"), None, ValueError, name, "dropout", "'a'"),
        refused(name, args(3, 4, proj_size=4), None, ValueError, name, "proj_size=4"),
        refused(name, args(3, 4, proj_size=-1), None, ValueError, name, "proj_size=-1"),
        refused(name, args(3), None, TypeError, "hidden_size"),
        refused(name, made, args(normal(3)), ValueError, name, "[3]"),
        refused(name, made, args(normal(5, 2, 2, 3)), ValueError, name, "[5, 2, 2, 3]"),
        refused(name, made, args(normal(5, 2, 4)), RuntimeError, name, "input_size=3", "[5, 2, 4]"),
        refused(name, made, args(normal(5, 4)), RuntimeError, name, "input_size=3", "[5, 4]"),
        refused(name, made, args(normal(0, 2, 3)), RuntimeError, name, "length 0"),
        refused(name, made, args(normal(0, 3)), RuntimeError, name, "length 0"),
        refused(name, made, args(exactly([[0.5] * 3], "float64")), ValueError, name, "float64"),
        refused(name, made, args(integers(0, 3, 5, 3)), ValueError, name, "int64", "float32"),
        refused(name, made, args([1.0]), AttributeError, name, "list"),
        refused(name, made, args(None), AttributeError, name, "NoneType"),
        refused(name, made, args(dense, states(1, 2, 4)), RuntimeError, "[2, 2, 4]", "[1, 2, 4]"),
        refused(name, made, args(dense, states(2, 2, 3)), RuntimeError, "[2, 2, 4]", "[2, 2, 3]"),
        refused(name, made, args(dense, states(2, 3, 4)), RuntimeError, "[2, 2, 4]", "[2, 3, 4]"),
        refused(name, made, args(dense, states(2, 4)), RuntimeError, name, "[2, 2, 4]", "[2, 4]"),
        refused(name, made, args(single, states(2, 1, 4)), RuntimeError, "[2, 4]", "[2, 1, 4]"),
        refused(name, made, args(single, states(2, 5)), RuntimeError, name, "h_0", "[2, 5]"),
    ]  # fmt: skip


def refusals_of_cells(name: str, states: Any) -> list[Any]:
    """What the cells refuse alike."""
    made, batch = args(3, 4), normal(2, 3)
    return [
        refused(name, args(3, -1), None, RuntimeError, "-"),
        refused(name, made, args(normal()), ValueError, name, "input", "[]"),
        refused(name, made, args(normal(1, 2, 3)), ValueError, name, "input", "[1, 2, 3]"),
        refused(name, made, args(normal(2, 4)), RuntimeError, name, "input_size=3", "[2, 4]"),
        refused(name, made, args(batch, states(2, 3)), RuntimeError, "hidden_size=4", "[2, 3]"),
        refused(name, made, args(batch, states(3, 4)), RuntimeError, name, "[2, 4]", "[3, 4]"),
        refused(name, made, args(batch, states(4)), RuntimeError, name, "[2, 4]", "[4]"),
        refused(name, made, args(batch, states(1, 2, 4)), ValueError, name, "h_0", "[1, 2, 4]"),
        refused(name, made, args(normal(3), states(3)), RuntimeError, "hidden_size=4", "[3]"),
        refused(name, made, args(exactly([[0.5] * 3], "float64")), RuntimeError, name, "float64"),
        refused(name, made, args([1.0]), AttributeError, name, "list"),
    ]  # fmt: skip


f64 = exactly([[[0.5, -0.25]] * 2] * 3, "float64")
f64_row = exactly([[0.5, -0.25]] * 2, "float64")

CASES = [
    *common("RNN", normal),
    *layer("RNN", args(3, 4, 2, "relu"), args(normal(5, 2, 3)), args(normal(5, 3), normal(2, 4))),
    *layer("RNN", args(3, 4, nonlinearity="relu", bias=False), args(normal(5, 2, 3))),
    *common("LSTM", pair),
    *layer("LSTM", args(3, 4), args(normal(5, 2, 3), [normal(1, 2, 4), normal(1, 2, 4)])),
    *layer(
        "LSTM", args(3, 4, proj_size=2),
        args(normal(5, 2, 3)), args(normal(5, 2, 3), (normal(1, 2, 2), normal(1, 2, 4))),
        args(normal(5, 3)),
    ),
    *layer(
        "LSTM", args(3, 4, 2, bidirectional=True, proj_size=3),
        args(normal(4, 2, 3), (normal(4, 2, 3), normal(4, 2, 4))),
    ),
    *on_packed(
        "LSTM", args(3, 4, bidirectional=True, proj_size=2),
        args(normal(4, 3, 3), lengths=[4, 1, 2], enforce_sorted=False),
    ),
    *common("GRU", normal),
    *cells("RNNCell", normal),
    *layer("RNNCell", args(3, 4, nonlinearity="relu"), args(normal(2, 3)), args(normal(3))),
    *cells("LSTMCell", pair),
    *cells("GRUCell", normal),
]  # fmt: skip

REFUSED = [
    *refusals("RNN", normal),
    *refusals("LSTM", pair),
    *refusals("GRU", normal),
    refused("RNN", args(3, 4, nonlinearity="sin"), None, ValueError, "RNN", "'sin'"),
    refused("RNN", args(3, 4, proj_size=2), None, ValueError, "RNN", "proj_size=2"),
    refused("GRU", args(3, 4, proj_size=2), None, ValueError, "GRU", "proj_size=2"),
    refused("RNN", args(3, 4), args(normal(5, 2, 3), pair(1, 2, 4)), AttributeError, "h_0"),
    refused("GRU", args(3, 4), args(normal(5, 2, 3), pair(1, 2, 4)), AttributeError, "h_0"),
    refused("LSTM", args(3, 4), args(normal(5, 2, 3), normal(2, 2, 4)), RuntimeError, "pair"),
    refused("LSTM", args(3, 4, proj_size=2), args(normal(5, 2, 3), pair(1, 2, 4)), RuntimeError,
            "h_0", "[1, 2, 2]"),
    *refusals_of_cells("RNNCell", normal),
    *refusals_of_cells("LSTMCell", pair),
    *refusals_of_cells("GRUCell", normal),
    refused("RNNCell", args(3, 4, nonlinearity="sin"), args(normal(2, 3)), RuntimeError, "'sin'"),
]  # fmt: skip

# These have no forward; the layers that they are the bases of do.
WITHOUT_FORWARD = {"RNNBase": args("LSTM", 3, 2, 2), "RNNCellBase": args(3, 2, True, 2)}
