"""PyTorch's module API in pure NumPy, every layer's forward and backward side by side."""

from math import e, inf, nan, pi

from . import accelerator, autograd, backends, cuda, memory, ops
from .autograd.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .backends import are_deterministic_algorithms_enabled, use_deterministic_algorithms
from .device import device
from .dtypes import (
    bool,
    can_cast,
    double,
    dtype,
    finfo,
    float,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    iinfo,
    int,
    int8,
    int16,
    int32,
    int64,
    is_floating_point,
    long,
    promote_types,
    result_type,
    set_default_dtype,
    short,
    uint8,
    uint16,
    uint32,
    uint64,
)
from .formatting import set_printoptions
from .memory_formats import (
    channels_last,
    channels_last_3d,
    contiguous_format,
    memory_format,
    preserve_format,
)
from .size import Size
from .tensor import Tensor

# isort: split
# After the module `tensor`, which would otherwise take the place of the function.
from . import nn, optim, random, utils
from .nn.functional import sigmoid
from .nn.modules.dropout import alpha_dropout, dropout, feature_alpha_dropout, feature_dropout
from .ops import *  # noqa: F403 - what ops lists in its __all__
from .random import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)

__all__ = [
    "Generator",
    "Size",
    "Tensor",
    "accelerator",
    "alpha_dropout",
    "are_deterministic_algorithms_enabled",
    "autograd",
    "backends",
    "bool",
    "can_cast",
    "channels_last",
    "channels_last_3d",
    "contiguous_format",
    "cuda",
    "default_generator",
    "device",
    "double",
    "dropout",
    "dtype",
    "e",
    "enable_grad",
    "feature_alpha_dropout",
    "feature_dropout",
    "finfo",
    "float",
    "float16",
    "float32",
    "float64",
    "get_default_dtype",
    "get_rng_state",
    "half",
    "iinfo",
    "inf",
    "inference_mode",
    "initial_seed",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_floating_point",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "long",
    "manual_seed",
    "memory_format",
    "nan",
    "newaxis",
    "nn",
    "no_grad",
    "optim",
    "pi",
    "preserve_format",
    "promote_types",
    "random",
    "result_type",
    "seed",
    "set_default_dtype",
    "set_grad_enabled",
    "set_printoptions",
    "set_rng_state",
    "short",
    "sigmoid",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "use_deterministic_algorithms",
    "utils",
]  # fmt: skip
__all__ += ops.__all__

newaxis = None  # a new dimension in an index, as NumPy writes it

memory.keep_freed_memory()
