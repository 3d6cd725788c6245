"""Tables of vectors as functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.variable import Variable, buffer, ndarray, wrap
from ..modules.checks import within
from ..modules.sparse import Embedding, row_from_start
from ..stateless import as_weight, on_tensors, run, stateless


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """weight[input], the rows of a table: see `minitorch.nn.Embedding`.

    Args:
        input: (*), of int64 or int32.
        weight: (num_embeddings, embedding_dim). With `max_norm` it is changed in place.
        padding_idx: a row that gets no gradient. Default: None.
        max_norm: scale longer rows to this norm first. Default: None.
        norm_type: the order of that norm. Default: 2.
        scale_grad_by_freq: divide a row's gradient by how often it is asked for. Default: False.
        sparse: accepted, and without effect. Default: False.

    Raises:
        TypeError, IndexError, RuntimeError, AssertionError: as `minitorch.nn.Embedding`.
        RuntimeError: `weight` has not two dimensions.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.embedding(minitorch.tensor([1, 0]), minitorch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([[3., 4.],
                [1., 2.]])
    """
    _check_table(weight)
    if on_tensors(input, weight):
        input = as_weight(input)
    layer = stateless(
        Embedding,
        weight=as_weight(weight),
        padding_idx=row_from_start(padding_idx, weight.shape[0]),
        max_norm=max_norm,
        norm_type=norm_type,
        scale_grad_by_freq=scale_grad_by_freq,
        sparse=sparse,
    )
    return run(layer, input)


def _check_table(weight: Any) -> None:
    """Refuse what is no matrix."""
    if not isinstance(weight, (Variable, ndarray)):
        raise TypeError(
            "embedding(): argument 'weight' must be a Tensor or a NumPy array, not "
            f"{type(weight).__name__}; convert it with minitorch.tensor(...)"
        )
    sizes = buffer(weight).shape
    if len(sizes) != 2:
        raise RuntimeError(
            f"embedding(): 'weight' must have 2 dimensions, but has shape {list(sizes)}"
        )


def one_hot(input: Any, num_classes: int = -1) -> Any:
    """Vectors with 1 at the place of each integer, and 0 elsewhere.

    Args:
        input: (*), of int64.
        num_classes: the size C of the vectors; -1 is the largest integer and 1. Default: -1.

    Returns:
        (*, C), of int64.

    Raises:
        RuntimeError: the input is not int64, has elements below 0 or not below `num_classes`, or is
            empty while `num_classes` is not given.
        TypeError: the input is neither an array nor a Tensor, or `num_classes` is no int.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.one_hot(minitorch.tensor([0, 2]), num_classes=3)
        tensor([[1, 0, 0],
                [0, 0, 1]])
    """
    if not isinstance(input, (Variable, ndarray, np.generic)):
        raise TypeError(
            "one_hot(): argument 'input' must be a Tensor or a NumPy array, not "
            f"{type(input).__name__}; convert it with minitorch.tensor(...)"
        )
    if type(num_classes) is not int:
        raise TypeError(
            f"one_hot(): argument 'num_classes' must be int, not {type(num_classes).__name__}"
        )
    index = np.asarray(buffer(input))
    if index.dtype != np.int64:
        raise RuntimeError(
            f"one_hot() is only for integers of int64, got {index.dtype}: convert with .long()"
        )
    if num_classes == -1 and index.size:
        num_classes = int(index.max()) + 1
    if num_classes <= 0 and not index.size:
        raise RuntimeError(
            "one_hot() cannot find the number of classes in an empty input: give num_classes"
        )
    if not within(index, num_classes):
        raise RuntimeError(
            "one_hot(): class values must be non-negative and smaller than num_classes="
            f"{num_classes}, but they are between {index.min()} and {index.max()}"
        )
    output = np.zeros((index.size, num_classes), np.int64)
    output[np.arange(index.size), index.reshape(-1)] = 1
    output = output.reshape(*index.shape, num_classes)
    return wrap(output) if isinstance(input, Variable) else output
