"""The layers, a file per family."""

from . import module as module
from .activation import Sigmoid
from .container import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from .flatten import Flatten
from .linear import Identity, Linear
from .loss import MSELoss

__all__ = [
    "Flatten",
    "Identity",
    "Linear",
    "MSELoss",
    "ModuleDict",
    "ModuleList",
    "ParameterDict",
    "ParameterList",
    "Sequential",
    "Sigmoid",
]
