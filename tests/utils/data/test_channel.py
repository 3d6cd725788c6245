"""Messages between two ends of a channel."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.utils.data.channel import Channel, pack, unpack


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    one, other = Channel.pair()
    yield one, other
    one.close()
    other.close()


def through(ends: Any, message: Any) -> Any:
    """The message after its way; written by a thread, since the connection holds only so much."""
    writer = threading.Thread(target=ends[0].send, args=(2**40, pack(message)))
    writer.start()
    epoch, parts = ends[1].receive()
    writer.join(10)
    assert epoch == 2**40
    return unpack(parts)


@pytest.mark.parametrize("message", [None, (3, [1, 2]), {"a": "text"}, list(range(100_000))])
def test_objects(ends, message):
    assert through(ends, message) == message


@pytest.mark.parametrize("shape", [(), (0,), (5,), (300, 400), (0, 7), (64, 3, 50, 50)], ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "?"])
def test_arrays(ends, shape, dtype, rng):
    array = np.asarray(rng.random(shape) * 2, dtype)
    received = through(ends, [array, "beside it", array.T])
    for sent, got in zip((array, array.T), (received[0], received[2]), strict=True):
        np.testing.assert_array_equal(got, sent, strict=True)
        assert got.flags.writeable
        assert got.flags.aligned
    assert received[1] == "beside it"


def test_tensors_keep_what_they_are(ends):
    weight = minitorch.ones(200, 200, requires_grad=True)
    got, part = through(ends, [weight, minitorch.arange(90_000).reshape(300, 300)[::2, 1:]])
    assert got.requires_grad
    assert got.is_leaf
    assert got.array.sum() == 40_000
    np.testing.assert_array_equal(part.array, np.arange(90_000).reshape(300, 300)[::2, 1:])


def test_large_arrays_are_not_copied_into_the_pickle():
    small, large = np.zeros(10), np.zeros((100, 1000))
    pickled, buffer = pack([small, large])
    assert len(pickled) < 1000
    assert np.shares_memory(np.frombuffer(buffer), large)


def test_a_received_array_is_the_memory_that_was_read():
    parts = pack(np.zeros(100_000))
    parts[1] = np.frombuffer(parts[1], np.uint8)
    assert np.shares_memory(unpack(parts), parts[1])


def test_several_messages_in_order(ends):
    for number in range(5):
        ends[0].send(number, pack(str(number)))
    for number in range(5):
        epoch, parts = ends[1].receive()
        assert (epoch, unpack(parts)) == (number, str(number))


def test_a_message_without_parts(ends):
    ends[0].send(7, [])
    assert ends[1].receive() == (7, [])


def test_both_ways(ends):
    ends[0].send(7, pack("there"))
    ends[1].send(7, pack("and back"))
    assert unpack(ends[1].receive()[1]) == "there"
    assert unpack(ends[0].receive()[1]) == "and back"


def test_whether_there_is_something_to_read(ends):
    assert not ends[1].has_message()
    ends[0].send(7, pack(1))
    assert ends[1].has_message()
    ends[1].receive()
    assert not ends[1].has_message()
    ends[0].close()
    assert ends[1].has_message()


def test_the_end(ends):
    ends[0].send(7, pack("last"))
    ends[0].close()
    assert unpack(ends[1].receive()[1]) == "last"
    with pytest.raises(EOFError):
        ends[1].receive()
    with pytest.raises(ConnectionError):
        ends[1].send(7, pack("too late"))


def test_the_end_of_one_who_had_something_to_read(ends):
    ends[0].send(7, pack("last"))
    ends[1].send(7, pack("never read"))
    ends[0].close()
    assert unpack(ends[1].receive()[1]) == "last"
    with pytest.raises(EOFError):
        ends[1].receive()


def test_the_end_within_a_message(ends):
    header = [7, 1, 50]  # the epoch, and one part of 50 bytes
    ends[0]._socket.sendall(b"".join(each.to_bytes(8, "big") for each in header) + bytes(20))
    ends[0].close()
    with pytest.raises(EOFError):
        ends[1].receive()


def test_a_graph_is_not_sent():
    computed = minitorch.ones(2, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match=r"\.detach\(\)"):
        pack({"loss": [computed]})
    assert unpack(pack(computed.detach())).tolist() == [2.0, 2.0]


def test_what_cannot_be_pickled():
    with pytest.raises((AttributeError, TypeError)):
        pack([threading.Lock()])
