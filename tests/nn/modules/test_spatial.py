"""Windows over the last dimensions of an array."""

import numpy as np
import pytest

from minitorch.nn.modules.spatial import per_dimension, window_count, window_view


def test_a_number_stands_for_every_dimension():
    assert per_dimension(3, 2) == (3, 3)
    assert per_dimension((1, 2), 2) == (1, 2)
    assert per_dimension([1, 2], 2) == (1, 2)
    assert per_dimension(np.array([1, 2]), 2) == (1, 2)


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_windows_by_counting(kernel, stride, dilation):
    line = np.arange(9)
    starts = [i for i in range(0, 9, stride) if i + dilation * (kernel - 1) < 9]
    expected = [[i + dilation * j for j in range(kernel)] for i in starts]
    assert window_view(line, (kernel,), (stride,), (dilation,)).tolist() == expected
    assert window_count(9, kernel, stride, 0, dilation) == len(starts)


def test_windows_over_two_dimensions():
    image = np.arange(24).reshape(2, 3, 4)
    found = window_view(image, (2, 2), (1, 2), (1, 1))
    assert found.shape == (2, 2, 2, 2, 2)
    assert found[1, 1, 1].tolist() == [[18, 19], [22, 23]]
    assert not found.flags.writeable


def test_ceil_mode_drops_a_window_that_begins_in_the_padding():
    assert window_count(4, 2, 3, 0, 1) == 1
    assert window_count(4, 2, 3, 0, 1, ceil_mode=True) == 2
    assert window_count(3, 2, 3, 1, 1, ceil_mode=True) == 2
    assert window_count(3, 1, 4, 1, 1, ceil_mode=True) == 1  # 0 or 4, and 4 is padding
