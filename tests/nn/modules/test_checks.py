"""Checks of what a layer is given."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.modules.checks import check_array


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "uint8", "bool"])
def test_arrays_of_numbers_pass(dtype):
    check_array(nn.Sigmoid(), np.ones((2, 3), dtype))
    check_array(nn.Sigmoid(), np.ones((), dtype))
    check_array(nn.Sigmoid(), np.ones(3, dtype).view(np.recarray))


@pytest.mark.parametrize("value", [[1.0], 1.0, None, "text", np.float64(1.0), minitorch.ones(1)])
def test_what_is_no_array(value):
    kind = type(value).__name__
    expected = (
        f"Sigmoid: argument 'grid' must be a Tensor or a NumPy array, not {kind}; convert it with "
        "minitorch.tensor(...)"
    )
    for error in (TypeError, AttributeError):
        with pytest.raises(error) as caught:
            check_array(nn.Sigmoid(), value, "grid", error)
        assert str(caught.value) == expected


@pytest.mark.parametrize("array", [np.ones(1, object), np.array(["a"]), np.ones(1, complex)])
def test_arrays_of_anything_else(array):
    with pytest.raises(
        TypeError, match=f"'input' must be an array of real.*of dtype {array.dtype}"
    ):
        check_array(nn.Sigmoid(), array, error=AttributeError)
