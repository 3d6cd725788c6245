"""Optimizers: they change parameters by what is in `.grad`."""

from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Optimizer"]
