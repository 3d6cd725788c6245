"""Moving elements between channels and pixels, as functions."""

from __future__ import annotations

from typing import Any

from ..modules.pixelshuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle
from ..stateless import run, stateless


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(*, C r², H, W) becomes (*, C, H r, W r): see `minitorch.nn.PixelShuffle`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.pixel_shuffle(minitorch.ones(1, 8, 2, 3), 2).shape
        minitorch.Size([1, 2, 4, 6])
    """
    return run(stateless(PixelShuffle, upscale_factor=upscale_factor), input)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """(*, C, H r, W r) becomes (*, C r², H, W): see `minitorch.nn.PixelUnshuffle`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.pixel_unshuffle(minitorch.ones(1, 2, 4, 6), 2).shape
        minitorch.Size([1, 8, 2, 3])
    """
    return run(stateless(PixelUnshuffle, downscale_factor=downscale_factor), input)


def channel_shuffle(input: Any, groups: int) -> Any:
    """Mix groups of the channels of (N, C, *): see `minitorch.nn.ChannelShuffle`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.channel_shuffle(minitorch.arange(6.0).reshape(1, 6, 1), 3).flatten()
        tensor([0., 2., 4., 1., 3., 5.])
    """
    return run(stateless(ChannelShuffle, groups=groups), input)
