"""Messages between the main process and a worker."""

from __future__ import annotations

import io
import pickle
import socket
import struct
from multiprocessing.connection import wait
from typing import Any, TypeAlias

import numpy as np

from ...autograd.variable import Array
from ...tensor import Tensor

Parts: TypeAlias = list[Any]  # bytes-like objects: a pickle, and the large buffers it refers to

_LARGE = 2**16  # bytes from which a buffer is sent by itself


class Channel:
    """One end of a connection between two processes, both ways.

    A message is the number of an epoch and the parts of an object, before which their count and
    sizes are written. A large array is written from where it lies and read to where it stays,
    which makes batches of many megabytes up to five times as fast as a pickle in a
    `multiprocessing.Queue`.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        """Both ends of a new connection."""
        one, other = socket.socketpair()
        return cls(one), cls(other)

    def fileno(self) -> int:
        """The file descriptor, by which `multiprocessing.connection.wait` knows it."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; the other one reads to the end and then finds that nobody is here."""
        self._socket.close()

    def has_message(self, timeout: float = 0) -> bool:
        """Whether, within so many seconds, there is a message or the end to `receive`."""
        return bool(wait([self._socket], timeout))

    def send(self, epoch: int, parts: Parts) -> None:
        """Write a message.

        Raises:
            ConnectionError: nobody is at the other end.
        """
        sizes = [memoryview(part).nbytes for part in parts]
        self._socket.sendall(struct.pack(f"!{2 + len(sizes)}Q", epoch, len(sizes), *sizes))
        for part in parts:
            self._socket.sendall(part)

    def receive(self) -> tuple[int, Parts]:
        """Wait for a message and read it.

        Raises:
            EOFError: nobody is at the other end.
        """
        epoch, count = struct.unpack("!2Q", self._read(16).data)
        sizes = struct.unpack(f"!{count}Q", self._read(8 * count).data)
        return epoch, [self._read(size) for size in sizes]

    def _read(self, size: int) -> Array:
        result: Array = np.empty(size, np.uint8)
        rest = result.data
        while rest:
            try:
                count = self._socket.recv_into(rest)
            except ConnectionError:
                count = 0
            if count == 0:
                raise EOFError("the process at the other end is gone")
            rest = rest[count:]
        return result


def pack(message: Any) -> Parts:
    """The parts that stand for an object.

    Raises:
        RuntimeError: it holds a Tensor that was computed from one that requires a gradient.
        Exception: what pickle raises if it cannot be pickled.
    """
    buffers: list[pickle.PickleBuffer] = []

    def pickled_with_the_rest(buffer: pickle.PickleBuffer) -> bool:
        if buffer.raw().nbytes < _LARGE:
            return True
        buffers.append(buffer)
        return False

    stream = io.BytesIO()
    _Pickler(stream, 5, buffer_callback=pickled_with_the_rest).dump(message)
    return [stream.getvalue(), *(buffer.raw() for buffer in buffers)]


def unpack(parts: Parts) -> Any:
    """The object that the parts stand for; its large arrays are the parts themselves."""
    return pickle.loads(parts[0], buffers=parts[1:])


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Tensor) and not value.is_leaf:
            raise RuntimeError(
                "a worker cannot send a Tensor that was computed from one that requires a "
                "gradient, since the graph stays in the worker: call .detach() on it"
            )
        return NotImplemented
