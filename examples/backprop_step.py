"""Take one step of backpropagation and see how far it moves every weight.

Three inputs, two hidden neurons, one output, a sigmoid at every neuron and no biases: small
enough to follow each number on paper. One step of gradient descent should bring the output a
little nearer to its target, 0.6.

With `--by-hand` the network is given NumPy arrays, and we go back through it ourselves. The
numbers are the same, because the very same `backward` methods run. Without the flag it runs under
PyTorch too: change the two imports to `import torch` and `from torch import nn, optim`.
"""

import argparse

import numpy as np

import minitorch as torch
from minitorch import nn, optim

FEATURES = [[0.5, 0.1, -0.2]]  # one sample
TARGET = [[0.6]]
INPUT_TO_HIDDEN = [[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]]  # a row per input
HIDDEN_TO_OUTPUT = [[0.1], [-0.3]]
LEARNING_RATE = 0.5


def build_network():
    """The network at its starting weights, in double precision."""
    model = nn.Sequential(
        nn.Linear(3, 2, bias=False), nn.Sigmoid(), nn.Linear(2, 1, bias=False), nn.Sigmoid()
    ).double()
    with torch.no_grad():  # Linear keeps a row per output, so we transpose
        model[0].weight.copy_(torch.tensor(INPUT_TO_HIDDEN, dtype=torch.float64).T)
        model[2].weight.copy_(torch.tensor(HIDDEN_TO_OUTPUT, dtype=torch.float64).T)
    return model


def backpropagate(model, criterion, x, target):
    """Leave its gradient at every weight; autograd knows the way back."""
    # Half, because the mean squared error has the derivative 2(y - t), while the textbook error
    # t - y belongs to ½(t - y)².
    loss = criterion(model(x), target) / 2
    loss.backward()


def backpropagate_by_hand(model, criterion, x, target):
    """Leave its gradient at every weight; we go back ourselves, from the loss to the input."""
    criterion(model(x), target)
    grad_output = criterion.backward(0.5)  # the same half
    model.backward(grad_output)


def take_step(model, x, target, backpropagate):
    """Take one step of gradient descent; return the change of each weight matrix."""
    before = [weight.detach().clone() for weight in model.parameters()]
    optimizer = optim.SGD(model.parameters(), lr=LEARNING_RATE)
    optimizer.zero_grad()
    backpropagate(model, nn.MSELoss(), x, target)
    optimizer.step()
    return [
        (weight.detach() - old).T.numpy()
        for weight, old in zip(model.parameters(), before, strict=True)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--by-hand", action="store_true", help="go back with NumPy arrays")
    arguments = parser.parse_args()

    x, target = np.array(FEATURES), np.array(TARGET)
    step_back = backpropagate_by_hand
    if not arguments.by_hand:
        x, target = torch.tensor(x), torch.tensor(target)
        step_back = backpropagate

    model = build_network()
    print(f"output before the step: {model(x).item():.8f}")
    input_to_hidden, hidden_to_output = take_step(model, x, target, step_back)
    print("weights between hidden neurons and output move by")
    print(hidden_to_output.ravel())
    print("weights between inputs (rows) and hidden neurons (columns) move by")
    print(input_to_hidden)
    print(f"output after the step: {model(x).item():.8f} (target {target.item()})")


if __name__ == "__main__":
    main()
