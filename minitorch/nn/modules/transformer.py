"""Transformers: stacks of attention and feedforward blocks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from ...ops.creation import full
from ...ops.linalg import triu
from ...tensor import Tensor
from .. import init
from ..functions.activation import gelu, relu
from ..module import Module
from .activation import GELU, ReLU
from .attention import MultiheadAttention
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear
from .normalization import LayerNorm

_Activation = str | Callable[[Any], Any]
_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"relu": relu, "gelu": gelu}


class _Layer(Module):
    """What the layers of encoder and decoder have in common.

    A block B of the layer, with its dropout D, changes x to LayerNorm(x + D(B(x))); or, with
    `norm_first`, to x + D(B(LayerNorm(x))).
    """

    self_attn: MultiheadAttention
    linear1: Linear
    linear2: Linear
    dropout: Dropout
    norm_first: bool
    activation: Callable[[Any], Any]

    def _make_blocks(
        self,
        attentions: tuple[str, ...],
        *,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float,
        activation: _Activation,
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        bias: bool,
        **options: Any,
    ) -> None:
        """Make the children: attention blocks of these names and one feedforward block.

        The arguments are the layer's own; `options` are the device and the dtype.
        """
        for name in attentions:
            attention = MultiheadAttention(
                d_model, nhead, dropout, bias=bias, batch_first=batch_first, **options
            )
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **options)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **options)
        self.norm_first = norm_first
        blocks = range(1, len(attentions) + 2)
        for number in blocks:
            norm = LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **options)
            self.add_module(f"norm{number}", norm)
        for number in blocks:
            self.add_module(f"dropout{number}", Dropout(dropout))
        self.activation = _activation(activation)

    def _through(self, x: Any, norm: Any, block: Callable[..., Any], *options: Any) -> Any:
        """x after one block, with its residual connection and normalization."""
        if self.norm_first:
            return x + block(norm(x), *options)
        return norm(x + block(x, *options))

    def _ff_block(self, x: Any) -> Any:
        """The feedforward block with its dropout, the last of the layer's."""
        hidden = self.dropout(self.activation(self.linear1(x)))
        return self._last_dropout(self.linear2(hidden))

    def _last_dropout(self, x: Any) -> Any:
        raise NotImplementedError


def _activation(activation: _Activation) -> Callable[[Any], Any]:
    """A function by its name, or as it is.

    Raises:
        RuntimeError: there is none of this name.
    """
    if not isinstance(activation, str):
        return activation
    if activation not in _ACTIVATIONS:
        raise RuntimeError(f"activation must be 'relu', 'gelu' or a function, not {activation!r}")
    return _ACTIVATIONS[activation]


class TransformerEncoderLayer(_Layer):
    r"""A layer of a transformer's encoder: self-attention, then a feedforward network.

    x = LayerNorm₁(src + Dropout₁(MultiheadAttention(src, src, src)));
    output = LayerNorm₂(x + Dropout₂(W₂ Dropout(activation(W₁ x + b₁)) + b₂)).
    With `norm_first`, each block gets its normalized input, and its output is not normalized:
    x = src + Dropout₁(MultiheadAttention(y, y, y)) with y = LayerNorm₁(src), and so on.

    Shapes: src and output (S, N, d_model), or with `batch_first` (N, S, d_model), or without a
    batch (S, d_model).

    Args:
        d_model: size of the last dimension.
        nhead: number of heads.
        dim_feedforward: size of the hidden layer. Default: 2048.
        dropout: probability of dropout, in all places. Default: 0.1.
        activation: "relu", "gelu" or a function of one Tensor. Default: `functional.relu`.
        layer_norm_eps: ε of the normalizations. Default: 1e-5.
        batch_first: the batch is the first dimension. Default: False.
        norm_first: normalize before each block, not after it. Default: False.
        bias: all linear maps and normalizations have a bias. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the parameters. Default: the default dtype, float32.

    `forward` takes, after src, masks as `MultiheadAttention`: `src_mask`, (S, S) or
    (N · nhead, S, S); `src_key_padding_mask`, (N, S) or (S,); and the hint `is_causal` that
    `src_mask` hides later positions.

    Raises:
        RuntimeError: there is no activation of this name; or as `MultiheadAttention`.
        AssertionError, AttributeError, TypeError, ValueError: as `MultiheadAttention`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> layer(minitorch.ones(5, 1, 8)).shape
        minitorch.Size([5, 1, 8])

    Source: Vaswani et al., Attention is all you need (2017); Xiong et al., On layer normalization
    in the transformer architecture (2020).
    """

    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout
    dropout2: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._make_blocks(
            ("self_attn",),
            d_model=d_model,
            nhead=nhead,
            dim_feedforward=dim_feedforward,
            dropout=dropout,
            activation=activation,
            layer_norm_eps=layer_norm_eps,
            batch_first=batch_first,
            norm_first=norm_first,
            bias=bias,
            device=device,
            dtype=dtype,
        )
        if self.activation is relu or isinstance(self.activation, ReLU):
            self.activation_relu_or_gelu = 1
        elif self.activation is gelu or isinstance(self.activation, GELU):
            self.activation_relu_or_gelu = 2
        else:
            self.activation_relu_or_gelu = 0

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        masks = (src_mask, src_key_padding_mask, is_causal)
        x = self._through(src, self.norm1, self._sa_block, *masks)
        return self._through(x, self.norm2, self._ff_block)

    def _sa_block(
        self, x: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False
    ) -> Any:
        """Self-attention with its dropout."""
        output, _ = self.self_attn(x, x, x, key_padding_mask, False, attn_mask, True, is_causal)
        return self.dropout1(output)

    def _last_dropout(self, x: Any) -> Any:
        return self.dropout2(x)


class TransformerDecoderLayer(_Layer):
    r"""A layer of a transformer's decoder: self-attention, attention to the memory, feedforward.

    x = LayerNorm₁(tgt + Dropout₁(MultiheadAttention(tgt, tgt, tgt)));
    y = LayerNorm₂(x + Dropout₂(MultiheadAttention(x, memory, memory)));
    output = LayerNorm₃(y + Dropout₃(W₂ Dropout(activation(W₁ y + b₁)) + b₂)).
    With `norm_first`, each block gets its normalized input, and its output is not normalized.

    Shapes: tgt and output (T, N, d_model), memory (S, N, d_model), or with `batch_first`
    (N, T, d_model) and so on, or without a batch (T, d_model) and (S, d_model).

    Args:
        d_model: size of the last dimension.
        nhead: number of heads.
        dim_feedforward: size of the hidden layer. Default: 2048.
        dropout: probability of dropout, in all places. Default: 0.1.
        activation: "relu", "gelu" or a function of one Tensor. Default: `functional.relu`.
        layer_norm_eps: ε of the normalizations. Default: 1e-5.
        batch_first: the batch is the first dimension. Default: False.
        norm_first: normalize before each block, not after it. Default: False.
        bias: all linear maps and normalizations have a bias. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the parameters. Default: the default dtype, float32.

    `forward` takes, after tgt and memory, masks as `MultiheadAttention`: `tgt_mask`, (T, T) or
    (N · nhead, T, T); `memory_mask`, (T, S) or (N · nhead, T, S); `tgt_key_padding_mask`, (N, T)
    or (T,); `memory_key_padding_mask`, (N, S) or (S,); and the hints `tgt_is_causal` and
    `memory_is_causal` that the first two hide later positions.

    Raises:
        RuntimeError: there is no activation of this name; or as `MultiheadAttention`.
        AssertionError, AttributeError, TypeError, ValueError: as `MultiheadAttention`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> layer(minitorch.ones(3, 1, 8), minitorch.ones(5, 1, 8)).shape
        minitorch.Size([3, 1, 8])

    Source: Vaswani et al., Attention is all you need (2017).
    """

    multihead_attn: MultiheadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    dropout3: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._make_blocks(
            ("self_attn", "multihead_attn"),
            d_model=d_model,
            nhead=nhead,
            dim_feedforward=dim_feedforward,
            dropout=dropout,
            activation=activation,
            layer_norm_eps=layer_norm_eps,
            batch_first=batch_first,
            norm_first=norm_first,
            bias=bias,
            device=device,
            dtype=dtype,
        )

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        masks = (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        x = self._through(tgt, self.norm1, self._sa_block, *masks)
        masks = (memory_mask, memory_key_padding_mask, memory_is_causal)
        x = self._through(x, self.norm2, self._mha_block, memory, *masks)
        return self._through(x, self.norm3, self._ff_block)

    def _sa_block(
        self, x: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False
    ) -> Any:
        """Self-attention with its dropout."""
        output, _ = self.self_attn(x, x, x, key_padding_mask, False, attn_mask, True, is_causal)
        return self.dropout1(output)

    def _mha_block(
        self, x: Any, mem: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False
    ) -> Any:
        """Attention to the memory with its dropout."""
        output, _ = self.multihead_attn(
            x, mem, mem, key_padding_mask, False, attn_mask, True, is_causal
        )
        return self.dropout2(output)

    def _last_dropout(self, x: Any) -> Any:
        return self.dropout3(x)


class TransformerEncoder(Module):
    r"""A stack of encoder layers: output = norm(layerₙ(... layer₁(src))).

    Shapes: as its layers, for a `TransformerEncoderLayer` (S, N, d_model).

    Args:
        encoder_layer: the layer; the stack has copies of it, with the same initial weights.
        num_layers: how many.
        norm: a module applied at the end, or None. Default: None.
        enable_nested_tensor: accepted for PyTorch's signature; there are no nested tensors here.
            (With them PyTorch's evaluation mode puts zeros where `src_key_padding_mask` is true;
            here, as in training, these places have outputs of no meaning.)
        mask_check: accepted for PyTorch's signature.

    `forward` takes, after src, `mask` and `src_key_padding_mask` for every layer, and the hint
    `is_causal` that `mask` hides later positions; by default, None, it is looked at.

    Raises:
        AssertionError, AttributeError, RuntimeError, TypeError: as its layers.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> encoder = nn.TransformerEncoder(layer, num_layers=2)
        >>> encoder(minitorch.ones(5, 1, 8)).shape
        minitorch.Size([5, 1, 8])

    Source: Vaswani et al., Attention is all you need (2017).
    """

    def __init__(
        self,
        encoder_layer: Any,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.use_nested_tensor = False
        self.mask_check = mask_check

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:
        is_causal = _is_causal(mask, is_causal)
        output = src
        for layer in self.layers:
            output = layer(
                output,
                src_mask=mask,
                is_causal=is_causal,
                src_key_padding_mask=src_key_padding_mask,
            )
        return output if self.norm is None else self.norm(output)


class TransformerDecoder(Module):
    r"""A stack of decoder layers: output = norm(layerₙ(... layer₁(tgt, memory) ..., memory)).

    Shapes: as its layers, for a `TransformerDecoderLayer` tgt and output (T, N, d_model), memory
    (S, N, d_model).

    Args:
        decoder_layer: the layer; the stack has copies of it, with the same initial weights. (If
            its activation is a module, PyTorch's copies lose it and use ReLU; these keep it.)
        num_layers: how many.
        norm: a module applied at the end, or None. Default: None.

    `forward` takes, after tgt and memory, the masks of its layers, and the hints `tgt_is_causal`,
    by default None (`tgt_mask` is looked at), and `memory_is_causal`, by default False.

    Raises:
        AssertionError, AttributeError, RuntimeError, TypeError: as its layers.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> decoder = nn.TransformerDecoder(layer, num_layers=2)
        >>> decoder(minitorch.ones(3, 1, 8), minitorch.ones(5, 1, 8)).shape
        minitorch.Size([3, 1, 8])

    Source: Vaswani et al., Attention is all you need (2017).
    """

    def __init__(self, decoder_layer: Any, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        tgt_is_causal = _is_causal(tgt_mask, tgt_is_causal)
        output = tgt
        for layer in self.layers:
            output = layer(
                output,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=tgt_is_causal,
                memory_is_causal=memory_is_causal,
            )
        return output if self.norm is None else self.norm(output)


def _copies(layer: Any, count: int) -> ModuleList:
    """Layers that start alike and learn apart."""
    return ModuleList([copy.deepcopy(layer) for _ in range(count)])


def _is_causal(mask: Any, is_causal: bool | None) -> bool:
    """Whether a mask hides later positions and nothing else; what is said goes unchecked."""
    if is_causal is not None or mask is None:
        return bool(is_causal)
    if mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
        return False
    hidden = np.arange(mask.shape[0])[:, None] < np.arange(mask.shape[0])
    values = mask.array
    if values.dtype.kind == "b":
        return bool((values == hidden).all())
    return bool((values == np.where(hidden, -np.inf, 0)).all())


class Transformer(Module):
    r"""An encoder, and a decoder that looks at its output: decoder(tgt, encoder(src)).

    There is neither an embedding nor a projection to words: inputs and outputs are vectors. All
    parameters of two dimensions and more are drawn by `init.xavier_uniform_`.

    Shapes: src (S, N, d_model), tgt and output (T, N, d_model), or with `batch_first`
    (N, S, d_model) and so on, or without a batch (S, d_model) and (T, d_model).

    Args:
        d_model: size of the last dimension. Default: 512.
        nhead: number of heads. Default: 8.
        num_encoder_layers: number of the encoder's layers. Default: 6.
        num_decoder_layers: number of the decoder's layers. Default: 6.
        dim_feedforward: size of the hidden layers. Default: 2048.
        dropout: probability of dropout, in all places. Default: 0.1.
        activation: "relu", "gelu" or a function of one Tensor. Default: `functional.relu`.
        custom_encoder: a module in place of the encoder. Default: None.
        custom_decoder: a module in place of the decoder. Default: None.
        layer_norm_eps: ε of the normalizations. Default: 1e-5.
        batch_first: the batch is the first dimension. Default: False.
        norm_first: normalize before each block, not after it. Default: False.
        bias: all linear maps and normalizations have a bias. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the parameters. Default: the default dtype, float32.

    `forward` takes, after src and tgt, `src_mask`, `tgt_mask`, `memory_mask`,
    `src_key_padding_mask`, `tgt_key_padding_mask` and `memory_key_padding_mask`, and the hints
    `src_is_causal` and `tgt_is_causal`, by default None (the masks are looked at), and
    `memory_is_causal`, by default False: see `TransformerEncoder` and `TransformerDecoder`.

    Raises:
        RuntimeError: src and tgt have batches of different sizes, or a last dimension other than
            d_model; or as its layers.
        AssertionError, AttributeError, TypeError: as its layers.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> model = nn.Transformer(8, 2, 1, 1, 16)
        >>> mask = nn.Transformer.generate_square_subsequent_mask(3)
        >>> model(minitorch.ones(5, 1, 8), minitorch.ones(3, 1, 8), tgt_mask=mask).shape
        minitorch.Size([3, 1, 8])

    Source: Vaswani et al., Attention is all you need (2017).
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        options: dict[str, Any] = {"device": device, "dtype": dtype}
        sizes = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **options)

        if custom_encoder is None:
            layer = TransformerEncoderLayer(*sizes, batch_first, norm_first, bias, **options)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm())
        self.encoder = custom_encoder
        if custom_decoder is None:
            other = TransformerDecoderLayer(*sizes, batch_first, norm_first, bias, **options)
            custom_decoder = TransformerDecoder(other, num_decoder_layers, norm())
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def _reset_parameters(self) -> None:
        """Draw all parameters of two dimensions and more afresh."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        self._check_inputs(src, tgt)
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    def _check_inputs(self, src: Any, tgt: Any) -> None:
        """Refuse inputs whose sizes do not go together.

        Raises:
            RuntimeError: they do not.
        """
        batch = 0 if self.batch_first else 1
        if src.ndim == 3 and (tgt.ndim != 3 or src.shape[batch] != tgt.shape[batch]):
            raise RuntimeError(
                f"Transformer: src and tgt must have the same batch, in dimension {batch} "
                f"(batch_first={self.batch_first}), got shapes {list(src.shape)} and "
                f"{list(tgt.shape)}"
            )
        if not src.shape[-1:] == tgt.shape[-1:] == (self.d_model,):
            raise RuntimeError(
                f"Transformer: the last dimension of src and tgt must be d_model={self.d_model}, "
                f"got shapes {list(src.shape)} and {list(tgt.shape)}"
            )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """A mask (sz, sz) that hides later positions: minus infinity above the diagonal, else 0.

        Example:
            >>> from minitorch import nn
            >>> nn.Transformer.generate_square_subsequent_mask(3)
            tensor([[0., -inf, -inf],
                    [0., 0., -inf],
                    [0., 0., 0.]])
        """
        return triu(full((sz, sz), float("-inf"), device=device, dtype=dtype), diagonal=1)
