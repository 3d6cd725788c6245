"""Compare the gradients that backward gives with central differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import engine, nest
from .variable import FLOATING, Array, Variable, wrap


class GradcheckError(RuntimeError):
    """A gradient differs from the central difference; the message says where and by how much."""


class _Settings:
    """The step of the differences and how far the gradients may be from them.

    Args:
        eps: the step.
        atol, rtol: a gradient may differ by atol + rtol * |central difference|.
        nondet_tol: a second backward may differ from the first by this much.
        check_grad_dtypes: whether a gradient must have its input's dtype.
    """

    def __init__(
        self, eps: float, atol: float, rtol: float, nondet_tol: float, check_grad_dtypes: bool
    ) -> None:
        self.eps = eps
        self.atol = atol
        self.rtol = rtol
        self.nondet_tol = nondet_tol
        self.check_grad_dtypes = check_grad_dtypes


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
    parameters: bool = True,
) -> bool:
    """Check the first derivatives of `func` against central differences.

    For every output y, every input x that requires a gradient, and every pair of elements,
    dy/dx from backward must be within atol + rtol * |d| of
    d = (y(x + eps) - y(x - eps)) / (2 eps). Backward runs twice and must give the same.

    Args:
        func: takes the inputs and returns a Tensor, or Tensors nested in tuples, lists or dicts.
            Of a Module, the parameters that require a gradient are checked too, as further
            inputs.
        inputs: a Tensor, or a tuple of arguments. They should be of float64, and no two elements
            of one may share memory.
        eps: the step. Default: 1e-6.
        atol: the absolute tolerance. Default: 1e-5.
        rtol: the relative tolerance. Default: 1e-3.
        raise_exception: raise an error for a wrong gradient; else return False. Default: True.
        nondet_tol: by how much a second backward may differ. Default: 0.
        check_undefined_grad: accepted; outputs are always differentiated one by one, so that
            the others' gradients are undefined.
        check_grad_dtypes: also require the gradient's dtype to be the input's. Default: False.
        check_batched_grad: not offered.
        check_batched_forward_grad: not offered.
        check_forward_ad: not offered.
        check_backward_ad: False checks nothing. Default: True.
        fast_mode: accepted; every element is always checked.
        masked: accepted; there are no sparse tensors.
        parameters: whether a Module's parameters are checked. Default: True. (Not in PyTorch.)

    Returns:
        True; False where a gradient is wrong and `raise_exception` is False.

    Raises:
        GradcheckError: a gradient is wrong, or differs between two backwards.
        ValueError: no input requires a gradient.
        RuntimeError: elements of an input share memory.
        NotImplementedError: a check was asked for that is not offered.

    Example:
        >>> import minitorch
        >>> from minitorch.autograd.gradcheck import gradcheck
        >>> x = minitorch.tensor([0.5, 2.0], dtype=minitorch.float64, requires_grad=True)
        >>> gradcheck(lambda x: x.exp() * x, x)
        True
    """
    _refuse(
        check_batched_grad=check_batched_grad,
        check_batched_forward_grad=check_batched_forward_grad,
        check_forward_ad=check_forward_ad,
    )
    arguments = _as_arguments(inputs)
    variables = _variables(func, arguments, parameters)
    if not check_backward_ad:
        return True
    settings = _Settings(eps, atol, rtol, nondet_tol, check_grad_dtypes)

    def evaluate() -> list[Variable]:
        return _floating_tensors(func(*arguments))

    return _compare(evaluate, variables, settings, raise_exception)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
    parameters: bool = True,
) -> bool:
    """Check the second derivatives of `func` against central differences of the first.

    The function that is checked maps the inputs and the outputs' gradients to the inputs'
    gradients, which it computes with `create_graph=True`.

    Args:
        func: as for `gradcheck`.
        inputs: as for `gradcheck`.
        grad_outputs: dL/d(each output that requires a gradient). Default: random numbers, the
            same at every call.
        eps: as for `gradcheck`, like the following.
        atol: the absolute tolerance.
        rtol: the relative tolerance.
        gen_non_contig_grad_outputs: make the random ones non-contiguous. Default: False.
        raise_exception: raise an error for a wrong gradient.
        nondet_tol: by how much a second backward may differ.
        check_undefined_grad: accepted.
        check_grad_dtypes: also require the gradient's dtype to be the input's.
        check_batched_grad: not offered.
        check_fwd_over_rev: not offered.
        check_rev_over_rev: False checks nothing. Default: True.
        fast_mode: accepted.
        masked: accepted.
        parameters: whether a Module's parameters are checked.

    Returns:
        True; False where a gradient is wrong and `raise_exception` is False.

    Raises:
        GradcheckError, ValueError, RuntimeError, NotImplementedError: as `gradcheck`;
            NotImplementedError also where a backward cannot be differentiated.

    Example:
        >>> import minitorch
        >>> from minitorch.autograd.gradcheck import gradgradcheck
        >>> x = minitorch.tensor([0.5, 2.0], dtype=minitorch.float64, requires_grad=True)
        >>> gradgradcheck(lambda x: x.exp() * x, x)
        True
    """
    _refuse(check_batched_grad=check_batched_grad, check_fwd_over_rev=check_fwd_over_rev)
    arguments = _as_arguments(inputs)
    variables = _variables(func, arguments, parameters)
    if not check_rev_over_rev:
        return True

    def outputs() -> list[Variable]:
        return [item for item in _floating_tensors(func(*arguments)) if item.requires_grad]

    if grad_outputs is None:
        grads = _random_gradients(outputs(), gen_non_contig_grad_outputs)
    else:
        grads = list(_as_arguments(grad_outputs))
    tensors = [tensor for _, tensor in variables]

    def evaluate() -> list[Variable]:
        return _recorded_gradients(outputs(), tensors, grads)

    settings = _Settings(eps, atol, rtol, nondet_tol, check_grad_dtypes)
    return _compare(evaluate, variables + _named_gradients(grads), settings, raise_exception)


# -- what is checked ----------------------------------------------------------------------


def _refuse(**asked_for: bool) -> None:
    for name, value in asked_for.items():
        if value:
            raise NotImplementedError(f"{name}=True is not offered")


def _as_arguments(inputs: Any) -> tuple[Any, ...]:
    return (inputs,) if isinstance(inputs, Variable) else tuple(inputs)


def _floating_tensors(outputs: Any) -> list[Variable]:
    return [
        item
        for item in nest.leaves(outputs)
        if isinstance(item, Variable) and item.array.dtype.kind == FLOATING
    ]


def _variables(
    func: Callable[..., Any], arguments: Sequence[Any], parameters: bool
) -> list[tuple[str, Any]]:
    """The Tensors to differentiate by, each with its name in messages.

    Raises:
        ValueError: there are none.
        RuntimeError: the elements of one share memory.
    """
    found: list[tuple[str, Any]] = [
        (f"input {index}", item)
        for index, item in enumerate(arguments)
        if isinstance(item, Variable) and item.requires_grad
    ]
    if parameters:
        found += [
            (f"parameter {name}", item)
            for name, item in _named_parameters(func)
            if item.requires_grad
        ]
    if not found:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them "
            "have requires_grad=True."
        )
    for name, item in found:
        _check_input(name, item.array)
    return found


def _named_parameters(func: Callable[..., Any]) -> list[tuple[str, Any]]:
    from ..nn.module import Module  # nn is built on this package

    return list(func.named_parameters()) if isinstance(func, Module) else []


def _check_input(name: str, array: Array) -> None:
    if array.dtype != np.float64:
        warnings.warn(
            f"{name} requires gradient and is not a double precision floating point (it is "
            f"{array.dtype}). This check will likely fail; convert it with .double()",
            stacklevel=4,
        )
    overlapping = array.size > 1 and any(
        size > 1 and stride == 0 for size, stride in zip(array.shape, array.strides, strict=True)
    )
    if overlapping or not array.flags.writeable:
        raise RuntimeError(
            f"The {name} has a dimension with stride 0, or is read-only. gradcheck only supports "
            "inputs that are non-overlapping to be able to compute the numerical gradients "
            "correctly. Call .clone() on the input before passing it to gradcheck."
        )


def _recorded_gradients(
    outputs: list[Variable], tensors: list[Any], grads: list[Any]
) -> list[Variable]:
    """The gradients of those tensors that have an influence, to be differentiated again."""
    found = engine.grad(
        outputs,  # type: ignore[arg-type]
        tensors,
        grads,
        create_graph=True,
        allow_unused=True,
    )
    return [item for item in found if item is not None]


def _named_gradients(grads: Sequence[Any]) -> list[tuple[str, Any]]:
    """The outputs' gradients to differentiate by, each with its name in messages."""
    return [
        (f"gradient of output {index}", grad)
        for index, grad in enumerate(grads)
        if grad is not None and grad.requires_grad
    ]


def _random_gradients(outputs: Sequence[Variable], non_contiguous: bool) -> list[Any]:
    generator = np.random.default_rng(0)
    grads = []
    for output in outputs:
        shape, dtype = output.array.shape, output.array.dtype
        array = generator.standard_normal((*shape, 2) if non_contiguous else shape).astype(dtype)
        grads.append(wrap(array[..., 0] if non_contiguous else np.asarray(array)).requires_grad_())
    return grads


# -- the comparison -----------------------------------------------------------------------


def _compare(
    evaluate: Callable[[], list[Variable]],
    variables: list[tuple[str, Any]],
    settings: _Settings,
    raise_exception: bool,
) -> bool:
    """Compare all Jacobians; `evaluate` computes the outputs from the variables as they stand."""
    try:
        numerical = [_numerical(evaluate, tensor, settings.eps) for _, tensor in variables]
        _check_backward(evaluate, variables, numerical, settings)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check_backward(
    evaluate: Callable[[], list[Variable]],
    variables: list[tuple[str, Any]],
    numerical: list[list[Array]],
    settings: _Settings,
) -> None:
    """Compare every row of every Jacobian with what backward gives for it."""
    tensors = [tensor for _, tensor in variables]
    for number, output in enumerate(evaluate()):
        for element in np.ndindex(output.array.shape):
            rows = _row(output, tensors, element)
            again = _row(output, tensors, element)
            for (name, tensor), row, second, differences in zip(
                variables, rows, again, numerical, strict=True
            ):
                place = f"output {number} with respect to {name}"
                if settings.check_grad_dtypes and row.dtype != tensor.array.dtype:
                    raise GradcheckError(
                        f"Gradient for {place} has dtype {row.dtype}, expected {tensor.array.dtype}"
                    )
                expected = differences[number][(..., *element)]
                _check_row(place, element, row, expected, settings)
                if not np.allclose(row, second, rtol=0, atol=settings.nondet_tol):
                    raise GradcheckError(
                        f"Backward is not reentrant: running it twice gives different gradients "
                        f"for {place}, element {_index(element)} of the output. Does it change "
                        f"what was saved? The tolerance was nondet_tol={settings.nondet_tol}"
                    )


def _row(output: Variable, tensors: Sequence[Any], element: tuple[int, ...]) -> list[Array]:
    """The gradients of one element of the output, from backward."""
    if not output.requires_grad:
        return [np.zeros_like(tensor.array) for tensor in tensors]
    start = np.zeros_like(output.array)
    start[element] = 1
    grads = engine.grad(
        output,  # type: ignore[arg-type]
        tensors,
        wrap(start),
        retain_graph=True,
        materialize_grads=True,
    )
    return [grad.array for grad in grads]


def _check_row(
    place: str, element: tuple[int, ...], row: Array, expected: Array, settings: _Settings
) -> None:
    """Raise an error that names the element that is wrong by most."""
    error = np.abs(row - expected)
    excess = error - (settings.atol + settings.rtol * np.abs(expected))
    wrong = ~(excess <= 0)  # so that NaN is wrong
    if not wrong.any():
        return
    worst = np.unravel_index(np.argmax(np.where(np.isnan(excess), np.inf, excess)), row.shape)
    index = tuple(int(each) for each in worst)
    raise GradcheckError(
        f"Jacobian mismatch for {place}: element {_index(element)} of the output by element "
        f"{_index(index)} of the input\n"
        f"numerical: {expected[index].item()}\n"
        f"analytical: {row[index].item()}\n"
        f"{int(wrong.sum())} of {row.size} elements of the input are wrong for this element of "
        f"the output (atol={settings.atol}, rtol={settings.rtol})"
    )


def _index(element: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, element))}]"


def _numerical(evaluate: Callable[[], list[Variable]], tensor: Variable, eps: float) -> list[Array]:
    """Central differences of every output by every element of `tensor`.

    Each has the shape of the tensor followed by that of the output.
    """
    array = tensor.array
    columns = []
    for element in np.ndindex(array.shape):
        before = array[element]
        try:
            array[element] = before + eps
            above = [item.array.copy() for item in evaluate()]
            array[element] = before - eps
            below = [item.array.copy() for item in evaluate()]
        finally:
            array[element] = before
        step = 2 * eps
        columns.append([(high - low) / step for high, low in zip(above, below, strict=True)])
    if not columns:  # an input without elements
        return [np.zeros((*array.shape, *item.array.shape)) for item in evaluate()]
    return [
        np.stack(each).reshape(array.shape + each[0].shape) for each in zip(*columns, strict=True)
    ]
