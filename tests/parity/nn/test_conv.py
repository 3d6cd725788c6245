"""Convolution beside PyTorch: what needs more than one call, or a filter for its warnings."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from tests.parity.side_by_side import side_by_side


@pytest.mark.parametrize("padding_mode", ["zeros", "reflect"])
@pytest.mark.parametrize("kernel", [2, (4, 3), (2, 4)])
def test_same_with_even_kernels(kernel: Any, padding_mode: str) -> None:
    """PyTorch warns that it copies its input for zeros; we do not copy."""
    results = []
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 6)).astype("float32")
    for library in (minitorch, torch):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Using padding='same'", UserWarning)
            library.manual_seed(0)
            layer = library.nn.Conv2d(3, 4, kernel, padding="same", padding_mode=padding_mode)
            input = library.tensor(x).requires_grad_()
            output = layer(input)
            (output**2).sum().backward()
        leaves = (layer.weight, layer.bias, input)
        found = [output.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]
        results.append(found)
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@side_by_side
def test_attributes(torch: Any) -> Any:
    layers = [
        torch.nn.Conv1d(2, 4, 3, padding="same", bias=False),
        torch.nn.Conv2d(2, 4, (3, 2), 2, (0, 1), groups=2, padding_mode="circular"),
        torch.nn.ConvTranspose3d(2, 4, 3, 2, 1, (1, 0, 1)),
    ]
    names = (
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation",
        "transposed", "output_padding", "groups", "padding_mode",
    )  # fmt: skip
    return [[getattr(layer, name) for name in names] for layer in layers]


@side_by_side
def test_state_goes_from_layer_to_layer(torch: Any) -> Any:
    torch.manual_seed(0)
    first, second = torch.nn.Conv2d(2, 3, 3), torch.nn.Conv2d(2, 3, 3)
    second.load_state_dict(first.state_dict())
    x = torch.arange(32.0).reshape(1, 2, 4, 4) / 10
    return [bool((first(x) == second(x)).all()), list(first.state_dict())]
