"""What a worker does with its tasks, in this process."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import minitorch
from minitorch.utils.data import IterableDataset, default_collate
from minitorch.utils.data.channel import Channel, pack, unpack
from minitorch.utils.data.worker import Job, WorkerError, _BatchMaker, _tasks


class Numbers(IterableDataset):
    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Any:
        return iter(range(self.count))


class TwoArgumentsError(Exception):
    def __init__(self, one: Any, two: Any) -> None:
        super().__init__(one, two)


def job(dataset: Any, **options: Any) -> Job:
    usual = {
        "batched": True,
        "collate_fn": default_collate,
        "drop_last": False,
        "base_seed": 0,
        "num_workers": 1,
        "init_fn": None,
    }
    return Job(dataset, **{**usual, **options})  # type: ignore[arg-type]


def error_of(error: Exception, worker_id: int = 3) -> WorkerError:
    """The error as the main process receives it."""
    try:
        raise error
    except Exception as caught:
        return pickle.loads(pickle.dumps(WorkerError(caught, worker_id)))  # type: ignore[no-any-return]


# -- tasks --------------------------------------------------------------------------------


def test_tasks_in_order_until_the_end():
    ours, theirs = Channel.pair()
    for index in range(3):
        ours.send(1, pack(index))
    tasks = _tasks(theirs)
    assert [next(tasks) for _ in range(3)] == [(1, 0), (1, 1), (1, 2)]
    ours.close()
    assert list(tasks) == []
    theirs.close()


def test_no_further_task_once_the_end_is_there():
    ours, theirs = Channel.pair()
    for index in range(3):
        ours.send(1, pack(index))
    tasks = _tasks(theirs)
    assert next(tasks) == (1, 0)
    ours.close()
    assert list(tasks) == []
    theirs.close()


def test_tasks_of_an_epoch_that_was_given_up_are_left_out():
    ours, theirs = Channel.pair()
    for epoch, index in [(1, 0), (1, 1), (2, 0), (2, 1)]:
        ours.send(epoch, pack(index))
    tasks = _tasks(theirs)
    assert [next(tasks), next(tasks)] == [(2, 0), (2, 1)]
    ours.close()
    theirs.close()


# -- answers ------------------------------------------------------------------------------


def test_batches_by_index():
    maker = _BatchMaker(0, job("abcd"))
    assert unpack(maker.answer(1, [3, 0])) == ["d", "a"]


def test_an_iterable_dataset_ends_and_begins_again_in_the_next_epoch():
    maker = _BatchMaker(0, job(Numbers(3)))
    assert unpack(maker.answer(1, [None] * 2)).tolist() == [0, 1]
    assert unpack(maker.answer(1, [None] * 2)).tolist() == [2]
    for _ in range(2):
        assert maker.answer(1, [None] * 2) == []
    assert unpack(maker.answer(2, [None] * 2)).tolist() == [0, 1]


def test_an_error_is_an_answer_and_the_next_task_is_done():
    maker = _BatchMaker(7, job("ab"))
    result = unpack(maker.answer(1, [5]))
    assert type(result.error()) is IndexError
    assert unpack(maker.answer(1, [1])) == ["b"]


def test_a_stop_iteration_of_a_dataset_with_indices_is_an_error():
    class Stops:
        def __getitem__(self, index: int) -> Any:
            raise StopIteration

    result = unpack(_BatchMaker(0, job(Stops())).answer(1, [0]))
    assert type(result.error()) is StopIteration


def test_what_cannot_be_sent_is_an_error():
    weight = minitorch.ones(2, requires_grad=True)
    result = unpack(_BatchMaker(0, job([weight])).answer(1, [0]))
    assert type(result.error()) is RuntimeError
    assert ".detach()" in str(result.error())


def test_an_error_at_the_start_is_the_answer_to_every_task():
    def refuse(worker_id: int) -> None:
        raise LookupError(f"worker {worker_id}")

    maker = _BatchMaker(7, job("ab", init_fn=refuse))
    for _ in range(2):
        result = unpack(maker.answer(1, [0]))
        assert type(result.error()) is LookupError
        assert "worker 7" in str(result.error())


# -- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [ValueError("why"), ZeroDivisionError("why"), IndexError("why"), RuntimeError("why")]
)
def test_errors_keep_their_type_and_tell_where_they_were(error):
    raised = error_of(error).error()
    assert type(raised) is type(error)
    text = str(raised)
    assert f"Caught {type(error).__name__} in DataLoader worker process 3" in text
    assert "in error_of" in text  # the traceback
    assert text.rstrip().endswith("why")


def test_the_message_of_a_key_error_has_lines():
    text = str(error_of(KeyError("why")).error())
    assert "\\n" not in text
    assert len(text.splitlines()) > 3


@pytest.mark.parametrize(
    "error", [TwoArgumentsError(1, 2), UnicodeDecodeError("utf-8", b"a", 0, 1, "why")]
)
def test_errors_that_take_more_than_a_message(error):
    raised = error_of(error).error()
    assert type(raised) is RuntimeError
    assert f"Caught {type(error).__name__}" in str(raised)


def test_errors_of_a_class_that_cannot_be_pickled():
    class LocalError(ValueError):
        pass

    raised = error_of(LocalError("why")).error()
    assert type(raised) is RuntimeError
    assert "Caught LocalError" in str(raised)
