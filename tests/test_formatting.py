"""The text of tensors. The expected strings are what PyTorch 2.13 prints for the same tensor."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from minitorch.formatting import (
    format_tensor,
    get_printoptions,
    printoptions,
    set_printoptions,
)

DEFAULTS = {
    "precision": 4,
    "threshold": 1000,
    "edgeitems": 3,
    "linewidth": 80,
    "sci_mode": None,
}


@pytest.fixture(autouse=True)
def restored_options() -> Iterator[None]:
    yield
    set_printoptions(profile="default")


def text_of(values: Any, dtype: str = "float32") -> str:
    return format_tensor(np.array(values, dtype=dtype))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (3.0, "tensor(3.)"),
        (-2.5, "tensor(-2.5000)"),
        (-0.0, "tensor(-0.)"),
        ([1.0, 2.0], "tensor([1., 2.])"),
        ([0.1, 100.0], "tensor([  0.1000, 100.0000])"),
        ([0.0, -0.0, 1.5], "tensor([0.0000, -0.0000, 1.5000])"),
        ([-0.0, 3.0], "tensor([-0., 3.])"),
        ([[1.0, -2.0], [30.0, 4.0]], "tensor([[ 1., -2.],\n        [30.,  4.]])"),
    ],
)
def test_floats_share_notation_and_width(values: Any, expected: str) -> None:
    assert text_of(values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 1234.5], "tensor([1.0000e-01, 1.2345e+03])"),
        ([1e5, 1.0], "tensor([1.0000e+05, 1.0000e+00])"),
        ([1.0, 1000.0], "tensor([   1., 1000.])"),
        ([1e8], "tensor([100000000.])"),
        ([2e8, 1e8], "tensor([2.0000e+08, 1.0000e+08])"),
        ([0.00012, 0.05], "tensor([0.0001, 0.0500])"),
        ([0.00009], "tensor([9.0000e-05])"),
        ([1e-12, 1e12], "tensor([1.0000e-12, 1.0000e+12])"),
    ],
)
def test_scientific_notation_depends_on_magnitudes(values: Any, expected: str) -> None:
    assert text_of(values) == expected


def test_smallest_number_in_fixed_notation() -> None:
    assert text_of([1e-4, 0.1], "float64") == "tensor([0.0001, 0.1000])"


@pytest.mark.filterwarnings("error")
def test_extreme_doubles_raise_no_warning() -> None:
    assert text_of([5e-324, 1e308], "float64") == "tensor([4.9407e-324, 1.0000e+308])"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, nan], "tensor([0., nan])"),
        ([nan, 1.0, inf, -inf], "tensor([nan, 1., inf, -inf])"),
        ([nan, 0.25, -inf], "tensor([   nan, 0.2500,   -inf])"),
        ([1e5, nan, inf], "tensor([100000.,     nan,     inf])"),
    ],
)
def test_infinity_and_nan_follow_the_finite_numbers(values: Any, expected: str) -> None:
    assert text_of(values) == expected


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([0.1, 0.2], "float16", "tensor([0.1000, 0.2000])"),
        ([0.1, 65504.0], "float16", "tensor([9.9976e-02, 6.5504e+04])"),
        ([True, False], "bool", "tensor([ True, False])"),
        (True, "bool", "tensor(True)"),
        ([-128, 7], "int8", "tensor([-128,    7])"),
        (2**64 - 1, "uint64", "tensor(18446744073709551615)"),
    ],
)
def test_other_dtypes(values: Any, dtype: str, expected: str) -> None:
    assert text_of(values, dtype) == expected


@pytest.mark.parametrize("dtype", ["complex64", "object", "str"])
def test_unsupported_dtype_is_named(dtype: str) -> None:
    array = np.zeros(1, dtype=dtype)
    with pytest.raises(TypeError, match=f"got dtype {array.dtype}"):
        format_tensor(array)


@pytest.mark.parametrize(
    ("shape", "suffixes", "expected"),
    [
        ((0,), [], "tensor([])"),
        ((0, 3), [], "tensor([], size=(0, 3))"),
        ((2, 0), ["dtype=minitorch.int64"], "tensor([], size=(2, 0), dtype=minitorch.int64)"),
    ],
)
def test_empty_tensor_shows_its_size(
    shape: tuple[int, ...], suffixes: list[str], expected: str
) -> None:
    assert format_tensor(np.zeros(shape), suffixes=suffixes) == expected


def test_matrices_are_separated_by_an_empty_line() -> None:
    expected = """\
tensor([[[0., 1.],
         [2., 3.]],

        [[4., 5.],
         [6., 7.]]])"""
    assert text_of(np.arange(8).reshape(2, 2, 2)) == expected


def test_four_dimensions_are_separated_by_two_empty_lines() -> None:
    expected = "tensor([[[[0., 1.]]],\n\n\n        [[[2., 3.]]]])"
    assert text_of(np.arange(4).reshape(2, 1, 1, 2)) == expected


def test_strided_view_prints_in_index_order() -> None:
    assert format_tensor(np.arange(6).reshape(2, 3).T[::-1]) == (
        "tensor([[2, 5],\n        [1, 4],\n        [0, 3]])"
    )


def test_long_row_is_broken_at_the_line_width() -> None:
    expected = """\
tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000, 1.2500, 1.5000, 1.7500, 2.0000,
        2.2500, 2.5000, 2.7500, 3.0000, 3.2500, 3.5000, 3.7500, 4.0000, 4.2500,
        4.5000, 4.7500])"""
    assert text_of(np.arange(20) / 4) == expected


def test_prefix_sets_the_indentation() -> None:
    expected = """\
MyTensor([0, 1, 2,
          3, 4, 5],
         requires_grad=True)"""
    with printoptions(linewidth=20):
        text = format_tensor(np.arange(6), prefix="MyTensor(", suffixes=["requires_grad=True"])
    assert text == expected


def test_more_elements_than_the_threshold_are_summarised() -> None:
    assert format_tensor(np.arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"
    assert "..." not in format_tensor(np.arange(1000))


def test_every_long_dimension_is_summarised() -> None:
    expected = """\
tensor([[[ 0.,  ...,  3.],
         ...,
         [ 8.,  ..., 11.]],

        [[12.,  ..., 15.],
         ...,
         [20.,  ..., 23.]]])"""
    with printoptions(edgeitems=1, threshold=2):
        assert text_of(np.arange(24).reshape(2, 3, 4)) == expected


def test_summary_of_many_matrices() -> None:
    expected = """\
tensor([[[0]],

        ...,

        [[3]]])"""
    with printoptions(edgeitems=1, threshold=2):
        assert format_tensor(np.arange(4).reshape(4, 1, 1)) == expected


def test_left_out_numbers_do_not_decide_the_format() -> None:
    array = np.arange(1001.0)
    array[500] = 1e-30
    assert format_tensor(array[:-1]).startswith("tensor([0.0000e+00")
    array[1:3] = 200.0
    assert format_tensor(array) == "tensor([   0.,  200.,  200.,  ...,  998.,  999., 1000.])"


def test_summarised_row_is_broken_too() -> None:
    expected = """\
tensor([ 0.,  1.,  2.,  3.,
         4.,  5.,  6.,  7.,
         8.,  ..., 31., 32.,
        33., 34., 35., 36.,
        37., 38., 39.])"""
    with printoptions(edgeitems=9, threshold=9, linewidth=30):
        assert text_of(np.arange(40)) == expected


@pytest.mark.parametrize(
    ("linewidth", "separators"),
    [(37, (",\n       ", ",\n       ")), (38, (", ", ",\n       ")), (80, (", ", ", "))],
)
def test_suffix_that_does_not_fit_goes_on_a_new_line(
    linewidth: int, separators: tuple[str, str]
) -> None:
    suffixes = ["dtype=torch.float64", "requires_grad=True"]
    first, second = separators
    with printoptions(linewidth=linewidth):
        assert format_tensor(np.ones(2), suffixes=suffixes) == (
            f"tensor([1., 1.]{first}dtype=torch.float64{second}requires_grad=True)"
        )


def test_no_edge_items_leave_the_size() -> None:
    with printoptions(edgeitems=0, threshold=2):
        assert text_of(1.0) == "tensor(1., size=())"
        assert text_of([1, 2], "int64") == "tensor([1, 2], size=(2,))"
        assert format_tensor(np.ones(3)) == "tensor([...], size=(3,))"
        assert format_tensor(np.ones((3, 4)), suffixes=["requires_grad=True"]) == (
            "tensor([...], size=(3, 4), requires_grad=True)"
        )


def test_precision_and_line_width() -> None:
    with printoptions(precision=2, linewidth=20):
        assert text_of(np.arange(4) / 8) == "tensor([0.00, 0.12,\n        0.25, 0.38])"


@pytest.mark.parametrize(
    ("sci_mode", "values", "expected"),
    [
        (False, [1.0, 2000.0], "tensor([   1., 2000.])"),
        (False, [1e-9, 1e12], "tensor([           0.0000, 999999995904.0000])"),
        (True, [1.0, 2.0], "tensor([1.0000e+00, 2.0000e+00])"),
        (True, [0.0, nan], "tensor([0., nan])"),
    ],
)
def test_sci_mode(sci_mode: bool, values: list[float], expected: str) -> None:
    with printoptions(sci_mode=sci_mode):
        assert text_of(values) == expected


def test_profiles() -> None:
    with printoptions(profile="short", threshold=9):
        assert text_of(np.arange(20) / 3) == "tensor([0.00, 0.33,  ..., 6.00, 6.33])"
    with printoptions(profile="full"):
        assert "..." not in format_tensor(np.arange(1001))


def test_profile_of_another_name_changes_nothing() -> None:
    set_printoptions(precision=2)
    set_printoptions(profile="long")  # type: ignore[arg-type]
    assert get_printoptions() == DEFAULTS | {"precision": 2}


def test_every_call_sets_sci_mode_and_keeps_the_rest() -> None:
    set_printoptions(precision=2, sci_mode=True)
    assert get_printoptions() == DEFAULTS | {"precision": 2, "sci_mode": True}
    set_printoptions(linewidth=50)
    assert get_printoptions() == DEFAULTS | {"precision": 2, "linewidth": 50}


def test_options_are_restored_after_an_error() -> None:
    set_printoptions(precision=3, sci_mode=True)
    before = get_printoptions()
    with pytest.raises(ZeroDivisionError), printoptions(profile="short"):
        raise ZeroDivisionError
    assert get_printoptions() == before


def test_unknown_option_changes_nothing() -> None:
    with pytest.raises(TypeError, match="digits"), printoptions(precision=3, digits=2):
        pass
    assert get_printoptions() == DEFAULTS
