"""Running a module's pair without a module that is kept: what `nn.functional` is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.calls import call_unrecorded
from ..autograd.pair import call, call_over_input, is_array_call
from ..autograd.variable import Variable, ndarray, wrap
from .module import Module


def stateless(layer: type[Module], **attributes: Any) -> Any:
    """A module of class `layer` with given attributes: nothing is registered or drawn."""
    module = object.__new__(layer)
    vars(module).update(_parameters={}, _buffers={}, _modules={}, **attributes)
    return module


def on_tensors(*values: Any) -> bool:
    """Say whether a function on these is to work in Tensor mode: unless all are arrays."""
    has_array = False
    for value in values:
        if isinstance(value, Variable):
            return True
        has_array = has_array or isinstance(value, (ndarray, np.generic))
    return not has_array


def as_weight(value: Any) -> Any:
    """An array as a constant Tensor, which is what a module's weights are."""
    return wrap(np.asarray(value)) if isinstance(value, (ndarray, np.generic)) else value


def run(layer: Any, *inputs: Any) -> Any:
    """Run a module's pair without its hooks; a call with arrays is not recorded."""
    if is_array_call(inputs, {}):
        if layer._pair.in_place and layer.inplace:
            return call_over_input(layer, layer._pair, inputs, {})
        return call_unrecorded(layer, layer._pair, inputs, {})
    return call(layer, layer._pair, inputs, {})
