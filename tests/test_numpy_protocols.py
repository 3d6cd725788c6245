"""Tests of `minitorch.numpy_protocols`: NumPy's functions on Tensors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Tensor
from minitorch.numpy_protocols import FUNCTIONS, UFUNCS


@pytest.fixture
def leaf() -> Tensor:
    return minitorch.tensor([0.3, 0.8], dtype=minitorch.float64, requires_grad=True)


INTEGER_UFUNCS = {
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift, np.invert,
}  # fmt: skip


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_ufuncs_give_tensors_of_numpys_values(ufunc: np.ufunc) -> None:
    values = [np.array([[1, 2], [3, 4]]), np.array([[2, 1], [2, 1]])][: ufunc.nin]
    if ufunc not in INTEGER_UFUNCS:
        shift = 1.0 if ufunc is np.arccosh else 0.0
        values = [each / 5 + shift for each in values]
    expected = ufunc(*values)
    result = ufunc(*map(minitorch.tensor, values))
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.array, expected, rtol=1e-14)


@pytest.mark.parametrize("kind", [np.asarray, float, list], ids=["array", "number", "list"])
def test_arrays_numbers_and_lists_beside_tensors(leaf: Tensor, kind: Callable[..., Any]) -> None:
    left = 2.0 if kind is float else kind([2.0, 3.0])
    result = np.multiply(left, leaf)  # type: ignore[call-overload]
    assert result.grad_fn is not None
    result.sum().backward()
    assert leaf.grad is not None
    np.testing.assert_array_equal(leaf.grad.array, np.broadcast_to(left, 2))


def test_operators_with_an_array_on_the_left(leaf: Tensor) -> None:
    array = np.array([2.0, 3.0])
    for result, expected in [
        (array + leaf, [2.3, 3.8]),
        (array - leaf, [1.7, 2.2]),
        (array * leaf, [0.6, 2.4]),
        (array / leaf, [2 / 0.3, 3 / 0.8]),
        (array**leaf, [2**0.3, 3**0.8]),
        (array @ leaf, 3.0),
    ]:
        assert isinstance(result, Tensor)
        assert result.requires_grad
        np.testing.assert_allclose(result.detach().array, expected, rtol=1e-15)
    comparison = array > leaf
    assert isinstance(comparison, Tensor)
    assert comparison.tolist() == [True, True]


@pytest.mark.parametrize(
    "ufunc", [np.maximum, np.minimum, np.fmax, np.fmin, np.arctan2, np.hypot, np.logaddexp]
)
def test_numbers_beside_tensors_keep_their_precision(leaf: Tensor, ufunc: np.ufunc) -> None:
    result = ufunc(leaf, 0.4)
    assert result.requires_grad
    np.testing.assert_allclose(result.detach().array, ufunc([0.3, 0.8], 0.4), rtol=1e-15)


def test_numpy_scalars_do_not_change_the_dtype() -> None:
    x = minitorch.ones(2)
    assert (np.float64(2.5) * x).dtype is minitorch.float32
    assert np.add(x, np.float64(2.5)).dtype is minitorch.float32


# Arguments, and the derivative of the sum of the results at [0.3, 0.8].
CALLS: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "exp": (np.exp, [np.exp(0.3), np.exp(0.8)]),
    "sum": (np.sum, [1, 1]),
    "sum axis": (lambda x: np.sum(x, axis=0, keepdims=True), [1, 1]),
    "prod": (np.prod, [0.8, 0.3]),
    "mean": (np.mean, [0.5, 0.5]),
    "max": (np.max, [0, 1]),
    "min": (lambda x: np.min(x, axis=0), [1, 0]),
    "var": (np.var, [-0.25, 0.25]),
    "std": (lambda x: np.std(x, ddof=1), [-(0.5**0.5), 0.5**0.5]),
    "cumsum": (np.cumsum, [2, 1]),
    "cumsum axis": (lambda x: np.cumsum(x, axis=0), [2, 1]),
    "concatenate": (lambda x: np.concatenate([x, np.ones(2), x]), [2, 2]),
    "concatenate flat": (lambda x: np.concatenate([x, x], axis=None), [2, 2]),
    "stack": (lambda x: np.stack([x, np.ones(2)], axis=1), [1, 1]),
    "where": (lambda x: np.where(x > 0.5, 3 * x, np.zeros(2)), [0, 3]),
    "dot": (lambda x: np.dot(np.array([2.0, 5.0]), x), [2, 5]),
    "dot list": (lambda x: np.dot([2.0, 5.0], x), [2, 5]),
    "dot number": (lambda x: np.dot(2, x), [2, 2]),
    "matmul": (lambda x: np.matmul(np.array([[2.0, 5.0]]), x), [2, 5]),
    "reshape": (lambda x: np.reshape(x, (2, 1)), [1, 1]),
    "transpose": (lambda x: np.transpose(np.reshape(x, (2, 1))), [1, 1]),
    "transpose axes": (lambda x: np.transpose(np.reshape(x, (2, 1)), (1, 0)), [1, 1]),
    "swapaxes": (lambda x: np.swapaxes(np.reshape(x, (2, 1)), 0, 1), [1, 1]),
    "ravel": (np.ravel, [1, 1]),
    "squeeze": (lambda x: np.squeeze(np.reshape(x, (2, 1)), axis=1), [1, 1]),
    "expand_dims": (lambda x: np.expand_dims(x, 0), [1, 1]),
    "broadcast_to": (lambda x: np.broadcast_to(x, (3, 2)), [3, 3]),
    "clip": (lambda x: np.clip(x, 0.5, 1.0), [0, 1]),
}


@pytest.mark.parametrize(("call", "derivative"), CALLS.values(), ids=CALLS)
def test_functions_keep_values_and_gradient(
    leaf: Tensor, call: Callable[[Any], Any], derivative: list[float]
) -> None:
    result = call(leaf)
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.detach().array, call(np.array([0.3, 0.8])), rtol=1e-14)
    assert result.shape == call(np.array([0.3, 0.8])).shape
    result.sum().backward()
    assert leaf.grad is not None
    np.testing.assert_allclose(leaf.grad.array, derivative, rtol=1e-12, atol=1e-14)


def test_every_function_of_the_table_is_tested_or_simple() -> None:
    tested = {name.split()[0] for name in CALLS}
    simple = {"shape", "ndim", "size", "zeros_like", "ones_like"}
    assert {function.__name__ for function in FUNCTIONS} <= tested | simple


def test_questions_about_shape_need_no_gradient(leaf: Tensor) -> None:
    assert (np.shape(leaf), np.ndim(leaf), np.size(leaf)) == ((2,), 1, 2)
    assert np.zeros_like(leaf).tolist() == [0, 0]
    assert np.ones_like(leaf, dtype=np.int64).dtype == minitorch.int64


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: np.cbrt(x), "numpy.cbrt"),
        (lambda x: np.add.reduce(x), "numpy.add.reduce"),
        (lambda x: np.add(x, 1, out=np.zeros(2)), "numpy.add"),
        (lambda x: np.zeros(2).__iadd__(x), "numpy.add"),
        (lambda x: np.sort(x), "numpy.sort"),
        (lambda x: np.linalg.norm(x), "numpy.linalg.norm"),
        (lambda x: np.sum(x, dtype=np.float32), "numpy.sum"),
        (lambda x: np.einsum("i,i", x, x), "numpy.einsum"),
        (lambda x: np.allclose(x, x), "numpy.allclose"),
        (lambda x: np.vstack([x, x]), "numpy.vstack"),
    ],
)
def test_a_gradient_is_never_lost_silently(
    leaf: Tensor, call: Callable[[Any], Any], name: str
) -> None:
    with pytest.raises(RuntimeError, match=rf"^{name} on a Tensor that requires grad .*detach\(\)"):
        call(leaf)


def test_arrays_of_tensors_that_require_grad(leaf: Tensor) -> None:
    for call in (np.asarray, np.array, lambda x: np.array([x, x])):
        with pytest.raises(RuntimeError, match="Can't call numpy"):
            call(leaf)


def test_other_functions_compute_without_gradient() -> None:
    x = minitorch.tensor([[4.0, 1.0], [3.0, 2.0]])
    assert isinstance(np.sort(x), Tensor)
    assert np.sort(x).tolist() == [[1, 4], [2, 3]]
    assert np.cbrt(minitorch.tensor([8.0])).tolist() == [2]
    assert np.add.reduce(x).tolist() == [7, 3]
    assert np.argmax(x).item() == 0
    assert [part.tolist() for part in np.split(x, 2)] == [[[4, 1]], [[3, 2]]]
    assert np.array_equal(x, x.array) is True
    assert type(np.fft.fft(minitorch.ones(2))) is np.ndarray  # complex: no tensor holds it
    np.testing.assert_allclose(x, x.array)


def test_results_go_where_numpy_is_told() -> None:
    target = np.ones(2)
    assert np.add(minitorch.ones(2), 1.0, out=target) is target
    target += minitorch.ones(2)  # type: ignore[arg-type]
    assert type(target) is np.ndarray
    assert target.tolist() == [3, 3]
    with pytest.raises(TypeError, match="cannot write into a Tensor"):
        np.add(np.ones(2), 1.0, out=minitorch.ones(2))  # type: ignore[call-overload]


def test_asarray_shares_memory_and_copies_as_asked() -> None:
    x = minitorch.ones(2)
    assert np.asarray(x) is x.array
    assert not np.shares_memory(np.array(x), x.array)
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float64, copy=False)


def test_operands_that_nobody_knows() -> None:
    with pytest.raises(TypeError):
        np.add(minitorch.ones(2), object())  # type: ignore[call-overload]

    class Foreign:
        def __array_function__(self, *args: Any) -> str:
            return "mine"

        def __array_ufunc__(self, *args: Any, **kwargs: Any) -> str:
            return "mine"

    assert np.add(minitorch.ones(2), Foreign()) == "mine"
    assert np.concatenate([minitorch.ones(2), Foreign()]) == "mine"
