"""One training script for random networks under both packages: every number of five steps."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.parity.side_by_side import LIBRARIES, check, describe


class Task(NamedTuple):
    """A network and its training."""

    sizes: tuple[int, ...]  # of the layers, the input first
    bias: bool
    sigmoid_at_end: bool
    batch: int
    dtype: str
    reduction: str
    momentum: float
    nesterov: bool
    weight_decay: float
    lr: float


def random_task(seed: int) -> Task:
    """Draw a task; the first ones are small, so that a failure is easy to read."""
    draw = random.Random(seed)
    largest = 3 if seed < 10 else 40
    layers = 1 + seed % 4
    momentum = draw.choice([0.0, 0.5, 0.9])
    return Task(
        sizes=tuple(draw.randint(1, largest) for _ in range(layers + 1)),
        bias=draw.random() < 0.7,
        sigmoid_at_end=draw.random() < 0.5,
        batch=draw.choice([1, 2, 5, 16, 64]),
        dtype=draw.choice(["float32", "float64"]),
        reduction=draw.choice(["mean", "sum"]),
        momentum=momentum,
        nesterov=momentum > 0 and draw.random() < 0.3,
        weight_decay=draw.choice([0.0, 0.0, 0.01]),
        lr=draw.choice([0.001, 0.01]),
    )


def network(torch: Any, task: Task) -> Any:
    """The network with the weights that the packages draw by themselves."""
    layers: list[Any] = []
    for before, after in zip(task.sizes, task.sizes[1:], strict=False):
        layers.append(
            torch.nn.Linear(before, after, bias=task.bias, dtype=getattr(torch, task.dtype))
        )
        layers.append(torch.nn.Sigmoid())
    return torch.nn.Sequential(*layers[: len(layers) if task.sigmoid_at_end else -1])


def train(torch: Any, task: Task, seed: int) -> list[Any]:
    """Five steps; what was computed on the way."""
    torch.manual_seed(seed)
    model = network(torch, task)
    numbers = np.random.default_rng(seed)
    dtype = getattr(torch, task.dtype)
    x = torch.tensor(numbers.standard_normal((task.batch, task.sizes[0])), dtype=dtype)
    y = torch.tensor(numbers.random((task.batch, task.sizes[-1])), dtype=dtype)
    x.requires_grad_()
    criterion = torch.nn.MSELoss(reduction=task.reduction)
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=task.lr,
        momentum=task.momentum,
        nesterov=task.nesterov,
        weight_decay=task.weight_decay,
    )
    record: list[Any] = [repr(model), dict(model.state_dict())]
    record[-1] = {key: value.clone() for key, value in record[-1].items()}
    for _ in range(5):
        optimizer.zero_grad()
        output = model(x)
        loss = criterion(output, y)
        loss.backward()
        optimizer.step()
        grads = [parameter.grad.clone() for parameter in model.parameters()]
        record.append((output.detach(), loss.item(), grads, x.grad.clone()))
    model.eval()
    with torch.no_grad():
        record.append(model(x))
    record.append(dict(model.state_dict()))
    return record


@pytest.mark.parametrize("seed", range(60))
def test_training(seed: int) -> None:
    task = random_task(seed)
    print(task)
    ours, theirs = (describe(train(library, task, seed)) for library in LIBRARIES)
    assert ours[0] == theirs[0]
    check(ours[1], theirs[1])  # the same weights, exactly
    exact = task.dtype == "float64"
    check(ours[2:], theirs[2:], rtol=1e-10 if exact else 2e-4, atol=1e-13 if exact else 2e-5)


@pytest.mark.parametrize("seed", range(0, 60, 7))
def test_by_hand(seed: int) -> None:
    """PyTorch's gradients are those of going back by hand with arrays."""
    minitorch, torch = LIBRARIES
    task = random_task(seed)._replace(dtype="float64")
    models = []
    for library in LIBRARIES:
        library.manual_seed(seed)
        models.append(network(library, task))
    numbers = np.random.default_rng(seed)
    x = numbers.standard_normal((task.batch, task.sizes[0]))
    y = numbers.random((task.batch, task.sizes[-1]))

    criterion = minitorch.nn.MSELoss(reduction=task.reduction)
    loss = criterion(models[0](x), y)
    grad = models[0].backward(criterion.backward())

    leaf = torch.tensor(x, requires_grad=True)
    expected = torch.nn.MSELoss(reduction=task.reduction)(models[1](leaf), torch.tensor(y))
    expected.backward()
    np.testing.assert_allclose(loss, expected.item(), rtol=1e-12)
    np.testing.assert_allclose(grad, leaf.grad.numpy(), rtol=1e-10, atol=1e-14)
    pairs = zip(models[0].parameters(), models[1].parameters(), strict=True)
    for mine, other in pairs:
        np.testing.assert_allclose(mine.grad.array, other.grad.numpy(), rtol=1e-10, atol=1e-14)
