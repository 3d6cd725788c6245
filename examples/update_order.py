"""Update the weights before or after the error has passed through them: does it matter?

Backpropagation sends the error back through the same weights that it came forward by. A loop
that one writes quickly may update a layer first and then send the error back through the new
weights. Here two inputs, four sigmoid neurons and a linear output learn four numbers; the rate
multiplies the error summed over all four samples.

By default PyTorch's order trains the network: all gradients first, then all updates. This part
runs under PyTorch too: change the two imports to `import torch` and `from torch import nn, optim`.
With `--by-hand` the other order runs beside it, on NumPy arrays: a layer whose backward updates
itself, which PyTorch does not have.
"""

import argparse
import itertools

import numpy as np

import minitorch as torch
from minitorch import nn, optim

FEATURES = [[1.0, 1.0], [1.0, 2.0], [2.0, 1.0], [2.0, 2.0]]
TARGETS = [[0.0], [1.0], [2.0], [3.0]]
RATES = (0.1, 0.02)
EPOCHS_SHOWN = (1, 2, 10, 100, 500, 9_999, 10_000)

ABOUT_THE_RATE = """\
At rate 0.1 the error first falls, then leaps up and hops between two values to the end: the valley
has become too narrow for the step, and each step lands on the opposite slope (gradient descent
settles only where the curvature is below 2 / rate). Which slope it stands on in which epoch, the
last bit of rounding decides, so two programs that are both right may differ there: the table names
both values. Compare programs on the first epochs, or at a rate that settles, as 0.02 does."""

ABOUT_THE_ORDER = """\
The order changes one epoch by something in proportion to the rate squared, so both orders go the
same way, and closer together the smaller the rate. Even so, take all gradients before you move
any weight: only then do they all belong to one point, and the step goes down the gradient. That
is what keeping backward() and step() apart is good for."""


class UpdatesFirst(nn.Linear):
    """A linear layer that takes its own step before it passes the error back.

    It only has another backward; the forward is Linear's.
    """

    def __init__(self, in_features, out_features, rate):
        super().__init__(in_features, out_features, bias=False)
        self.rate = rate

    def backward(self, grad_output):
        input, weight, _ = self.saved_tensors
        weight.array -= self.rate * (grad_output.T @ input)
        return grad_output @ weight.array


def build_network(seed, output_layer):
    """The network in double precision, with weights drawn from [0, 1)."""
    model = nn.Sequential(nn.Linear(2, 4, bias=False), nn.Sigmoid(), output_layer).double()
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():  # drawn with a row per input, which is the transpose
            weight.copy_(torch.rand(weight.T.shape, dtype=torch.float64).T)
    return model


def backpropagate(model, criterion, x, targets):
    """Go forward and back with Tensors; return the summed squared error."""
    loss = criterion(model(x), targets)
    # Half, because a square has the derivative 2(y - t), while the textbook error t - y belongs
    # to ½(t - y)².
    (loss / 2).backward()
    return loss.item()


def backpropagate_by_hand(model, criterion, x, targets):
    """Go forward and back with arrays; return the summed squared error."""
    loss = criterion(model(x), targets)
    model.backward(criterion.backward(0.5))  # the same half
    return loss.item()


def train(model, rate, epochs, by_hand=False):
    """Train on all four samples at once; yield the summed squared error of each epoch."""
    x, targets = np.array(FEATURES), np.array(TARGETS)
    go_back = backpropagate_by_hand
    if not by_hand:
        x, targets = torch.tensor(x), torch.tensor(targets)
        go_back = backpropagate
    criterion = nn.MSELoss(reduction="sum")
    # An UpdatesFirst has no gradient left for the optimizer, which therefore leaves it alone.
    optimizer = optim.SGD(model.parameters(), lr=rate)
    for _ in range(epochs):
        optimizer.zero_grad()
        error = go_back(model, criterion, x, targets)
        optimizer.step()
        yield error


def print_errors(columns):
    """Print a table: a column of summed squared errors for each heading."""
    print("epoch" + "".join(f"{heading:>24}" for heading in columns))
    for epoch in EPOCHS_SHOWN:
        print(f"{epoch:5}" + "".join(f"{shown(errors[:epoch]):>24}" for errors in columns.values()))


def shown(errors):
    """The last error or, if any was larger than the one before, the two that it hops between."""
    if any(later > earlier for earlier, later in itertools.pairwise(errors)):
        return "/".join(f"{error:.1f}" for error in sorted(errors[-2:]))
    return f"{errors[-1]:.6f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--by-hand", action="store_true", help="compare both orders, with NumPy arrays"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the starting weights")
    arguments = parser.parse_args()

    epochs = EPOCHS_SHOWN[-1]
    columns = {}
    for rate in RATES:
        model = build_network(arguments.seed, nn.Linear(4, 1, bias=False))
        errors = train(model, rate, epochs, arguments.by_hand)
        columns[f"rate {rate}"] = list(errors)
        if arguments.by_hand:
            model = build_network(arguments.seed, UpdatesFirst(4, 1, rate))
            errors = train(model, rate, epochs, by_hand=True)
            columns[f"rate {rate}, update first"] = list(errors)
    print("summed squared error")
    print_errors(columns)
    print(f"\n{ABOUT_THE_RATE}")
    if arguments.by_hand:
        print(f"\n{ABOUT_THE_ORDER}")


if __name__ == "__main__":
    main()
