"""Write the layers of a small network yourself, each with its forward and its backward.

A layer is a pair of methods on NumPy arrays: `forward` turns inputs into outputs, and `backward`
turns the gradient of the loss by the outputs into the gradient by the inputs. What `backward` will
need, `forward` saves for it. Written once, the pair serves both ways of training: autograd calls
`backward` for us, or with `--by-hand` we call it ourselves.

PyTorch has no such modules, so this script needs minitorch.
"""

import argparse

import numpy as np

import minitorch
from minitorch import nn, optim

FEATURES = [[0.5, 0.1, -0.2]]  # one sample
TARGET = [[0.6]]
INPUT_TO_HIDDEN = [[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]]  # a row per input
HIDDEN_TO_OUTPUT = [[0.1], [-0.3]]
LEARNING_RATE = 0.5


class WeightedSums(nn.Module):
    """The sums of the inputs times the weights, s = x W, with W as (inputs, outputs)."""

    def __init__(self, weights):
        super().__init__()
        self.weight = nn.Parameter(minitorch.tensor(weights, dtype=minitorch.float64))

    def forward(self, input):
        self.save_for_backward(input, self.weight)
        return input @ self.weight.array

    def backward(self, grad_output):
        # A weight carries its input to its sum, dL/dW = xᵀ g, and an error back: dL/dx = g Wᵀ
        input, weight = self.saved_tensors
        weight.accumulate_grad(input.T @ grad_output)
        return grad_output @ weight.array.T


class Sigmoid(nn.Module):
    """The logistic function σ(s) = 1 / (1 + exp(-s)) of each sum."""

    def forward(self, input):
        self.save_for_backward(input)
        return logistic(input)

    def backward(self, grad_output):
        # dσ/ds = σ(s) (1 - σ(s)), here from the sum s; nn.Sigmoid saves its output instead,
        # so that it need not compute σ a second time.
        (input,) = self.saved_tensors
        return grad_output * logistic_derivative(input)


def logistic(s):
    return 1 / (1 + np.exp(-s))


def logistic_derivative(s):
    return logistic(s) * (1 - logistic(s))


def build_network():
    """The network at its starting weights."""
    return nn.Sequential(
        WeightedSums(INPUT_TO_HIDDEN), Sigmoid(), WeightedSums(HIDDEN_TO_OUTPUT), Sigmoid()
    )


def backpropagate(model, criterion, x, target):
    """Leave its gradient at every weight; autograd calls each layer's backward."""
    # Half, because the mean squared error has the derivative 2(y - t), while the textbook error
    # t - y belongs to ½(t - y)².
    loss = criterion(model(x), target) / 2
    loss.backward()


def backpropagate_by_hand(model, criterion, x, target):
    """Leave its gradient at every weight; we call the backwards ourselves, last layer first."""
    criterion(model(x), target)
    grad = criterion.backward(0.5)  # the same half
    for layer in reversed(model):  # what model.backward(grad) does
        grad = layer.backward(grad)


def take_step(model, x, target, backpropagate):
    """Take one step of gradient descent; return the change of each weight matrix."""
    before = [weight.detach().clone() for weight in model.parameters()]
    optimizer = optim.SGD(model.parameters(), lr=LEARNING_RATE)
    backpropagate(model, nn.MSELoss(), x, target)
    optimizer.step()
    return [
        (weight.detach() - old).numpy()
        for weight, old in zip(model.parameters(), before, strict=True)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--by-hand", action="store_true", help="go back with NumPy arrays")
    arguments = parser.parse_args()

    x, target = np.array(FEATURES), np.array(TARGET)
    step_back = backpropagate_by_hand
    if not arguments.by_hand:
        x, target = minitorch.tensor(x), minitorch.tensor(target)
        step_back = backpropagate

    model = build_network()
    print(model)
    input_to_hidden, hidden_to_output = take_step(model, x, target, step_back)
    print("weights between hidden neurons and output move by")
    print(hidden_to_output.ravel())
    print("weights between inputs (rows) and hidden neurons (columns) move by")
    print(input_to_hidden)


if __name__ == "__main__":
    main()
