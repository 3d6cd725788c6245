"""Losses: how far an output is from its target.

`difference.py` has the losses of a difference, `MSELoss` among them, `probability.py` those of
probabilities, `classes.py` those of the scores of classes, `pairs.py` those of two inputs;
`base.py` has what all share.
"""

from .base import _Loss as _Loss
from .base import _WeightedLoss as _WeightedLoss
from .base import check_reduction as check_reduction
from .base import reduction_of as reduction_of
from .classes import CrossEntropyLoss, NLLLoss
from .difference import HuberLoss, L1Loss, MSELoss, SmoothL1Loss
from .pairs import CosineEmbeddingLoss, MarginRankingLoss
from .probability import BCELoss, BCEWithLogitsLoss, KLDivLoss

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "NLLLoss",
    "SmoothL1Loss",
]
