"""Time one training step: minitorch, the same step written by hand in NumPy, and PyTorch.

A step is zero_grad, forward, loss, backward and the update by plain SGD of a sigmoid network with
mean squared error, in float32. Everything runs in one process, one thread each, in turn, so that
noise of the machine falls on all alike; the table shows medians over many short rounds and the
median of each round's ratio.

    python benchmarks/train_step.py            (PyTorch's column needs: pip install torch)
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when NumPy and PyTorch are imported

import argparse
import importlib.util
import itertools
import statistics
import time

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
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        steps["PyTorch"] = framework_step(torch, sizes, batch)
    return steps


def seconds_per_step(step, repeats):
    """The time of one step, averaged over `repeats`."""
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - start) / repeats


def measure(sizes, batch, rounds, seconds):
    """Time the contestants in turn, `rounds` times for about `seconds` each."""
    steps = contestants(sizes, batch)
    repeats = {}
    for name, step in steps.items():
        seconds_per_step(step, 20)
        repeats[name] = max(1, round(seconds / seconds_per_step(step, 20)))
    times = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            times[name].append(seconds_per_step(step, repeats[name]))
    return times


def row(sizes, batch, times):
    """A line of the table."""
    cells = [f"{'-'.join(map(str, sizes))}, batch {batch}"]
    cells += [f"{statistics.median(values) * 1e6:.1f}" for values in times.values()]
    for other in list(times)[1:]:
        pairs = zip(times["minitorch"], times[other], strict=True)
        cells.append(f"{statistics.median(mine / theirs for mine, theirs in pairs):.2f}")
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=0.01, help="of each turn in a round")
    arguments = parser.parse_args()
    names = list(contestants(*NETWORKS[0]))
    heads = ["network", *(f"{name} µs" for name in names)]
    heads += [f"minitorch / {name}" for name in names[1:]]
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for sizes, batch in NETWORKS:
        print(row(sizes, batch, measure(sizes, batch, arguments.rounds, arguments.seconds)))


if __name__ == "__main__":
    main()
