"""Modules: layers, losses and containers, under PyTorch's names."""

from . import functional, init, modules, utils
from .hooks import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from .module import Module
from .modules import *  # noqa: F403 - the layers, as modules lists them
from .parameter import Buffer, Parameter

__all__ = ["Buffer", "Module", "Parameter", "functional", "init", "modules", "utils"]
__all__ += [
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
]
__all__ += modules.__all__
