"""Runs one script under PyTorch and under minitorch, and compares what it returns."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

import minitorch

LIBRARIES = (minitorch, torch)


def side_by_side(script: Any = None, *, rtol: float = 0.0, atol: float = 0.0) -> Any:
    """Make a test of a script, a function of the package `torch` (and of what pytest provides).

    Args:
        script: the function. It returns what is to be the same under both packages: numbers,
            strings, tensors, modules (compared by their repr), errors (by their type), and
            nested tuples, lists and dicts of these.
        rtol: how far numbers may differ, in proportion.
        atol: and absolutely.
    """
    if script is None:
        return functools.partial(side_by_side, rtol=rtol, atol=atol)

    def test(**fixtures: Any) -> None:
        ours, theirs = (describe(script(library, **fixtures)) for library in LIBRARIES)
        check(ours, theirs, rtol, atol)

    signature = inspect.signature(script)
    test.__name__, test.__doc__ = script.__name__, script.__doc__
    vars(test)["__signature__"] = signature.replace(
        parameters=list(signature.parameters.values())[1:]
    )
    return test


def outcome(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a call returns, or the error it raises."""
    try:
        return call(*args, **kwargs)
    except Exception as error:
        return error


def message(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[type, str]:
    """The error that a call raises: its type and text."""
    result = outcome(call, *args, **kwargs)
    assert isinstance(result, Exception), result
    return type(result), str(result)


def describe(value: Any) -> Any:
    """A value in terms that both packages share."""
    if isinstance(value, (torch.Tensor, minitorch.Tensor)):
        dtype = str(value.dtype).rpartition(".")[2]
        array = np.array(value.detach().numpy())
        name = type(value).__name__.replace("Buffer", "Tensor")  # PyTorch has no class for it
        return name, dtype, array, value.requires_grad
    if isinstance(value, Exception):
        return type(value)
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, Mapping):
        return {key: describe(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [describe(item) for item in value]
    if isinstance(value, (int, float, np.ndarray)):
        return value
    return str(value).replace("minitorch", "torch")


def check(ours: Any, theirs: Any, rtol: float = 0.0, atol: float = 0.0) -> None:
    """The same structure, and numbers that differ by no more than allowed."""
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key in theirs:
            check(ours[key], theirs[key], rtol, atol)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs), f"\nours   {ours}\ntorch's {theirs}"
        for mine, other in zip(ours, theirs, strict=True):
            check(mine, other, rtol, atol)
    elif isinstance(theirs, np.ndarray):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, strict=True)
    elif isinstance(theirs, float):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    else:
        assert ours == theirs, f"\nours   {ours!r}\ntorch's {theirs!r}"
