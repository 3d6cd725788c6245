"""Interpolation as a function."""

from __future__ import annotations

from typing import Any

from ..modules.upsampling import Upsample
from ..stateless import run, stateless


def interpolate(
    input: Any,
    size: int | tuple[int, ...] | None = None,
    scale_factor: float | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Change the size of signals, images and volumes: see `minitorch.nn.Upsample`.

    Args:
        input: (N, C, *sizes).
        size: the output size, one number for all dimensions or one for each.
        scale_factor: output size / input size, likewise. Give one of the two.
        mode: "nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area" or
            "lanczos". Default: "nearest".
        align_corners: the outermost elements keep their places. Default: False.
        recompute_scale_factor: take the step from the sizes, not from `scale_factor`. Default:
            False.
        antialias: when shrinking, take all inputs in an output's cell into account; for
            "bilinear", "bicubic" and "lanczos", which needs it. Default: False.

    Raises:
        ValueError, NotImplementedError, RuntimeError: as `minitorch.nn.Upsample`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.interpolate(minitorch.tensor([[[1.0, 2.0]]]), scale_factor=2)
        tensor([[[1., 1., 2., 2.]]])
    """
    layer = stateless(
        Upsample,
        size=size,
        scale_factor=scale_factor,
        mode=mode,
        align_corners=align_corners,
        recompute_scale_factor=recompute_scale_factor,
        _antialias=antialias,
    )
    return run(layer, input)
