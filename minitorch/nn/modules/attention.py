"""Attention: each output is a mean of values, weighted by how well a query fits their keys."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ... import streams
from ...autograd.calls import as_argument
from ...autograd.variable import Array, Variable, wrap
from ...ops.creation import empty, zeros
from ...ops.promotion import constant, ones
from ...ops.reduction import widened
from ...ops.shape import cat
from ...quiet import quiet
from ...random import default_generator
from ...tensor import Tensor
from .. import init
from ..functions.linear import linear
from ..module import Module
from ..parameter import Parameter
from ..stateless import run, stateless
from .checks import check_array
from .linear import NonDynamicallyQuantizableLinear

# -- the mathematics ----------------------------------------------------------------------


class _Saved(NamedTuple):
    """What the backward of an attention reads.

    The softmax is kept as exponentials E and reciprocals r of their rows' sums, so that only the
    output, which has fewer columns, is divided.
    """

    query: Array
    key: Array
    value: Array
    exponentials: Array
    reciprocals: Array
    kept: Array | None  # what dropout multiplied by


class _Attention(Module):
    """The family's pair: Y = A V with weights A = softmax(s Q Kᵀ + M), maybe with dropout.

    Subclasses say how the arrays of the call hold queries, keys and values.

    Attributes:
        scale: s, by default one over the square root of the queries' size.
        dropout_p: the probability with which a weight is left out.
        is_causal: a query sees only keys that come no later than itself.
        need_weights: return A too. A row that is masked everywhere is then not a number;
            otherwise its weights are 0.
    """

    scale: float | None = None
    dropout_p: float = 0.0
    is_causal: bool = False
    need_weights: bool = False

    def _attend(
        self, query: Array, key: Array, value: Array, mask: Array | None, output: Any = None
    ) -> tuple[Array, Array | None, _Saved]:
        """Y, written into `output` where there is one; A if it is needed; what to save."""
        query, key, value = widened(query), widened(key), widened(value)
        keys = _transposed(key, constant(self._scale(query), query.dtype))
        mask = self._whole_mask(mask, query.shape[-2], key.shape[-2], query.dtype)
        exponentials, reciprocals = quiet.run(_exponentials, query, keys, mask, self.need_weights)
        if self.need_weights:
            quiet.run(np.multiply, exponentials, reciprocals, exponentials)
            reciprocals = constant(1.0, query.dtype)
        weights, kept = exponentials, None
        if self.dropout_p > 0:
            kept = self._draw(exponentials.shape, query.dtype)
            weights = quiet.run(np.multiply, exponentials, kept)
        output = quiet.run(np.matmul, weights, value, output)
        if not self.need_weights:
            quiet.run(np.multiply, output, reciprocals, output)
        saved = _Saved(query, key, value, exponentials, reciprocals, kept)
        return output, weights if self.need_weights else None, saved

    def _go_back(
        self,
        saved: _Saved,
        grad_output: Array,
        grad_weights: Array | None,
        needs: tuple[bool, ...],
        outputs: tuple[Any, ...] = (None, None, None),
    ) -> tuple[Array | None, ...]:
        """The gradients of query, key, value and mask, the first three written into `outputs`.

        dV = Aᵀ dY; of the logits Z = s Q Kᵀ + M, dQ = s dZ K, dK = s dZᵀ Q and dM = dZ. With
        G = r dY, the softmax is used as it was kept: Aᵀ dY = Eᵀ G.
        """
        query, key, weights = saved.query, saved.key, saved.exponentials
        needs_query, needs_key, needs_value, needs_mask = needs
        # In C's order: small products of strided matrices take longer.
        grad = np.empty(grad_output.shape, query.dtype)
        np.multiply(grad_output, saved.reciprocals, grad)
        grads: list[Array | None] = [None, None, None, None]
        if needs_value:
            if saved.kept is not None:
                weights = weights * saved.kept
            grads[2] = np.matmul(weights.swapaxes(-1, -2), grad, outputs[2])
        if needs_mask:
            grads[3] = _logits_gradient(saved, grad, grad_weights, 1.0)
        if needs_query or needs_key:
            scale = self._scale(query)
            if needs_mask:
                logits = grads[3] * constant(scale, query.dtype)
            else:
                logits = _logits_gradient(saved, grad, grad_weights, scale)
        if needs_query:
            grads[0] = np.matmul(logits, key, outputs[0])
        if needs_key:
            grads[1] = np.matmul(logits.swapaxes(-1, -2), query, outputs[1])
        return tuple(grads)

    def _scale(self, query: Array) -> float:
        """s, for queries of a size that may be 0."""
        return 1 / math.sqrt(query.shape[-1] or 1) if self.scale is None else self.scale

    def _whole_mask(self, mask: Array | None, rows: int, columns: int, dtype: Any) -> Array | None:
        """What is added to the logits: minus infinity hides a key."""
        if self.is_causal:
            mask = np.arange(rows)[:, None] >= np.arange(columns)
        if mask is not None and mask.dtype.kind == "b":
            return hide(~mask, dtype)
        return mask

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """What dropout multiplies weights by: 0 or 1 / (1 - p); for p = 1 nothing is drawn.

        Raises:
            RuntimeError: p is greater than 1; where the weights are needed, a ValueError.
        """
        p = self.dropout_p
        if p > 1:
            raise (ValueError if self.need_weights else RuntimeError)(
                f"attention: the probability of dropout must be from 0 to 1, got {p}"
            )
        if p == 1:
            return np.zeros(shape, dtype)
        kept = streams.bernoulli(default_generator, math.prod(shape), 1 - p)
        return np.multiply(kept.reshape(shape), constant(1 / (1 - p), dtype))  # type: ignore[no-any-return]


def _exponentials(
    query: Array, keys: Array, mask: Array | None, empty_is_nan: bool
) -> tuple[Array, Array]:
    """exp(Z - m) for the logits Z = Q keys + M and their rows' maxima m; 1 / (their sums).

    A row of minus infinity has sum 0, or is not a number. All other sums are at least 1.
    """
    logits = np.matmul(query, keys)
    if mask is not None:
        np.add(logits, mask, logits)
    lowest = -math.inf if empty_is_nan else _LOWEST[logits.dtype.char]
    logits -= np.maximum.reduce(logits, axis=-1, keepdims=True, initial=lowest)
    np.exp(logits, logits)
    sums = np.matmul(logits, ones(keys.shape[-1], logits.dtype))[..., None]
    return logits, np.reciprocal(np.maximum(sums, constant(1.0, logits.dtype)))


_LOWEST = {np.dtype(name).char: float(np.finfo(name).min) for name in ("float32", "float64")}


def _logits_gradient(
    saved: _Saved, grad: Array, grad_weights: Array | None, factor: float
) -> Array:
    """dZ = A ∘ (D - rowsum(A ∘ D)) with D = dA ∘ (dropout's mask), times a factor.

    dA = dY Vᵀ, and the gradient of weights that were returned is added to it. By E and G = r dY,
    with D' = G Vᵀ, this is E ∘ (D' - r rowsum(E ∘ D')), since A = r E.
    """
    exponentials, reciprocals = saved.exponentials, saved.reciprocals
    scale = constant(factor, grad.dtype)
    logits: Array = np.matmul(grad, _transposed(saved.value, scale))
    if grad_weights is not None:  # then E is the softmax itself, and r is 1
        logits += grad_weights * scale
    if saved.kept is not None:
        logits *= saved.kept
    row_sums = np.einsum("...i,...i->...", exponentials, logits)[..., None]
    row_sums *= reciprocals
    logits -= row_sums
    logits *= exponentials
    return logits


def _transposed(matrices: Array, factor: Array) -> Array:
    """Matrices transposed and times a number, in new memory: BLAS takes small ones faster so."""
    shape = matrices.shape
    result = np.empty((*shape[:-2], shape[-1], shape[-2]), matrices.dtype)
    return quiet.run(np.multiply, matrices.swapaxes(-1, -2), factor, result)  # type: ignore[no-any-return]


def hide(hidden: Array, dtype: Any) -> Array:
    """What added to logits hides keys: minus infinity where `hidden` is true, 0 elsewhere."""
    mask = np.zeros(hidden.shape, dtype)
    mask[hidden] = -math.inf
    return mask


class ScaledDotProductAttention(_Attention):
    """The pair of `functional.scaled_dot_product_attention`, whose docstring has the equations.

    Shapes: query (*, L, E), key (*, S, E), value (*, S, Eᵥ), mask what broadcasts to (*, L, S).
    """

    def forward(self, query: Any, key: Any, value: Any, mask: Any = None) -> Any:
        output, _, saved = self._attend(query, key, value, mask)
        self.save_for_backward(*saved)
        return output.astype(query.dtype, copy=False)

    def backward(self, grad_output: Any) -> Any:
        needs = (*self.needs_input_grad, False)[:4]  # a mask may be left out
        return self._go_back(_Saved(*self.saved_tensors), grad_output, None, needs)


class _HeadAttention(_Attention):
    """Attention of several heads, between the projections of a `MultiheadAttention`.

    Each head has its part of the last dimension. The heads are views, also of the gradients: no
    array is rearranged.

    Its inputs are a projection (L, N, 3E), which holds queries, keys and values one after the
    other, or three, (L, N, E), (S, N, E) and (S, N, E); and maybe a mask, which broadcasts to
    (N, heads, L, S). The output is (L, N, E).

    Attributes:
        num_heads: the number of heads.
        batch_first: the projections, but not the output, have the batch as dimension 0.
        average: return the mean of the heads' weights, (N, L, S), not (N, heads, L, S).
    """

    num_heads: int
    batch_first: bool
    average: bool

    def forward(self, *inputs: Any) -> Any:
        *projected, mask = (*inputs, None) if len(inputs) % 2 else inputs
        query, key, value = self._parts(projected)
        count, heads, rows, width = query.shape
        dtype = query.dtype
        whole = np.empty((rows, count, heads * width), np.promote_types(dtype, np.float32))
        _, weights, saved = self._attend(query, key, value, mask, self._part(whole))
        self.save_for_backward(*saved, [item.shape for item in projected])
        whole = whole.astype(dtype, copy=False)
        if weights is None:
            return whole
        if self.average:
            weights = np.add.reduce(weights, axis=1) / constant(self.num_heads, weights.dtype)
        return whole, weights.astype(dtype, copy=False)

    def backward(self, grad_output: Any, grad_weights: Any = None) -> Any:
        *items, shapes = self.saved_tensors
        saved = _Saved(*items)
        if grad_weights is not None and not grad_weights.any():  # nobody used the weights
            grad_weights = None
        if grad_weights is not None and self.average:
            grad_weights = grad_weights[:, None] / constant(self.num_heads, grad_weights.dtype)
        *needs, needs_mask = (*self.needs_input_grad, False)[: len(shapes) + 1]
        grads = [np.empty(shape, saved.query.dtype) for shape in shapes]
        *_, grad_mask = self._go_back(
            saved,
            self._part(grad_output),
            grad_weights,
            (*needs * (3 // len(needs)), needs_mask),
            self._parts(grads),
        )
        wanted = [grad if need else None for need, grad in zip(needs, grads, strict=True)]
        return (*wanted, grad_mask)

    def _part(self, array: Array) -> Array:
        """A view (N, heads, L, E / heads) of an array (L, N, E)."""
        first, second, features = array.shape
        width = features // self.num_heads
        return array.reshape(first, second, self.num_heads, width).transpose(1, 2, 0, 3)

    def _parts(self, projected: Sequence[Array]) -> tuple[Array, ...]:
        """Such views of queries, keys and values."""
        arrays = [item.swapaxes(0, 1) for item in projected] if self.batch_first else projected
        if len(arrays) == 1:
            (packed,) = arrays
            size = packed.shape[-1] // 3
            arrays = [packed[..., start : start + size] for start in (0, size, 2 * size)]
        return tuple([self._part(item) for item in arrays])


# -- the layer ----------------------------------------------------------------------------


class MultiheadAttention(Module):
    r"""Attention of several heads: each looks at the sequence through projections of its own.

    headᵢ = A(Qᵢ, Kᵢ) Vᵢ with A(Q, K) = softmax(Q Kᵀ / √d + M), d = embed_dim / num_heads;
    output = [head₁ ... headₕ] W_outᵀ + b_out. Qᵢ, Kᵢ and Vᵢ are the i-th parts, of size d, of
    query W_qᵀ + b_q, key W_kᵀ + b_k and value W_vᵀ + b_v. The mask M is the sum of `attn_mask`
    and `key_padding_mask`. In training, `dropout` acts on A.

    Shapes: query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim), or with `batch_first`
    (N, L, embed_dim) and so on; without a batch (L, embed_dim), (S, kdim), (S, vdim). The output
    is shaped as the query. The weights that are returned are (N, L, S), or (N, num_heads, L, S)
    where they are not averaged; without a batch, without N.

    Args:
        embed_dim: size of the queries and of the output.
        num_heads: how many heads share it; it must be divisible by their number.
        dropout: the probability with which a weight is left out in training. Default: 0.0.
        bias: add biases to the projections, also the last one. Default: True.
        add_bias_kv: append a learnt key and value to the sequences. Default: False.
        add_zero_attn: append a key and value of zeros to the sequences. Default: False.
        kdim: size of the keys. Default: embed_dim.
        vdim: size of the values. Default: embed_dim.
        batch_first: the batch is the first dimension of inputs and output. Default: False.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the parameters. Default: the default dtype, float32.

    `forward` takes, after query, key and value:

    - `key_padding_mask`, (N, S) or (S,): keys to be ignored are true; or numbers to be added to
      the logits of a key.
    - `need_weights`: return A too, not None. Default: True. It takes longer.
    - `attn_mask`, (L, S) or (N · num_heads, L, S): where a query may not look is true; or numbers
      to be added to the logits. Gradients reach masks of numbers.
    - `average_attn_weights`: return the mean of the heads' weights. Default: True.
    - `is_causal`: a hint that `attn_mask`, which must be given, hides later positions. With
      `need_weights=False` and without `key_padding_mask` it is taken at its word. Default: False.

    A query that may look nowhere gets 0 from its heads; with `need_weights`, not a number.

    Attributes:
        in_proj_weight: (3 embed_dim, embed_dim), W_q, W_k and W_v one under the other, drawn by
            `init.xavier_uniform_`; None where kdim or vdim is another size.
        q_proj_weight, k_proj_weight, v_proj_weight: in that case, (embed_dim, embed_dim),
            (embed_dim, kdim), (embed_dim, vdim); otherwise None.
        in_proj_bias: (3 embed_dim,), zeros, or None.
        out_proj: the last projection; its bias starts as zeros.
        bias_k, bias_v: (1, 1, embed_dim), drawn by `init.xavier_normal_`, or None.

    Raises:
        ValueError: embed_dim or num_heads is not positive; or, with `need_weights`, dropout is
            greater than 1.
        AssertionError: embed_dim is not divisible by num_heads; the inputs' or masks' dimensions
            do not go together; a mask is neither boolean nor floating point.
        RuntimeError: the size of an `attn_mask` or of a batch is wrong, dtypes differ, or
            `is_causal` comes without a mask.
        AttributeError: an input is neither an array nor a Tensor.
        TypeError: a mask is neither an array nor a Tensor.

    Warns:
        UserWarning: one mask is boolean and the other is not.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> attention = nn.MultiheadAttention(embed_dim=4, num_heads=2, batch_first=True)
        >>> words = minitorch.ones(1, 3, 4)
        >>> output, weights = attention(words, words, words)
        >>> output.shape
        minitorch.Size([1, 3, 4])
        >>> weights[0, 0]
        tensor([0.3333, 0.3333, 0.3333], grad_fn=<SelectBackward0>)

    Source: Vaswani et al., Attention is all you need (2017).
    """

    in_proj_weight: Tensor | None
    q_proj_weight: Tensor | None
    k_proj_weight: Tensor | None
    v_proj_weight: Tensor | None
    in_proj_bias: Tensor | None
    bias_k: Tensor | None
    bias_v: Tensor | None
    out_proj: Any

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "MultiheadAttention: embed_dim and num_heads must be greater than 0, got "
                f"embed_dim={embed_dim} and num_heads={num_heads}"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError(
                "MultiheadAttention: embed_dim must be divisible by num_heads, got "
                f"embed_dim={embed_dim} and num_heads={num_heads}"
            )

        def parameter(*shape: int) -> Parameter:
            return Parameter(empty(*shape, device=device, dtype=dtype))

        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        if self._qkv_same_embed_dim:
            self.in_proj_weight = parameter(3 * embed_dim, embed_dim)
            for name in _SEPARATE:
                self.register_parameter(name, None)
        else:
            for name, size in zip(_SEPARATE, (embed_dim, self.kdim, self.vdim), strict=True):
                self.register_parameter(name, parameter(embed_dim, size))
            self.register_parameter("in_proj_weight", None)
        self.register_parameter("in_proj_bias", parameter(3 * embed_dim) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(
            embed_dim, embed_dim, bias=bias, device=device, dtype=dtype
        )
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, parameter(1, 1, embed_dim) if add_bias_kv else None)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw the parameters afresh, but for `out_proj.weight`."""
        for name in ("in_proj_weight", *_SEPARATE):
            if self._parameters[name] is not None:
                init.xavier_uniform_(getattr(self, name))
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        batched = self._check_dimensions(query, key, value)
        if not batched:  # as a batch of one, which is the first dimension
            whole = {id(item): item.unsqueeze(0) for item in (query, key, value)}
            query, key, value = (whole[id(item)] for item in (query, key, value))
        batch_first = self.batch_first or not batched
        self._check_sizes(query, key, value, batch_first)
        _warn_of_kinds(key_padding_mask, attn_mask)
        if is_causal and attn_mask is None:
            raise RuntimeError(
                "MultiheadAttention: is_causal is a hint about attn_mask and needs it: give "
                "attn_mask=Transformer.generate_square_subsequent_mask(length) too"
            )
        causal = is_causal and key_padding_mask is None and not need_weights
        mask = None
        if not causal and not (attn_mask is None and key_padding_mask is None):
            mask = self._mask(query, key, attn_mask, key_padding_mask, batched)
        projected = self._project(query, key, value)
        projected, mask = self._extend(projected, mask, 1 if batch_first else 0)
        attention = stateless(
            _HeadAttention,
            num_heads=self.num_heads,
            batch_first=batch_first,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=causal,
            need_weights=need_weights,
            average=average_attn_weights,
        )
        result = run(attention, *projected) if mask is None else run(attention, *projected, mask)
        output, weights = result if need_weights else (result, None)
        output = linear(output, self.out_proj.weight, self.out_proj.bias)
        if not batched:
            return output.squeeze(1), None if weights is None else weights.squeeze(0)
        # A view: in memory the sequence comes first, as in PyTorch. A dropout that follows draws
        # its numbers in this order.
        return output.transpose(0, 1) if batch_first else output, weights

    # -- the steps of forward -------------------------------------------------------------

    def _project(self, query: Any, key: Any, value: Any) -> tuple[Any, ...]:
        """Queries, keys and values of all heads; in one array if all are made of one input."""
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if weight is not None and query is key and key is value:
            return (linear(query, weight, bias),)
        if weight is not None:
            weights = weight.chunk(3)
        else:
            weights = tuple(getattr(self, name) for name in _SEPARATE)
        biases = (None, None, None) if bias is None else bias.chunk(3)
        return tuple(map(linear, (query, key, value), weights, biases))

    def _extend(self, projected: Any, mask: Any, dim: int) -> tuple[tuple[Any, ...], Any]:
        """Append `bias_k`, `bias_v` and zeros to keys and values, which every query may see."""
        if self.bias_k is None and not self.add_zero_attn:
            return projected, mask
        query, key, value = projected if len(projected) == 3 else projected[0].chunk(3, -1)
        count = query.shape[1 - dim]
        shape = (count, 1, self.embed_dim) if dim else (1, count, self.embed_dim)
        keys, values = [key], [value]
        if self.bias_k is not None and self.bias_v is not None:
            keys.append(self.bias_k.expand(shape))
            values.append(self.bias_v.expand(shape))
        if self.add_zero_attn:
            keys.append(zeros(shape, dtype=key.dtype))
            values.append(zeros(shape, dtype=key.dtype))
        if mask is not None:
            added = (*mask.shape[:-1], len(keys) - 1)
            mask = cat([mask, zeros(added, dtype=mask.dtype)], -1)
        return (query, cat(keys, dim), cat(values, dim)), mask

    def _mask(
        self, query: Any, key: Any, attn_mask: Any, key_padding_mask: Any, batched: bool
    ) -> Any:
        """The sum of both masks as numbers, which broadcasts to (N, heads, L, S)."""
        sequence = 1 if self.batch_first or not batched else 0
        count, rows, columns = query.shape[1 - sequence], query.shape[sequence], key.shape[sequence]
        masks = []
        if attn_mask is not None:
            masks.append(self._attention_mask(attn_mask, count, rows, columns, query.array.dtype))
        if key_padding_mask is not None:
            numbers = _numbers("key_padding_mask", key_padding_mask, query.array.dtype)
            expected = (count, columns) if batched else (columns,)
            if tuple(key_padding_mask.shape) != expected:
                raise AssertionError(
                    f"MultiheadAttention: expected a key_padding_mask of shape {list(expected)}, "
                    f"got {list(key_padding_mask.shape)}: a number for each key"
                )
            masks.append(numbers.reshape(count, 1, 1, columns))
        return masks[0] if len(masks) == 1 else masks[0] + masks[1]

    def _attention_mask(self, mask: Any, count: int, rows: int, columns: int, dtype: Any) -> Any:
        """`attn_mask` as numbers, (L, S) or (N, heads, L, S).

        Raises:
            AssertionError: it has not 2 or 3 dimensions.
            RuntimeError: its shape is another.
        """
        numbers = _numbers("attn_mask", mask, dtype)
        shape: tuple[int, ...] = (rows, columns)
        if mask.ndim == 3:
            shape = (count * self.num_heads, rows, columns)
        elif mask.ndim != 2:
            raise AssertionError(
                "MultiheadAttention: expected an attn_mask of 2 dimensions, (L, S), or 3, "
                f"(N · num_heads, L, S), got shape {list(mask.shape)}"
            )
        if tuple(mask.shape) != shape:
            raise RuntimeError(
                f"MultiheadAttention: expected an attn_mask of shape {list(shape)}, got "
                f"{list(mask.shape)}"
            )
        if mask.ndim == 2:
            return numbers
        return numbers.reshape(count, self.num_heads, rows, columns)

    def _check_dimensions(self, query: Any, key: Any, value: Any) -> bool:
        """Whether there is a batch.

        Raises:
            AttributeError: an input is neither an array nor a Tensor.
            AssertionError: the inputs have not 3 dimensions, or 2, all three.
        """
        if query.__class__ is not Tensor or key is not query or value is not query:
            for name, item in (("query", query), ("key", key), ("value", value)):
                check_array(self, as_argument(item), name, AttributeError)
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            raise AssertionError(
                "MultiheadAttention: expected query, key and value of 3 dimensions, or 2 without "
                f"a batch, got shapes {list(query.shape)}, {list(key.shape)} and "
                f"{list(value.shape)}"
            )
        return bool(query.ndim == 3)

    def _check_sizes(self, query: Any, key: Any, value: Any, batch_first: bool) -> None:
        """Refuse inputs whose sizes do not go together.

        Raises:
            AssertionError: a feature size is wrong, or key and value differ.
            RuntimeError: the batch of the query is of another size than theirs.
        """
        if query is key and key is value and query.shape[-1] == self.embed_dim == self.kdim:
            return
        sizes = (self.embed_dim, self.kdim, self.vdim)
        for name, item, size in zip(
            ("query", "key", "value"), (query, key, value), sizes, strict=True
        ):
            if item.shape[-1] != size:
                # With one weight for all, PyTorch notices this in the product.
                joint = self.in_proj_weight is not None and item is not query
                raise (RuntimeError if joint and key.shape == value.shape else AssertionError)(
                    f"MultiheadAttention: expected the last dimension of {name} to be {size}, got "
                    f"shape {list(item.shape)}"
                )
        if key.shape[:2] != value.shape[:2]:
            raise AssertionError(
                "MultiheadAttention: key and value must have the same length and batch, got "
                f"shapes {list(key.shape)} and {list(value.shape)}"
            )
        batch = 0 if batch_first else 1
        if query.shape[batch] != key.shape[batch]:
            raise RuntimeError(
                f"MultiheadAttention: query and key must have the same batch, in dimension {batch}"
                f" (batch_first={self.batch_first}), got shapes {list(query.shape)} and "
                f"{list(key.shape)}"
            )


_SEPARATE = ("q_proj_weight", "k_proj_weight", "v_proj_weight")


def _numbers(name: str, mask: Any, dtype: Any) -> Any:
    """A mask as numbers to be added to logits: minus infinity where a boolean one is true.

    Raises:
        TypeError: it is neither an array nor a Tensor.
        AssertionError: it is neither boolean nor floating point.
        RuntimeError: its dtype is not float32, and not the one of the query.
    """
    if not isinstance(mask, Variable):
        raise TypeError(
            f"MultiheadAttention: argument '{name}' must be a Tensor or a NumPy array, not "
            f"{type(mask).__name__}"
        )
    numbers = mask.array
    if numbers.dtype.kind == "b":
        return wrap(hide(numbers, dtype))
    if numbers.dtype.kind != "f":
        raise AssertionError(
            f"MultiheadAttention: {name} must be boolean or floating point, not {numbers.dtype}"
        )
    if numbers.dtype not in (dtype, np.float32):
        raise RuntimeError(
            f"MultiheadAttention: {name} must be boolean, or of dtype {dtype} as the query, "
            f"not {numbers.dtype}"
        )
    return mask


def _warn_of_kinds(key_padding_mask: Any, attn_mask: Any) -> None:
    """Say that PyTorch will want both masks of one kind."""
    if key_padding_mask is None or attn_mask is None:
        return
    first, second = (getattr(mask, "dtype", None) for mask in (key_padding_mask, attn_mask))
    if first != second:
        warnings.warn(
            f"key_padding_mask is of {first} and attn_mask of {second}: masks of two kinds are "
            "deprecated in PyTorch; make both boolean or both floating point",
            stacklevel=5,
        )
