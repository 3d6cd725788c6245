"""Compares Tensor with PyTorch's: operators, methods, forms in place, text, pickles, refusals."""

from __future__ import annotations

import ast
import copy
import itertools
import math
import operator
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import minitorch
from minitorch import Tensor

LIBRARIES = (minitorch, torch)


def outcome(call: Callable[[Any], Any], library: Any) -> Any:
    """What a call gives, in a form that can be compared; an exception's type if it raises one."""
    try:
        return plain(call(library))
    except Exception as error:
        return type(error)


class Plain(NamedTuple):
    """What is compared of a tensor."""

    dtype: str
    shape: tuple[int, ...]
    values: bytes
    requires_grad: bool


def plain(value: Any) -> Any:
    """A form of a result that is the same for both libraries, as texts are with PyTorch's name."""
    if isinstance(value, (Tensor, torch.Tensor)):
        array = value.detach().numpy()
        return Plain(array.dtype.name, array.shape, array.tobytes(), value.requires_grad)
    if isinstance(value, (minitorch.dtype, torch.dtype, minitorch.device, torch.device)):
        return repr(value).replace("minitorch.", "torch.")
    if isinstance(value, str):
        return value.replace("minitorch.", "torch.")
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    return type(value), value


# -- completeness -------------------------------------------------------------------------

# PyTorch's method has other arguments than the function, or it is no method of tensors here.
NOT_THE_FUNCTION = {"where"}
PACKAGE = Path(minitorch.__file__).parent


def functions_of_ops() -> list[tuple[str, str]]:
    """Every public function, and every other name for one, in the files of `ops`."""
    found = []
    for path in sorted((PACKAGE / "ops").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                found.append((path.stem, node.name))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.append((path.stem, node.targets[0].id))
    return [(module, name) for module, name in found if not name.startswith("_")]


@pytest.mark.parametrize(("module", "name"), functions_of_ops())
def test_every_function_of_pytorch_is_exported(module: str, name: str) -> None:
    if callable(getattr(torch, name, None)) and not name.endswith("_"):
        assert hasattr(minitorch, name), f"ops.{module}.{name} is not exported"
        assert name in minitorch.__all__


@pytest.mark.parametrize("name", sorted(minitorch.ops.__all__))
def test_every_function_is_a_method_where_pytorch_has_one(name: str) -> None:
    if not hasattr(torch.Tensor, name) or name in NOT_THE_FUNCTION:
        return
    assert getattr(Tensor, name) is getattr(minitorch, name)


@pytest.mark.parametrize("name", sorted(name for name in dir(Tensor) if name[0] != "_"))
def test_every_method_has_its_form_in_place(name: str) -> None:
    if hasattr(torch.Tensor, f"{name}_"):
        assert hasattr(Tensor, f"{name}_")


def test_every_name_exists() -> None:
    assert len(set(minitorch.__all__)) == len(minitorch.__all__)
    for name in minitorch.__all__:
        assert hasattr(minitorch, name)
        if name not in ("ops", "random"):
            assert hasattr(torch, name), f"PyTorch has no {name}"


@pytest.mark.parametrize(
    "name",
    ["__add__", "__radd__", "__iadd__", "__sub__", "__rsub__", "__isub__", "__mul__", "__rmul__",
     "__imul__", "__truediv__", "__rtruediv__", "__itruediv__", "__floordiv__", "__rfloordiv__",
     "__ifloordiv__", "__mod__", "__rmod__", "__imod__", "__pow__", "__rpow__", "__ipow__",
     "__matmul__", "__rmatmul__", "__and__", "__rand__", "__iand__", "__or__", "__ror__",
     "__ior__", "__xor__", "__rxor__", "__ixor__", "__lshift__", "__rlshift__", "__ilshift__",
     "__rshift__", "__rrshift__", "__irshift__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__",
     "__ge__", "__neg__", "__pos__", "__abs__", "__invert__", "__bool__", "__int__", "__float__",
     "__index__", "__len__", "__iter__", "__reversed__", "__contains__", "__getitem__",
     "__setitem__", "__array__", "__repr__", "__format__", "__hash__", "__deepcopy__",
     "__reduce_ex__"],
)  # fmt: skip
def test_every_special_method(name: str) -> None:
    assert name in vars(Tensor)


# -- operators ----------------------------------------------------------------------------

BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
    operator.pow, operator.matmul, operator.and_, operator.or_, operator.xor, operator.lshift,
    operator.rshift, operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip
IN_PLACE = [
    operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv,
    operator.imod, operator.ipow, operator.iand, operator.ior, operator.ixor, operator.ilshift,
    operator.irshift,
]  # fmt: skip
OPERANDS: dict[str, Callable[[Any], Any]] = {
    "matrix": lambda lib: lib.tensor([[1.5, -2.0], [0.5, 3.0]]),
    "double": lambda lib: lib.tensor([2.5, 0.5], dtype=lib.float64),
    "half": lambda lib: lib.tensor([2.5, 0.5], dtype=lib.float16),
    "integers": lambda lib: lib.tensor([3, -2]),
    "bytes": lambda lib: lib.tensor([3, 200], dtype=lib.uint8),
    "booleans": lambda lib: lib.tensor([True, False]),
    "scalar": lambda lib: lib.tensor(2.0),
    "double scalar": lambda lib: lib.tensor(2.0, dtype=lib.float64),
    "integer scalar": lambda lib: lib.tensor(2),
    "empty": lambda lib: lib.zeros(0, 2),
    "three": lambda lib: lib.tensor([1.0, 2.0, 3.0]),
    "2": lambda lib: 2,
    "2.5": lambda lib: 2.5,
    "True": lambda lib: True,
    "numpy float": lambda lib: np.float64(2.5),
    "numpy int": lambda lib: np.int64(2),
    "string": lambda lib: "a",
    "None": lambda lib: None,
    "list": lambda lib: [1, 2],
    "object": lambda lib: object,
}


def is_tensor(value: Any) -> bool:
    return isinstance(value, (Tensor, torch.Tensor))


def close(ours: Any, theirs: Any) -> None:
    """The same dtype and shape, and the same values but for the last digits of a power.

    Where two things are wrong, the error may be of a narrower type than PyTorch's.
    """
    if isinstance(theirs, type) and isinstance(ours, type):
        assert issubclass(ours, theirs)
        return
    if not isinstance(ours, Plain) or not isinstance(theirs, Plain):
        assert ours == theirs
        return
    assert ours._replace(values=b"") == theirs._replace(values=b"")
    dtype = np.dtype(theirs.dtype)
    got, expected = np.frombuffer(ours.values, dtype), np.frombuffer(theirs.values, dtype)
    if dtype.kind == "f":
        np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)
    else:
        np.testing.assert_array_equal(got, expected)


def check_pairs(apply: Callable[[Callable[[], Any], Callable[[], Any]], Any]) -> None:
    """Compare `apply` on every two operands of which one is a tensor; report all differences."""
    wrong = []
    for first, second in itertools.product(OPERANDS, repeat=2):
        make = OPERANDS[first], OPERANDS[second]

        def call(library: Any, make: Any = make) -> Any:
            return apply(make[0](library), make[1](library))

        if not any(is_tensor(each(torch)) for each in make):
            continue
        ours, theirs = (outcome(call, library) for library in LIBRARIES)
        try:
            close(ours, theirs)
        except AssertionError:
            # PyTorch has no powers of booleans, but takes the exponent True for a copy.
            if (first, second) != ("booleans", "True"):
                wrong.append((first, second, ours, theirs))
    assert not wrong


@pytest.mark.parametrize("function", BINARY, ids=lambda function: function.__name__)
def test_operators(function: Callable[[Any, Any], Any]) -> None:
    check_pairs(function)


@pytest.mark.parametrize("function", IN_PLACE, ids=lambda function: function.__name__)
def test_operators_in_place(function: Callable[[Any, Any], Any]) -> None:
    def change(first: Any, second: Any) -> Any:
        result = function(first, second)
        assert result is first or not is_tensor(first)
        return result

    check_pairs(change)


@pytest.mark.parametrize(
    "function", [operator.neg, operator.pos, operator.abs, operator.invert, bool, int, float]
)
@pytest.mark.parametrize("first", [name for name in OPERANDS if is_tensor(OPERANDS[name](torch))])
def test_unary_operators(function: Callable[..., Any], first: str) -> None:
    ours, theirs = (outcome(lambda lib: function(OPERANDS[first](lib)), lib) for lib in LIBRARIES)
    assert ours == theirs


# -- forms in place -----------------------------------------------------------------------


def positive(library: Any, values: Any) -> Any:
    return library.tensor(np.abs(values) + 0.5)


MATRIX = (3, 4)
# Arguments of each form in place: from the library and a generator that both sides start alike.
Arguments = Callable[[Any, np.random.Generator], tuple[tuple[Any, ...], dict[str, Any]]]


def given(*args: Any, **kwargs: Any) -> Arguments:
    return lambda library, rng: (args, kwargs)


def other(library: Any, rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (library.tensor(rng.uniform(0.5, 2, MATRIX)),), {}


def row(library: Any, rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (library.tensor(rng.uniform(0.5, 2, MATRIX[1:])),), {}


def two(library: Any, rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    first, second = (library.tensor(rng.uniform(0.5, 2, MATRIX)) for _ in range(2))
    return (first, second), {"value": 0.5}


def mask(library: Any, rng: np.random.Generator) -> Any:
    return library.tensor(rng.random(MATRIX) < 0.5)


def places(library: Any, rng: np.random.Generator) -> Any:
    return library.tensor(rng.integers(0, 3, (2, 4)))


def rows_of(library: Any, *indices: int) -> Any:
    return library.tensor(list(indices))


FORMS: dict[str, list[Arguments]] = {
    **{
        name: [given()]
        for name in (
            "abs_", "exp_", "exp2_", "expm1_", "log_", "log2_", "log10_", "log1p_", "sqrt_",
            "rsqrt_", "square_", "reciprocal_", "neg_", "sin_", "cos_", "tan_", "sinh_", "cosh_",
            "tanh_", "atan_", "sigmoid_", "relu_", "erf_", "floor_", "ceil_", "trunc_",
            "round_", "frac_", "sign_", "zero_", "tril_", "triu_", "logical_not_", "nan_to_num_",
            "deg2rad_", "rad2deg_", "absolute_", "negative_", "fix_", "sgn_",
        )
    },
    "add_": [other, row, given(2.5), given(1, alpha=2),
             lambda lib, rng: (other(lib, rng)[0], {"alpha": -0.5})],
    "sub_": [other, given(2), lambda lib, rng: (other(lib, rng)[0], {"alpha": 3})],
    "mul_": [other, row, given(2.5)],
    "div_": [other, given(2.5), given(0.0), given(0.7, rounding_mode="floor")],
    "pow_": [other, given(2), given(0.5)],
    "remainder_": [other, given(0.7)],
    "fmod_": [given(0.7)],
    "atan2_": [other],
    "hypot_": [other],
    "copysign_": [given(-1.0)],
    "xlogy_": [other],
    "clamp_": [given(0.8, 1.2), given(min=1.0), given(max=1.0)],
    "clamp_min_": [given(1.0)],
    "clamp_max_": [given(1.0)],
    "addcmul_": [two],
    "addcdiv_": [two],
    "lerp_": [lambda lib, rng: ((*other(lib, rng)[0], 0.3), {})],
    "lt_": [given(1.0)],
    "eq_": [other],
    "logical_and_": [other],
    "cumsum_": [given(1)],
    "cumprod_": [given(0)],
    "fill_": [given(2.5), lambda lib, rng: ((lib.tensor(1.5, dtype=lib.float64),), {})],
    "copy_": [other, row, lambda lib, rng: ((lib.tensor([1, 2, 3, 4]),), {})],
    "masked_fill_": [lambda lib, rng: ((mask(lib, rng), 7.0), {})],
    "masked_scatter_": [lambda lib, rng: ((mask(lib, rng), *other(lib, rng)[0]), {})],
    "scatter_": [
        lambda lib, rng: ((0, lib.tensor([[2, 0, 1, 2]]), lib.tensor(rng.random((1, 4)))), {}),
        lambda lib, rng: ((0, lib.tensor([[2, 0, 1, 2]]), 5.0), {}),
    ],
    "scatter_add_": [
        lambda lib, rng: ((0, places(lib, rng), lib.tensor(rng.random((2, 4)))), {}),
    ],
    "index_fill_": [lambda lib, rng: ((0, rows_of(lib, 2, 0), 7.0), {})],
    "index_add_": [
        lambda lib, rng: ((0, rows_of(lib, 2, 0), lib.tensor(rng.random((2, 4)))), {}),
    ],
    "index_copy_": [
        lambda lib, rng: ((0, rows_of(lib, 2, 0), lib.tensor(rng.random((2, 4)))), {}),
    ],
    "index_put_": [
        lambda lib, rng: (((rows_of(lib, 2, 0),), lib.tensor(rng.random((2, 4)))), {}),
    ],
    "transpose_": [given(0, 1)],
    "t_": [given()],
    "swapaxes_": [given(0, 1)],
    "unsqueeze_": [given(0), given(-1)],
    "squeeze_": [given()],
}  # fmt: skip
CASES = [
    pytest.param(name, index, id=f"{name}{index}")
    for name, cases in FORMS.items()
    for index in range(len(cases))
]


def run_form(
    library: Any, name: str, case: int, recorded: bool, seed: int
) -> tuple[Any, list[Any], bool]:
    """Change a computed tensor in place; give it, the gradients of all leaves, and its identity."""
    rng = np.random.default_rng(seed)
    leaf = positive(library, rng.standard_normal(MATRIX))
    args, kwargs = FORMS[name][case](library, rng)
    leaves = [leaf, *(item for item in args if is_tensor(item) and item.dtype == library.float64)]
    if recorded:
        for item in leaves:
            item.requires_grad_()
    tensor = leaf * 1
    result = getattr(tensor, name)(*args, **kwargs)
    same = result is tensor
    if recorded and tensor.requires_grad:
        weights = library.tensor(rng.standard_normal(tuple(tensor.shape)))
        (tensor * weights).sum().backward()
    return tensor, [item.grad for item in leaves], same


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(("name", "case"), CASES)
def test_forms_in_place(name: str, case: int, recorded: bool, seed: int) -> None:
    ours, our_grads, same = run_form(minitorch, name, case, recorded, seed)
    theirs, their_grads, _ = run_form(torch, name, case, recorded, seed)
    assert same
    assert ours._version == theirs._version or "transpose" in name or name in METADATA
    assert str(ours.dtype).split(".")[1] == str(theirs.dtype).split(".")[1]
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-12)
    assert ours.requires_grad == theirs.requires_grad
    if recorded and name.startswith("logical"):
        return  # PyTorch leaves the old history on the new values; here the gradient is zero
    for got, expected in zip(our_grads, their_grads, strict=True):
        if got is None:  # PyTorch gives zeros to the other operand of a comparison
            assert expected is None or not expected.any()
        else:
            np.testing.assert_allclose(
                got.numpy(), expected.numpy(force=True), rtol=1e-9, atol=1e-12
            )


METADATA = {"t_", "swapaxes_", "unsqueeze_", "squeeze_"}  # PyTorch counts these as changes


@pytest.mark.parametrize("name", sorted(FORMS.keys() - {"logical_and_", "logical_not_"}))
def test_leaves_are_not_changed_in_place(name: str) -> None:
    for library in LIBRARIES:
        rng = np.random.default_rng(0)
        leaf = library.ones(MATRIX, dtype=library.float64, requires_grad=True)
        args, kwargs = FORMS[name][0](library, rng)
        with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
            getattr(leaf, name)(*args, **kwargs)


# -- methods and properties ---------------------------------------------------------------


def ones(lib: Any) -> Any:
    return lib.ones(2, 3)


def leaf(lib: Any) -> Any:
    return lib.ones(2, requires_grad=True)


def computed(lib: Any) -> Any:
    return leaf(lib) * 2


def integers(lib: Any) -> Any:
    return lib.tensor([1, 2])


CALLS: dict[str, Callable[[Any], Any]] = {
    "item": lambda lib: lib.tensor([[2.5]]).item(),
    "item of several": lambda lib: ones(lib).item(),
    "item of none": lambda lib: lib.zeros(0).item(),
    "item of bool": lambda lib: lib.tensor(True).item(),
    "tolist": lambda lib: ones(lib).tolist(),
    "tolist scalar": lambda lib: lib.tensor(1.5).tolist(),
    "numpy": lambda lib: ones(lib).numpy(),
    "numpy leaf": lambda lib: leaf(lib).numpy(),
    "numpy forced": lambda lib: leaf(lib).numpy(force=True),
    "asarray": lambda lib: np.asarray(ones(lib)),
    "asarray leaf": lambda lib: np.asarray(leaf(lib)),
    "size": lambda lib: list(ones(lib).size()),
    "size 0": lambda lib: ones(lib).size(0),
    "size -1": lambda lib: ones(lib).size(dim=-1),
    "size 2": lambda lib: ones(lib).size(2),
    "size of scalar": lambda lib: lib.tensor(1).size(0),
    "shape": lambda lib: repr(ones(lib).shape),
    "ndim": lambda lib: (ones(lib).ndim, ones(lib).dim(), ones(lib).ndimension()),
    "numel": lambda lib: (ones(lib).numel(), ones(lib).nelement()),
    "bytes": lambda lib: (ones(lib).itemsize, ones(lib).nbytes, ones(lib).element_size()),
    "dtype": lambda lib: integers(lib).dtype,
    "device": lambda lib: ones(lib).device,
    "device index": lambda lib: lib.device("cpu:0"),
    "is_cuda": lambda lib: (ones(lib).is_cuda, ones(lib).is_cpu, ones(lib).is_sparse),
    "is_floating_point": lambda lib: (ones(lib).is_floating_point(), ones(lib).is_signed()),
    "is_complex": lambda lib: ones(lib).is_complex(),
    "is_nonzero": lambda lib: lib.tensor([0.5]).is_nonzero(),
    "is_nonzero several": lambda lib: ones(lib).is_nonzero(),
    "T": lambda lib: ones(lib).T,
    "mT": lambda lib: lib.arange(24).reshape(2, 3, 4).mT,
    "mT 1-d": lambda lib: lib.ones(2).mT,
    "H": lambda lib: ones(lib).H,
    "H 1-d": lambda lib: lib.ones(2).H,
    "H 3-d": lambda lib: lib.ones(2, 3, 4).H,
    "real": lambda lib: ones(lib).real,
    "to dtype": lambda lib: ones(lib).to(lib.float64),
    "to python dtype": lambda lib: ones(lib).to(int),
    "to device": lambda lib: ones(lib).to("cpu"),
    "to other": lambda lib: ones(lib).to(integers(lib)),
    "to both": lambda lib: ones(lib).to("cpu", lib.int8),
    "to keywords": lambda lib: ones(lib).to(device="cpu", dtype=lib.int8, non_blocking=True),
    "to flags": lambda lib: ones(lib).to(lib.int32, True, True),
    "to device flags": lambda lib: ones(lib).to(lib.device("cpu"), lib.int32, True, True),
    "to nothing": lambda lib: ones(lib).to(),
    "to string": lambda lib: ones(lib).to("float64"),
    "to itself": lambda lib: (lambda x: x.to(lib.float32) is x)(ones(lib)),
    "to a copy": lambda lib: (lambda x: x.to(lib.float32, copy=True) is x)(ones(lib)),
    "to computed": lambda lib: computed(lib).to(lib.float64),
    "to integers": lambda lib: computed(lib).to(lib.int64),
    "casts": lambda lib: [
        getattr(lib.tensor([0.0, 1.7, -3.2]), name)()
        for name in ("half", "float", "double", "char", "short", "int", "long", "bool")
    ],
    "byte": lambda lib: lib.tensor([0.0, 1.7, 200.0]).byte(),
    "cast of too large": lambda lib: lib.tensor([1e300], dtype=lib.float64).float(),
    "type": lambda lib: ones(lib).type(),
    "types": lambda lib: [
        lib.zeros(1, dtype=getattr(lib, name)).type()
        for name in ("float16", "float64", "uint8", "uint16", "int8", "int16", "int32", "bool")
    ],
    "type by name": lambda lib: ones(lib).type("torch.DoubleTensor"),
    "type by wrong name": lambda lib: ones(lib).type("Double"),
    "type by dtype": lambda lib: ones(lib).type(lib.int32),
    "type_as": lambda lib: ones(lib).type_as(integers(lib)),
    "clone": lambda lib: computed(lib).clone(),
    "clone strides": lambda lib: ones(lib).t().clone().stride(),
    "clone expanded": lambda lib: ones(lib).expand(2, 2, 3).clone().stride(),
    "contiguous": lambda lib: ones(lib).t().contiguous().stride(),
    "is_contiguous": lambda lib: (ones(lib).is_contiguous(), ones(lib).t().is_contiguous()),
    "data_ptr": lambda lib: (ones(lib).data_ptr() > 0, lib.zeros(0).data_ptr()),
    "new_tensor": lambda lib: integers(lib).new_tensor([1.5, 2]),
    "new_tensor grad": lambda lib: ones(lib).new_tensor([1, 2], requires_grad=True),
    "new_zeros": lambda lib: integers(lib).new_zeros(2, 3),
    "new_zeros dtype": lambda lib: integers(lib).new_zeros((2, 3), dtype=lib.float64),
    "new_zeros size": lambda lib: ones(lib).new_zeros(size=(3,), requires_grad=True),
    "new_ones": lambda lib: lib.ones(1, dtype=lib.float64).new_ones((2,)),
    "new_full": lambda lib: integers(lib).new_full((2,), 3.5),
    "new_empty": lambda lib: integers(lib).new_empty(2, 0),
    "len": lambda lib: len(ones(lib)),
    "len of scalar": lambda lib: len(lib.tensor(1)),
    "iter": lambda lib: list(computed(lib)),
    "iter of scalar": lambda lib: list(lib.tensor(1)),
    "iter of none": lambda lib: list(lib.zeros(0, 2)),
    "unpack": lambda lib: [x for x, _ in lib.arange(4).reshape(2, 2)],
    "reversed": lambda lib: reversed(integers(lib)),
    "bool": lambda lib: bool(lib.tensor([[0.5]])),
    "bool of several": lambda lib: bool(ones(lib)),
    "bool of none": lambda lib: bool(lib.zeros(0)),
    "int": lambda lib: int(lib.tensor([2.7])),
    "int of several": lambda lib: int(ones(lib)),
    "float of several": lambda lib: float(ones(lib)),
    "index": lambda lib: [1, 2, 3][lib.tensor(2)],
    "index by bool": lambda lib: [1, 2, 3][lib.tensor(True)],
    "index by one element": lambda lib: [1, 2, 3][lib.tensor([1])],
    "index by float": lambda lib: [1, 2, 3][lib.tensor(1.0)],
    "index by several": lambda lib: [1, 2, 3][integers(lib)],
    "range": lambda lib: list(range(lib.tensor(3))),
    "math": lambda lib: (math.sqrt(lib.tensor(4.0)), math.floor(lib.tensor(1.5))),
    "contains": lambda lib: (1 in integers(lib), 3 in integers(lib)),
    "contains tensor": lambda lib: lib.tensor(1) in integers(lib),
    "contains string": lambda lib: "a" in integers(lib),
    "contains None": lambda lib: None in integers(lib),
    "format": lambda lib: f"{lib.tensor(1.5):.2f}|{lib.tensor(3):d}|{lib.tensor(1.5)}",
    "format computed": lambda lib: f"{computed(lib)[0]:.1f}",
    "format of several": lambda lib: f"{ones(lib)}",
    "format of several with spec": lambda lib: f"{ones(lib):.2f}",
    "hash": lambda lib: len({ones(lib), ones(lib)}),
    "equal to a string": lambda lib: (ones(lib) == "a", ones(lib) != "a", ones(lib) == None),  # noqa: E711
    "where": lambda lib: ones(lib).where(lib.tensor([True, False, True]), lib.tensor(5.0)),
    "sigmoid": lambda lib: lib.zeros(2).sigmoid(),
    "repr": lambda lib: repr(ones(lib)),
    "repr leaf": lambda lib: repr(leaf(lib)),
    "repr computed": lambda lib: repr(computed(lib)),
    "repr double": lambda lib: repr(computed(lib).double()),
    "repr integers": lambda lib: repr([integers(lib), integers(lib).int(), integers(lib) > 1]),
    "repr empty": lambda lib: repr(
        [lib.zeros(0), lib.zeros(0, 2), lib.zeros(0, dtype=lib.int64), lib.zeros(0) > 0]
    ),
    "repr detached": lambda lib: repr(computed(lib).detach()),
    "repr long": lambda lib: repr(lib.arange(2000.0, dtype=lib.float64).requires_grad_()),
    "pickle": lambda lib: pickle.loads(pickle.dumps(leaf(lib))),
    "pickle computed": lambda lib: pickle.loads(pickle.dumps(computed(lib))),
    "pickle strides": lambda lib: pickle.loads(pickle.dumps(ones(lib).t())).stride(),
    "copy": lambda lib: copy.copy(leaf(lib)),
    "deepcopy": lambda lib: copy.deepcopy(leaf(lib)),
    "deepcopy computed": lambda lib: copy.deepcopy(computed(lib)),
    "deepcopy twice": lambda lib: (lambda pair: pair[0] is pair[1])(copy.deepcopy([leaf(lib)] * 2)),
    "Tensor()": lambda lib: lib.Tensor(),
    "Tensor(2, 3)": lambda lib: list(lib.Tensor(2, 3).shape),
    "Tensor(5)": lambda lib: list(lib.Tensor(5).shape),
    "Tensor(Size)": lambda lib: list(lib.Tensor(lib.Size([2, 3])).shape),
    "Tensor(list)": lambda lib: lib.Tensor([1, 2]),
    "Tensor(tuple)": lambda lib: lib.Tensor((1, 2)),
    "Tensor(array)": lambda lib: lib.Tensor(np.array([1.5, 2])),
    "Tensor(tensor)": lambda lib: lib.Tensor(integers(lib)),
    "Tensor(leaf)": lambda lib: lib.Tensor(leaf(lib)),
    "Tensor(range)": lambda lib: lib.Tensor(range(3)),
    "Tensor(ragged)": lambda lib: lib.Tensor([[1, 2], [3]]),
    "Tensor(string)": lambda lib: lib.Tensor("a"),
    "Tensor(float)": lambda lib: lib.Tensor(2.5),
    "Tensor(None)": lambda lib: lib.Tensor(None),
    "Tensor(negative)": lambda lib: lib.Tensor(-1),
    "Tensor(numpy int)": lambda lib: list(lib.Tensor(np.int32(3)).shape),
    "fill_ overflow": lambda lib: lib.zeros(1, dtype=lib.uint8).fill_(300),
    "fill_ wraps": lambda lib: lib.zeros(1, dtype=lib.uint8).fill_(-1),
    "fill_ truncates": lambda lib: lib.zeros(1, dtype=lib.int64).fill_(lib.tensor(2.7)),
    "fill_ with vector": lambda lib: lib.zeros(2).fill_(lib.ones(1)),
    "fill_ with string": lambda lib: lib.zeros(2).fill_("a"),
    "copy_ casts": lambda lib: lib.zeros(2, dtype=lib.int64).copy_(lib.tensor([1.7, -2.7])),
    "copy_ too large": lambda lib: lib.zeros(2).copy_(lib.ones(3)),
    "copy_ of a list": lambda lib: lib.zeros(2).copy_([1, 2]),
    "fill": lambda lib: lib.fill(computed(lib), 3),
    "requires_grad = 1": lambda lib: setattr(lib.ones(2), "requires_grad", 1),
    "requires_grad = None": lambda lib: setattr(lib.ones(2), "requires_grad", None),
    "requires_grad_ of 1": lambda lib: lib.ones(2).requires_grad_(1),
    "add_ enlarges": lambda lib: lib.zeros(2).add_(lib.ones(3, 2)),
    "add_ loses fraction": lambda lib: lib.zeros(2, dtype=lib.int64).add_(0.5),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_methods(call: Callable[[Any], Any]) -> None:
    assert outcome(call, minitorch) == outcome(call, torch)


@pytest.mark.parametrize("source", ["float32", "float64", "float16"])
@pytest.mark.parametrize("target", ["float16", "float32", "float64"])
def test_gradients_go_through_casts(source: str, target: str) -> None:
    grads = []
    for library in LIBRARIES:
        x = library.tensor([0.1, 2.0], dtype=getattr(library, source), requires_grad=True)
        y = x.to(getattr(library, target)) * 0.3
        y.backward(library.ones_like(y) * 0.7)
        grads.append(plain(x.grad))
    assert grads[0] == grads[1]
