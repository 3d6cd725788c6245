"""The recording switches: as blocks, decorators and functions, nested, and one per thread."""

import inspect
import threading

import pytest

import minitorch
from minitorch import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

# What each makes, and what then holds: recording, inference mode.
MODES = {
    "no_grad": (no_grad, (False, False)),
    "enable_grad": (enable_grad, (True, False)),
    "set_grad_enabled(True)": (lambda: set_grad_enabled(True), (True, False)),
    "set_grad_enabled(False)": (lambda: set_grad_enabled(False), (False, False)),
    "inference_mode": (inference_mode, (False, True)),
    "inference_mode(False)": (lambda: inference_mode(False), (True, False)),
}
each_mode = pytest.mark.parametrize("name", MODES)


def states() -> tuple[bool, bool]:
    return is_grad_enabled(), is_inference_mode_enabled()


@pytest.fixture(autouse=True)
def _every_test_starts_and_ends_recording():
    assert states() == (True, False)
    yield
    assert states() == (True, False)


def leaf() -> minitorch.Tensor:
    return minitorch.ones(2, requires_grad=True)


@each_mode
def test_block(name):
    make, inside = MODES[name]
    x = leaf()
    with make():
        assert states() == inside
        assert (x * 2).requires_grad is inside[0]
        assert (x * 2).is_leaf is not inside[0]
    assert states() == (True, False)
    assert (x * 2).requires_grad


@each_mode
def test_block_that_raises(name):
    make, _ = MODES[name]
    with pytest.raises(KeyError), make():
        raise KeyError
    assert states() == (True, False)


@pytest.mark.parametrize("outer", MODES)
@each_mode
def test_nested_blocks(outer, name):
    make_outer, in_outer = MODES[outer]
    make_inner, in_inner = MODES[name]
    x = leaf()
    with make_outer():
        assert states() == in_outer
        with make_inner():
            if outer == "inference_mode" and name not in ("inference_mode(False)",):
                assert not (x * 2).requires_grad  # nothing switches it on again
            else:
                assert states() == in_inner
        assert states() == in_outer


@each_mode
def test_decorator(name):
    make, inside = MODES[name]

    @make()
    def function(a, b=2):
        """Its docstring."""
        return a, b, states()

    assert states() == (True, False)
    assert function(1, b=3) == (1, 3, inside)
    assert states() == (True, False)
    assert function.__name__ == "function"
    assert function.__doc__ == "Its docstring."
    assert list(inspect.signature(function).parameters) == ["a", "b"]


@each_mode
def test_decorated_function_that_calls_itself(name):
    make, inside = MODES[name]

    @make()
    def function(depth):
        if depth:
            assert function(depth - 1) == inside
        return states()

    assert function(3) == inside


@each_mode
def test_decorated_function_that_raises(name):
    make, _ = MODES[name]

    @make()
    def function():
        raise KeyError

    with pytest.raises(KeyError):
        function()
    assert states() == (True, False)


@each_mode
def test_decorated_method(name):
    make, inside = MODES[name]

    class Net:
        @make()
        def method(self, value):
            return self, value, states()

    net = Net()
    assert net.method(3) == (net, 3, inside)


@pytest.mark.parametrize(
    ("mode", "inside"),
    [(no_grad, (False, False)), (enable_grad, (True, False)), (inference_mode, (False, True))],
)
def test_bare_decorator(mode, inside):
    @mode
    def function(a):
        return a, states()

    with no_grad():
        assert function(1) == (1, inside)
    assert function(1) == (1, inside)
    assert function.__name__ == "function"


def test_decorating_a_class():
    with pytest.raises(TypeError, match="not classes"):

        @no_grad()
        class Net:
            pass


@each_mode
def test_generator(name):
    """The mode holds while the generator's own code runs, not between."""
    make, inside = MODES[name]
    seen = []

    @make()
    def numbers():
        try:
            seen.append(("sent", (yield states()), states()))
            yield states()
        except ValueError:
            seen.append(("thrown", states()))
            yield -1
        finally:
            seen.append(("closed", states()))

    generator = numbers()
    assert states() == (True, False)
    assert next(generator) == inside
    assert states() == (True, False)
    assert generator.send("hello") == inside
    assert states() == (True, False)
    assert generator.throw(ValueError()) == -1
    assert states() == (True, False)
    generator.close()
    assert states() == (True, False)
    assert seen == [("sent", "hello", inside), ("thrown", inside), ("closed", inside)]


def test_generator_returns_and_delegates():
    @no_grad()
    def inner():
        yield 1
        return "result"

    def outer():
        return (yield from inner())

    generator = outer()
    assert next(generator) == 1
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "result"


def test_generator_that_raises():
    @no_grad()
    def numbers():
        yield 1
        raise KeyError

    generator = numbers()
    next(generator)
    with pytest.raises(KeyError):
        next(generator)
    assert states() == (True, False)


def test_set_grad_enabled_at_once():
    x = leaf()
    set_grad_enabled(False)
    try:
        assert states() == (False, False)
        assert not (x * 2).requires_grad
    finally:
        set_grad_enabled(True)
    assert (x * 2).requires_grad


def test_set_grad_enabled_made_before_its_block():
    mode = set_grad_enabled(False)
    assert not is_grad_enabled()
    with mode:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_one_mode_entered_twice():
    mode = no_grad()
    with mode:
        with mode:
            assert not is_grad_enabled()
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_leaf_made_under_no_grad():
    with no_grad():
        x = leaf()
        assert x.requires_grad
        x.add_(1)
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 4]


def test_no_grad_inside_a_graph_is_a_constant():
    x = leaf()
    with no_grad():
        constant = x * 5
    (x * constant).sum().backward()
    assert x.grad.tolist() == [5, 5]


@each_mode
def test_mode_of_one_thread_does_not_leak(name):
    make, inside = MODES[name]
    entered, leave = threading.Event(), threading.Event()
    seen = []

    def work():
        seen.append(states())
        with make():
            entered.set()
            leave.wait(10)
            seen.append(states())
        seen.append(states())

    with no_grad():
        thread = threading.Thread(target=work)
        thread.start()
        assert entered.wait(10)
        assert states() == (False, False)
    assert states() == (True, False)
    leave.set()
    thread.join()
    assert seen == [(True, False), inside, (True, False)]
