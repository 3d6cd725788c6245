"""Time one training step: minitorch, the same step written by hand in NumPy, and PyTorch.

A step is zero_grad, forward, loss, backward and the update by plain SGD of a sigmoid network with
mean squared error, in float32. Everything runs in one process, one thread each, in turn; the table
shows medians over many short rounds and the median of each round's ratio.

    python benchmarks/train_step.py            (PyTorch's column needs: pip install torch)
"""

import timing  # before NumPy and PyTorch

# isort: split
import itertools

import numpy as np

import minitorch

NETWORKS = (
    ((3, 2, 1), 1),
    ((64, 32, 10), 32),
    ((784, 128, 10), 64),
    ((784, 512, 512, 10), 128),
)
LEARNING_RATE = 0.1


def data(sizes, batch):
    """A batch of inputs and targets."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((batch, sizes[0])).astype(np.float32)
    return inputs, rng.random((batch, sizes[-1])).astype(np.float32)


def numpy_step(sizes, batch):
    """The step as one writes it by hand."""
    rng = np.random.default_rng(1)
    pairs = list(itertools.pairwise(sizes))
    weights = [rng.uniform(-1, 1, (m, n)).astype(np.float32) / n**0.5 for n, m in pairs]
    biases = [np.zeros(m, np.float32) for _, m in pairs]
    inputs, targets = data(sizes, batch)

    def step():
        activations = [inputs]
        for weight, bias in zip(weights, biases, strict=True):
            z = activations[-1] @ weight.T + bias
            activations.append(1 / (1 + np.exp(-z)))
        difference = activations[-1] - targets
        loss = np.mean(difference * difference)
        grad = 2 * difference / difference.size
        for layer in reversed(range(len(weights))):
            output = activations[layer + 1]
            grad = grad * output * (1 - output)
            weight_grad = grad.T @ activations[layer]
            bias_grad = grad.sum(0)
            if layer:
                grad = grad @ weights[layer]
            weights[layer] -= LEARNING_RATE * weight_grad
            biases[layer] -= LEARNING_RATE * bias_grad
        return loss

    return step


def framework_step(torch, sizes, batch):
    """The step in minitorch or PyTorch, whichever is given as `torch`."""
    layers = []
    for n, m in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(n, m), torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers)
    criterion = torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    inputs, targets = (torch.from_numpy(array) for array in data(sizes, batch))

    def step():
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss

    return step


def contestants(sizes, batch):
    """The steps to compare, by name."""
    steps = {
        "minitorch": framework_step(minitorch, sizes, batch),
        "NumPy": numpy_step(sizes, batch),
    }
    torch = timing.pytorch()
    if torch:
        steps["PyTorch"] = framework_step(torch, sizes, batch)
    return steps


def main():
    arguments = timing.arguments(__doc__, rounds=60)
    timing.print_heads("network", list(contestants(*NETWORKS[0])))
    for sizes, batch in NETWORKS:
        times = timing.measure(contestants(sizes, batch), arguments.rounds, arguments.seconds)
        timing.print_row(f"{'-'.join(map(str, sizes))}, batch {batch}", times)


if __name__ == "__main__":
    main()
