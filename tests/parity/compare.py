"""Runs one piece of code with minitorch and with PyTorch, and compares what it gives."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minitorch

Call = Callable[..., Any]


def both(call: Call, *arrays: Any) -> tuple[Any, Any]:
    """What `call(library, *tensors)` gives, or the error it raises, here and there."""
    results = []
    for library in (minitorch, torch):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                results.append(call(library, *(library.tensor(array) for array in arrays)))
        except Exception as error:
            results.append(error)
    return results[0], results[1]


def check_values(ours: Any, theirs: Any, rtol: float = 0.0) -> None:
    """The same nesting, values, dtypes, shapes and need for a gradient."""
    if isinstance(theirs, (tuple, list)) and not isinstance(theirs, torch.Size):
        assert type(ours) is type(theirs)
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            check_values(mine, other, rtol)
    elif isinstance(theirs, torch.Tensor):
        assert isinstance(ours, minitorch.Tensor), ours
        assert ours.requires_grad == theirs.requires_grad
        expected = theirs.detach().numpy()
        np.testing.assert_allclose(ours.array, expected, rtol=rtol, atol=rtol, strict=True)
    else:
        assert not isinstance(ours, Exception), ours
        assert ours == theirs


def check_same(call: Call, *arrays: Any, rtol: float = 0.0) -> None:
    """The same results and errors on plain tensors; then first and second derivatives."""
    ours, theirs = both(call, *arrays)
    if isinstance(theirs, Exception):
        raise AssertionError("PyTorch refuses this case") from theirs
    if isinstance(ours, Exception):
        raise ours
    check_values(ours, theirs, rtol)
    if any(array.dtype.kind == "f" for array in arrays):
        for layout in ("plain", "strided", "transposed"):
            ours = derivatives(minitorch, call, arrays, layout)
            theirs = derivatives(torch, call, arrays, layout)
            check_values(ours, theirs, rtol=1e-12)


def check_refused(call: Call, *arrays: Any) -> None:
    """The same type of error."""
    ours, theirs = both(call, *arrays)
    assert isinstance(theirs, Exception), theirs
    if not isinstance(ours, Exception):
        raise AssertionError(f"not refused, gave {ours}; PyTorch: {theirs!r}")
    assert type(ours) is type(theirs), (ours, theirs)
    assert str(ours)


def derivatives(library: Any, call: Call, arrays: Any, layout: str = "plain") -> Any:
    """Outputs, first and second derivatives of a weighted sum of their squares."""
    tensors = [_leaf(library, array, layout) for array in arrays]
    leaves = [tensor for tensor in tensors if tensor.requires_grad]
    outputs = call(library, *tensors)
    if not isinstance(outputs, (tuple, list)):
        outputs = (outputs,)
    random = np.random.default_rng(0)
    total = _weighted_sum(library, [output * output for output in outputs], random)
    if total is None:
        return outputs, leaves
    first = library.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
    once_more = _weighted_sum(library, first, random)
    second = [None] * len(leaves)
    if once_more is not None:
        second = library.autograd.grad(once_more, leaves, allow_unused=True)
    zeros = [library.zeros_like(leaf) for leaf in leaves]
    second = [zero if grad is None else grad for grad, zero in zip(second, zeros, strict=True)]
    return outputs, [grad if grad is None else grad.detach() for grad in first], second


def _weighted_sum(library: Any, tensors: Any, random: np.random.Generator) -> Any:
    """The sum of the tensors' elements, each times a random number; None if nothing needs it."""
    terms = []
    for tensor in tensors:
        if tensor is not None:
            weight = library.tensor(random.standard_normal(tuple(tensor.shape)))
            if tensor.requires_grad:
                terms.append((tensor * weight).sum())
    return sum(terms) if terms else None


def _leaf(library: Any, array: Any, layout: str) -> Any:
    """A tensor of the array's values in some layout; floats require a gradient."""
    if layout == "strided" and array.ndim:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        tensor = library.tensor(wide)[..., ::2].detach()
    elif layout == "transposed" and array.ndim:
        reverse = tuple(reversed(range(array.ndim)))
        tensor = library.tensor(array.transpose().copy()).permute(reverse).detach()
    else:
        tensor = library.tensor(array)
    return tensor.requires_grad_() if array.dtype.kind == "f" else tensor
