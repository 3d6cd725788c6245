"""Layers that move elements between channels and pixels, or channels among each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.variable import Array
from ...ops.shape import as_integer
from ..module import Module
from ..stateless import run, stateless
from .checks import check_array


class PixelShuffle(Module):
    """Makes images r times as high and wide out of r² times as many channels.

    y[c, h r + i, w r + j] = x[c r² + i r + j, h, w].

    Shapes: input (*, C r², H, W), output (*, C, H r, W r).

    Args:
        upscale_factor: r.

    Raises:
        RuntimeError: the input has fewer than three dimensions, its channels are no multiple of
            r², or r is not positive.
        TypeError: the input is neither an array nor a Tensor, or r is no integer.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.PixelShuffle(2)(minitorch.tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]))
        tensor([[[1., 2.],
                 [3., 4.]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
    """

    differentiable_backward = True

    upscale_factor: int

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        factor = check_factor(self, input, "upscale_factor", self.upscale_factor)
        self.save_for_backward(factor)
        channels = input.shape[-3]
        if channels % factor**2:
            raise RuntimeError(
                f"PixelShuffle: expected a multiple of upscale_factor² = {factor**2} channels, got "
                f"{channels}: the input has shape {list(input.shape)}"
            )
        return shuffled(input, factor)

    def backward(self, grad_output: Any) -> Any:
        # every element has moved, and its gradient moves back
        (factor,) = self.saved_tensors
        return run(stateless(PixelUnshuffle, downscale_factor=factor), grad_output)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Makes r² times as many channels out of images r times as high and wide.

    y[c r² + i r + j, h, w] = x[c, h r + i, w r + j]: undoes `PixelShuffle`.

    Shapes: input (*, C, H r, W r), output (*, C r², H, W), of empty inputs too, where PyTorch's
    has the shape of the input.

    Args:
        downscale_factor: r.

    Raises:
        RuntimeError: the input has fewer than three dimensions, its height or width is no
            multiple of r, or r is not positive.
        TypeError: the input is neither an array nor a Tensor, or r is no integer.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.PixelUnshuffle(2)(minitorch.tensor([[[1.0, 2.0], [3.0, 4.0]]])).flatten()
        tensor([1., 2., 3., 4.])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
    """

    differentiable_backward = True

    downscale_factor: int

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        factor = check_factor(self, input, "downscale_factor", self.downscale_factor)
        self.save_for_backward(factor)
        height, width = input.shape[-2:]
        if height % factor or width % factor:
            raise RuntimeError(
                f"PixelUnshuffle: expected a height and a width that are multiples of "
                f"downscale_factor={factor}, got {height} and {width}: the input has shape "
                f"{list(input.shape)}"
            )
        return unshuffled(input, factor)

    def backward(self, grad_output: Any) -> Any:
        # every element has moved, and its gradient moves back
        (factor,) = self.saved_tensors
        return run(stateless(PixelShuffle, upscale_factor=factor), grad_output)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Mixes groups of channels: takes the first of each group, then the second of each, and so on.

    y[n, k g + i] = x[n, i C / g + k] for g groups.

    Shapes: input (N, C, *) with at least one dimension more, output the same.

    Args:
        groups: g, of which C must be a multiple.

    Raises:
        RuntimeError: the input has fewer than three dimensions, its channels are no multiple of
            the groups, or these are not positive.
        TypeError: the input is neither an array nor a Tensor, or the groups are no integer.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ChannelShuffle(2)(minitorch.arange(4.0).reshape(1, 4, 1)).flatten()
        tensor([0., 2., 1., 3.])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
    """

    differentiable_backward = True

    groups: int

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Any) -> Any:
        groups = check_factor(self, input, "groups", self.groups)
        number, channels, *sizes = input.shape
        if channels % groups:
            raise RuntimeError(
                f"ChannelShuffle: expected a multiple of groups={groups} channels, got {channels}: "
                f"the input has shape {list(input.shape)}"
            )
        members = channels // groups
        self.save_for_backward(members)
        grouped = input.reshape(number, groups, members, *sizes)
        return grouped.swapaxes(1, 2).copy().reshape(input.shape)

    def backward(self, grad_output: Any) -> Any:
        # shuffling the members of each place undoes shuffling the groups
        (members,) = self.saved_tensors
        return run(stateless(ChannelShuffle, groups=max(members, 1)), grad_output)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"


def shuffled(array: Array, factor: int) -> Array:
    """(*, C r², H, W) as (*, C, H r, W r)."""
    *batch, channels, height, width = array.shape
    channels //= factor**2
    split = array.reshape(*batch, channels, factor, factor, height, width)
    output = np.empty((*batch, channels, height, factor, width, factor), array.dtype)
    for column in range(factor):  # a strided copy in the order of memory, each
        output[..., column] = split[..., column, :, :].swapaxes(-2, -3)
    return output.reshape(*batch, channels, height * factor, width * factor)


def unshuffled(array: Array, factor: int) -> Array:
    """(*, C, H r, W r) as (*, C r², H, W)."""
    *batch, channels, height, width = array.shape
    height //= factor
    width //= factor
    split = array.reshape(*batch, channels, height, factor, width, factor)
    first = len(batch) + 1
    order = (*range(first), first + 1, first + 3, first, first + 2)
    return split.transpose(order).copy().reshape(*batch, channels * factor**2, height, width)


def check_factor(module: Module, input: Any, name: str, value: Any) -> int:
    """The positive integer that a layer of this family is made with; the input is checked too.

    Raises:
        RuntimeError: it is not positive, or the input has fewer than three dimensions.
        TypeError: it is no integer, or the input no array.
    """
    check_array(module, input)
    layer = type(module).__name__
    factor = as_integer(value, f"{layer}: {name}")
    if factor <= 0:
        raise RuntimeError(f"{layer}: expected a positive {name}, got {factor}")
    if input.ndim < 3:
        raise RuntimeError(
            f"{layer}: expected an input of at least 3 dimensions, got shape {list(input.shape)}"
        )
    return factor
