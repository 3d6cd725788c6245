"""What all schedulers share."""

from __future__ import annotations

import copy
import functools
import gc
import pickle
import weakref
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import SGD, lr_scheduler
from minitorch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LRScheduler,
    MultiplicativeLR,
    StepLR,
)
from tests.optim.lr_scheduler.training import Betas, option, schedule, sgd, weight


class Inverse(LRScheduler):
    """lr_initial / (t + 1), as a user would write it."""

    def get_lr(self) -> Any:
        return [lr / (self.last_epoch + 1) for lr in self.base_lrs]


class Jumping(Inverse):
    """With another formula for jumps."""

    def _get_closed_form_lr(self) -> Any:
        return [100.0 + self.last_epoch for _ in self.base_lrs]


# -- epochs -------------------------------------------------------------------------------


def test_the_constructor_takes_the_step_to_epoch_0() -> None:
    optimizer = sgd(12.0, 6.0)
    scheduler = Inverse(optimizer)
    assert (scheduler.last_epoch, scheduler.base_lrs) == (0, [12.0, 6.0])
    assert scheduler.get_last_lr() == [12.0, 6.0]
    assert option(scheduler, "initial_lr", group=1) == 6.0


def test_each_group_goes_from_its_own_learning_rate() -> None:
    scheduler = Inverse(sgd(12.0, 6.0))
    assert schedule(scheduler, 4) == [12.0, 6.0, 4.0, 3.0]
    assert option(scheduler, "lr", group=1) == 6 / 5
    assert scheduler.last_epoch == 4
    assert scheduler.get_last_lr() == [12 / 5, 6 / 5]


def test_the_first_scheduler_decides_what_is_initial() -> None:
    optimizer = sgd(8.0)
    first = ExponentialLR(optimizer, 0.5)
    schedule(first, 2)
    assert Inverse(optimizer).base_lrs == [8.0]


def test_continuing_needs_the_initial_learning_rates() -> None:
    optimizer = sgd(12.0, 6.0)
    optimizer.param_groups[0]["initial_lr"] = 12.0
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(KeyError, match=r"initial_lr.*param_groups\[1\].*epoch 3"):
        Inverse(optimizer, last_epoch=3)
    assert optimizer.state_dict() == before
    assert "step" not in vars(optimizer)
    optimizer.param_groups[1]["initial_lr"] = 60.0
    assert Inverse(optimizer, last_epoch=3).get_last_lr() == [12 / 5, 60 / 5]


def test_chainable_schedules_continue_from_the_current_learning_rate() -> None:
    optimizer = sgd(1.0)
    schedule(ExponentialLR(optimizer, 0.5), 3)
    assert schedule(ExponentialLR(optimizer, 0.5, last_epoch=3), 2) == [0.125, 0.0625]


def test_a_jump_uses_the_closed_form_if_there_is_one() -> None:
    plain, jumping = Inverse(sgd(12.0)), Jumping(sgd(12.0))
    for scheduler in (plain, jumping):
        scheduler.optimizer.step()
        with pytest.warns(UserWarning, match=r"^The epoch parameter in `scheduler.step") as caught:
            scheduler.step(5)
        assert caught[0].filename == __file__
    assert (plain.last_epoch, plain.get_last_lr()) == (5, [2.0])
    assert (jumping.last_epoch, jumping.get_last_lr()) == (5, [105.0])
    assert schedule(jumping, 2) == [105.0, 12 / 7]


def test_what_get_lr_must_return() -> None:
    class TooFew(LRScheduler):
        def get_lr(self) -> Any:
            return [5.0]

    optimizer = sgd(1.0, 2.0)
    with pytest.raises(ValueError, match=r"TooFew has values for 1 .* has 2;"):
        TooFew(optimizer)
    assert [group["lr"] for group in optimizer.param_groups] == [1.0, 2.0]
    with pytest.raises(NotImplementedError, match=r"LRScheduler must write get_lr"):
        LRScheduler(optimizer)


@pytest.mark.parametrize(
    "make",
    [
        Inverse,
        lambda o: LambdaLR(o, lambda t: 0.5**t),
        lambda o: MultiplicativeLR(o, lambda t: 0.5),
        lambda o: CosineAnnealingLR(o, T_max=1),
        lambda o: CyclicLR(o, 1.0, 2.0, 3),
    ],
)
def test_a_group_added_later_needs_a_new_scheduler(make: Any) -> None:
    scheduler = make(sgd(1.0))
    schedule(scheduler, 1)
    lr, momentum = option(scheduler, "lr"), option(scheduler, "momentum")
    scheduler.optimizer.add_param_group({"params": weight()})
    with pytest.raises(ValueError, match="after adding a group"):
        scheduler.step()
    assert (option(scheduler, "lr"), option(scheduler, "momentum")) == (lr, momentum)


def test_a_group_added_later_may_join_a_chainable_schedule() -> None:
    scheduler = ExponentialLR(sgd(1.0), 0.5)
    scheduler.optimizer.add_param_group({"params": weight(), "lr": 8.0})
    schedule(scheduler, 2)
    assert scheduler.get_last_lr() == [0.25, 2.0]


@pytest.mark.parametrize("other", [None, "SGD", [1], SGD])
def test_only_optimizers_have_schedules(other: Any) -> None:
    for make in (Inverse, lambda o: StepLR(o, 3), lambda o: LambdaLR(o, lambda t: 1.0)):
        with pytest.raises(TypeError, match="is not an Optimizer"):
            make(other)


def test_computing_without_a_step_warns() -> None:
    scheduler = StepLR(sgd(1.0), 3)
    with pytest.warns(UserWarning, match=r"please use `get_last_lr\(\)`") as caught:
        assert scheduler.get_lr() == [1.0]
    assert caught[0].filename == __file__


def test_an_error_in_get_lr_ends_the_step() -> None:
    scheduler = LambdaLR(sgd(1.0), lambda t: 1 / (1 - t))
    scheduler.optimizer.step()
    with pytest.raises(ZeroDivisionError):
        scheduler.step()
    with pytest.warns(UserWarning, match="get_last_lr"), pytest.raises(ZeroDivisionError):
        scheduler.get_lr()
    assert option(scheduler, "lr") == 1.0


# -- learning rates that are Tensors ------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_tensor_is_filled_in_place(shape: Any) -> None:
    rate = minitorch.tensor(np.full(shape, 8.0, np.float32))
    scheduler = ExponentialLR(sgd(rate), 0.5)
    array = rate.array
    got = scheduler.get_last_lr()
    schedule(scheduler, 2)
    assert option(scheduler, "lr") is rate and rate.array is array
    assert (rate.item(), rate.dtype, rate.shape) == (2.0, minitorch.float32, shape)
    assert scheduler.base_lrs[0].item() == option(scheduler, "initial_lr").item() == 8.0
    assert got[0].item() == 8.0
    last = scheduler.get_last_lr()[0]
    last.fill_(77.0)
    assert rate.item() == 2.0


# -- the order of steps -------------------------------------------------------------------


def test_stepping_before_the_optimizer_warns_once() -> None:
    scheduler = StepLR(sgd(1.0), 3)
    with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`") as caught:
        scheduler.step()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    scheduler.step()


def test_a_step_written_by_a_user_is_noticed() -> None:
    optimizer = Betas(1.0)
    scheduler = StepLR(optimizer, 3)
    optimizer.step()
    scheduler.step()
    assert optimizer.steps == 1


def test_a_replaced_step_warns() -> None:
    optimizer = sgd(1.0)
    scheduler = StepLR(optimizer, 3)
    optimizer.step = lambda: None  # type: ignore[method-assign, assignment]
    with pytest.warns(UserWarning, match=r"overridden after learning rate scheduler") as caught:
        scheduler.step()
    assert caught[0].filename == __file__
    scheduler.step()


def test_a_wrapped_step_is_noticed() -> None:
    optimizer = sgd(1.0)
    scheduler = StepLR(optimizer, 3)
    step = optimizer.step

    @functools.wraps(step)
    def wrapper(*args: Any) -> Any:
        return step(*args)

    optimizer.step = wrapper  # type: ignore[method-assign]
    with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
        scheduler.step()
    second = StepLR(optimizer, 3)
    optimizer.step()
    second.step()


def test_a_function_in_the_place_of_step_is_observed() -> None:
    optimizer = sgd(1.0)
    calls = []
    optimizer.step = lambda *args: calls.append(args)  # type: ignore[method-assign]
    scheduler = StepLR(optimizer, 3)
    with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
        scheduler.step()
    second = StepLR(optimizer, 3)
    optimizer.step(5)
    second.step()
    assert calls == [(5,)]


def test_the_observed_step_does_what_the_optimizers_does() -> None:
    parameter = weight()
    optimizer = SGD([parameter], lr=0.25)
    scheduler = StepLR(optimizer, 3)
    seen = []
    optimizer.register_step_post_hook(lambda self, args, kwargs: seen.append((self, args)))

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (parameter * 2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 2.0
    assert parameter.item() == 0.5
    assert seen == [(optimizer, (optimizer, closure))]
    assert optimizer.step.__name__ == "step"
    scheduler.step()


def test_an_optimizer_that_nobody_holds_is_freed_at_once() -> None:
    optimizer = sgd(1.0)
    StepLR(optimizer, 3)
    optimizer.step()
    reference = weakref.ref(optimizer)
    gc.disable()
    try:
        del optimizer
        assert reference() is None
    finally:
        gc.enable()


# -- saving, copying ----------------------------------------------------------------------


def by_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def test_a_state_dict_has_every_attribute_but_the_optimizer() -> None:
    scheduler = StepLR(sgd(8.0), step_size=3, gamma=0.5)
    schedule(scheduler, 3)
    assert list(scheduler.state_dict().items()) == [
        ("step_size", 3),
        ("gamma", 0.5),
        ("base_lrs", [8.0]),
        ("last_epoch", 3),
        ("_step_count", 4),
        ("_is_initial", False),
        ("_get_lr_called_within_step", False),
        ("_last_lr", [4.0]),
    ]


def test_loading_continues_where_saving_stopped() -> None:
    first, second = Inverse(sgd(12.0)), Inverse(sgd(1.0))
    schedule(first, 3)
    second.load_state_dict(by_pickle(first.state_dict()))
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    assert schedule(second, 3) == [3.0, 12 / 5, 2.0]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle])
def test_copies_of_an_optimizer_are_not_scheduled(duplicate: Any) -> None:
    optimizer = sgd(8.0, momentum=0.5)
    scheduler = ExponentialLR(optimizer, 0.5)
    twin = duplicate(optimizer)
    assert "step" not in vars(twin)
    twin.param_groups[0]["params"][0].grad = minitorch.ones(1)
    twin.step()
    assert twin.param_groups[0]["params"][0].item() == -7.0
    assert optimizer.param_groups[0]["params"][0].item() == 1.0
    schedule(scheduler, 1)
    assert (option(scheduler, "lr"), twin.param_groups[0]["lr"]) == (4.0, 8.0)
    again = ExponentialLR(twin, 0.25)
    assert schedule(again, 2) == [8.0, 2.0]
    assert option(scheduler, "lr") == 4.0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle])
@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_copies_of_a_scheduler_have_an_optimizer_of_their_own(duplicate: Any, epochs: int) -> None:
    scheduler = ExponentialLR(sgd(8.0), 0.5)
    schedule(scheduler, epochs)
    twin = duplicate(scheduler)
    assert schedule(twin, 2) == [8.0 * 0.5**epochs, 4.0 * 0.5**epochs]
    assert option(scheduler, "lr") == 8.0 * 0.5**epochs


# -- the package --------------------------------------------------------------------------


def test_everything_is_exported() -> None:
    for name in lr_scheduler.__all__:
        assert issubclass(getattr(lr_scheduler, name), LRScheduler)
    assert issubclass(lr_scheduler._LRScheduler, LRScheduler)
    assert lr_scheduler._LRScheduler.__name__ == "_LRScheduler"
