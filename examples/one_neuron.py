"""Teach a single neuron one step, then a network of three.

A neuron multiplies its inputs by weights, sums, and takes the sigmoid. The error it makes, times
the slope of the sigmoid, times an input, times the learning rate is the change of that input's
weight: the first few numbers below. Nothing else is needed for a network; backpropagation only
tells each hidden neuron its share of the error.

With `--by-hand` NumPy arrays go in and we go back ourselves. Without the flag it runs under
PyTorch too: change the two imports to `import torch` and `from torch import nn, optim`.
"""

import argparse

import numpy as np

import minitorch as torch
from minitorch import nn, optim

LEARNING_RATE = 0.5


def sigmoid_network(*matrices):
    """Layers of sigmoid neurons without biases; each matrix has a row per input."""
    layers = []
    for matrix in matrices:
        weight = torch.tensor(matrix, dtype=torch.float64).T  # Linear keeps a row per output
        sums = nn.Linear(weight.shape[1], weight.shape[0], bias=False, dtype=torch.float64)
        with torch.no_grad():
            sums.weight.copy_(weight)
        layers += [sums, nn.Sigmoid()]
    return nn.Sequential(*layers)


def build_neuron():
    return sigmoid_network([[0.5], [-0.5], [0.3], [0.1]])


def build_network():
    return sigmoid_network([[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]], [[0.1], [-0.3]])


def backpropagate(model, criterion, x, target):
    """Leave its gradient at every weight, with Tensors; return the output."""
    output = model(x)
    # Half, because the mean squared error has the derivative 2(y - t), while the textbook error
    # t - y belongs to ½(t - y)².
    loss = criterion(output, target) / 2
    loss.backward()
    return output


def backpropagate_by_hand(model, criterion, x, target):
    """Leave its gradient at every weight, with arrays; return the output."""
    output = model(x)
    criterion(output, target)
    model.backward(criterion.backward(0.5))  # the same half
    return output


def learn(model, x, target, by_hand=False):
    """Take one step; return the output before it and the change of each weight matrix."""
    x, target = np.array([x]), np.array([[target]])  # a batch of one
    go_back = backpropagate_by_hand
    if not by_hand:
        x, target = torch.tensor(x), torch.tensor(target)
        go_back = backpropagate
    before = [weight.detach().clone() for weight in model.parameters()]
    optimizer = optim.SGD(model.parameters(), lr=LEARNING_RATE)
    output = go_back(model, nn.MSELoss(), x, target)
    optimizer.step()
    changes = [
        (weight.detach() - old).T.numpy()
        for weight, old in zip(model.parameters(), before, strict=True)
    ]
    return output.item(), changes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--by-hand", action="store_true", help="go back with NumPy arrays")
    by_hand = parser.parse_args().by_hand

    output, (change,) = learn(build_neuron(), [1.0, 2.0, 3.0, 4.0], 0.5, by_hand)
    print("one neuron")
    print(f"  output: {output:.12f}")
    print(f"  error, target minus output: {0.5 - output:.12f}")
    print(f"  weights move by {change.ravel()}")

    output, changes = learn(build_network(), [0.5, 0.1, -0.2], 0.6, by_hand)
    print("three neurons in two layers")
    print(f"  output: {output:.12f}")
    print(f"  error, target minus output: {0.6 - output:.12f}")
    print(f"  weights between hidden neurons and output move by {changes[1].ravel()}")
    print("  weights between inputs (rows) and hidden neurons (columns) move by")
    print(changes[0])


if __name__ == "__main__":
    main()
