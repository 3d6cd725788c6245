"""Dropout: layers that leave out a random part of their input in training."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ... import streams
from ...autograd.calls import as_argument
from ...autograd.variable import Array, Variable, wrap
from ...ops.layout import dense_like
from ...ops.promotion import constant
from ...quiet import quiet
from ...random import default_generator
from ..module import Module
from ..stateless import run, stateless
from .checks import check_array

_SATURATION = 1.7580993408473766  # λα: the SELU of very negative numbers is -λα


class _Masking(Module):
    """The family's pair: y = x ∘ m + c with a random mask m and shift c; dL/dx = dL/dy ∘ m.

    Attributes:
        p: the probability of being left out.
        inplace: write the output over the input.
        has_inplace: whether `inplace` has an effect.
        features: draw one number of the mask for each feature map, not for each element.
    """

    differentiable_backward = True

    p: float
    inplace: bool
    has_inplace: bool = True
    features: bool = False

    @property
    def obeys_inplace(self) -> bool:  # type: ignore[override]
        """Whether there is anything to write over the input."""
        return self.has_inplace and self.training and self.p != 0

    def forward(self, input: Any) -> Any:
        if self._passes(input):
            self.save_for_backward(None)
            return input
        output = dense_like(input)
        mask, shift = self._draw(input)
        # As a Tensor, since an array that is neither input nor output counts as computed from
        # them, and `create_graph=True` could not go past it. The mask is a constant.
        self.save_for_backward(wrap(mask))
        quiet.run(np.multiply, input, mask, output)
        if shift is not None:
            quiet.run(np.add, output, shift, output)
        return output

    def backward(self, grad_output: Any) -> Any:
        (mask,) = self.saved_tensors
        return grad_output if mask is None else grad_output * mask.array

    def _passes(self, input: Array) -> bool:
        """Whether the input passes unchanged, and nothing is drawn."""
        return not self.training or self.p == 0 or input.size == 0

    def _draw(self, input: Array) -> tuple[Array, Array | None]:
        """The mask, and what is added where that is not 0.

        Raises:
            RuntimeError: the mask is not one of whole numbers, but the input is.
        """
        dtype, p = input.dtype, float(self.p)
        if p == 1:
            return constant(0.0, dtype), None
        if dtype.kind != "f":
            raise RuntimeError(
                f"{type(self).__name__} multiplies by fractions, whose result cannot be of the "
                f"input's dtype {dtype}: convert the input with .float()"
            )
        mask = self._empty_mask(input)
        kept = streams.bernoulli(default_generator, mask.size, 1 - p)
        return mask, self._fill(mask, kept, p)

    def _fill(self, mask: Array, kept: Array, p: float) -> Array | None:
        """Write 0 or 1 / (1 - p) into the mask, in the order of its memory."""
        # Half precision is divided in single precision, as in PyTorch.
        kept_share = constant(1 - p, np.promote_types(mask.dtype, np.float32))
        quiet.run(np.divide, kept, kept_share, mask.ravel("K"))  # a view: the mask is dense
        return None

    def _empty_mask(self, input: Array) -> Array:
        """An uninitialised mask: one number for each element, or for each feature map.

        Raises:
            RuntimeError: the input has too few dimensions for samples and channels.
        """
        if not self.features:
            return dense_like(input)
        leading, shape = self._leading(input.ndim), input.shape
        if input.ndim < leading:
            raise RuntimeError(
                f"{type(self).__name__} masks whole channels and expected an input of at least "
                f"{leading} dimensions, got shape {list(shape)}"
            )
        return np.empty((*shape[:leading], *(1,) * (input.ndim - leading)), input.dtype)

    def _leading(self, ndim: int) -> int:
        """How many of an input's dimensions number its feature maps: samples and channels."""
        return 2


class _DropoutNd(_Masking):
    """What the layers share: their arguments, and what becomes of the Tensors they are given.

    A Tensor that passes unchanged is returned itself. A forward on arrays could not do so, so this
    one stands before it, transparent as a container.
    """

    transparent = True
    not_an_array: type[Exception] = TypeError  # the error for an input that is none

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(p)
        self.p = p
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        array = as_argument(input)
        check_array(self, array, error=self.not_an_array)
        check_probability(self.p)
        self._check_dimensions(array.ndim)
        if not isinstance(input, Variable):
            return super().forward(input)
        return input if self._passes(array) else super().forward(input)

    def backward(self, grad_output: Any) -> Any:
        return super().backward(grad_output)

    def _check_dimensions(self, ndim: int) -> None:
        """Refuse an input of the wrong number of dimensions, or warn of it."""

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


def check_probability(p: float, error: type[Exception] = ValueError) -> None:
    """Refuse what is no probability.

    Raises:
        ValueError: it is less than 0 or greater than 1; or the `error` that is given.
    """
    if not 0 <= p <= 1:
        raise error(f"the probability of dropout must be from 0 to 1, but got p={p}")


class Dropout(_DropoutNd):
    r"""Sets each element to 0 with probability p and scales up the others: y = x ∘ m / (1 - p).

    The mask m is drawn anew at each call: each element is 1 with probability 1 - p, otherwise 0.
    Scaling keeps the expected value of the input, so that in evaluation mode (`layer.eval()`)
    the layer does nothing: it returns its input itself. With p = 1 everything is multiplied by 0,
    and no number is drawn.

    Shapes: input and output (*), any shape; the dtype stays. The numbers of the mask are drawn in
    the order in which the input's elements lie in memory.

    Args:
        p: the probability of being set to 0. Default: 0.5.
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        ValueError: `p` is not from 0 to 1.
        TypeError: the input is neither an array nor a Tensor.
        RuntimeError: the input is not floating point and 0 < p < 1; or with `inplace`, it is a
            leaf that requires a gradient, an expanded Tensor or a read-only array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> _ = minitorch.manual_seed(0)
        >>> layer = nn.Dropout(0.2)
        >>> layer(minitorch.ones(5))
        tensor([0.0000, 1.2500, 1.2500, 0.0000, 1.2500])
        >>> layer.eval()(minitorch.ones(5))
        tensor([1., 1., 1., 1., 1.])

    Source: Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting
    (2014).
    """


class _Alpha(_DropoutNd):
    """Dropout whose left-out elements get the value at which a SELU saturates, not 0."""

    has_inplace = False

    def _fill(self, mask: Array, kept: Array, p: float) -> Array | None:
        """Write what makes of x either a x + b, where it is kept, or a α' + b, with α' = -λα."""
        shift = np.empty_like(mask)
        quiet.run(_fill_alpha, mask.ravel("K"), shift.ravel("K"), kept, p)
        return shift


def _fill_alpha(mask: Array, shift: Array, kept: Array, p: float) -> None:
    a = 1 / math.sqrt((1 - p) * (1 + p * _SATURATION**2))
    dtype = mask.dtype
    mask[...] = kept
    np.subtract(mask, constant(1.0, dtype), shift)
    shift *= constant(a * _SATURATION, dtype)
    shift += constant(a * _SATURATION * p, dtype)  # b
    mask *= constant(a, dtype)


class AlphaDropout(_Alpha):
    r"""Dropout that keeps mean 0 and variance 1, for networks of SELUs.

    y = a (x ∘ m + α' (1 - m)) + b: what is left out gets α' = -λα ≈ -1.7581, the value at which
    a SELU saturates. An input of mean 0 and variance 1 has these afterwards too, with
    a = ((1 - p) (1 + p α'²))^(-1/2) and b = -a p α'.

    In evaluation mode the layer returns its input itself. With p = 1 everything is multiplied by
    0, and no number is drawn.

    Shapes: input and output (*), any shape; the dtype stays. The mask m is drawn as in `Dropout`.

    Args:
        p: the probability of being left out. Default: 0.5.
        inplace: without effect, as in PyTorch; `functional.alpha_dropout` obeys it.

    Raises:
        ValueError: `p` is not from 0 to 1.
        TypeError: the input is neither an array nor a Tensor.
        RuntimeError: the input is not floating point and 0 < p < 1.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> _ = minitorch.manual_seed(0)
        >>> nn.AlphaDropout(0.2)(minitorch.zeros(5))
        tensor([-1.2362,  0.3090,  0.3090, -1.2362,  0.3090])

    Source: Klambauer et al., Self-normalizing neural networks (2017).
    """


class _FeatureDropout(_DropoutNd):
    """Dropout of whole feature maps: all elements of one have the same number of the mask."""

    features = True


class Dropout1d(_FeatureDropout):
    r"""Sets whole channels to 0 with probability p and scales up the others by 1 / (1 - p).

    Neighbours in a feature map resemble each other; where single elements are left out, they
    tell what was there. In evaluation mode the layer returns its input itself.

    Shapes: input and output (N, C, L) or (C, L); the dtype stays. The mask has one number for
    each of the N · C feature maps, drawn in this order.

    Args:
        p: the probability of being set to 0. Default: 0.5.
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        ValueError: `p` is not from 0 to 1.
        AttributeError: the input is neither an array nor a Tensor.
        RuntimeError: the input has not 2 or 3 dimensions; or as `Dropout`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> _ = minitorch.manual_seed(0)
        >>> nn.Dropout1d(0.2)(minitorch.ones(5, 3))
        tensor([[0.0000, 0.0000, 0.0000],
                [1.2500, 1.2500, 1.2500],
                [1.2500, 1.2500, 1.2500],
                [0.0000, 0.0000, 0.0000],
                [1.2500, 1.2500, 1.2500]])

    Source: Tompson et al., Efficient object localization using convolutional networks (2015).
    """

    not_an_array = AttributeError

    def _check_dimensions(self, ndim: int) -> None:
        if ndim not in (2, 3):
            raise RuntimeError(
                f"Dropout1d expected an input of 2 or 3 dimensions, (C, L) or (N, C, L), got one "
                f"of {ndim}"
            )

    def _leading(self, ndim: int) -> int:
        return 2 if ndim == 3 else 1


class Dropout2d(_FeatureDropout):
    r"""Sets whole channels to 0 with probability p, as `Dropout1d`, in images.

    Shapes: input and output (N, C, H, W); the dtype stays. An input of three dimensions is taken
    for (N, C, L), with a warning. The mask has one number for each of the N · C feature maps.

    Args:
        p: the probability of being set to 0. Default: 0.5.
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        ValueError: `p` is not from 0 to 1.
        AttributeError: the input is neither an array nor a Tensor.
        RuntimeError: the input has fewer than 2 dimensions; or as `Dropout`.

    Warns:
        UserWarning: the input has not 4 dimensions.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> _ = minitorch.manual_seed(0)
        >>> nn.Dropout2d(0.2)(minitorch.ones(1, 5, 2, 2)).sum((2, 3))
        tensor([[0., 5., 5., 0., 5.]])

    Source: Tompson et al., Efficient object localization using convolutional networks (2015).
    """

    not_an_array = AttributeError

    def _check_dimensions(self, ndim: int) -> None:
        if ndim == 3:
            warnings.warn(
                "Dropout2d takes an input of 3 dimensions for (N, C, L), not for an image "
                "(C, H, W) without a batch: for (N, C, L) use Dropout1d, for an image add a "
                "dimension with .unsqueeze(0)",
                stacklevel=2,
            )
        elif ndim != 4:
            _warn_of_dimensions("Dropout2d", ndim, "(N, C, H, W)")


class Dropout3d(_FeatureDropout):
    r"""Sets whole channels to 0 with probability p, as `Dropout1d`, in volumes.

    Shapes: input and output (N, C, D, H, W) or (C, D, H, W); the dtype stays. The mask has one
    number for each of the N · C feature maps.

    Args:
        p: the probability of being set to 0. Default: 0.5.
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        ValueError: `p` is not from 0 to 1.
        AttributeError: the input is neither an array nor a Tensor.
        RuntimeError: the input has no dimensions; or as `Dropout`.

    Warns:
        UserWarning: the input has not 4 or 5 dimensions; the first is then taken for C.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> _ = minitorch.manual_seed(0)
        >>> nn.Dropout3d(0.2)(minitorch.ones(1, 5, 2, 2, 2)).sum((2, 3, 4))
        tensor([[ 0., 10., 10.,  0., 10.]])

    Source: Tompson et al., Efficient object localization using convolutional networks (2015).
    """

    not_an_array = AttributeError

    def _check_dimensions(self, ndim: int) -> None:
        if ndim not in (4, 5):
            _warn_of_dimensions("Dropout3d", ndim, "(C, D, H, W) or (N, C, D, H, W)")

    def _leading(self, ndim: int) -> int:
        return 2 if ndim == 5 else 1


def _warn_of_dimensions(layer: str, ndim: int, expected: str) -> None:
    warnings.warn(
        f"{layer} expected an input {expected}, got one of {ndim} dimensions, which will be an "
        "error in a future release of PyTorch; Dropout takes any shape",
        stacklevel=3,
    )


class FeatureAlphaDropout(_Alpha, _FeatureDropout):
    r"""`AlphaDropout` of whole channels.

    y = a (x ∘ m + α' (1 - m)) + b, with one number of the mask m for each feature map.

    Shapes: input and output (N, C, *); the dtype stays.

    Args:
        p: the probability of being left out. Default: 0.5.
        inplace: without effect, as in PyTorch; `functional.feature_alpha_dropout` obeys it.

    Raises:
        ValueError: `p` is not from 0 to 1.
        TypeError: the input is neither an array nor a Tensor.
        RuntimeError: the input has fewer than 2 dimensions; or as `AlphaDropout`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> _ = minitorch.manual_seed(0)
        >>> nn.FeatureAlphaDropout(0.2)(minitorch.zeros(1, 5, 2)).mean(2)
        tensor([[-1.2362,  0.3090,  0.3090, -1.2362,  0.3090]])

    Source: Klambauer et al., Self-normalizing neural networks (2017); Tompson et al., Efficient
    object localization using convolutional networks (2015).
    """


# -- functions in PyTorch's own namespace -------------------------------------------------


def dropout(input: Any, p: float, train: bool) -> Any:
    """`minitorch.nn.functional.dropout` without defaults.

    Raises:
        RuntimeError: `p` is not from 0 to 1; or as `minitorch.nn.Dropout`.
        TypeError: the input is neither an array nor a Tensor, or `train` is no bool.

    Example:
        >>> import minitorch
        >>> minitorch.dropout(minitorch.ones(2), 1.0, True)
        tensor([0., 0.])
    """
    return drop(Dropout, input, p, train, error=RuntimeError)


def alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """`minitorch.nn.functional.alpha_dropout` without defaults; errors as `minitorch.dropout`.

    Example:
        >>> import minitorch
        >>> minitorch.alpha_dropout(minitorch.ones(2), 0.5, False)
        tensor([1., 1.])
    """
    return drop(AlphaDropout, input, p, train, error=RuntimeError)


def feature_dropout(input: Any, p: float, train: bool) -> Any:
    """Dropout of whole channels, (N, C, *); errors as `minitorch.dropout`.

    `minitorch.nn.Dropout2d` without its warnings.

    Raises:
        RuntimeError: the input has fewer than 2 dimensions.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.feature_dropout(minitorch.ones(1, 5, 2), 0.2, True).mean(2)
        tensor([[0.0000, 1.2500, 1.2500, 0.0000, 1.2500]])
    """
    return drop(_FeatureDropout, input, p, train, error=RuntimeError)


def feature_alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """`minitorch.nn.functional.feature_alpha_dropout` without defaults; errors as there.

    Example:
        >>> import minitorch
        >>> minitorch.feature_alpha_dropout(minitorch.ones(1, 2), 1.0, True)
        tensor([[0., 0.]])
    """
    return drop(FeatureAlphaDropout, input, p, train, error=RuntimeError)


def drop(
    layer: type[Module],
    input: Any,
    p: float,
    training: bool,
    inplace: bool = False,
    error: type[Exception] = ValueError,
) -> Any:
    """Run a layer of the family once, without a module that is kept.

    Args:
        layer: its class.
        input: what is masked.
        p: the probability of being left out.
        training: False returns the input itself.
        inplace: write the output over the input; here all layers obey it.
        error: what to raise if `p` is no probability.

    Raises:
        TypeError: `training` is no bool.
    """
    if type(training) is not bool:
        raise TypeError(
            f"dropout: training must be True or False, not {training!r} of {type(training)}"
        )
    check_probability(p, error)
    module = stateless(layer, p=p, training=training, inplace=inplace, has_inplace=True)
    return run(module, input)
