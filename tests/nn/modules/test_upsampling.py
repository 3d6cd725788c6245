"""Interpolation: worked examples, what does not spread, what PyTorch's gradients get wrong."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.nn.modules.upsampling import resample, weights_of
from tests.helpers import check_gradients


def along(values: list[float], **options: object) -> list[float]:
    return F.interpolate(np.array([[values]], np.float64), **options)[0, 0].tolist()  # type: ignore[no-any-return]


def test_a_signal_by_hand() -> None:
    assert along([1, 2, 3], scale_factor=2) == [1, 1, 2, 2, 3, 3]
    assert along([1, 2, 3], size=2) == [1, 2]
    assert along([1, 2, 3], size=2, mode="nearest-exact") == [1, 3]
    assert along([1, 2, 3], size=2, mode="area") == [1.5, 2.5]
    assert along([1, 3], scale_factor=2, mode="linear") == [1, 1.5, 2.5, 3]
    assert along([1, 3], size=5, mode="linear", align_corners=True) == [1, 1.5, 2, 2.5, 3]


def test_cubic_convolution_by_hand() -> None:
    """What a single bright pixel gives at distances 0, ½ and 1½, with a = −¾."""
    impulse = np.zeros((1, 1, 4, 4))
    impulse[..., 1] = 1
    middle = F.interpolate(impulse, size=(4, 7), mode="bicubic", align_corners=True)[0, 0, 0]
    near = 1.25 * 0.5**3 - 2.25 * 0.5**2 + 1  # (a + 2) d³ − (a + 3) d² + 1
    far = -0.75 * (1.5**3 - 5 * 1.5**2 + 8 * 1.5 - 4)  # a (d³ − 5 d² + 8 d − 4)
    np.testing.assert_allclose(middle[[2, 3, 5]], [1, near, far], atol=1e-12)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "area", "lanczos"])
@pytest.mark.parametrize("size", [(3, 9), (7, 2)])
def test_weights_add_up_to_one(mode: str, size: tuple[int, int]) -> None:
    ones = np.ones((1, 1, 5, 6))
    result = F.interpolate(ones, size=size, mode=mode, antialias=mode == "lanczos")
    np.testing.assert_allclose(result, 1, rtol=1e-6)


def test_infinity_does_not_spread() -> None:
    image = np.zeros((1, 1, 1, 8), np.float32)
    image[..., 0] = np.inf
    result = nn.Upsample(scale_factor=2, mode="bilinear")(image)
    assert np.isfinite(result[..., 3:]).all()


@pytest.mark.parametrize("mode", ["nearest", "linear", "area"])
def test_the_output_is_always_new(mode: str) -> None:
    signal = np.ones((1, 1, 4))
    assert not np.shares_memory(F.interpolate(signal, size=4, mode=mode), signal)


def test_transposed_twice_is_the_map_itself() -> None:
    weights = weights_of("linear", 5, 12, double=True)
    assert weights.transposed.transposed is weights
    matrix = resample(np.eye(5), [weights])
    np.testing.assert_allclose(resample(np.eye(12), [weights.transposed]), matrix.T)


@pytest.mark.parametrize(
    "options",
    [
        {"scale_factor": 1.3, "mode": "nearest"},
        {"scale_factor": 1.3, "mode": "linear"},
    ],
    ids=str,
)
def test_derivatives_where_a_factor_leaves_the_size(options: dict[str, object]) -> None:
    """Here PyTorch's gradient of "nearest" is not that of its output."""
    x = np.random.default_rng(0).standard_normal((1, 2, 3))
    check_gradients(np.random.default_rng(1), nn.Upsample(**options), x)


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic", "area"])
def test_second_derivatives(mode: str) -> None:
    x = minitorch.tensor(np.random.default_rng(0).standard_normal((1, 1, 2, 3)), requires_grad=True)
    layer = nn.Upsample(size=(3, 4), mode=mode)
    assert minitorch.autograd.gradgradcheck(lambda input: layer(input) ** 3, (x,))


def test_no_channels_and_empty_outputs_in_area_mode() -> None:
    assert F.interpolate(np.ones((1, 0, 4)), size=2, mode="area").shape == (1, 0, 2)
    assert F.interpolate(np.ones((1, 2, 4)), size=0, mode="area").shape == (1, 2, 0)
    image = minitorch.ones(1, 2, 2, 2, requires_grad=True)
    F.interpolate(image, scale_factor=(0.7, 0.3), mode="area").sum().backward()
    assert image.grad is not None and not image.grad.any()


def test_half_precision_is_computed_in_single() -> None:
    image = np.arange(16, dtype=np.float16).reshape(1, 1, 4, 4)
    result = F.interpolate(image, size=3, mode="bilinear")
    exact = F.interpolate(image.astype(np.float64), size=3, mode="bilinear")
    assert result.dtype == np.float16
    np.testing.assert_allclose(result, exact, rtol=2**-11)
