"""Attention as functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.calls import as_argument
from ...autograd.variable import ndarray
from ...ops.indexing import repeat_interleave
from ..modules.attention import MultiheadAttention, ScaledDotProductAttention
from ..modules.linear import NonDynamicallyQuantizableLinear
from ..stateless import as_weight, on_tensors, run, stateless


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    r"""softmax(s Q Kᵀ + M) V: for each query, the mean of the values whose keys fit it.

    Shapes: query (*, L, E), key (*, S, E), value (*, S, Eᵥ), output (*, L, Eᵥ). Leading
    dimensions are broadcast. A query whose mask hides all keys gets zeros.

    Args:
        query: Q.
        key: K.
        value: V.
        attn_mask: M, what broadcasts to (*, L, S): numbers to be added, or booleans, true where a
            query may look. Default: None.
        dropout_p: the probability with which each weight is left out; there is no training mode
            here. Default: 0.0.
        is_causal: a query i sees the keys j ≤ i only; not with `attn_mask`. Default: False.
        scale: s. Default: 1/√E.
        enable_gqa: keys and values may have fewer heads, dimension -3, than queries: each serves
            several heads next to each other. Default: False.

    Raises:
        TypeError: query, key, value or mask is neither an array nor a Tensor; or `scale` is no
            number.
        RuntimeError: shapes or dtypes do not fit, `is_causal` comes with a mask, or `dropout_p`
            is greater than 1.
        IndexError: with `enable_gqa`, an input has fewer than 3 dimensions.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> keys = minitorch.tensor([[1.0, 0.0], [0.0, 1.0]])
        >>> values = minitorch.tensor([[1.0], [2.0]])
        >>> F.scaled_dot_product_attention(100 * keys, keys, values)
        tensor([[1.],
                [2.]])

    Source: Vaswani et al., Attention is all you need (2017), equation 1; Ainslie et al., GQA:
    training generalized multi-query transformer models (2023).
    """
    arrays = [as_argument(item) for item in (query, key, value)]
    _check_inputs(*arrays)
    if enable_gqa:
        key, value = _for_all_heads(query, key, "key"), _for_all_heads(query, value, "value")
        arrays = [as_argument(item) for item in (query, key, value)]
    shape = _logits_shape(*arrays)
    if scale is not None and not isinstance(scale, (int, float, np.number)):
        raise TypeError(
            "scaled_dot_product_attention(): argument 'scale' must be a number, not "
            f"{type(scale).__name__}"
        )
    attention = stateless(
        ScaledDotProductAttention,
        scale=None if scale is None else float(scale),
        dropout_p=dropout_p,
        is_causal=is_causal,
    )
    if attn_mask is None:
        return run(attention, query, key, value)
    _check_mask(as_argument(attn_mask), is_causal, shape, arrays[0].dtype)
    return run(attention, query, key, value, attn_mask)


def _check_inputs(query: Any, key: Any, value: Any) -> None:
    """Refuse what is not three floating-point arrays of one dtype and of matrices at least."""
    for name, item in (("query", query), ("key", key), ("value", value)):
        if not isinstance(item, ndarray):
            raise TypeError(
                f"scaled_dot_product_attention(): argument '{name}' must be a Tensor or a NumPy "
                f"array, not {type(item).__name__}; convert it with minitorch.tensor(...)"
            )
    if not query.dtype == key.dtype == value.dtype or query.dtype.kind != "f":
        raise RuntimeError(
            "scaled_dot_product_attention(): query, key and value must be of the same "
            f"floating-point dtype, got {query.dtype}, {key.dtype} and {value.dtype}"
        )
    if query.ndim < 2 or key.ndim < 2 or value.ndim < 2:
        raise RuntimeError(
            "scaled_dot_product_attention(): query, key and value must have at least 2 "
            f"dimensions, got shapes {list(query.shape)}, {list(key.shape)} and "
            f"{list(value.shape)}"
        )


def _logits_shape(query: Any, key: Any, value: Any) -> tuple[int, ...]:
    """The shape of Q Kᵀ.

    Raises:
        RuntimeError: query, key and value do not go together.
    """
    batch: tuple[int, ...] = query.shape[:-2]
    if query.shape[-1] == key.shape[-1] and key.shape[-2] == value.shape[-2]:
        if batch == key.shape[:-2] == value.shape[:-2]:
            return (*batch, query.shape[-2], key.shape[-2])
        try:
            batch = np.broadcast_shapes(batch, key.shape[:-2])
            np.broadcast_shapes(batch, value.shape[:-2])
            return (*batch, query.shape[-2], key.shape[-2])
        except ValueError:
            pass
    raise RuntimeError(
        "scaled_dot_product_attention(): expected query (*, L, E), key (*, S, E) and value "
        f"(*, S, Ev), got shapes {list(query.shape)}, {list(key.shape)} and {list(value.shape)}"
    )


def _check_mask(mask: Any, is_causal: bool, shape: tuple[int, ...], dtype: Any) -> None:
    """Refuse a mask that cannot be added to logits of this shape and dtype.

    Raises:
        TypeError: it is neither an array nor a Tensor.
        RuntimeError: its shape or dtype does not fit, or `is_causal` is given too.
    """
    if not isinstance(mask, ndarray):
        raise TypeError(
            "scaled_dot_product_attention(): argument 'attn_mask' must be a Tensor or a NumPy "
            f"array, not {type(mask).__name__}"
        )
    if is_causal:
        raise RuntimeError(
            "scaled_dot_product_attention(): give either attn_mask or is_causal=True, not both"
        )
    if mask.dtype not in (np.bool_, np.float32, dtype):
        raise RuntimeError(
            f"scaled_dot_product_attention(): attn_mask must be boolean or of dtype {dtype} as "
            f"the query, not {mask.dtype}"
        )
    extra = len(shape) - mask.ndim
    if extra < 0 or any(
        mine not in (1, size) for mine, size in zip(mask.shape, shape[extra:], strict=True)
    ):
        raise RuntimeError(
            f"scaled_dot_product_attention(): attn_mask of shape {list(mask.shape)} cannot be "
            f"broadcast to the shape {list(shape)} of query keyᵀ"
        )


def _for_all_heads(query: Any, item: Any, name: str) -> Any:
    """Keys or values whose heads are repeated until each of the query's heads has one."""
    if query.ndim < 3 or item.ndim < 3:
        raise IndexError(
            "scaled_dot_product_attention(): with enable_gqa, query, key and value must have at "
            f"least 3 dimensions, got {query.ndim} and {item.ndim}"
        )
    heads, served = item.shape[-3], query.shape[-3]
    if heads == served:
        return item
    if not heads or served % heads:
        raise RuntimeError(
            f"scaled_dot_product_attention(): the {served} heads of the query cannot share the "
            f"{heads} of the {name}: their number must be divisible by it"
        )
    return repeat_interleave(item, served // heads, -3)


class _MultiheadAttention(MultiheadAttention):
    """A `MultiheadAttention` of given weights, whose keys and values may be given instead.

    Attributes:
        static_k: (N · num_heads, S, head_dim), or None.
        static_v: likewise.
    """

    static_k: Any
    static_v: Any

    def _extend(self, projected: Any, mask: Any, dim: int) -> tuple[tuple[Any, ...], Any]:
        if self.static_k is None and self.static_v is None:
            return super()._extend(projected, mask, dim)
        query, key, value = projected if len(projected) == 3 else projected[0].chunk(3, -1)
        key = self._given(key, "static_k", query.shape[1 - dim], dim)
        value = self._given(value, "static_v", query.shape[1 - dim], dim)
        return super()._extend((query, key, value), mask, dim)

    def _given(self, projected: Any, name: str, count: int, dim: int) -> Any:
        """Keys or values that are given for each head, in the arrangement of the projected ones.

        Raises:
            AssertionError: they are not (N · num_heads, S, head_dim), or there is a bias too.
        """
        given = getattr(self, name)
        if given is None:
            return projected
        if self.bias_k is not None:
            raise AssertionError(
                f"multi_head_attention_forward(): give either {name} or bias_k, not both"
            )
        expected = (count * self.num_heads, given.shape[1], self.head_dim)
        if tuple(given.shape) != expected:
            raise AssertionError(
                f"multi_head_attention_forward(): expected {name} of shape {list(expected)}, got "
                f"{list(given.shape)}"
            )
        heads = given.reshape(count, self.num_heads, given.shape[1], self.head_dim)
        rows = heads.permute(0, 2, 1, 3) if dim else heads.permute(2, 0, 1, 3)
        return rows.reshape(*rows.shape[:2], self.embed_dim)


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:
    """Attention of several heads with given weights: see `minitorch.nn.MultiheadAttention`.

    Args:
        query: (L, N, E), or (L, E) without a batch; there is no `batch_first`.
        key: (S, N, E_k).
        value: (S, N, E_v).
        embed_dim_to_check: E.
        num_heads: the number of heads.
        in_proj_weight: (3E, E), or None with separate weights.
        in_proj_bias: (3E,), or None.
        bias_k: (1, 1, E), a key that is appended, or None.
        bias_v: the value that belongs to it, or None.
        add_zero_attn: append a key and value of zeros.
        dropout_p: the probability with which a weight is left out.
        out_proj_weight: (E, E).
        out_proj_bias: (E,), or None.
        training: False: no dropout. Default: True.
        key_padding_mask: (N, S), keys to be ignored. Default: None.
        need_weights: return the weights too, not None. Default: True.
        attn_mask: (L, S) or (N · num_heads, L, S), where a query may not look. Default: None.
        use_separate_proj_weight: use the three weights that follow. Default: False.
        q_proj_weight: (E, E).
        k_proj_weight: (E, E_k).
        v_proj_weight: (E, E_v).
        static_k: (N · num_heads, S, E / num_heads), used in place of projected keys.
        static_v: likewise in place of projected values.
        average_attn_weights: return the mean of the heads' weights. Default: True.
        is_causal: `attn_mask` hides later positions. Default: False.

    Returns:
        The output, shaped as the query, and the weights or None.

    Raises:
        AssertionError, RuntimeError, ValueError: as `minitorch.nn.MultiheadAttention`; or a weight
            is missing, or of another shape.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> words, one = minitorch.ones(3, 1, 2), minitorch.eye(2)
        >>> output, _ = F.multi_head_attention_forward(
        ...     words, words, words, 2, 1, one.repeat(3, 1), None, None, None, False, 0.0, one, None
        ... )
        >>> output.shape
        minitorch.Size([3, 1, 2])
    """
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else ()
    _check_weights(embed_dim_to_check, num_heads, in_proj_weight, separate, bias_k, bias_v)
    q_weight, k_weight, v_weight = map(as_weight, separate or (None, None, None))
    attention = stateless(
        _MultiheadAttention,
        training=training,
        embed_dim=embed_dim_to_check,
        kdim=k_weight.shape[1] if separate else embed_dim_to_check,
        vdim=v_weight.shape[1] if separate else embed_dim_to_check,
        num_heads=num_heads,
        head_dim=embed_dim_to_check // num_heads,
        dropout=dropout_p,
        batch_first=False,
        in_proj_weight=None if separate else as_weight(in_proj_weight),
        q_proj_weight=q_weight,
        k_proj_weight=k_weight,
        v_proj_weight=v_weight,
        in_proj_bias=as_weight(in_proj_bias),
        bias_k=as_weight(bias_k),
        bias_v=as_weight(bias_v),
        add_zero_attn=add_zero_attn,
        static_k=as_weight(static_k),
        static_v=as_weight(static_v),
        out_proj=stateless(
            NonDynamicallyQuantizableLinear,
            weight=as_weight(out_proj_weight),
            bias=as_weight(out_proj_bias),
        ),
    )
    weights = (in_proj_weight, in_proj_bias, out_proj_weight, bias_k, static_k, *separate)
    if on_tensors(query, key, value, *weights):
        query, key, value = _as_constants(query, key, value)
    return run(  # type: ignore[no-any-return]
        attention,
        query,
        key,
        value,
        key_padding_mask,
        need_weights,
        attn_mask,
        average_attn_weights,
        is_causal,
    )


def _check_weights(
    embed_dim: int, heads: int, packed: Any, separate: tuple[Any, ...], bias_k: Any, bias_v: Any
) -> None:
    """Refuse weights that do not go together.

    Raises:
        AssertionError: one is missing, or `embed_dim` is not divisible by the number of heads.
        RuntimeError: the shape of the joint weight is wrong.
    """
    name = "multi_head_attention_forward()"
    if heads < 1 or embed_dim % heads:
        raise AssertionError(
            f"{name}: embed_dim must be divisible by num_heads, got {embed_dim} and {heads}"
        )
    if separate and any(weight is None for weight in separate):
        raise AssertionError(
            f"{name}: use_separate_proj_weight=True needs q_proj_weight, k_proj_weight and "
            "v_proj_weight"
        )
    if not separate and packed is None:
        raise AssertionError(f"{name}: use_separate_proj_weight=False needs in_proj_weight")
    if not separate and tuple(packed.shape) != (3 * embed_dim, embed_dim):
        raise RuntimeError(
            f"{name}: expected in_proj_weight of shape {[3 * embed_dim, embed_dim]}, got "
            f"{list(packed.shape)}"
        )
    if (bias_k is None) != (bias_v is None):
        raise AssertionError(f"{name}: bias_k and bias_v must be given both or not at all")


def _as_constants(*inputs: Any) -> list[Any]:
    """Arrays as Tensors without gradient; the same array as the same Tensor."""
    wrapped = {id(item): as_weight(item) for item in inputs}
    return [wrapped[id(item)] for item in inputs]
