"""Networks put together at random from every kind of module, against central differences.

What the single tests show of one rule at a time holds for the rules together: written, derived,
re-paired and transparent modules inside one another, shared between places, in both modes.
"""

import zlib

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import DerivedScale, Scale, check_gradients, linear64

SIZE = 2


class Sine(nn.Module):
    def forward(self, input):
        self.save_for_backward(input)
        return np.sin(input)

    def backward(self, grad_output):
        (input,) = self.saved_tensors
        return grad_output * np.cos(input)


class DerivedSine(nn.Module):
    def forward(self, input):
        return input.sin()


class Repaired(DerivedSine):
    def backward(self, grad_output):
        return super().backward(grad_output)


class SineOfTwice(Sine):
    def forward(self, input):
        return super().forward(input * 2)

    def backward(self, grad_output):
        return super().backward(grad_output) * 2


class PlusItself(Sine):
    def forward(self, input):
        return super().forward(input) + input


class Pair(nn.Module):
    """What modules of two children share."""

    def __init__(self, left, right):
        super().__init__()
        self.left, self.right = left, right
        self.shift = nn.Parameter(minitorch.zeros(SIZE, dtype=minitorch.float64))


class WrittenProduct(Pair):
    def forward(self, input):
        left, right = self.left(input), self.right(input + self.shift.array)
        self.save_for_backward(left, right, self.shift)
        return left * right

    def backward(self, grad_output):
        left, right, shift = self.saved_tensors
        grad = self.right.backward(grad_output * left)
        shift.accumulate_grad(grad)
        return grad + self.left.backward(grad_output * right)


class WrittenChain(Pair):
    def forward(self, input):
        self.save_for_backward(self.shift)
        return self.right(self.left(input) + self.shift.array) + input

    def backward(self, grad_output):
        (shift,) = self.saved_tensors
        grad = self.right.backward(grad_output)
        shift.accumulate_grad(grad)
        return self.left.backward(grad) + grad_output


class DerivedProduct(Pair):
    def forward(self, input):
        return self.left(input) * self.right(input + self.shift)


class RepairedProduct(DerivedProduct):
    def backward(self, grad_output):
        return super().backward(grad_output)


class SuperProduct(WrittenProduct):
    def forward(self, input):
        self.save_for_backward(input)
        return super().forward(np.sin(input))

    def backward(self, grad_output):
        (input,) = self.saved_tensors
        return super().backward(grad_output) * np.cos(input)


class Residual(nn.Module):
    transparent = True

    def __init__(self, left, right):
        super().__init__()
        self.inner = nn.Sequential(left, right)

    def forward(self, input):
        return input + self.inner(input)

    def backward(self, grad_output):
        return grad_output + self.inner.backward(grad_output)


LEAVES = [
    Sine,
    DerivedSine,
    Repaired,
    SineOfTwice,
    PlusItself,
    nn.Sigmoid,
    nn.Identity,
    lambda: Scale(0.5, -0.7),
    lambda: DerivedScale(-0.4, 0.8),
    lambda: linear64(SIZE, SIZE),
]
BRANCHES = [
    nn.Sequential,
    WrittenProduct,
    WrittenChain,
    DerivedProduct,
    RepairedProduct,
    SuperProduct,
    Residual,
]


def network(rng, depth, pool):
    """A module of random structure; some of its children are modules that are there already."""
    if pool and rng.random() < 0.25:
        return pool[rng.integers(len(pool))]
    if depth == 0 or rng.random() < 0.2:
        module = LEAVES[rng.integers(len(LEAVES))]()
    else:
        branch = BRANCHES[rng.integers(len(BRANCHES))]
        module = branch(network(rng, depth - 1, pool), network(rng, depth - 1, pool))
    pool.append(module)
    return module


@pytest.mark.parametrize("number", range(60))
def test_a_random_network_has_right_gradients_in_both_modes(number):
    rng = np.random.default_rng(zlib.crc32(b"network %d" % number))
    pool = []
    model = network(rng, 4, pool)
    while len(pool) < 4:
        model = network(rng, 4, pool)
    print(model)
    check_gradients(rng, model, rng.standard_normal((2, SIZE)))
