"""What belongs to no layer: the loading of data."""

from . import data

__all__ = ["data"]
