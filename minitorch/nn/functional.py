"""The layers as functions of their inputs and weights; each runs its module's own pair.

Arrays in, arrays out; with a Tensor among the arguments the result is a Tensor. The functions of a
family stand in `minitorch/nn/functions/`, in the file called as its layers' in
`minitorch/nn/modules/`.
"""

from .functions.activation import sigmoid
from .functions.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from .functions.linear import linear
from .functions.loss import mse_loss

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "linear",
    "mse_loss",
    "sigmoid",
]
