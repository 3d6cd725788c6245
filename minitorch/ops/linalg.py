"""Operators on matrices: products of all kinds, and parts of matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_letters, ascii_uppercase
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.operator import Operator
from ..autograd.variable import FLOATING, Array, Variable, buffer, ndarray
from ..quiet import quiet
from . import elementwise, shape
from .dims import normalize_dim, normalize_dims
from .promotion import as_array
from .reduction import FLOAT16, restore, summable, widened

if TYPE_CHECKING:
    from ..tensor import Tensor


# -- products -----------------------------------------------------------------------------


def product(first: Any, second: Any) -> Any:
    """The product as `matmul` defines it, of arrays, or of a Tensor and a Tensor or an array."""
    if type(first) is not ndarray or type(second) is not ndarray:
        return matmul(first, second)
    if first.dtype == FLOAT16:  # BLAS does not know it: in float32 this is several times faster
        return product(widened(first), widened(second)).astype(FLOAT16)
    # For matrices np.dot takes less time than np.matmul.
    function = np.dot if first.ndim <= 2 and second.ndim <= 2 else np.matmul
    return quiet.run(function, first, second)


def product_gradients(
    grad: Any, first: Any, second: Any, needs_first: bool, needs_second: bool
) -> tuple[Any, Any]:
    """The gradients of `first @ second`, for matrices times matrices or a vector.

    They are grad @ secondᵀ and firstᵀ @ grad.
    """
    for_first = for_second = None
    if needs_first:
        if second.ndim == 1:
            for_first = elementwise.mul(grad.reshape(-1, 1), second)
        else:
            for_first = product(grad, second.mT)
    if needs_second:
        for_second = product(first.mT, grad)
    return for_first, for_second


def _check_dtypes(first: Array, second: Array) -> None:
    if first.dtype != second.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {first.dtype} != {second.dtype}; "
            "convert one of them with .to()"
        )
    if first.dtype.kind == "b":
        raise NotImplementedError(
            "matrix products are not implemented for bool tensors; convert with .int() first"
        )


class _Product(Operator):
    """A product whose first operand is a matrix, or a batch of matrices."""

    def forward(self, input: Any, other: Any) -> Any:
        _check_dtypes(input, other)
        self.save_for_backward(input, other)
        return product(input, other)

    def backward(self, grad: Any) -> Any:
        return product_gradients(grad, *self.saved_tensors, *self.needs_input_grad)


class Mm(_Product):
    """A matrix times a matrix."""


class Mv(_Product):
    """A matrix times a vector."""


class Bmm(_Product):
    """Batches of matrices times batches of matrices; batch dimensions broadcast."""


class _AddProduct(Operator):
    """beta input + alpha (first @ second); with a beta of 0 the input's values do not matter."""

    def forward(self, input: Any, first: Any, second: Any, *, beta: Any, alpha: Any) -> Any:
        _check_dtypes(first, second)
        if input.dtype != first.dtype:
            raise RuntimeError(
                f"self and mat2 must have the same dtype, but got {input.dtype} and {first.dtype}; "
                "convert one of them with .to()"
            )
        if input.dtype.kind != FLOATING:
            beta, alpha = int(beta), int(alpha)
        self.save_for_backward(first, second, beta, alpha)
        result = product(first, second)
        _check_expandable(input, result.shape)
        if alpha != 1:
            result = quiet.run(np.multiply, result, alpha)
        if beta == 0:
            return result
        return quiet.run(
            np.add, result, input if beta == 1 else quiet.run(np.multiply, input, beta)
        )

    def backward(self, grad: Any) -> Any:
        first, second, beta, alpha = self.saved_tensors
        needs_input, *needs = self.needs_input_grad
        scaled = grad if alpha == 1 else elementwise.mul(grad, alpha)
        for_product = product_gradients(scaled, first, second, *needs)
        return (elementwise.mul(grad, beta) if needs_input else None, *for_product)


class Addmm(_AddProduct):
    """The sum of a matrix and a product of matrices."""


class Addmv(_AddProduct):
    """The sum of a vector and a product of a matrix and a vector."""


class Baddbmm(_AddProduct):
    """The sum of a batch of matrices and a product of batches."""


class Dot(Operator):
    """Σ input other for vectors; each gradient is the other vector times the output's."""

    def forward(self, input: Any, other: Any) -> Any:
        self.save_for_backward(input, other)
        return product(input, other)

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        needs_input, needs_other = self.needs_input_grad
        return (
            elementwise.mul(other, grad) if needs_input else None,
            elementwise.mul(input, grad) if needs_other else None,
        )


class Vdot(Dot):
    """The same, under the name that conjugates complex vectors elsewhere."""


def _check_expandable(input: Array, sizes: tuple[int, ...]) -> None:
    """Refuse an input that does not broadcast to a product's shape."""
    extra = len(sizes) - input.ndim
    if extra < 0 or any(
        size not in (1, wanted) for size, wanted in zip(input.shape, sizes[extra:], strict=True)
    ):
        raise RuntimeError(
            f"The input of shape {list(input.shape)} cannot be expanded to the product's shape "
            f"{list(sizes)}; its sizes must be 1 or match, counted from the last dimension"
        )


def _arrays(name: str, *tensors: Any) -> list[Array]:
    """The buffers of Tensors or arrays.

    Raises:
        TypeError: something else is among them.
    """
    for tensor in tensors:
        if not isinstance(tensor, (Variable, ndarray)):
            raise TypeError(f"{name}(): expected a Tensor, got {type(tensor).__name__}: {tensor!r}")
    return [buffer(tensor) for tensor in tensors]


def _check_matrices(first: Array, second: Array) -> None:
    if first.shape[1] != second.shape[0]:
        rows, columns = first.shape
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{columns} and "
            f"{'x'.join(map(str, second.shape))}): the {columns} columns of the first must be as "
            "many as the rows of the second"
        )


def _check_vector(matrix: Array, vector: Array) -> None:
    if matrix.shape[1] != vector.shape[0]:
        raise RuntimeError(
            f"size mismatch: a matrix of shape {list(matrix.shape)} needs a vector of shape "
            f"[{matrix.shape[1]}], got {list(vector.shape)}"
        )


def _check_batches(first: Array, second: Array, broadcast: bool = False) -> None:
    if broadcast:
        for one, two in zip(first.shape[-3::-1], second.shape[-3::-1], strict=False):
            if one != two and 1 not in (one, two):
                raise RuntimeError(
                    f"The size of tensor a ({one}) must match the size of tensor b ({two}): the "
                    f"batch dimensions of shapes {list(first.shape)} and {list(second.shape)} do "
                    "not broadcast"
                )
    elif first.shape[0] != second.shape[0]:
        raise RuntimeError(
            f"Expected as many matrices in batch1 as in batch2, got shapes {list(first.shape)} "
            f"and {list(second.shape)}"
        )
    if first.shape[-1] != second.shape[-2]:
        raise RuntimeError(
            f"batches of shapes {list(first.shape)} and {list(second.shape)} cannot be multiplied: "
            f"Expected size {first.shape[-1]} for the second to last dimension of batch2, got "
            f"{second.shape[-2]}"
        )


def _check_vectors(name: str, first: Array, second: Array) -> None:
    if first.ndim != 1 or second.ndim != 1:
        raise RuntimeError(
            f"{name}: 1D tensors expected, but got {first.ndim}D and {second.ndim}D tensors of "
            f"shapes {list(first.shape)} and {list(second.shape)}"
        )
    if first.shape != second.shape:
        raise RuntimeError(
            f"{name}: inconsistent tensor size, expected vectors of the same number of elements, "
            f"but got shapes {list(first.shape)} and {list(second.shape)}"
        )
    _check_dtypes(first, second)


def _check_ndim(name: str, array: Array, argument: str, ndim: int) -> None:
    if array.ndim != ndim:
        kind = {1: "a vector", 2: "a matrix", 3: "a 3D tensor"}[ndim]
        raise RuntimeError(f"{name}(): {argument} must be {kind}, got shape {list(array.shape)}")


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product, of batches, matrices and vectors.

    Args:
        input: (N), (N, K) or (*, N, K).
        other: (K), (K, M) or (*, K, M); the dimensions * broadcast. A vector counts as a row
            on the left and as a column on the right, and its dimension is not in the result.

    Returns:
        (*, N, M).

    Raises:
        RuntimeError: the shapes do not fit, an operand has no dimension, or the dtypes differ.
        TypeError: an operand is not a tensor.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1.0, 2.0], [3.0, 4.0]]) @ minitorch.tensor([1.0, 10.0])
        tensor([21., 43.])
    """
    first, second = _arrays("matmul", input, other)
    if first.ndim == 2 and second.ndim == 2:
        _check_matrices(first, second)
        return Mm.apply(input, other)  # type: ignore[no-any-return]
    if first.ndim == 0 or second.ndim == 0:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {first.ndim}D and "
            f"{second.ndim}D"
        )
    if first.ndim == 1:
        if second.ndim == 1:
            return dot(input, other)
        row = matmul(shape.unsqueeze(input, 0), other)
        return shape.squeeze(row, -2)
    if second.ndim <= 2:
        return _matmul_folded(input, other, first.shape, second)
    _check_batches(first, second, broadcast=True)
    return Bmm.apply(input, other)  # type: ignore[no-any-return]


def _matmul_folded(input: Tensor, other: Tensor, sizes: tuple[int, ...], second: Array) -> Tensor:
    """Batches times one matrix or vector, as a single product with all rows of all batches."""
    result_sizes = sizes[:-1] + second.shape[1:]
    if len(sizes) > 2:
        input = shape.reshape(input, (math.prod(sizes[:-1]), sizes[-1]))
    result = mv(input, other) if second.ndim == 1 else mm(input, other)
    return shape.reshape(result, result_sizes) if len(sizes) > 2 else result


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices, (N, K) and (K, M) to (N, M).

    Raises:
        RuntimeError: the shapes do not fit, or the dtypes differ.

    Example:
        >>> import minitorch
        >>> minitorch.mm(minitorch.ones(2, 3), minitorch.ones(3, 1))
        tensor([[3.],
                [3.]])
    """
    first, second = _arrays("mm", input, mat2)
    _check_ndim("mm", first, "self", 2)
    _check_ndim("mm", second, "mat2", 2)
    _check_matrices(first, second)
    return Mm.apply(input, mat2)  # type: ignore[no-any-return]


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix and a vector, (N, K) and (K) to (N).

    Raises:
        RuntimeError: the shapes do not fit, or the dtypes differ.
    """
    first, second = _arrays("mv", input, vec)
    _check_ndim("mv", first, "self", 2)
    _check_ndim("mv", second, "vec", 1)
    _check_vector(first, second)
    return Mv.apply(input, vec)  # type: ignore[no-any-return]


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of as many matrices, (B, N, K) and (B, K, M) to (B, N, M).

    Raises:
        RuntimeError: the shapes do not fit, or the dtypes differ.
    """
    first, second = _arrays("bmm", input, mat2)
    _check_ndim("bmm", first, "batch1", 3)
    _check_ndim("bmm", second, "batch2", 3)
    _check_batches(first, second)
    return Bmm.apply(input, mat2)  # type: ignore[no-any-return]


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """Σ input tensor, for vectors of the same size.

    Raises:
        RuntimeError: an operand is not a vector, or sizes or dtypes differ.

    Example:
        >>> import minitorch
        >>> minitorch.dot(minitorch.tensor([1.0, 2.0]), minitorch.tensor([3.0, 4.0]))
        tensor(11.)
    """
    _check_vectors("dot", *_arrays("dot", input, tensor))
    return Dot.apply(input, tensor)  # type: ignore[no-any-return]


def vdot(input: Tensor, other: Tensor) -> Tensor:
    """Σ input other, for vectors of the same size; here, without complex numbers, `dot`.

    Raises:
        RuntimeError: an operand is not a vector, or sizes or dtypes differ.
    """
    _check_vectors("vdot", *_arrays("vdot", input, other))
    return Vdot.apply(input, other)  # type: ignore[no-any-return]


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Sums of products over the last dimensions: (*, K) and (**, K) to (*, **).

    An operand without dimensions multiplies the other.

    Raises:
        RuntimeError: the last dimensions or the dtypes differ.
    """
    first, second = _arrays("inner", input, other)
    if first.ndim == 0 or second.ndim == 0:
        return elementwise.mul(input, other)
    if first.shape[-1] != second.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(first.shape)} and {list(second.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of an element of each vector, (N) and (M) to (N, M).

    Raises:
        RuntimeError: an operand is not a vector.

    Example:
        >>> import minitorch
        >>> minitorch.outer(minitorch.tensor([1, 2]), minitorch.tensor([3, 4]))
        tensor([[3, 4],
                [6, 8]])
    """
    first, second = _arrays("outer", input, vec2)
    _check_ndim("outer", first, "self", 1)
    _check_ndim("outer", second, "vec2", 1)
    return elementwise.mul(shape.unsqueeze(input, 1), vec2)


def addmm(
    input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1
) -> Tensor:
    """Beta input + alpha (mat1 @ mat2).

    Args:
        input: broadcasts to (N, M); with beta = 0 its values do not matter, NaN included.
        mat1: (N, K).
        mat2: (K, M).
        beta: the factor of `input`. Default: 1.
        alpha: the factor of the product. Default: 1.

    Raises:
        RuntimeError: the shapes do not fit, or the dtypes differ.

    Example:
        >>> import minitorch
        >>> minitorch.addmm(minitorch.ones(1), minitorch.ones(1, 3), minitorch.ones(3, 2))
        tensor([[4., 4.]])
    """
    _, first, second = _arrays("addmm", input, mat1, mat2)
    _check_ndim("addmm", first, "mat1", 2)
    _check_ndim("addmm", second, "mat2", 2)
    _check_matrices(first, second)
    return Addmm.apply(input, mat1, mat2, beta=beta, alpha=alpha)  # type: ignore[no-any-return]


def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Beta input + alpha (mat @ vec), with `mat` (N, K), `vec` (K) and `input` (N) or (1).

    Raises:
        RuntimeError: the shapes do not fit, or the dtypes differ.
    """
    _, first, second = _arrays("addmv", input, mat, vec)
    _check_ndim("addmv", first, "mat", 2)
    _check_ndim("addmv", second, "vec", 1)
    _check_vector(first, second)
    return Addmv.apply(input, mat, vec, beta=beta, alpha=alpha)  # type: ignore[no-any-return]


def baddbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1
) -> Tensor:
    """Beta input + alpha (batch1 @ batch2).

    The batches are (B, N, K) and (B, K, M); `input` broadcasts to (B, N, M).

    Raises:
        RuntimeError: the shapes do not fit, or the dtypes differ.
    """
    _, first, second = _arrays("baddbmm", input, batch1, batch2)
    _check_ndim("baddbmm", first, "batch1", 3)
    _check_ndim("baddbmm", second, "batch2", 3)
    _check_batches(first, second)
    return Baddbmm.apply(input, batch1, batch2, beta=beta, alpha=alpha)  # type: ignore[no-any-return]


# -- sums of products over any dimensions -------------------------------------------------


class Einsum(Operator):
    """Σ of products of the operands over the letters that the output does not have.

    No operand has a letter twice. An operand's gradient is the same kind of sum, over the
    output's gradient and the other operands, with the operand's letters as its output.
    """

    def forward(self, *operands: Any, terms: tuple[str, ...], output: str) -> Any:
        self.save_for_backward(*operands, terms, output)
        if len(operands) == 1 and len(output) < len(terms[0]):
            operands = (summable(operands[0], None),)
        equation = f"{','.join(terms)}->{output}"
        wide = [widened(operand) for operand in operands]
        result = quiet.run(np.einsum, equation, *wide, optimize=len(operands) > 1)
        return result.astype(operands[0].dtype, copy=False)

    def backward(self, grad: Any) -> Any:
        *operands, terms, output = self.saved_tensors
        needs = self.needs_input_grad
        return tuple(
            self._gradient(index, grad, operands, terms, output) if needs[index] else None
            for index in range(len(operands))
        )

    def _gradient(
        self, index: int, grad: Any, operands: Sequence[Any], terms: tuple[str, ...], output: str
    ) -> Any:
        own = dict(zip(terms[index], operands[index].shape, strict=True))
        factors = [grad, *operands[:index], *operands[index + 1 :]]
        letters = [output, *terms[:index], *terms[index + 1 :]]
        known = _sizes(letters, factors)
        for letter, size in own.items():
            if known.get(letter, 1) < size:  # only this operand had it in full: it was summed
                factors.append(np.ones(size, buffer(grad).dtype))
                letters.append(letter)
        return Einsum.apply(*factors, terms=tuple(letters), output=terms[index])


def _sizes(terms: Sequence[str], operands: Sequence[Any]) -> dict[str, int]:
    """The size of every letter; operands of size 1 broadcast.

    Raises:
        RuntimeError: two operands give a letter different sizes.
    """
    sizes: dict[str, int] = {}
    for number, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        for letter, size in zip(term, operand.shape, strict=True):
            known = sizes.get(letter, 1)
            if known != 1 and size not in (1, known):
                raise RuntimeError(
                    f"einsum(): subscript {letter} has size {size} for operand {number} which "
                    f"does not broadcast with previously seen size {known}"
                )
            if known == 1:
                sizes[letter] = size
    return sizes


def einsum(*args: Any) -> Tensor:
    """Σ of products of the operands over the letters that the output does not have.

    Args:
        *args: an equation such as "ij,jk->ik", with a letter for each dimension of each
            operand, and the operands, or one list of them. "..." stands for any dimensions,
            which broadcast. A letter twice in an operand takes the diagonal. Without "->" the
            output has the letters that occur once, in alphabetical order.
            Or each operand followed by a list of numbers from 0 to 51 in place of letters, and
            optionally such a list for the output.

    Raises:
        RuntimeError: the equation is not valid, or does not fit the operands.
        ValueError: there is no operand.

    Example:
        >>> import minitorch
        >>> minitorch.einsum("ij,j->i", minitorch.ones(2, 3), minitorch.ones(3))
        tensor([3., 3.])
    """
    equation, operands = _equation(args)
    arrays = _arrays("einsum", *operands)
    for array in arrays[1:]:
        _check_dtypes(arrays[0], array)
    terms, output = _parse(equation, [array.ndim for array in arrays])
    single = [
        _without_repeats(operand, term, number)
        for number, (operand, term) in enumerate(zip(operands, terms, strict=True))
    ]
    operands, terms = [pair[0] for pair in single], [pair[1] for pair in single]
    _sizes(terms, [buffer(operand) for operand in operands])
    return Einsum.apply(*operands, terms=tuple(terms), output=output)  # type: ignore[no-any-return]


def _equation(args: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """The equation and the operands, from any of the ways to write them."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one "
            "operand and its subscripts list"
        )
    if isinstance(args[0], str):
        operands = args[1] if isinstance(args[1], (list, tuple)) else args[1:]
        return args[0], list(operands)
    pairs = args[: len(args) // 2 * 2]
    equation = ",".join(_letters(numbers) for numbers in pairs[1::2])
    if len(args) % 2:
        equation += "->" + _letters(args[-1])
    return equation, list(pairs[::2])


def _letters(numbers: Any) -> str:
    """A list of numbers as letters: 0 is A, 26 is a."""
    alphabet = ascii_uppercase + ascii_uppercase.lower()
    letters = ""
    for number in numbers:
        if number is not ... and not 0 <= number < len(alphabet):
            raise ValueError(
                "einsum(): subscript in subscript list is not within the valid range [0, 52), got "
                f"{number}"
            )
        letters += "..." if number is ... else alphabet[number]
    return letters


def _parse(equation: str, ndims: Sequence[int]) -> tuple[list[str], str]:
    """One letter per dimension for each operand, and the output's letters.

    Raises:
        RuntimeError: the equation is not valid or does not fit the operands.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    _check_equation(equation, [*terms, right])
    if len(terms) != len(ndims):
        few = "fewer" if len(ndims) < len(terms) else "more"
        raise RuntimeError(
            f"einsum(): {few} operands were provided than specified in the equation: "
            f"{len(ndims)} against {len(terms)} in {equation!r}"
        )
    covered = [_covered(*each) for each in enumerate(zip(terms, ndims, strict=True))]
    spare = [letter for letter in ascii_letters if letter not in equation]
    ellipsis = "".join(spare[: max(covered)])
    full = [
        term.replace("...", ellipsis[len(ellipsis) - number :])
        for term, number in zip(terms, covered, strict=True)
    ]
    if arrow:
        output = right.replace("...", ellipsis)
    else:
        letters = left.replace("...", "").replace(",", "")
        output = ellipsis + "".join(sorted(each for each in letters if letters.count(each) == 1))
    for letter in output:
        if output.count(letter) > 1:
            raise RuntimeError(
                f"einsum(): output subscript {letter} appears more than once in the output"
            )
        if not any(letter in term for term in full):
            raise RuntimeError(
                f"einsum(): output subscript {letter} does not appear in the equation for any "
                "input operand"
            )
    return full, output


def _check_equation(equation: str, terms: Sequence[str]) -> None:
    """Refuse what is neither a letter nor one ellipsis in a term."""
    for term in terms:
        letters = term.replace("...", "", 1)
        for letter in letters:
            if letter not in ascii_letters:
                raise RuntimeError(
                    f"einsum(): invalid subscript {letter!r} in {term!r} of the equation "
                    f"{equation!r}, subscripts must be in [a-zA-Z], with at most one '...'"
                )


def _covered(number: int, operand: tuple[str, int]) -> int:
    """How many dimensions the ellipsis of an operand's term stands for."""
    term, ndim = operand
    letters = term.replace("...", "")
    covered = ndim - len(letters)
    if covered < 0 or (covered and "..." not in term):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(letters)}) does not match "
            f"the number of dimensions ({ndim}) for operand {number} and no ellipsis was given"
        )
    return covered


def _without_repeats(operand: Any, term: str, number: int) -> tuple[Any, str]:
    """The operand with diagonals in place of the dimensions that share a letter."""
    for letter in dict.fromkeys(term):
        while term.count(letter) > 1:
            first = term.index(letter)
            second = term.index(letter, first + 1)
            sizes = buffer(operand).shape
            if sizes[first] != sizes[second]:
                raise RuntimeError(
                    f"einsum(): subscript {letter} is repeated for operand {number} but the sizes "
                    f"don't match, {sizes[second]} != {sizes[first]}"
                )
            operand = diagonal(operand, 0, first, second)
            term = term[:first] + term[first + 1 : second] + term[second + 1 :] + letter
    return operand, term


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sums of products over pairs of dimensions, one of each tensor.

    Args:
        a: of any shape.
        b: of any shape.
        dims: how many: the last of `a` with the first of `b`, in order; or a list of
            dimensions of `a` and one of `b`. Default: 2.

    Returns:
        A tensor with the remaining dimensions of `a`, then those of `b`.

    Raises:
        RuntimeError: paired dimensions have different sizes, or the dtypes differ.
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.tensordot(minitorch.ones(2, 3, 4), minitorch.ones(3, 4, 5)).shape
        minitorch.Size([2, 5])
    """
    first, second = _arrays("tensordot", a, b)
    _check_dtypes(first, second)
    first_dims, second_dims = _paired_dims(first.ndim, second.ndim, dims)
    letters = ascii_letters[: first.ndim]
    others = list(ascii_letters[first.ndim : first.ndim + second.ndim])
    for one, two in zip(first_dims, second_dims, strict=True):
        if first.shape[one] != second.shape[two] and 1 not in (first.shape[one], second.shape[two]):
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {first.shape[one]} in "
                f"dim {one} and second has size {second.shape[two]} in dim {two}"
            )
        others[two] = letters[one]
    output = [letter for letter in letters if letter not in others]
    output += [letter for letter in others if letter not in letters]
    return Einsum.apply(  # type: ignore[no-any-return]
        a, b, terms=(letters, "".join(others)), output="".join(output)
    )


def _paired_dims(
    first_ndim: int, second_ndim: int, dims: Any
) -> tuple[Sequence[int], Sequence[int]]:
    """The dimensions of each tensor that `tensordot` sums over."""
    if isinstance(dims, (tuple, list)):
        if not all(isinstance(each, (tuple, list)) for each in dims) or len(dims) != 2:
            raise TypeError(f"tensordot(): dims must be an int or two lists of ints, got {dims!r}")
        if len(dims[0]) != len(dims[1]):
            raise RuntimeError(f"both dimension lists should have same length, got {dims!r}")
        return normalize_dims(dims[0], first_ndim), normalize_dims(dims[1], second_ndim)
    number = int(dims)
    if number < 0 or number > min(first_ndim, second_ndim):
        raise RuntimeError(
            f"tensordot expects dims from 0 to {min(first_ndim, second_ndim)}, but got "
            f"dims={number}"
        )
    return range(first_ndim - number, first_ndim), range(number)


def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: `input` with each element replaced by its product with `other`.

    Args:
        input: of any shape; the one with fewer dimensions gets leading ones of size 1.
        other: of any shape.

    Returns:
        Its sizes are the products of the operands'.

    Example:
        >>> import minitorch
        >>> minitorch.kron(minitorch.eye(2), minitorch.ones(1, 2))
        tensor([[1., 1., 0., 0.],
                [0., 0., 1., 1.]])
    """
    first, second = _arrays("kron", input, other)
    ndim = max(first.ndim, second.ndim)
    first_sizes = (1,) * (ndim - first.ndim) + first.shape
    second_sizes = (1,) * (ndim - second.ndim) + second.shape
    spread = shape.reshape(input, tuple(size for each in first_sizes for size in (each, 1)))
    inner_sizes = tuple(size for each in second_sizes for size in (1, each))
    products = elementwise.mul(spread, shape.reshape(other, inner_sizes))
    sizes = tuple(one * two for one, two in zip(first_sizes, second_sizes, strict=True))
    return shape.reshape(products, sizes)


# -- parts of matrices --------------------------------------------------------------------


class Tril(Operator):
    """The elements on and below a diagonal, zeros above; so is the gradient."""

    def forward(self, input: Any, *, diagonal: int) -> Any:
        self.save_for_backward(diagonal)
        return np.tril(input, diagonal)

    def backward(self, grad: Any) -> Any:
        (diagonal,) = self.saved_tensors
        return tril(grad, diagonal)


class Triu(Operator):
    """The elements on and above a diagonal, zeros below; so is the gradient."""

    def forward(self, input: Any, *, diagonal: int) -> Any:
        self.save_for_backward(diagonal)
        return np.triu(input, diagonal)

    def backward(self, grad: Any) -> Any:
        (diagonal,) = self.saved_tensors
        return triu(grad, diagonal)


class Diagonal(Operator):
    """A view of the elements on a diagonal; their gradients go back there."""

    def forward(self, input: Any, *, offset: int, dim1: int, dim2: int) -> Any:
        self.save_for_backward(input.shape, offset, dim1, dim2)
        return _diagonal_view(input, offset, dim1, dim2)

    def backward(self, grad: Any) -> Any:
        sizes, offset, dim1, dim2 = self.saved_tensors
        return DiagEmbed.apply(grad, sizes=sizes, offset=offset, dim1=dim1, dim2=dim2)


class DiagonalCopy(Diagonal):
    """The elements on a diagonal in memory of their own."""

    def forward(self, input: Any, *, offset: int, dim1: int, dim2: int) -> Any:
        return super().forward(input, offset=offset, dim1=dim1, dim2=dim2).copy()

    def name(self) -> str:
        return "DiagonalBackward0_copy"


class DiagEmbed(Operator):
    """Zeros of shape `sizes` with the input on a diagonal."""

    def forward(
        self, input: Any, *, sizes: tuple[int, ...], offset: int, dim1: int, dim2: int
    ) -> Any:
        self.save_for_backward(offset, dim1, dim2)
        output = np.zeros(sizes, input.dtype)
        _diagonal_view(output, offset, dim1, dim2)[...] = input
        return output

    def backward(self, grad: Any) -> Any:
        return diagonal(grad, *self.saved_tensors)


class Trace(Operator):
    """The sum of a matrix's diagonal; only the diagonal has a gradient."""

    def forward(self, input: Any) -> Any:
        self.save_for_backward(input.shape)
        return quiet.run(np.trace, summable(input, None))

    def backward(self, grad: Any) -> Any:
        (sizes,) = self.saved_tensors
        spread = restore(grad, (min(sizes),), (0,))
        return DiagEmbed.apply(spread, sizes=sizes, offset=0, dim1=0, dim2=1)


def _diagonal_view(array: Array, offset: int, dim1: int, dim2: int) -> Array:
    """A view of a diagonal, writeable as the array is (NumPy's never is)."""
    view = np.diagonal(array, offset, dim1, dim2)
    view.flags.writeable = array.flags.writeable
    return view


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The elements of the last two dimensions on and below a diagonal, and zeros above.

    Args:
        input: (*, N, M).
        diagonal: which: 0 is the main diagonal, positive numbers are above it. Default: 0.

    Raises:
        RuntimeError: the input has fewer than two dimensions.

    Example:
        >>> import minitorch
        >>> minitorch.ones(2, 3).tril()
        tensor([[1., 0., 0.],
                [1., 1., 0.]])
    """
    _check_triangle("tril", input)
    return Tril.apply(input, diagonal=diagonal)  # type: ignore[no-any-return]


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The elements of the last two dimensions on and above a diagonal, and zeros below.

    Arguments and errors as `tril`.

    Example:
        >>> import minitorch
        >>> minitorch.ones(2, 3).triu(1)
        tensor([[0., 1., 1.],
                [0., 0., 1.]])
    """
    _check_triangle("triu", input)
    return Triu.apply(input, diagonal=diagonal)  # type: ignore[no-any-return]


def _check_triangle(name: str, input: Any) -> None:
    array = as_array(buffer(input))
    if array.ndim < 2:
        raise RuntimeError(
            f"{name}: input tensor must have at least 2 dimensions, got shape {list(array.shape)}"
        )


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the elements on a diagonal of two dimensions, as a last dimension.

    Args:
        input: of at least two dimensions.
        offset: which: 0 is the main diagonal, positive numbers are above it. Default: 0.
        dim1: the dimension of the rows. Default: 0.
        dim2: the dimension of the columns. Default: 1.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: the two dimensions are the same.

    Example:
        >>> import minitorch
        >>> minitorch.eye(3).diagonal(1)
        tensor([0., 0.])
    """
    ndim = as_array(buffer(input)).ndim
    first, second = normalize_dim(dim1, ndim), normalize_dim(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return Diagonal.apply(input, offset=offset, dim1=first, dim2=second)  # type: ignore[no-any-return]


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A matrix with a vector on its diagonal, or the diagonal of a matrix as a new vector.

    Args:
        input: (N) or (N, M).
        diagonal: which: 0 is the main diagonal, positive numbers are above it. Default: 0.

    Raises:
        RuntimeError: the input is neither a vector nor a matrix.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 2]).diag()
        tensor([[1, 0],
                [0, 2]])
    """
    array = as_array(buffer(input))
    if array.ndim == 2:
        return DiagonalCopy.apply(input, offset=diagonal, dim1=0, dim2=1)  # type: ignore[no-any-return]
    if array.ndim != 1:
        raise RuntimeError(
            f"diag(): Supports 1D or 2D tensors. Got {array.ndim}D of shape {list(array.shape)}"
        )
    size = array.shape[0] + abs(diagonal)
    return DiagEmbed.apply(  # type: ignore[no-any-return]
        input, sizes=(size, size), offset=diagonal, dim1=0, dim2=1
    )


def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix, in int64 for integers.

    Raises:
        RuntimeError: the input is not a matrix.
        NotImplementedError: the input is bool.

    Example:
        >>> import minitorch
        >>> minitorch.eye(3).trace()
        tensor(3.)
    """
    array = as_array(buffer(input))
    if array.ndim != 2:
        raise RuntimeError(
            f"trace: expected a matrix, but got tensor with dim {array.ndim} of shape "
            f"{list(array.shape)}"
        )
    if array.dtype.kind == "b":
        raise NotImplementedError(
            "trace() is not implemented for bool tensors; convert with .int() first"
        )
    return Trace.apply(input)  # type: ignore[no-any-return]
