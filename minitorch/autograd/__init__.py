"""The pair, the recorded graph, and backward.

Read in this order: `variable` (a tensor's place in the graph), `node` (a recorded call),
`engine` (the walk back), `operator` (a stateless pair), then a module's: `record` (one call),
`calls` (making one, going back through it), `pair` (which forward belongs to which backward) and
`chain` (the short path).
"""

from .engine import backward, grad
from .function import Function
from .grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .gradcheck import GradcheckError, gradcheck, gradgradcheck
from .variable import Variable

__all__ = [
    "Function",
    "GradcheckError",
    "Variable",
    "backward",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]
