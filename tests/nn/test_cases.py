"""Every layer and function of the table: derivatives, errors, what a call leaves behind."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import arrays_in, check_gradients, replace, tensors_in, to_leaf
from tests.nn.cases import CASES, REFUSED, WITHOUT_FORWARD
from tests.nn.cases.case import Case, Refused, arrays, construct, is_module

DIFFERENTIABLE = [case for case in CASES if case.differences and case.call is None]


class Call(nn.Module):
    """A function as a module, so that one test serves both; random numbers start afresh.

    Around a loss, it has the gradients of all inputs by hand, where the loss gives the first's.
    """

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.run = construct(minitorch, case, "float64")

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        minitorch.manual_seed(0)
        return self.run(*args, **kwargs)


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_derivatives(case: Case) -> None:
    positional, options = arrays(case, "float64")
    module = construct(minitorch, case, "float64")
    if case.random or not is_module(case) or module.is_loss:
        module = Call(case)
    check_gradients(np.random.default_rng(2), module, *positional, **options)


@pytest.mark.parametrize("case", [case for case in CASES if is_module(case)], ids=str)
def test_nothing_is_kept_after_backward(case: Case) -> None:
    """A layer keeps no array in its attributes, and the graph lets go of what it saved."""
    module = construct(minitorch, case)
    before = set(vars(module))
    positional, options = replace(arrays(case, "float32"), to_leaf)
    if case.call is None:
        outputs = tensors_in(module(*positional, **options))
    else:
        outputs = tensors_in(case.call(minitorch, module, *positional, **options))
    node = next((item.grad_fn for item in outputs if item.grad_fn is not None), None)
    saved = [] if node is None else [weakref.ref(item) for item in saved_arrays(node, module)]
    outputs = [item for item in outputs if item.requires_grad]
    minitorch.autograd.backward(outputs, [minitorch.ones_like(item) for item in outputs])
    visible = {id(item.array) for item in tensors_in([positional, options, outputs])}
    kept = [reference() for reference in saved]
    assert [item.shape for item in kept if item is not None and id(item) not in visible] == []
    assert set(vars(module)) == before
    assert arrays_in(list(vars(module).values())) == []


def saved_arrays(node: Any, module: nn.Module) -> list[np.ndarray]:
    """The arrays that the call which made an output saved, but for weights and buffers."""
    own = {id(item.array) for item in (*module.parameters(), *module.buffers())}
    found = arrays_in(list(getattr(node, "saved", ()) or ()))
    return [item for item in found if id(item) not in own]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_errors(case: Refused) -> None:
    with pytest.raises(case.error) as caught:
        call_refused(minitorch, case)
    message = str(caught.value)
    assert [word for word in case.says if word.lower() not in message.lower()] == []


def call_refused(torch: Any, case: Refused) -> None:
    """Make the layer and call it."""
    module = construct(torch, case)
    if case.inputs is not None:
        positional, options = arrays(case, "float32")

        def as_tensor(item: Any) -> Any:
            return torch.tensor(item) if isinstance(item, np.ndarray) else item

        module(*replace(positional, as_tensor), **replace(options, as_tensor))


# -- coverage -----------------------------------------------------------------------------


def test_every_layer_is_in_the_table() -> None:
    layers = {
        name
        for name in nn.modules.__all__
        if isinstance(getattr(nn, name), type) and issubclass(getattr(nn, name), nn.Module)
    }
    assert {case.name for case in CASES if is_module(case)} == layers - WITHOUT_FORWARD.keys()


def test_every_function_is_in_the_table() -> None:
    listed = {case.name for case in CASES if not is_module(case)}
    assert listed == set(nn.functional.__all__)


# A difference quotient can be made neither of integers nor of what is written over its input.
WITHOUT_DIFFERENCES = {"elu_", "hardtanh_", "leaky_relu_", "one_hot", "relu_"}
WITHOUT_DIFFERENCES |= {name for name in nn.functional.__all__ if name.endswith("_with_indices")}


def test_every_layer_and_function_is_compared_with_central_differences() -> None:
    compared = {case.name for case in DIFFERENTIABLE}
    assert {case.name for case in CASES} - compared == WITHOUT_DIFFERENCES


def test_cases_differ() -> None:
    names = [str(case) for case in CASES]
    assert sorted({name for name in names if names.count(name) > 1}) == []
