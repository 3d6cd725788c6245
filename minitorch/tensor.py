"""Tensor: a NumPy buffer with a gradient and PyTorch's operators.

The class holds no mathematics: each method that computes is a function of `minitorch.ops`, where
its docstring stands, and the same as `minitorch.<name>`.
"""

from __future__ import annotations

import builtins
import copy
from collections.abc import Iterator
from typing import Any, NoReturn, Self, cast

import numpy as np

from . import dtypes, numpy_protocols
from .autograd.variable import Array, Variable, buffer, set_tensor_type
from .device import CPU, check_device
from .device import device as Device
from .formatting import format_tensor
from .ops import (
    activation,
    comparison,
    conversion,
    creation,
    elementwise,
    filling,
    indexing,
    linalg,
    reduction,
    sampling,
)
from .ops import shape as shapes
from .ops.dims import normalize_dim
from .ops.forms import ARRAYS, in_place, metadata_in_place, operator_form, reflected
from .size import Size, as_size

_new = object.__new__
# What belongs to the graph or the buffer; any other attribute was put there by a user.
_INTERNAL = frozenset(Variable.__annotations__)


class Tensor(Variable):
    """An array of numbers with a gradient.

    Made by functions such as `minitorch.tensor`. Called itself it is PyTorch's old constructor:
    `Tensor(data)` copies a sequence or array into the default dtype, `Tensor(2, 3)` or
    `Tensor(size)` is uninitialised, and `Tensor(other)` shares the memory of another tensor.

    Args:
        data: sizes, or a sequence, an array or a tensor. Default: none; the tensor is empty.
        device: the CPU.

    Attributes:
        array: the NumPy buffer.

    Raises:
        TypeError: `data` is a number that is not an integer, or no data at all.

    Example:
        >>> import minitorch
        >>> minitorch.Tensor([1, 2])
        tensor([1., 2.])
    """

    def __new__(cls, *data: Any, device: Any = None) -> Self:
        tensor = _new(cls)
        tensor.__dict__.update(_from_legacy_arguments(data, device).__dict__)
        return tensor

    # -- what it is -----------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return as_size(self.array.shape)

    def size(self, dim: builtins.int | None = None) -> Any:
        """The shape, or the size of dimension `dim`.

        Raises:
            IndexError: there is no such dimension.
        """
        if dim is None:
            return as_size(self.array.shape)
        if not self.array.ndim:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        return self.array.shape[normalize_dim(dim, self.array.ndim)]

    @property
    def ndim(self) -> builtins.int:
        """The number of dimensions."""
        return self.array.ndim

    def dim(self) -> builtins.int:
        """The number of dimensions."""
        return self.array.ndim

    ndimension = dim
    numel = nelement = creation.numel

    @property
    def dtype(self) -> dtypes.dtype:
        """The data type of the elements."""
        return dtypes.from_numpy_dtype(self.array.dtype)

    @property
    def itemsize(self) -> builtins.int:
        """The bytes of one element."""
        return self.array.itemsize

    def element_size(self) -> builtins.int:
        """The bytes of one element."""
        return self.array.itemsize

    @property
    def nbytes(self) -> builtins.int:
        """The bytes of all elements."""
        return self.array.nbytes

    def data_ptr(self) -> builtins.int:
        """The memory address of the first element; 0 if there is none."""
        return self.array.__array_interface__["data"][0] if self.array.size else 0

    @property
    def device(self) -> Device:
        """Where the tensor lives: the CPU."""
        return CPU

    is_cpu = True
    is_cuda = is_sparse = is_quantized = is_meta = False
    is_floating_point = dtypes.is_floating_point
    is_nonzero = creation.is_nonzero

    def is_complex(self) -> builtins.bool:
        """False: there are no complex tensors here."""
        return False

    def is_signed(self) -> builtins.bool:
        """Whether the dtype has negative numbers."""
        return self.dtype.is_signed

    # -- to Python and NumPy --------------------------------------------------------------

    def item(self) -> Any:
        """The only element as a Python number.

        Raises:
            RuntimeError: there are several elements, or none.
        """
        if self.array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self.array.size} elements cannot be converted to Scalar"
            )
        return self.array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers; a number if there are no dimensions."""
        return self.array.tolist()

    def numpy(self, *, force: builtins.bool = False) -> Array:
        """The buffer itself.

        Args:
            force: also of a tensor that requires a gradient, which the array then lacks.

        Raises:
            RuntimeError: the tensor requires a gradient and `force` is False.
        """
        if self.requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() "
                "instead."
            )
        return self.array

    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> Array:
        return np.asarray(self.numpy(), dtype, copy=copy)

    __array_ufunc__ = numpy_protocols.array_ufunc
    __array_function__ = numpy_protocols.array_function

    def __bool__(self) -> builtins.bool:
        return creation.is_nonzero(self)

    def __int__(self) -> builtins.int:
        return builtins.int(self._scalar())

    def __float__(self) -> builtins.float:
        return builtins.float(self._scalar())

    def _scalar(self) -> Any:
        if self.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self.array.item()

    def __index__(self) -> builtins.int:
        if self.array.size != 1 or self.array.dtype.kind == "f":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return builtins.int(self.array.item())

    def __len__(self) -> builtins.int:
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self.array)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(shapes.unbind(self))

    def __reversed__(self) -> Tensor:
        return shapes.flip(self, 0) if self.array.ndim else self

    def __contains__(self, element: Any) -> builtins.bool:
        if not isinstance(element, (Variable, builtins.int, builtins.float)):
            raise RuntimeError(
                "Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
                f"{builtins.type(element)}."
            )
        return builtins.bool(np.any(self.array == buffer(element)))

    # -- text -----------------------------------------------------------------------------

    def __repr__(self) -> str:
        suffixes = []
        dtype, plain = self.dtype, (dtypes.int64, dtypes.bool)
        if dtype is not dtypes.get_default_dtype() and (dtype not in plain or not self.array.size):
            suffixes.append(f"dtype={dtype}")
        if self.grad_fn is not None:
            suffixes.append(f"grad_fn={self.grad_fn}")
        elif self.requires_grad:
            suffixes.append("requires_grad=True")
        return format_tensor(self.array, suffixes=suffixes)

    def __format__(self, spec: str) -> str:
        if self.array.ndim == 0 and builtins.type(self) is Tensor:
            return format(self.array.item(), spec)
        return object.__format__(self, spec)

    # -- copies of the object -------------------------------------------------------------

    def __reduce_ex__(self, protocol: Any) -> Any:
        """For pickle: the buffer and the user's attributes, as a leaf."""
        return _rebuild, (builtins.type(self), self.array, self.requires_grad, self._extras())

    def __deepcopy__(self, memo: dict[builtins.int, Any]) -> Self:
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                "protocol; copy a computed tensor by .clone(), or .detach() it first"
            )
        result: Self = _rebuild(builtins.type(self), self.array.copy("K"), self.requires_grad, {})
        memo[id(self)] = result
        result._grad = copy.deepcopy(self._grad, memo)
        result.__dict__.update(copy.deepcopy(self._extras(), memo))
        return result

    def _extras(self) -> dict[str, Any]:
        """The attributes that a user put on the tensor."""
        return {name: value for name, value in self.__dict__.items() if name not in _INTERNAL}

    # -- to another dtype, in a buffer of its own -----------------------------------------

    to = conversion.to
    type = conversion.astype
    type_as = conversion.type_as
    clone = conversion.clone
    half = conversion.caster("half", dtypes.float16)
    float = conversion.caster("float", dtypes.float32)
    double = conversion.caster("double", dtypes.float64)
    byte = conversion.caster("byte", dtypes.uint8)
    char = conversion.caster("char", dtypes.int8)
    short = conversion.caster("short", dtypes.int16)
    int = conversion.caster("int", dtypes.int32)
    long = conversion.caster("long", dtypes.int64)
    bool = conversion.caster("bool", dtypes.bool)
    fill_ = conversion.fill_
    zero_ = conversion.zero_
    copy_ = conversion.copy_

    def cpu(self, memory_format: Any = None) -> Tensor:
        """The tensor itself: it is on the CPU."""
        return self

    def cuda(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not offered.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError("minitorch computes with NumPy on the CPU; there is no CUDA here")

    # -- new tensors of the same dtype ----------------------------------------------------

    def new_tensor(self, data: Any, *, dtype: Any = None, **options: Any) -> Tensor:
        """A tensor of a copy of `data`, in this dtype unless told otherwise."""
        return creation.tensor(data, dtype=dtype or self.dtype, **options)

    def new_empty(self, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
        """An uninitialised tensor, in this dtype unless told otherwise."""
        return creation.empty(*size, dtype=dtype or self.dtype, **options)

    def new_zeros(self, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
        """Zeros, in this dtype unless told otherwise."""
        return creation.zeros(*size, dtype=dtype or self.dtype, **options)

    def new_ones(self, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
        """Ones, in this dtype unless told otherwise."""
        return creation.ones(*size, dtype=dtype or self.dtype, **options)

    def new_full(self, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any) -> Tensor:
        """One value everywhere, in this dtype unless told otherwise."""
        return creation.full(size, fill_value, dtype=dtype or self.dtype, **options)

    # -- element by element ------------------------------------------------------------------

    add = elementwise.add
    add_ = in_place(elementwise.add, np.add)
    sub = elementwise.sub
    sub_ = in_place(elementwise.sub, np.subtract)
    subtract = elementwise.subtract
    subtract_ = in_place(elementwise.subtract)
    neg = elementwise.neg
    neg_ = in_place(elementwise.neg, np.negative)
    negative = elementwise.negative
    negative_ = in_place(elementwise.negative)
    positive = elementwise.positive
    mul = elementwise.mul
    mul_ = in_place(elementwise.mul, np.multiply)
    multiply = elementwise.multiply
    multiply_ = in_place(elementwise.multiply)
    div = elementwise.div
    div_ = in_place(elementwise.div, np.divide)
    divide = elementwise.divide
    divide_ = in_place(elementwise.divide)
    true_divide = elementwise.true_divide
    true_divide_ = in_place(elementwise.true_divide)
    floor_divide = elementwise.floor_divide
    floor_divide_ = in_place(elementwise.floor_divide)
    remainder = elementwise.remainder
    remainder_ = in_place(elementwise.remainder)
    fmod = elementwise.fmod
    fmod_ = in_place(elementwise.fmod)
    reciprocal = elementwise.reciprocal
    reciprocal_ = in_place(elementwise.reciprocal, np.reciprocal)
    addcmul = elementwise.addcmul
    addcmul_ = in_place(elementwise.addcmul)
    addcdiv = elementwise.addcdiv
    addcdiv_ = in_place(elementwise.addcdiv)
    lerp = elementwise.lerp
    lerp_ = in_place(elementwise.lerp)
    pow = elementwise.pow
    pow_ = in_place(elementwise.pow)
    square = elementwise.square
    square_ = in_place(elementwise.square, np.square)
    sqrt = elementwise.sqrt
    sqrt_ = in_place(elementwise.sqrt, np.sqrt)
    rsqrt = elementwise.rsqrt
    rsqrt_ = in_place(elementwise.rsqrt)
    hypot = elementwise.hypot
    hypot_ = in_place(elementwise.hypot)
    exp = elementwise.exp
    exp_ = in_place(elementwise.exp, np.exp)
    exp2 = elementwise.exp2
    exp2_ = in_place(elementwise.exp2)
    expm1 = elementwise.expm1
    expm1_ = in_place(elementwise.expm1)
    log = elementwise.log
    log_ = in_place(elementwise.log)
    log2 = elementwise.log2
    log2_ = in_place(elementwise.log2)
    log10 = elementwise.log10
    log10_ = in_place(elementwise.log10)
    log1p = elementwise.log1p
    log1p_ = in_place(elementwise.log1p)
    logaddexp = elementwise.logaddexp
    xlogy = elementwise.xlogy
    xlogy_ = in_place(elementwise.xlogy)
    sin = elementwise.sin
    sin_ = in_place(elementwise.sin)
    cos = elementwise.cos
    cos_ = in_place(elementwise.cos)
    tan = elementwise.tan
    tan_ = in_place(elementwise.tan)
    asin = elementwise.asin
    asin_ = in_place(elementwise.asin)
    arcsin, arcsin_ = asin, asin_
    acos = elementwise.acos
    acos_ = in_place(elementwise.acos)
    arccos, arccos_ = acos, acos_
    atan = elementwise.atan
    atan_ = in_place(elementwise.atan)
    arctan, arctan_ = atan, atan_
    atan2 = elementwise.atan2
    atan2_ = in_place(elementwise.atan2)
    arctan2, arctan2_ = atan2, atan2_
    deg2rad = elementwise.deg2rad
    deg2rad_ = in_place(elementwise.deg2rad)
    rad2deg = elementwise.rad2deg
    rad2deg_ = in_place(elementwise.rad2deg)
    sinh = elementwise.sinh
    sinh_ = in_place(elementwise.sinh)
    cosh = elementwise.cosh
    cosh_ = in_place(elementwise.cosh)
    tanh = activation.tanh
    tanh_ = in_place(activation.tanh)
    asinh = elementwise.asinh
    asinh_ = in_place(elementwise.asinh)
    arcsinh, arcsinh_ = asinh, asinh_
    acosh = elementwise.acosh
    acosh_ = in_place(elementwise.acosh)
    arccosh, arccosh_ = acosh, acosh_
    atanh = elementwise.atanh
    atanh_ = in_place(elementwise.atanh)
    arctanh, arctanh_ = atanh, atanh_
    erf = elementwise.erf
    erf_ = in_place(elementwise.erf)
    erfinv = elementwise.erfinv
    erfinv_ = in_place(elementwise.erfinv)
    abs = elementwise.abs
    abs_ = in_place(elementwise.abs, np.absolute)
    absolute = elementwise.absolute
    absolute_ = in_place(elementwise.absolute)
    sign = elementwise.sign
    sign_ = in_place(elementwise.sign)
    sgn = elementwise.sgn
    sgn_ = in_place(elementwise.sgn)
    copysign = elementwise.copysign
    copysign_ = in_place(elementwise.copysign)
    floor = elementwise.floor
    floor_ = in_place(elementwise.floor, np.floor)
    ceil = elementwise.ceil
    ceil_ = in_place(elementwise.ceil, np.ceil)
    trunc = elementwise.trunc
    trunc_ = in_place(elementwise.trunc)
    fix = elementwise.fix
    fix_ = in_place(elementwise.fix)
    round = elementwise.round
    round_ = in_place(elementwise.round)
    frac = elementwise.frac
    frac_ = in_place(elementwise.frac)

    # -- comparison, choice and bits ---------------------------------------------------------

    eq = comparison.eq
    eq_ = in_place(comparison.eq)
    ne = comparison.ne
    ne_ = in_place(comparison.ne)
    not_equal, not_equal_ = ne, ne_
    lt = comparison.lt
    lt_ = in_place(comparison.lt)
    less, less_ = lt, lt_
    le = comparison.le
    le_ = in_place(comparison.le)
    less_equal, less_equal_ = le, le_
    gt = comparison.gt
    gt_ = in_place(comparison.gt)
    greater, greater_ = gt, gt_
    ge = comparison.ge
    ge_ = in_place(comparison.ge)
    greater_equal, greater_equal_ = ge, ge_
    isclose = comparison.isclose
    allclose = comparison.allclose
    equal = comparison.equal
    isnan = comparison.isnan
    isinf = comparison.isinf
    isfinite = comparison.isfinite
    logical_and = comparison.logical_and
    logical_and_ = in_place(comparison.logical_and)
    logical_or = comparison.logical_or
    logical_or_ = in_place(comparison.logical_or)
    logical_xor = comparison.logical_xor
    logical_xor_ = in_place(comparison.logical_xor)
    logical_not = comparison.logical_not
    logical_not_ = in_place(comparison.logical_not)
    bitwise_and = comparison.bitwise_and
    bitwise_and_ = in_place(comparison.bitwise_and)
    bitwise_or = comparison.bitwise_or
    bitwise_or_ = in_place(comparison.bitwise_or)
    bitwise_xor = comparison.bitwise_xor
    bitwise_xor_ = in_place(comparison.bitwise_xor)
    bitwise_not = comparison.bitwise_not
    bitwise_not_ = in_place(comparison.bitwise_not)
    bitwise_left_shift = comparison.bitwise_left_shift
    bitwise_left_shift_ = in_place(comparison.bitwise_left_shift)
    bitwise_right_shift = comparison.bitwise_right_shift
    bitwise_right_shift_ = in_place(comparison.bitwise_right_shift)
    relu = activation.relu
    relu_ = in_place(activation.relu)
    sigmoid = activation.sigmoid
    sigmoid_ = in_place(activation.sigmoid)
    prelu = activation.prelu
    maximum = comparison.maximum
    minimum = comparison.minimum
    fmax = comparison.fmax
    fmin = comparison.fmin
    clamp = comparison.clamp
    clamp_ = in_place(comparison.clamp)
    clip = comparison.clip
    clip_ = in_place(comparison.clip)
    clamp_min = comparison.clamp_min
    clamp_min_ = in_place(comparison.clamp_min)
    clamp_max = comparison.clamp_max
    clamp_max_ = in_place(comparison.clamp_max)
    heaviside = comparison.heaviside
    heaviside_ = in_place(comparison.heaviside)
    nan_to_num = comparison.nan_to_num
    nan_to_num_ = in_place(comparison.nan_to_num)

    # -- reduction, accumulation, order ------------------------------------------------------

    sum = reduction.sum
    nansum = reduction.nansum
    mean = reduction.mean
    prod = reduction.prod
    var = reduction.var
    std = reduction.std
    max = reduction.max
    min = reduction.min
    amax = reduction.amax
    amin = reduction.amin
    aminmax = reduction.aminmax
    argmax = reduction.argmax
    argmin = reduction.argmin
    median = reduction.median
    kthvalue = reduction.kthvalue
    topk = reduction.topk
    sort = reduction.sort
    argsort = reduction.argsort
    cummax = reduction.cummax
    cummin = reduction.cummin
    unique = reduction.unique
    all = reduction.all
    any = reduction.any
    count_nonzero = reduction.count_nonzero
    bincount = reduction.bincount
    cumsum = reduction.cumsum
    cumsum_ = in_place(reduction.cumsum)
    cumprod = reduction.cumprod
    cumprod_ = in_place(reduction.cumprod)
    logcumsumexp = reduction.logcumsumexp
    logsumexp = reduction.logsumexp
    softmax = activation.softmax
    log_softmax = activation.log_softmax
    norm = reduction.norm

    # -- linear algebra ----------------------------------------------------------------------

    matmul = linalg.matmul
    mm = linalg.mm
    mv = linalg.mv
    bmm = linalg.bmm
    dot = linalg.dot
    vdot = linalg.vdot
    inner = linalg.inner
    outer = linalg.outer
    addmm = linalg.addmm
    addmm_ = in_place(linalg.addmm)
    addmv = linalg.addmv
    addmv_ = in_place(linalg.addmv)
    baddbmm = linalg.baddbmm
    baddbmm_ = in_place(linalg.baddbmm)
    kron = linalg.kron
    tril = linalg.tril
    tril_ = in_place(linalg.tril)
    triu = linalg.triu
    triu_ = in_place(linalg.triu)
    diagonal = linalg.diagonal
    diag = linalg.diag
    trace = linalg.trace

    # -- arrangement -------------------------------------------------------------------------

    reshape = shapes.reshape
    view = shapes.view
    view_as = shapes.view_as
    reshape_as = shapes.reshape_as
    unsqueeze = shapes.unsqueeze
    unsqueeze_ = metadata_in_place(shapes.unsqueeze)
    squeeze = shapes.squeeze
    squeeze_ = metadata_in_place(shapes.squeeze)
    flatten = shapes.flatten
    unflatten = shapes.unflatten
    ravel = shapes.ravel
    transpose = shapes.transpose
    transpose_ = metadata_in_place(shapes.transpose)
    swapaxes = shapes.swapaxes
    swapaxes_ = metadata_in_place(shapes.swapaxes)
    swapdims = shapes.swapdims
    swapdims_ = metadata_in_place(shapes.swapdims)
    permute = shapes.permute
    movedim = shapes.movedim
    moveaxis = shapes.moveaxis
    t = shapes.t
    t_ = metadata_in_place(shapes.t)
    adjoint = shapes.adjoint
    contiguous = shapes.contiguous
    is_contiguous = shapes.is_contiguous
    stride = shapes.stride
    expand = shapes.expand
    broadcast_to = shapes.broadcast_to
    expand_as = shapes.expand_as
    split = shapes.split
    chunk = shapes.chunk
    tensor_split = shapes.tensor_split
    hsplit = shapes.hsplit
    vsplit = shapes.vsplit
    dsplit = shapes.dsplit
    unbind = shapes.unbind
    narrow = shapes.narrow
    select = shapes.select
    repeat = shapes.repeat
    tile = shapes.tile
    flip = shapes.flip
    fliplr = shapes.fliplr
    flipud = shapes.flipud
    roll = shapes.roll
    rot90 = shapes.rot90
    unfold = shapes.unfold

    # -- indexing ----------------------------------------------------------------------------

    index_put = indexing.index_put
    index_put_ = in_place(indexing.index_put)
    gather = indexing.gather
    scatter = indexing.scatter
    scatter_ = in_place(indexing.scatter)
    scatter_add = indexing.scatter_add
    scatter_add_ = in_place(indexing.scatter_add)
    scatter_reduce = indexing.scatter_reduce
    scatter_reduce_ = in_place(indexing.scatter_reduce)
    index_select = indexing.index_select
    index_add = indexing.index_add
    index_add_ = in_place(indexing.index_add)
    index_copy = indexing.index_copy
    index_copy_ = in_place(indexing.index_copy)
    index_fill = indexing.index_fill
    index_fill_ = in_place(indexing.index_fill)
    masked_fill = indexing.masked_fill
    masked_fill_ = in_place(indexing.masked_fill)
    masked_select = indexing.masked_select
    masked_scatter = indexing.masked_scatter
    masked_scatter_ = in_place(indexing.masked_scatter)
    take = indexing.take
    take_along_dim = indexing.take_along_dim
    repeat_interleave = indexing.repeat_interleave
    nonzero = indexing.nonzero
    argwhere = indexing.argwhere

    # -- random numbers ----------------------------------------------------------------------

    bernoulli = sampling.bernoulli
    multinomial = sampling.multinomial
    uniform_ = filling.uniform_
    normal_ = filling.normal_
    bernoulli_ = filling.bernoulli_
    random_ = filling.random_
    exponential_ = filling.exponential_
    log_normal_ = filling.log_normal_
    geometric_ = filling.geometric_
    cauchy_ = filling.cauchy_

    # -- Python's operators ---------------------------------------------------------------

    __hash__ = object.__hash__
    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem
    __neg__ = elementwise.neg
    __pos__ = elementwise.positive
    __abs__ = elementwise.abs
    __add__ = operator_form(elementwise.add)
    __radd__ = reflected(elementwise.add)
    __iadd__ = operator_form(add_)
    __sub__ = operator_form(elementwise.sub)
    __rsub__ = reflected(elementwise.sub)
    __isub__ = operator_form(sub_)
    __mul__ = operator_form(elementwise.mul)
    __rmul__ = reflected(elementwise.mul)
    __imul__ = operator_form(mul_)
    __truediv__ = operator_form(elementwise.div)
    __rtruediv__ = reflected(elementwise.div)
    __itruediv__ = operator_form(div_)
    __floordiv__ = operator_form(elementwise.floor_divide)
    __rfloordiv__ = reflected(elementwise.floor_divide)
    __ifloordiv__ = operator_form(floor_divide_)
    __mod__ = operator_form(elementwise.remainder)
    __rmod__ = reflected(elementwise.remainder)
    __imod__ = operator_form(remainder_)
    __pow__ = operator_form(elementwise.pow)
    __rpow__ = reflected(elementwise.pow)
    __ipow__ = operator_form(pow_)
    __matmul__ = operator_form(linalg.matmul, ARRAYS)
    __rmatmul__ = reflected(linalg.matmul, ARRAYS)
    __and__ = operator_form(comparison.bitwise_and)
    __rand__ = reflected(comparison.bitwise_and)
    __iand__ = operator_form(bitwise_and_)
    __or__ = operator_form(comparison.bitwise_or)
    __ror__ = reflected(comparison.bitwise_or)
    __ior__ = operator_form(bitwise_or_)
    __xor__ = operator_form(comparison.bitwise_xor)
    __rxor__ = reflected(comparison.bitwise_xor)
    __ixor__ = operator_form(bitwise_xor_)
    __lshift__ = operator_form(comparison.bitwise_left_shift)
    __rlshift__ = reflected(comparison.bitwise_left_shift)
    __ilshift__ = operator_form(bitwise_left_shift_)
    __rshift__ = operator_form(comparison.bitwise_right_shift)
    __rrshift__ = reflected(comparison.bitwise_right_shift)
    __irshift__ = operator_form(bitwise_right_shift_)
    __eq__ = operator_form(comparison.eq)
    __ne__ = operator_form(comparison.ne)
    __lt__ = operator_form(comparison.lt)
    __le__ = operator_form(comparison.le)
    __gt__ = operator_form(comparison.gt)
    __ge__ = operator_form(comparison.ge)

    # -- what needs a word of its own -----------------------------------------------------

    T = property(shapes.numpy_transpose)
    mT = property(shapes.matrix_transpose)  # noqa: N815 - PyTorch's name
    mH = property(shapes.matrix_transpose)  # noqa: N815

    @property
    def H(self) -> Tensor:
        """The transpose of a matrix; only a matrix, or a tensor without dimensions, has one."""
        if self.array.ndim not in (0, 2):
            raise RuntimeError(
                "tensor.H is only supported on matrices (2-D tensors). Got "
                f"{self.array.ndim}-D tensor; use .mT for batches of matrices"
            )
        return shapes.matrix_transpose(self)

    @property
    def real(self) -> Tensor:
        """The tensor itself: it has no imaginary part."""
        return self

    def __invert__(self) -> Tensor:
        if self.array.dtype.kind == "f":
            raise TypeError(
                "~ (operator.invert) is only implemented on integer and Boolean-type tensors, got "
                f"{self.dtype}"
            )
        return comparison.bitwise_not(self)

    def where(self, condition: Any, other: Any) -> Tensor:
        """The elements of this tensor where `condition` holds, those of `other` elsewhere."""
        return comparison.where(condition, self, other)


def _rebuild(
    kind: type[Tensor], array: Array, requires_grad: bool, attributes: dict[str, Any]
) -> Any:
    """A leaf of that class around `array`: what pickle calls."""
    tensor = _new(kind)
    tensor.array = array
    tensor._requires_grad = requires_grad
    tensor.__dict__.update(attributes)
    return tensor


def _from_legacy_arguments(data: tuple[Any, ...], device: Any) -> Tensor:
    """The tensor that `Tensor(*data)` stands for."""
    dtype = dtypes.get_default_dtype()
    if not data:
        return creation.empty(0, device=device)
    first = data[0]
    if len(data) > 1 or isinstance(first, (Size, int, np.integer)):
        return creation.empty(*data, device=device)
    if isinstance(first, Variable):
        check_device(device)
        return shapes.view(cast(Tensor, first), first.array.shape)
    if first is None or isinstance(first, (float, np.generic)):
        raise TypeError(f"Tensor(): data must be a sequence (got {type(first).__name__})")
    return creation.tensor(first, dtype=dtype, device=device)


set_tensor_type(Tensor)
