"""Windows as columns, and back, as functions."""

from __future__ import annotations

from typing import Any

from ..modules.fold import Fold, Unfold
from ..stateless import run


def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """Make each window of an image a column: see `minitorch.nn.Unfold`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.unfold(minitorch.tensor([[[1.0, 2.0, 3.0]]]), (1, 2))
        tensor([[1., 2.],
                [2., 3.]])
    """
    return run(Unfold(kernel_size, dilation, padding, stride), input)


def fold(
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    """Add columns up to images: see `minitorch.nn.Fold`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.fold(minitorch.tensor([[1.0, 2.0], [2.0, 3.0]]), (1, 3), (1, 2))
        tensor([[[1., 4., 3.]]])
    """
    return run(Fold(output_size, kernel_size, dilation, padding, stride), input)
