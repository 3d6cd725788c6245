"""The functions of `minitorch.nn.functional`, a file per family."""

from .. import modules as modules  # before any function: some layers are made of functions
