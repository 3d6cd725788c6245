"""Pooling: the largest or the mean number of each window that slides over the last dimensions.

The layers are in `max_pool.py` and `avg_pool.py`, what they compute with arrays in `maxima.py` and
`means.py`.
"""

from .avg_pool import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
)
from .avg_pool import _AdaptiveAvgPoolNd as _AdaptiveAvgPoolNd
from .avg_pool import _AvgPoolNd as _AvgPoolNd
from .avg_pool import _LPPoolNd as _LPPoolNd
from .max_pool import (
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
)
from .max_pool import _AdaptiveMaxPoolNd as _AdaptiveMaxPoolNd
from .max_pool import _MaxPoolNd as _MaxPoolNd
from .max_pool import _MaxUnpoolNd as _MaxUnpoolNd

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]
