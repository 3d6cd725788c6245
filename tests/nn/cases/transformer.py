from typing import Any

from tests.nn.cases.attention import INF
from tests.nn.cases.case import Arguments, Made, Values, args, exactly, layer, normal, refused

LATER = exactly([[0, -INF, -INF], [0, 0, -INF], [0, 0, 0]])
LATER_BOOLEAN = exactly([[False, True, True], [False, False, True], [False] * 3], "bool")
PADDING = exactly([[False, False, True], [False, False, False]], "bool")
WITHOUT_ORDER = exactly([[False, True, False], [False, False, False], [True, False, False]], "bool")
MEMORY_PADDING = exactly([[False, False], [False, True]], "bool")

SRC = normal(3, 2, 4)
TARGET, MEMORY = normal(3, 2, 4), normal(2, 2, 4)
SMALL = (4, 2, 5, 0.0)  # d_model, heads, hidden, dropout


def of_nn(name: str, *values: Any, **options: Any) -> Made:
    """A layer or a function of `nn`, by its dotted name."""

    def make(torch: Any) -> Any:
        found = torch.nn
        for part in name.split("."):
            found = getattr(found, part)
        return found(*values, **options) if values or options else found

    return Made(make, f"{name}({args(*values, **options)})" if values or options else name)


def encoder(*constructor: Any, count: int = 2, norm: Any = None, **options: Any) -> Arguments:
    """The constructor of an encoder whose layers have these arguments."""
    each = of_nn("TransformerEncoderLayer", *constructor, **options)
    return args(each, count, norm, enable_nested_tensor=False)


def decoder(*constructor: Any, count: int = 2, norm: Any = None, **options: Any) -> Arguments:
    """The constructor of a decoder whose layers have these arguments."""
    return args(of_nn("TransformerDecoderLayer", *constructor, **options), count, norm)


def unbatched(rows: int) -> Values:
    return normal(rows, 4)


NORM = of_nn("LayerNorm", 4)
# Central differences are taken of small layers: every one of their weights takes two calls.
TINY, PAIR = (3, 1, 2, 0.0), normal(2, 1, 3)
MODEL = args(4, 2, 1, 1, 5, 0.0, batch_first=True)
BATCH, TARGETS = normal(2, 2, 4), normal(2, 3, 4)

CASES = [
    *layer("TransformerEncoderLayer", args(*TINY), args(PAIR)),
    *layer("TransformerEncoderLayer", args(*TINY, norm_first=True, bias=False), args(PAIR)),
    *layer("TransformerDecoderLayer", args(*TINY), args(PAIR, PAIR)),
    *layer("TransformerDecoderLayer", args(*TINY, norm_first=True), args(PAIR, PAIR)),
    *layer("TransformerEncoder", encoder(*TINY, bias=False), args(PAIR)),
    *layer("TransformerDecoder", decoder(*TINY, bias=False), args(PAIR, PAIR)),
    *layer(
        "TransformerEncoderLayer", args(*SMALL),
        args(SRC), args(unbatched(3)), args(normal(1, 1, 4)), args(normal(3, 0, 4)),
        args(SRC, LATER_BOOLEAN), args(SRC, LATER, is_causal=True), args(SRC, None, PADDING),
        args(SRC, WITHOUT_ORDER, PADDING), args(SRC, normal(3, 3), normal(2, 3)),
        differences=False,
    ),
    *layer(
        "TransformerEncoderLayer", args(*SMALL, batch_first=True), args(normal(2, 3, 4)),
        differences=False,
    ),
    *layer("TransformerEncoderLayer", args(*SMALL, norm_first=True), args(SRC), differences=False),
    *layer(
        "TransformerEncoderLayer", args(*SMALL, activation="gelu", bias=False), args(SRC),
        differences=False,
    ),
    *layer(
        "TransformerEncoderLayer", args(*SMALL, of_nn("GELU", "tanh"), 0.1), args(SRC),
        differences=False,
    ),
    *layer(
        "TransformerEncoderLayer", args(*SMALL, of_nn("functional.silu")), args(SRC),
        differences=False,
    ),
    *layer(
        "TransformerEncoderLayer", args(4, 2, 5, 0.3), args(SRC), random=True, differences=False
    ),
    *layer(
        "TransformerDecoderLayer", args(*SMALL),
        args(TARGET, MEMORY), args(unbatched(3), unbatched(2)), args(TARGET, normal(0, 2, 4)),
        args(TARGET, MEMORY, LATER, tgt_is_causal=True), args(TARGET, MEMORY, LATER, normal(3, 2)),
        args(TARGET, MEMORY, WITHOUT_ORDER, None, PADDING, MEMORY_PADDING),
        differences=False,
    ),
    *layer(
        "TransformerDecoderLayer", args(*SMALL, batch_first=True), args(TARGETS, BATCH),
        differences=False,
    ),
    *layer(
        "TransformerDecoderLayer", args(*SMALL, norm_first=True, bias=False), args(TARGET, MEMORY),
        differences=False,
    ),
    *layer(
        "TransformerDecoderLayer", args(*SMALL, activation="gelu"), args(TARGET, MEMORY),
        differences=False,
    ),
    *layer(
        "TransformerDecoderLayer", args(4, 2, 5, 0.3), args(TARGET, MEMORY),
        random=True, differences=False,
    ),
    *layer(
        "TransformerEncoder", encoder(*SMALL),
        args(SRC), args(SRC, LATER), args(SRC, LATER_BOOLEAN, is_causal=True),
        args(SRC, WITHOUT_ORDER, PADDING), args(unbatched(3)), args(SRC, normal(4, 3, 3)),
        differences=False,
    ),
    *layer(
        "TransformerEncoder", encoder(*SMALL, count=1, norm=NORM, norm_first=True), args(SRC),
        differences=False,
    ),
    *layer(
        "TransformerEncoder", encoder(4, 2, 5, 0.3), args(SRC), random=True, differences=False
    ),
    *layer(
        "TransformerDecoder", decoder(*SMALL, norm=NORM),
        args(TARGET, MEMORY), args(TARGET, MEMORY, LATER),
        args(TARGET, MEMORY, LATER_BOOLEAN, None, PADDING, MEMORY_PADDING),
        differences=False,
    ),
    *layer(
        "TransformerDecoder", decoder(4, 2, 5, 0.3), args(TARGET, MEMORY),
        random=True, differences=False,
    ),
    # The batch first and nothing but defaults: otherwise PyTorch warns of missing speed.
    *layer(
        "Transformer", MODEL,
        args(BATCH, TARGETS), args(unbatched(2), unbatched(3)),
        args(BATCH, TARGETS, None, LATER, src_key_padding_mask=MEMORY_PADDING),
        args(
            BATCH, TARGETS, tgt_mask=LATER_BOOLEAN, tgt_is_causal=True,
            memory_key_padding_mask=MEMORY_PADDING,
        ),
        differences=False,
    ),
    *layer(
        "Transformer", args(4, 2, 1, 1, 3, 0.0, "gelu", batch_first=True),
        args(normal(1, 2, 4), normal(1, 3, 4)),
    ),
    *layer(
        "Transformer", args(4, 2, 2, 1, 5, 0.3, "gelu", batch_first=True), args(BATCH, TARGETS),
        random=True, differences=False,
    ),
    *layer(
        "TransformerEncoder",
        encoder(4, 2, 5, 0.3, batch_first=True, norm_first=True), args(normal(2, 3, 4)),
        random=True, differences=False,
    ),
    *layer(
        "TransformerDecoder",
        decoder(4, 2, 5, 0.3, batch_first=True, norm_first=True), args(TARGETS, BATCH),
        random=True, differences=False,
    ),
]  # fmt: skip

REFUSED = [
    refused("TransformerEncoderLayer", args(4, 2, activation="tanh"), None, RuntimeError, "tanh"),
    refused("TransformerDecoderLayer", args(4, 2, activation="x"), None, RuntimeError, "'x'"),
    refused("TransformerEncoderLayer", args(4, 3), None, AssertionError, "4", "3"),
    refused("TransformerEncoderLayer", args(4, 2, dropout=1.5), None, ValueError, "1.5"),
    refused(
        "TransformerEncoderLayer", args(*SMALL), args(normal(3, 2, 5)), AssertionError, "[3, 2, 5]"
    ),
    refused(
        "TransformerEncoderLayer", args(*SMALL), args(SRC, is_causal=True), RuntimeError,
        "is_causal",
    ),
    refused("TransformerEncoder", encoder(*SMALL), args(SRC, normal(2, 3)), RuntimeError, "[2, 3]"),
    refused(
        "TransformerDecoderLayer", args(*SMALL), args(TARGET, normal(2, 2, 5)), RuntimeError,
        "[2, 2, 5]",
    ),
    refused(
        "TransformerDecoder", decoder(*SMALL), args(TARGET, MEMORY, tgt_is_causal=True),
        RuntimeError, "is_causal",
    ),
    refused(
        "Transformer", MODEL, args(normal(1, 2, 4), TARGETS), RuntimeError, "batch", "[1, 2, 4]",
    ),
    refused(
        "Transformer", MODEL, args(normal(2, 4), normal(3, 5)), RuntimeError, "d_model=4", "[3, 5]",
    ),
]  # fmt: skip
