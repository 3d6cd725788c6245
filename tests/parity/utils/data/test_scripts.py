"""DataLoader as scripts use it: the same script with either package."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minitorch.utils.data  # noqa: F401 - the scripts find it as an attribute
from tests.parity.side_by_side import side_by_side

pytestmark = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)


@pytest.fixture(autouse=True)
def the_same_pythons_and_numpys_numbers() -> Iterator[None]:
    """For each package the numbers start again in the script."""
    before = random.getstate(), np.random.get_state()
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])


def images(torch: Any, count: int = 24) -> Any:
    """A dataset with a transform, as torchvision's are."""

    class Images(torch.utils.data.Dataset):
        def __init__(self, transform: Any = None, target_transform: Any = None) -> None:
            generator = np.random.default_rng(0)
            self.images = generator.integers(0, 256, (count, 8, 8), dtype=np.uint8)
            self.labels = generator.integers(0, 10, count).tolist()
            self.transform = transform
            self.target_transform = target_transform

        def __len__(self) -> int:
            return len(self.labels)

        def __getitem__(self, idx: int) -> Any:
            image, label = self.images[idx], self.labels[idx]
            if self.transform:
                image = self.transform(image)
            if self.target_transform:
                label = self.target_transform(label)
            return image, label

    return Images


def to_tensor(torch: Any) -> Any:
    return lambda image: torch.from_numpy(image).float().div(255).unsqueeze(0)


@pytest.mark.parametrize("num_workers", [0, 2])
@side_by_side(rtol=1e-5, atol=1e-6)
def test_training(torch: Any, num_workers: int) -> Any:
    torch.manual_seed(0)
    dataset = images(torch)(transform=to_tensor(torch))
    train, test = torch.utils.data.random_split(dataset, [0.75, 0.25])
    options = {"multiprocessing_context": "fork"} if num_workers else {}
    train_loader = torch.utils.data.DataLoader(
        train, batch_size=4, shuffle=True, num_workers=num_workers, **options
    )
    test_loader = torch.utils.data.DataLoader(test, batch_size=100)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(2):
        for i, (x, y) in enumerate(train_loader):
            loss = torch.nn.functional.mse_loss(model(x), y.float().unsqueeze(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append((i, loss.item()))
    with torch.no_grad():
        x, y = next(iter(test_loader))
        error = (model(x).squeeze(1) - y).abs().mean()
    return losses, error, len(train_loader), len(train_loader.dataset), len(test_loader)


@side_by_side
def test_one_batch_and_its_shapes(torch: Any) -> Any:
    torch.manual_seed(0)
    one_hot = lambda label: torch.zeros(10).scatter_(0, torch.tensor(label), value=1)  # noqa: E731
    dataset = images(torch)(to_tensor(torch), one_hot)
    loader = torch.utils.data.DataLoader(dataset, batch_size=16, shuffle=True)
    features, labels = next(iter(loader))
    return features.size(), labels.size(), features[0].squeeze(), labels[0], len(loader)


@side_by_side
def test_samples_that_are_dicts(torch: Any) -> Any:
    class Records(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 5

        def __getitem__(self, index: int) -> Any:
            return {
                "id": f"record {index}",
                "features": np.full(3, index, np.float32),
                "target": {"value": float(index), "known": index % 2 == 0},
            }

    loader = torch.utils.data.DataLoader(Records(), batch_size=2)
    return [(batch["id"], batch["features"], batch["target"]) for batch in loader]


@side_by_side
def test_sequences_that_are_padded(torch: Any) -> Any:
    """Sorted by length into batches of one sampler, and padded by a collate_fn."""
    sentences = [list(range(1, length + 1)) for length in (3, 1, 4, 1, 5, 9, 2, 6)]

    def pad(batch: Any) -> Any:
        lengths = torch.tensor([len(each) for each in batch])
        padded = torch.zeros(len(batch), int(lengths.max()), dtype=torch.int64)
        for row, each in enumerate(batch):
            padded[row, : len(each)] = torch.tensor(each)
        return padded, lengths

    class ByLength(torch.utils.data.Sampler):
        def __init__(self, batch_size: int) -> None:
            self.batch_size = batch_size

        def __len__(self) -> int:
            return math.ceil(len(sentences) / self.batch_size)

        def __iter__(self) -> Any:
            order = torch.argsort(torch.tensor([len(each) for each in sentences]), stable=True)
            chunks = torch.chunk(order, len(self))
            for place in torch.randperm(len(chunks)).tolist():
                yield chunks[place].tolist()

    torch.manual_seed(3)
    loader = torch.utils.data.DataLoader(sentences, batch_sampler=ByLength(3), collate_fn=pad)
    return list(loader), list(loader), len(loader)


@side_by_side
def test_datasets_that_are_joined(torch: Any) -> Any:
    torch.manual_seed(0)
    dataset = images(torch, 6)() + images(torch, 4)(target_transform=lambda label: label + 100)
    loader = torch.utils.data.DataLoader(dataset, batch_size=4, shuffle=True, drop_last=True)
    return [labels for _, labels in loader], len(dataset), len(loader.dataset), len(loader)


@side_by_side
def test_classes_that_are_balanced(torch: Any) -> Any:
    torch.manual_seed(0)
    targets = torch.tensor([0] * 90 + [1] * 10)
    counts = torch.bincount(targets)
    weights = (1.0 / counts.double())[targets]
    sampler = torch.utils.data.WeightedRandomSampler(weights, len(weights))
    dataset = torch.utils.data.TensorDataset(torch.arange(100), targets)
    loader = torch.utils.data.DataLoader(dataset, batch_size=20, sampler=sampler)
    return [batch[1] for batch in loader]


@side_by_side
def test_a_stream_in_shards(torch: Any) -> Any:
    class Range(torch.utils.data.IterableDataset):
        def __init__(self, start: int, end: int) -> None:
            super().__init__()
            self.start, self.end = start, end

        def __iter__(self) -> Any:
            worker_info = torch.utils.data.get_worker_info()
            start, end = self.start, self.end
            if worker_info is not None:
                share = math.ceil((end - start) / worker_info.num_workers)
                start += worker_info.id * share
                end = min(start + share, end)
            return iter(range(start, end))

    def split(worker_id: int) -> None:
        dataset = torch.utils.data.get_worker_info().dataset
        dataset.end = dataset.start + 2 + worker_id

    def load(**options: Any) -> Any:
        loader = torch.utils.data.DataLoader(
            Range(3, 10), multiprocessing_context="fork", **options
        )
        return [batch.tolist() for batch in loader]

    return (
        list(torch.utils.data.DataLoader(Range(3, 7))),
        load(num_workers=2),
        load(num_workers=2, batch_size=3),
        load(num_workers=2, batch_size=2, worker_init_fn=split),
    )


@side_by_side
def test_a_run_that_can_be_repeated(torch: Any) -> Any:
    """The recipe of PyTorch's page on reproducibility."""

    def seed_worker(worker_id: int) -> None:
        worker_seed = torch.initial_seed() % 2**32
        np.random.seed(worker_seed)
        random.seed(worker_seed)

    class Noisy(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 6

        def __getitem__(self, index: int) -> Any:
            return torch.tensor([index, np.random.rand(), random.random()]) + torch.rand(1)

    generator = torch.Generator()
    generator.manual_seed(0)
    loader = torch.utils.data.DataLoader(
        Noisy(),
        batch_size=2,
        num_workers=2,
        worker_init_fn=seed_worker,
        generator=generator,
        shuffle=True,
        multiprocessing_context="fork",
    )
    return list(loader), list(loader)


@side_by_side
def test_an_endless_loader(torch: Any) -> Any:
    def cycle(loader: Any) -> Any:
        while True:
            yield from loader

    torch.manual_seed(0)
    dataset = torch.utils.data.TensorDataset(torch.arange(5))
    batches = cycle(torch.utils.data.DataLoader(dataset, batch_size=2, shuffle=True))
    return [next(batches) for _ in range(8)]
