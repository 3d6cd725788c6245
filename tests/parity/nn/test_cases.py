"""Every layer and function of the table gives PyTorch's outputs and gradients, in both modes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from tests.helpers import arrays_in, replace, tensors_in
from tests.nn.cases import CASES, REFUSED
from tests.nn.cases.case import Case, Refused, arrays, construct, is_module
from tests.nn.test_cases import call_refused

TOLERANCE = {"float32": 2e-5, "float64": 1e-6}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, dtype: str) -> None:
    for training in (True, False) if is_module(case) else (True,):
        for strided in (False, True) if case.strided else (False,):
            theirs = results_on_tensors(torch, case, dtype, strided, training)
            ours = results_on_tensors(minitorch, case, dtype, strided, training)
            compare(ours, theirs, case.tolerance.get(dtype, TOLERANCE[dtype]), "with Tensors")
            if case.call is None:
                by_hand = results_on_arrays(case, dtype, strided, training)
                expected = {key: theirs[key] for key in by_hand}
                compare(by_hand, expected, case.tolerance.get(dtype, TOLERANCE[dtype]), "by hand")


def made(case: Case, dtype: str, strided: bool) -> Any:
    """The arguments of a call, anew, since a call may change them."""
    return replace(arrays(case, dtype), with_gaps) if strided else arrays(case, dtype)


def with_gaps(item: Any) -> Any:
    """The same values in memory that other numbers lie between, the last axes exchanged."""
    if not isinstance(item, np.ndarray) or not item.ndim:
        return item
    wide = np.ones((*item.shape[:-2], *item.shape[-2:][::-1], 2), item.dtype)
    view = wide[..., 0].swapaxes(-1, -2) if item.ndim > 1 else wide[..., 0]
    view[...] = item
    return view


def results_on_tensors(
    torch: Any, case: Case, dtype: str, strided: bool, training: bool
) -> dict[str, Any]:
    """Outputs and every gradient, with what a module has afterwards."""
    module = construct(torch, case, dtype)

    def to_leaf(item: Any) -> Any:
        if not isinstance(item, np.ndarray):
            return item
        tensor = torch.from_numpy(item)
        return tensor.requires_grad_() if item.dtype.kind == "f" else tensor

    positional, options = replace(made(case, dtype, strided), to_leaf)
    leaves = tensors_of([positional, options])
    found: dict[str, Any] = {}
    if is_module(case):
        found["repr"] = repr(module)
        found["state"] = copies(dict(module.state_dict()))
        leaves += [weight for weight in module.parameters() if weight.requires_grad]
        module.train(training)
    torch.manual_seed(1)
    if case.call is None:
        output = module(*positional, **options)
    else:
        output = case.call(torch, module, *positional, **options)
    outputs = tensors_of(output)
    found["outputs"] = [to_array(item) for item in outputs]
    found["nesting"] = str(replace(output, lambda item: "Tensor" if is_tensor(item) else "value"))
    found["needs"] = [item.requires_grad for item in outputs]
    grads = weights_for([item for item in outputs if item.requires_grad])
    starts = [item for item in outputs if item.requires_grad]
    torch.autograd.backward(starts, [torch.from_numpy(grad) for grad in grads])
    found["gradients"] = [None if leaf.grad is None else to_array(leaf.grad) for leaf in leaves]
    if is_module(case):
        found["buffers"] = copies(dict(module.named_buffers()))
    found["stream"] = to_array(torch.rand(1)) if case.random else None
    return found


def results_on_arrays(case: Case, dtype: str, strided: bool, training: bool) -> dict[str, Any]:
    """The same with arrays: outputs, and for a module its gradients by hand."""
    module = construct(minitorch, case, dtype)
    positional, options = made(case, dtype, strided)
    if is_module(case):
        module.train(training)
    minitorch.manual_seed(1)
    output = module(*positional, **options)
    assert tensors_in(output) == []
    outputs = arrays_in(output)
    found: dict[str, Any] = {"outputs": [item.copy() for item in outputs]}
    floating = [item for item in outputs if item.dtype.kind == "f"]
    if not is_module(case) or module.is_loss or len(floating) < len(outputs) or not floating:
        return found
    result = module.backward(*weights_for(floating))
    received = list(result) if isinstance(result, tuple) else [result]
    found["gradients"] = received + [
        None if weight.grad is None else to_array(weight.grad) for weight in module.parameters()
    ]
    return found


def weights_for(outputs: list[Any]) -> list[np.ndarray]:
    """A gradient for each output, no two elements alike."""
    shapes = [tuple(item.shape) for item in outputs]
    dtypes = [str(item.dtype).rpartition(".")[2] for item in outputs]
    return [
        np.linspace(-1, 1.1, int(np.prod(shape))).reshape(shape).astype(dtype)
        for shape, dtype in zip(shapes, dtypes, strict=True)
    ]


def is_tensor(item: Any) -> bool:
    return isinstance(item, (torch.Tensor, minitorch.Tensor))


def tensors_of(structure: Any) -> list[Any]:
    """The Tensors of either package that a structure holds, in order."""
    found: list[Any] = []
    replace(structure, lambda item: found.append(item) if is_tensor(item) else None)
    return found


def to_array(tensor: Any) -> np.ndarray:
    return np.array(tensor.detach().numpy())


def copies(tensors: dict[str, Any]) -> dict[str, Any]:
    return {name: None if item is None else to_array(item) for name, item in tensors.items()}


def compare(ours: Any, theirs: Any, tolerance: float, where: str) -> None:
    """The same structure; numbers differ by no more than `tolerance` of the largest beside them."""
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for key in theirs:
            compare(ours[key], theirs[key], tolerance, f"{where}, {key}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for place, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            compare(mine, other, tolerance, f"{where} {place}")
    elif isinstance(theirs, np.ndarray):
        if ours is None:  # a gradient of zeros may be left out
            assert not theirs.any(), where
            return
        finite = np.abs(theirs[np.isfinite(theirs)]) if theirs.dtype.kind == "f" else theirs
        atol = tolerance * float(np.max(finite, initial=0)) if theirs.dtype.kind == "f" else 0
        np.testing.assert_allclose(
            ours, theirs, rtol=tolerance, atol=atol, strict=True, err_msg=where
        )
    elif isinstance(theirs, str):
        assert ours.replace("minitorch", "torch") == theirs, where
    elif theirs is None:
        assert ours is None or not ours.any(), where
    else:
        assert ours == theirs, where


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_pytorch_refuses_it_too(case: Refused) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(case.error):
            call_refused(torch, case)
