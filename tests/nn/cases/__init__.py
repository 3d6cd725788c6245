"""One table of the layers and functions of `nn`, which drives the tests of all of them.

A family's cases stand in the file called as its layers' in `minitorch/nn/modules/`. Every public
layer and function needs some: a test says so where one has none.
"""

from tests.nn.cases import activation, container, dropout, flatten, linear, loss
from tests.nn.cases.case import Case, Refused

FAMILIES = (activation, container, dropout, flatten, linear, loss)

CASES: list[Case] = [case for family in FAMILIES for case in family.CASES]
REFUSED: list[Refused] = [case for family in FAMILIES for case in getattr(family, "REFUSED", ())]
