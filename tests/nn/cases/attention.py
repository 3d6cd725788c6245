from typing import Any

from tests.nn.cases.case import (
    Values,
    args,
    exactly,
    full,
    function,
    integers,
    layer,
    normal,
    refused,
)

INF = float("inf")
SDPA, MHA = "scaled_dot_product_attention", "MultiheadAttention"
MHA_FORWARD = "multi_head_attention_forward"

# True where a query may look (in the function), or where it may not (in the layer).
SOME = exactly(
    [[True, False, True, True, False], [False, True, False, True, True], [True] * 5], "bool"
)
NOT_ALL = exactly([[False, True, False, False, True]] * 2 + [[False] * 5], "bool")
ROW_HIDDEN = exactly([[True] * 5, [False] * 5, [True, False, False, False, True]], "bool")
PADDING = exactly([[False, False, False, True, True], [False, False, False, False, True]], "bool")
LATER = exactly([[False, True], [False, False]], "bool")
LATER_NUMBERS = exactly([[0, -INF], [0, 0]])


def qkv(
    *batch: int, rows: int = 3, columns: int = 5, size: int = 4, value: int = 2
) -> list[Values]:
    """Query, key and value."""
    return [
        normal(*batch, rows, size),
        normal(*batch, columns, size),
        normal(*batch, columns, value),
    ]


def inputs(embed: int = 4, key: int = 4, value: int = 4, batch: tuple[int, ...] = (2,)) -> Any:
    """Query, key and value, the sequence first."""
    return normal(3, *batch, embed), normal(5, *batch, key), normal(5, *batch, value)


def to_itself(torch: Any, module: Any, input: Any, **options: Any) -> Any:
    """Self-attention: query, key and value are the same Tensor."""
    return module(input, input, input, **options)


def to_memory(torch: Any, module: Any, query: Any, memory: Any) -> Any:
    """Attention to another sequence: key and value are the same Tensor."""
    return module(query, memory, memory)


SELF = normal(2, 3, 4)
WEIGHTS = args(
    *inputs(), embed_dim_to_check=4, num_heads=2, in_proj_weight=normal(12, 4),
    in_proj_bias=normal(12), bias_k=None, bias_v=None, add_zero_attn=False, dropout_p=0.0,
    out_proj_weight=normal(4, 4), out_proj_bias=normal(4),
)  # fmt: skip


def weights(**changes: Any) -> Any:
    """Arguments of `multi_head_attention_forward`, some replaced."""
    return args(*WEIGHTS.positional, **{**WEIGHTS.options, **changes})


SEPARATE = {
    "in_proj_weight": None, "use_separate_proj_weight": True, "q_proj_weight": normal(4, 4),
    "k_proj_weight": normal(4, 4), "v_proj_weight": normal(4, 4),
}  # fmt: skip

CASES = [
    *function(
        SDPA,
        args(*qkv()), args(*qkv(2)), args(*qkv(2, 2)), args(*qkv(1, 1, rows=1, columns=1)),
        args(*qkv(0, 2)), args(*qkv(2, rows=0)), args(*qkv(2, columns=0)),
        args(normal(3, 4), normal(2, 5, 4), normal(5, 2)),
        args(*qkv(2, 2), SOME), args(*qkv(2, 2), normal(3, 5)), args(*qkv(2, 2), normal(5)),
        args(*qkv(2, 2), exactly([[[[True]] * 3], [[[True], [False], [True]]]], "bool")),
        args(*qkv(2), attn_mask=exactly(True, "bool")), args(*qkv(2, 2), normal(2, 1, 1, 5)),
        args(*qkv(2, 2), is_causal=True), args(*qkv(2, rows=5, columns=3), is_causal=True),
        args(*qkv(2), scale=0.3), args(*qkv(2), normal(3, 5), scale=0.0), args(*qkv(2), scale=-1),
        args(*qkv(2), dropout_p=-0.5),
        args(normal(1, 4, 3, 2), normal(1, 2, 5, 2), normal(1, 2, 5, 3), enable_gqa=True),
        args(normal(1, 4, 3, 2), normal(1, 2, 5, 2), normal(1, 1, 5, 3), enable_gqa=True),
        args(*qkv(2), enable_gqa=True),
    ),
    *function(
        SDPA,
        args(*qkv(2, 2), dropout_p=0.3), args(*qkv(2), normal(3, 5), 0.4), args(*qkv(2), None, 1.0),
        args(*qkv(2, rows=9, columns=4), is_causal=True, dropout_p=0.5),
        random=True,
    ),
    # Rows that see nothing, and logits far beyond what exp can take.
    *function(
        SDPA,
        args(*qkv(2, 2), full(-INF, 3, 5)), args(*qkv(2), full(0, 3, 5)),
        args(*qkv(2, 2), exactly([[False] * 5, [True] * 5, [False] * 4 + [True]], "bool")),
        args(normal(2, 3, 4, scale=100), normal(2, 5, 4, scale=100), normal(2, 5, 4)),
        args(full(100, 2, 3, 4), normal(2, 5, 4, scale=100), normal(2, 5, 4)),
        differences=False,
    ),
    *layer(
        MHA, args(4, 2),
        args(*inputs()), args(*inputs(), normal(2, 5), attn_mask=normal(3, 5), need_weights=False),
        args(*inputs(batch=()), average_attn_weights=False, attn_mask=normal(2, 3, 5)),
    ),
    *layer(
        MHA, args(4, 2, kdim=3, vdim=2, add_bias_kv=True, add_zero_attn=True, batch_first=True),
        args(normal(2, 3, 4), normal(2, 5, 3), normal(2, 5, 2), PADDING),
    ),
    *layer(MHA, args(4, 2, dropout=0.4), args(*inputs(), attn_mask=normal(3, 5)), random=True),
    *function(MHA_FORWARD, WEIGHTS),
    # The rest is not compared with central differences: each weight takes two calls.
    *layer(
        MHA, args(4, 2),
        args(*inputs(batch=())), args(*inputs(batch=(1,))), args(*inputs(batch=(0,))),
        args(normal(0, 2, 4), normal(5, 2, 4), normal(5, 2, 4)),
        args(normal(1, 2, 4), normal(1, 2, 4), normal(1, 2, 4)),
        args(*inputs(), need_weights=False), args(*inputs(batch=()), need_weights=False),
        args(*inputs(), average_attn_weights=False),
        args(*inputs(batch=()), average_attn_weights=False),
        args(*inputs(), PADDING), args(*inputs(), PADDING, need_weights=False),
        args(*inputs(), attn_mask=NOT_ALL), args(*inputs(), PADDING, attn_mask=NOT_ALL),
        args(*inputs(), attn_mask=normal(4, 3, 5)),
        args(*inputs(), attn_mask=NOT_ALL, is_causal=True),
        args(*inputs(), need_weights=False, attn_mask=NOT_ALL, is_causal=True),
        args(*inputs(batch=()), exactly([False, False, True, False, False], "bool")),
        args(*inputs(), attn_mask=ROW_HIDDEN),
        args(*inputs(), need_weights=False, attn_mask=ROW_HIDDEN),
        differences=False,
    ),
    *layer(
        MHA, args(4, 2, batch_first=True),
        args(SELF, SELF, SELF), args(*inputs(batch=()), need_weights=False), differences=False,
    ),
    *layer(
        MHA, args(4, 2),
        args(SELF), args(SELF, need_weights=False), args(normal(3, 4)),
        args(SELF, attn_mask=LATER, is_causal=True, need_weights=False),
        args(SELF, attn_mask=LATER_NUMBERS, need_weights=False),
        call=to_itself,
    ),
    *layer(
        MHA, args(4, 4, batch_first=True, bias=False),
        args(SELF, need_weights=False), args(SELF), args(normal(3, 4)),
        call=to_itself,
    ),
    *layer(
        MHA, args(4, 2, add_bias_kv=True, add_zero_attn=True),
        args(SELF), args(SELF, attn_mask=LATER), call=to_itself,
    ),
    *layer(MHA, args(4, 2), args(normal(3, 2, 4), normal(5, 2, 4)), call=to_memory),
    *layer(
        MHA, args(4, 2, kdim=3, vdim=2),
        args(*inputs(key=3, value=2)), args(*inputs(key=3, value=2), need_weights=False),
        differences=False,
    ),
    *layer(MHA, args(4, 2, kdim=3, bias=False), args(*inputs(key=3)), differences=False),
    *layer(MHA, args(4, 1, bias=False), args(*inputs()), differences=False),
    *layer(
        MHA, args(4, 2, add_bias_kv=True),
        args(*inputs()), args(*inputs(), PADDING, attn_mask=NOT_ALL), differences=False,
    ),
    *layer(
        MHA, args(4, 2, add_zero_attn=True, batch_first=True),
        args(SELF, SELF, SELF),
        args(normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 4), normal(2, 5)),
        differences=False,
    ),
    *layer(
        MHA, args(4, 2, dropout=0.4), args(*inputs()), args(*inputs(), need_weights=False),
        args(*inputs(), average_attn_weights=False), args(*inputs(batch=())),
        random=True, differences=False,
    ),
    *layer(MHA, args(4, 2, dropout=1.0), args(*inputs()), random=True, differences=False),
    *function(
        MHA_FORWARD,
        weights(in_proj_bias=None, out_proj_bias=None), weights(**SEPARATE, need_weights=False),
        weights(bias_k=normal(1, 1, 4), bias_v=normal(1, 1, 4), add_zero_attn=True),
        weights(static_k=normal(4, 6, 2), static_v=normal(4, 6, 2)),
        weights(static_v=normal(4, 5, 2), add_zero_attn=True, average_attn_weights=False),
        weights(key_padding_mask=PADDING, attn_mask=NOT_ALL),
        weights(training=False, dropout_p=0.5),
        differences=False,
    ),
    *function(MHA_FORWARD, weights(dropout_p=0.5), random=True, differences=False),
]  # fmt: skip


def refused_weights(error: type[Exception], *says: str, **changes: Any) -> Any:
    """Arguments of `multi_head_attention_forward` that are an error."""
    return refused(MHA_FORWARD, None, weights(**changes), error, *says)


REFUSED = [
    refused(SDPA, None, args(*qkv(2), normal(3, 5), is_causal=True), RuntimeError, "is_causal"),
    refused(SDPA, None, args(*qkv(2), normal(3, 4)), RuntimeError, "[3, 4]", "[2, 3, 5]"),
    refused(SDPA, None, args(*qkv(2), normal(1, 2, 3, 5)), RuntimeError, "[1, 2, 3, 5]"),
    refused(SDPA, None, args(*qkv(2), integers(0, 2, 3, 5)), RuntimeError, "int64", "float32"),
    refused(
        SDPA, None, args(*qkv(2), exactly([0.0], "float64")), RuntimeError, "float64", "float32",
    ),
    refused(SDPA, None, args(*qkv(2), 1), TypeError, "attn_mask", "int"),
    refused(SDPA, None, args([1.0], *qkv(2)[1:]), TypeError, "query", "list"),
    refused(SDPA, None, args(*qkv(2)[:2], None), TypeError, "value", "NoneType"),
    refused(SDPA, None, args(*qkv(2), scale="1"), TypeError, "scale", "str"),
    refused(SDPA, None, args(normal(4), normal(4), normal(4)), RuntimeError, "2", "[4]"),
    refused(
        SDPA, None, args(normal(2, 3, 4), normal(2, 5, 3), normal(2, 5, 3)), RuntimeError,
        "[2, 5, 3]",
    ),
    refused(
        SDPA, None, args(normal(2, 3, 4), normal(2, 5, 4), normal(2, 4, 4)), RuntimeError,
        "[2, 4, 4]",
    ),
    refused(
        SDPA, None, args(normal(2, 3, 4), normal(3, 5, 4), normal(3, 5, 4)), RuntimeError,
        "[3, 5, 4]",
    ),
    refused(
        SDPA, None, args(normal(2, 3, 4), normal(2, 5, 4), exactly([[[1.0]]], "float64")),
        RuntimeError, "float64",
    ),
    refused(SDPA, None, args(*[integers(0, 3, 2, 3, 4)] * 3), RuntimeError, "int64"),
    refused(SDPA, None, args(*qkv(2), dropout_p=1.5), RuntimeError, "1.5"),
    refused(
        SDPA, None,
        args(normal(1, 4, 3, 2), normal(1, 3, 3, 2), normal(1, 3, 3, 2), enable_gqa=True),
        RuntimeError, "4", "3",
    ),
    refused(SDPA, None, args(*qkv(), enable_gqa=True), IndexError, "enable_gqa"),
    refused(MHA, args(4, 3), None, AssertionError, "embed_dim=4", "num_heads=3"),
    refused(MHA, args(0, 3), None, ValueError, "embed_dim=0"),
    refused(MHA, args(4, -1), None, ValueError, "num_heads=-1"),
    refused(
        MHA, args(4, 2), args(normal(2, 3, 5), *inputs()[1:]), AssertionError, MHA, "query", "4",
        "[2, 3, 5]",
    ),
    refused(MHA, args(4, 2), args(*inputs(key=3)), AssertionError, "key", "4", "[5, 2, 3]"),
    refused(MHA, args(4, 2), args(*inputs(key=3, value=3)), RuntimeError, "key", "4", "[5, 2, 3]"),
    refused(
        MHA, args(4, 2, kdim=3, vdim=2), args(*inputs()), AssertionError, "key", "3", "[5, 2, 4]",
    ),
    refused(
        MHA, args(4, 2), args(normal(3, 2, 4), normal(5, 2, 4), normal(4, 2, 4)), AssertionError,
        "[4, 2, 4]",
    ),
    refused(
        MHA, args(4, 2), args(normal(3, 1, 4), normal(5, 2, 4), normal(5, 2, 4)), RuntimeError,
        "batch", "[3, 1, 4]",
    ),
    refused(
        MHA, args(4, 2), args(normal(3, 4), normal(5, 2, 4), normal(5, 2, 4)), AssertionError,
        "[3, 4]",
    ),
    refused(MHA, args(4, 2), args(normal(4), normal(4), normal(4)), AssertionError, "[4]"),
    refused(MHA, args(4, 2), args(1, *inputs()[1:]), AttributeError, "query", "int"),
    refused(MHA, args(4, 2), args(*inputs(), [1]), TypeError, "key_padding_mask", "list"),
    refused(
        MHA, args(4, 2), args(*inputs(), integers(0, 2, 2, 5)), AssertionError, "key_padding_mask",
        "int64",
    ),
    refused(MHA, args(4, 2), args(*inputs(), normal(5, 2)), AssertionError, "[2, 5]", "[5, 2]"),
    refused(MHA, args(4, 2), args(*inputs(), normal(5)), AssertionError, "[2, 5]", "[5]"),
    refused(
        MHA, args(4, 2), args(*inputs(batch=()), normal(1, 5)), AssertionError, "[5]", "[1, 5]",
    ),
    refused(
        MHA, args(4, 2), args(*inputs(), attn_mask=integers(0, 2, 3, 5)), AssertionError, "int64",
    ),
    refused(
        MHA, args(4, 2), args(*inputs(), attn_mask=exactly([[0.0] * 5] * 3, "float64")),
        RuntimeError, "float64",
    ),
    refused(MHA, args(4, 2), args(*inputs(), attn_mask=normal(5)), AssertionError, "[5]"),
    refused(
        MHA, args(4, 2), args(*inputs(), attn_mask=normal(1, 5)), RuntimeError, "[3, 5]", "[1, 5]",
    ),
    refused(
        MHA, args(4, 2), args(*inputs(), attn_mask=normal(2, 3, 5)), RuntimeError, "[4, 3, 5]",
        "[2, 3, 5]",
    ),
    refused(
        MHA, args(4, 2), args(*inputs(), is_causal=True), RuntimeError, "is_causal", "attn_mask",
    ),
    refused(
        MHA, args(4, 2), args(*[exactly([[[1.0] * 4]], "float64")] * 3), RuntimeError, "float64",
    ),
    refused(MHA, args(4, 2, dropout=1.5), args(*inputs()), ValueError, "1.5"),
    refused(MHA, args(4, 2, dropout=1.5), args(*inputs(), need_weights=False), RuntimeError, "1.5"),
    refused_weights(AssertionError, "4", "3", num_heads=3),
    refused_weights(AssertionError, "in_proj_weight", in_proj_weight=None),
    refused_weights(AssertionError, "q_proj_weight", use_separate_proj_weight=True),
    refused_weights(AssertionError, "bias_v", bias_k=normal(1, 1, 4)),
    refused_weights(RuntimeError, "[12, 4]", "[9, 4]", in_proj_weight=normal(9, 4)),
    refused_weights(
        AssertionError, "static_k", "[4, 6, 2]", "[3, 6, 2]", static_k=normal(3, 6, 2),
        static_v=normal(4, 6, 2),
    ),
    refused_weights(
        AssertionError, "static_k", "bias_k", static_k=normal(4, 6, 2), bias_k=normal(1, 1, 4),
        bias_v=normal(1, 1, 4),
    ),
    refused_weights(
        AssertionError, "8", "[3, 2, 4]", embed_dim_to_check=8, in_proj_weight=normal(24, 8),
    ),
]  # fmt: skip
