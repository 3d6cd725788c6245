"""Tables of vectors that are looked up by number."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from ...autograd.grad_mode import no_grad
from ...autograd.inplace import changed
from ...autograd.node import Node
from ...autograd.variable import Array, Variable
from ...ops.creation import empty
from ...ops.indexing import add_rows
from ...quiet import Silence
from ...tensor import Tensor
from .. import init
from ..module import Module
from ..parameter import Parameter
from .checks import check_array, within


class Embedding(Module):
    """A table of vectors, one for each of a vocabulary's entries: y = weight[input].

    The gradient of a row is the sum of dL/dy over the places where it was looked up.

    Shapes: input (*), of integers; output (*, embedding_dim), weight
    (num_embeddings, embedding_dim).

    Args:
        num_embeddings: the number of entries.
        embedding_dim: the size of each vector.
        padding_idx: an entry that gets no gradient, so that it stays as it is, at first 0; it
            counts from the end if it is below 0. Default: None.
        max_norm: rows that are longer are scaled to this norm, in place, before they are looked
            up. Default: None.
        norm_type: the order of that norm. Default: 2.
        scale_grad_by_freq: divide the gradient of each row by the number of times it was looked
            up in this call. Default: False.
        sparse: accepted, and without effect: PyTorch makes a gradient in a sparse layout then,
            while here every gradient is dense, with the same numbers. Default: False.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the weight. Default: the default dtype, float32.

    Attributes:
        weight: drawn from N(0, 1), with zeros for `padding_idx`.

    Raises:
        IndexError: an integer is below 0 or not below num_embeddings.
        RuntimeError: the input is neither int64 nor int32.
        TypeError: the input is neither an array nor a Tensor.
        AssertionError: there is no entry `padding_idx`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> table = nn.Embedding.from_pretrained(minitorch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        >>> table(minitorch.tensor([1, 1, 0]))
        tensor([[3., 4.],
                [3., 4.],
                [1., 2.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
    """

    num_embeddings: int
    embedding_dim: int
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool
    weight: Tensor

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = row_from_start(padding_idx, num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if _weight is None:
            table = empty(num_embeddings, embedding_dim, device=device, dtype=dtype)
            self.weight = Parameter(table, requires_grad=not _freeze)
            self.reset_parameters()
            return
        if list(_weight.shape) != [num_embeddings, embedding_dim]:
            raise AssertionError(
                f"Embedding: a weight of shape {list(_weight.shape)} does not match "
                f"num_embeddings={num_embeddings} and embedding_dim={embedding_dim}"
            )
        self.weight = Parameter(_weight, requires_grad=not _freeze)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """Make an embedding of a given table, (num_embeddings, embedding_dim), without a copy.

        Args:
            embeddings: the weight.
            freeze: do not train it. Default: True.
            padding_idx: as of the class, and so the others.
            max_norm: as of the class.
            norm_type: as of the class.
            scale_grad_by_freq: as of the class.
            sparse: as of the class.

        Raises:
            AssertionError: `embeddings` has not two dimensions.
        """
        if embeddings.dim() != 2:
            raise AssertionError(
                "Embedding.from_pretrained expected embeddings of 2 dimensions, got shape "
                f"{list(embeddings.shape)}"
            )
        rows, columns = embeddings.shape
        return cls(
            rows,
            columns,
            _weight=embeddings,
            _freeze=freeze,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
        )

    def reset_parameters(self) -> None:
        """Draw the weight afresh."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx].fill_(0)

    def forward(self, input: Any) -> Any:
        weight = self.weight
        self._check(input, weight.array)
        if self.max_norm is not None:
            shorten(weight.array, input, self.max_norm, self.norm_type)
            changed(weight)
        self.save_for_backward(input, _Receiver(weight))
        return weight.array.take(input, axis=0)

    def backward(self, grad_output: Any) -> Any:
        # dL/d(weight[k]) = Σ of dL/dy where the input is k; the input, integers, has no gradient
        input, weight = self.saved_tensors
        if not weight.requires_grad:
            return None
        index, (count, width) = input.reshape(-1), weight.shape
        rows = grad_output.reshape(index.size, width)
        if self.scale_grad_by_freq and index.size:
            rows = rows / np.bincount(index).astype(rows.dtype)[index, None]
        grad = np.zeros((count, width), rows.dtype)
        if rows.size:
            add_rows(grad, index, rows)
        if self.padding_idx is not None:
            grad[self.padding_idx] = 0
        weight.accumulate_grad(grad)
        return None

    def _check(self, input: Any, table: Array) -> None:
        if type(input) is not np.ndarray:
            check_array(self, input)
        if input.dtype != np.int64 and input.dtype != np.int32:
            raise RuntimeError(
                f"Embedding expected an input of int64 or int32, got {input.dtype}: convert it "
                "with .long()"
            )
        if not within(input, len(table)):
            wrong = input[(input < 0) | (input >= len(table))][0]
            raise IndexError(
                f"index out of range in self: Embedding has {len(table)} entries, numbered from 0, "
                f"but was asked for {wrong}"
            )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        for name, usual in (
            ("padding_idx", None),
            ("max_norm", None),
            ("norm_type", 2),
            ("scale_grad_by_freq", False),
        ):
            value = getattr(self, name)
            if value != usual:
                text += f", {name}={value}"
        return text + ", sparse=True" if self.sparse else text


class _Receiver(Variable):
    """A saved weight that is to receive a gradient, but whose values backward does not read.

    So it may change before backward: another lookup with `max_norm` does that.
    """

    def __init__(self, weight: Tensor) -> None:
        self.array = _NOTHING
        self.shape = weight.array.shape
        self.weight = weight
        self._requires_grad = weight.requires_grad

    def _edge(self) -> Variable | Node | None:
        return self.weight._edge()

    def accumulate_grad(self, grad: Array) -> None:
        self.weight.accumulate_grad(grad)


_NOTHING = np.empty(0)


def row_from_start(padding_idx: int | None, count: int) -> int | None:
    """The number of the padding row, counted from the start.

    Raises:
        AssertionError: there is no such row.
    """
    if padding_idx is None:
        return None
    if not -count <= padding_idx < count:
        raise AssertionError(
            f"Embedding: padding_idx={padding_idx} must be within num_embeddings={count}: from "
            f"{-count} to {count - 1}"
        )
    return padding_idx % count


def shorten(table: Array, index: Array, max_norm: float, order: float) -> None:
    """Scale those rows of the table that `index` asks for and that are longer than `max_norm`."""
    rows = np.unique(index)
    with Silence():
        sizes = np.linalg.norm(table[rows], order, axis=1)
        long = sizes > max_norm
        factors = max_norm / (sizes[long] + 1e-7)
        table[rows[long]] *= factors[:, None].astype(table.dtype)
