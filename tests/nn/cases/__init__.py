"""One table of the layers and functions of `nn`, which drives the tests of all of them.

A family's cases stand in the file called as its layers' in `minitorch/nn/modules/`. Every public
layer and function needs some: a test says so where one has none.
"""

from tests.nn.cases import (
    activation,
    attention,
    batchnorm,
    container,
    conv,
    distance,
    dropout,
    flatten,
    fold,
    instancenorm,
    linear,
    loss,
    normalization,
    padding,
    pixelshuffle,
    pooling,
    rnn,
    sparse,
    transformer,
    upsampling,
)
from tests.nn.cases.case import Arguments, Case, Refused

FAMILIES = (
    activation,
    attention,
    batchnorm,
    container,
    conv,
    distance,
    dropout,
    flatten,
    fold,
    instancenorm,
    linear,
    loss,
    normalization,
    padding,
    pixelshuffle,
    pooling,
    rnn,
    sparse,
    transformer,
    upsampling,
)

CASES: list[Case] = [case for family in FAMILIES for case in family.CASES]
REFUSED: list[Refused] = [case for family in FAMILIES for case in getattr(family, "REFUSED", ())]
# Layers that are only bases or hold others, with the arguments that make them.
WITHOUT_FORWARD: dict[str, Arguments] = {
    name: made
    for family in FAMILIES
    for name, made in getattr(family, "WITHOUT_FORWARD", {}).items()
}
