"""Averaged models, recomputed statistics and the constant learning rate, as in PyTorch."""

from __future__ import annotations

import copy
import importlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch as reference

import minitorch
from tests.parity.side_by_side import message, outcome, side_by_side

# PyTorch's `lerp_` multiplies and adds in one step where the processor can.
ROUNDING = 2e-6
HALF = 1e-2  # constants are float16 here, float32 in PyTorch

MULTI: dict[str, Callable[[Any], dict[str, Any]]] = {
    "multi EMA": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.99)},
    "fast multi EMA": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.3)},
    "multi EMA at a half": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.5)},
    "multi EMA of 1": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn(1)},
    "multi EMA of 0": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn(0)},
    "multi EMA by default": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn()},
}
RULES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "default": lambda swa: {},
    "SWA": lambda swa: {"avg_fn": swa.get_swa_avg_fn()},
    "EMA": lambda swa: {"avg_fn": swa.get_ema_avg_fn(0.99)},
    "EMA by default": lambda swa: {"avg_fn": swa.get_ema_avg_fn()},
    "own": lambda swa: {"avg_fn": lambda mean, value, count: (mean * count + value) / (count + 1)},
    **MULTI,
}
MULTI_SWA = {"multi SWA": lambda swa: {"multi_avg_fn": swa.get_swa_multi_avg_fn()}}


def swa_utils(torch: Any) -> Any:
    return importlib.import_module(f"{torch.__name__}.optim.swa_utils")


def fill(torch: Any, tensors: Any, random: np.random.Generator) -> None:
    """Put new numbers into tensors of any dtype."""
    with torch.no_grad():
        for tensor in tensors:
            numbers = 3 * random.standard_normal(tuple(tensor.shape))
            if not tensor.is_floating_point():
                numbers = 20 * abs(numbers)  # what uint8 makes of negative numbers is not defined
            if tensor.dtype == torch.bool:
                numbers = numbers > 40
            tensor.copy_(torch.tensor(numbers))


def network(torch: Any, dtype: str = "float32", buffers: tuple[str, ...] = ()) -> Any:
    """Parameters of many shapes and layouts, one of them frozen, and buffers."""
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Sigmoid())
    module.scale = torch.nn.Parameter(torch.tensor(1.5))
    module.row = torch.nn.Parameter(torch.zeros(1030), requires_grad=False)
    module.empty = torch.nn.Parameter(torch.zeros(0, 3))
    module.turned = torch.nn.Parameter(torch.zeros(4, 6).t())
    module.large = torch.nn.Parameter(torch.zeros(150, 130))
    module.large_turned = torch.nn.Parameter(torch.zeros(120, 80).t())
    module.to(getattr(torch, dtype))
    for index, name in enumerate(buffers):
        tensor = torch.zeros(3 + index, dtype=getattr(torch, name))
        module.register_buffer(f"buffer{index}", tensor)
    fill(torch, [*module.parameters(), *module.buffers()], np.random.default_rng(0))
    return module


def averages(
    torch: Any, model: Any, updates: int = 12, **options: Any
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The averaged model after each of several updates, and copies of its state."""
    averaged = swa_utils(torch).AveragedModel(model, **options)
    random = np.random.default_rng(1)
    for _ in range(updates):
        averaged.update_parameters(model)
        yield averaged, {name: each.clone() for name, each in averaged.state_dict().items()}
        fill(torch, [*model.parameters(), *model.buffers()], random)


# -- averages, bit for bit ----------------------------------------------------------------


@pytest.mark.parametrize("rule", [*RULES, *MULTI_SWA])
@side_by_side(rtol=ROUNDING, atol=ROUNDING)
def test_averages(torch: Any, rule: str) -> Any:
    return averages_by(torch, rule, "float32")


@pytest.mark.parametrize("rule", [*RULES, *MULTI_SWA])
@side_by_side(rtol=1e-15, atol=1e-15)
def test_averages_in_float64(torch: Any, rule: str) -> Any:
    return averages_by(torch, rule, "float64")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rule", set(RULES) - set(MULTI))
@side_by_side
def test_averages_bit_for_bit(torch: Any, rule: str, dtype: str) -> Any:
    return averages_by(torch, rule, dtype)


@pytest.mark.parametrize("rule", [*RULES, *MULTI_SWA])
@side_by_side(rtol=HALF, atol=HALF)
def test_averages_in_float16(torch: Any, rule: str) -> Any:
    return averages_by(torch, rule, "float16")


def averages_by(torch: Any, rule: str, dtype: str) -> Any:
    options = {**RULES, **MULTI_SWA}[rule](swa_utils(torch))
    model = network(torch, dtype, ("float32",))
    states = []
    for averaged, state in averages(torch, model, **options):
        states.append(state)
        flags = [(each.is_leaf, each.requires_grad) for each in averaged.parameters()]
    return states, flags, [name for name, _ in averaged.named_parameters()]


@pytest.mark.parametrize("use_buffers", [True, False])
@pytest.mark.parametrize("buffer", ["float64", "int64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("rule", RULES.keys())
@side_by_side(rtol=ROUNDING, atol=ROUNDING)
def test_buffers(torch: Any, rule: str, buffer: str, use_buffers: bool) -> Any:
    options = RULES[rule](swa_utils(torch))
    model = network(torch, buffers=("float32", buffer, buffer))
    seen = averages(torch, model, 5, use_buffers=use_buffers, **options)
    return outcome(lambda: [state for _, state in seen])


@pytest.mark.parametrize("buffer", ["int64", "bool"])
@pytest.mark.parametrize("rule", ["default", "SWA", "multi SWA"])
@side_by_side
def test_refused_buffers_leave_nothing_half_done(torch: Any, rule: str, buffer: str) -> Any:
    options = {**RULES, **MULTI_SWA}[rule](swa_utils(torch))
    model = network(torch, buffers=(buffer,))
    averaged = swa_utils(torch).AveragedModel(model, use_buffers=True, **options)
    averaged.update_parameters(model)
    fill(torch, [*model.parameters(), *model.buffers()], np.random.default_rng(1))
    result = outcome(averaged.update_parameters, model)
    # PyTorch has changed the parameters by then if the rule is applied to them first.
    whole = averaged.state_dict() if rule == "multi SWA" or buffer == "int64" else None
    return result, whole, averaged.n_averaged


@side_by_side
def test_many_dtypes_at_once(torch: Any) -> Any:
    """What a rule for many tensors is given."""
    model = network(torch, buffers=("float64", "int64", "float16", "float32"))
    calls: list[Any] = []

    def rule(means: Any, values: Any, count: Any) -> None:
        kinds = [type(each).__name__ for each in (means, values, count)]
        tensors = [(each.dtype, each.requires_grad, each.is_leaf) for each in means]
        calls.append((kinds, tensors, copy.copy(values), count.clone()))
        for mean, value in zip(means, values, strict=True):
            mean.copy_(mean + value)

    states = [state for _, state in averages(torch, model, 4, multi_avg_fn=rule, use_buffers=True)]
    calls.sort(key=lambda call: str(call[1][0][0]).rpartition(".")[2])
    return calls, states


@pytest.mark.parametrize("given", [1, 2, 2**30])
@pytest.mark.parametrize("as_tensor", [True, False])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@side_by_side(rtol=ROUNDING)
def test_number_of_models(torch: Any, dtype: str, as_tensor: bool, given: int) -> Any:
    """As a Tensor it makes the factor 1 / (n + 1) a float32, also for float64."""
    number = torch.tensor(given) if as_tensor else given
    mean, value = (torch.arange(1, 9).to(getattr(torch, dtype)) * step for step in (0.7, 1.1))
    single = swa_utils(torch).get_swa_avg_fn()(mean, value, number)
    swa_utils(torch).get_swa_multi_avg_fn()([mean], [value], number)
    return single, mean


@side_by_side(rtol=ROUNDING)
def test_default_dtype_decides_about_the_factor(torch: Any) -> Any:
    torch.set_default_dtype(torch.float64)
    try:
        mean, value = torch.arange(9) * 0.7, torch.arange(9) * 1.1
        swa_utils(torch).get_swa_multi_avg_fn()([mean], [value], torch.tensor(2))
    finally:
        torch.set_default_dtype(torch.float32)
    return mean


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("decay", [0.9, 0.1])
@side_by_side(rtol=ROUNDING)
def test_values_without_bounds(torch: Any, decay: float, dtype: str) -> Any:
    numbers = [np.inf, -np.inf, np.nan, 1e300, -1e300, 3e38, 1e-40, 0.0, -0.0, 1.0]
    pairs = np.array([(mean, value) for mean in numbers for value in numbers])
    with np.errstate(over="ignore"):
        means, values = (torch.tensor(each.astype(dtype)) for each in pairs.T)
    equal = swa_utils(torch).get_swa_avg_fn()(means, values, 3)
    swa_utils(torch).get_ema_multi_avg_fn(decay)([means], [values], 1)
    return means, equal


@side_by_side
def test_one_parameter_in_another_dtype(torch: Any) -> Any:
    """Its neighbours are computed in their own dtype."""
    model = torch.nn.ParameterList([torch.zeros(20), torch.zeros(20), torch.zeros(20)])
    averaged = swa_utils(torch).AveragedModel(model)
    random = np.random.default_rng(0)
    for _ in range(4):
        fill(torch, model, random)
        averaged.update_parameters(model)
        model[1] = torch.nn.Parameter(model[1].detach().double())
    return averaged.state_dict()


# -- the averaged model as a module -------------------------------------------------------


@side_by_side
def test_copy_of_the_model(torch: Any) -> Any:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Sigmoid()).eval()
    model[0].weight.grad = torch.ones(3, 2)
    model[0].bias.requires_grad_(False)
    averaged = swa_utils(torch).AveragedModel(model)
    return (
        averaged,
        averaged.training,
        averaged.module.training,
        averaged.state_dict(),
        [(each.grad, each.is_leaf) for each in averaged.parameters()],
        averaged.use_buffers,
        averaged.avg_fn,
        averaged.multi_avg_fn,
        [name for name, _ in averaged.named_buffers()],
        averaged.module[0].weight is model[0].weight,
    )


@side_by_side
def test_gradients_flow_through_the_copy_alone(torch: Any) -> Any:
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    averaged = swa_utils(torch).AveragedModel(model)
    averaged.update_parameters(model)
    averaged(input=torch.ones(3, 2)).sum().backward()
    grads = [each.grad for each in averaged.parameters()]
    averaged.update_parameters(model)
    return grads, [each.grad for each in averaged.parameters()], model.weight.grad


@side_by_side
def test_changes_in_place_are_noticed(torch: Any) -> Any:
    """A backward through weights that an update has changed is refused."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    averaged = swa_utils(torch).AveragedModel(model)
    results = []
    for options in ({}, {"multi_avg_fn": swa_utils(torch).get_ema_multi_avg_fn()}):
        averaged = swa_utils(torch).AveragedModel(model, **options)
        for _ in range(3):
            output = averaged(torch.ones(1, 2)).sum()
            averaged.update_parameters(model)
            results.append(outcome(output.backward))
            versions = [each._version for each in averaged.parameters()]
            results.append([versions, averaged.n_averaged._version])
    return results


@side_by_side
def test_saved_averages_go_on(torch: Any) -> Any:
    model = network(torch)
    averaged = [averaged for averaged, _ in averages(torch, model, 3)][-1]
    again = swa_utils(torch).AveragedModel(network(torch))
    keys = again.load_state_dict(copy.deepcopy(averaged.state_dict()))
    copied = copy.deepcopy(averaged)
    results = []
    for each in (averaged, again, copied):
        each.update_parameters(model)
        results.append({name: value.clone() for name, value in each.state_dict().items()})
    return keys, results


def test_pytorchs_state_loads() -> None:
    mine, other = (
        [averaged for averaged, _ in averages(torch, network(torch, "float64"), 4)][-1]
        for torch in (minitorch, reference)
    )
    fresh = swa_utils(minitorch).AveragedModel(network(minitorch, "float64"))
    state = {name: minitorch.tensor(value.numpy()) for name, value in other.state_dict().items()}
    fresh.load_state_dict(state)
    assert fresh.n_averaged.item() == 4
    for name, value in mine.state_dict().items():
        np.testing.assert_array_equal(fresh.state_dict()[name].array, value.array)


@side_by_side
def test_conversion_keeps_the_count(torch: Any) -> Any:
    model = network(torch)
    averaged = swa_utils(torch).AveragedModel(model)
    averaged.update_parameters(model)
    averaged.double()
    averaged.update_parameters(model.double())
    return averaged.n_averaged, averaged.state_dict()


# -- models that do not fit ---------------------------------------------------------------


def with_buffer(torch: Any, *shape: int) -> Any:
    module = torch.nn.Module()
    module.register_buffer("buffer", torch.ones(*shape))
    module.weight = torch.nn.Parameter(torch.ones(3))
    return module


def with_weight(torch: Any, *shape: int, dtype: str = "float32") -> Any:
    module = torch.nn.Module()
    module.weight = torch.nn.Parameter(7 * torch.ones(*shape, dtype=getattr(torch, dtype)))
    return module


OTHERS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "longer": (lambda t: with_weight(t, 3), lambda t: with_weight(t, 4)),
    "broadcast": (lambda t: with_weight(t, 2, 3), lambda t: with_weight(t, 1)),
    "more dimensions": (lambda t: with_weight(t, 3), lambda t: with_weight(t, 1, 1, 3)),
    "smaller average": (lambda t: with_weight(t, 1), lambda t: with_weight(t, 3)),
    "another dtype": (lambda t: with_weight(t, 3), lambda t: with_weight(t, 3, dtype="float64")),
    "to half": (lambda t: with_weight(t, 3, dtype="float16"), lambda t: with_weight(t, 3)),
    "half": (lambda t: with_weight(t, 3), lambda t: with_weight(t, 3, dtype="float16")),
    "fewer parameters": (lambda t: t.nn.Linear(3, 2), lambda t: t.nn.Linear(3, 2, bias=False)),
    "fewer buffers": (lambda t: with_buffer(t, 2), lambda t: with_weight(t, 3)),
    "more buffers": (lambda t: with_weight(t, 3), lambda t: with_buffer(t, 2)),
    "longer buffer": (lambda t: with_buffer(t, 2), lambda t: with_buffer(t, 3)),
    "no module": (lambda t: with_weight(t, 3), lambda t: "model"),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS.keys())
@pytest.mark.parametrize("rule", ["default", "EMA", "multi EMA"])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("use_buffers", [True, False])
@side_by_side
def test_another_model(torch: Any, case: str, rule: str, first: bool, use_buffers: bool) -> Any:
    torch.manual_seed(0)
    make, make_other = OTHERS[case]
    model = make(torch)
    options = RULES[rule](swa_utils(torch))
    averaged = swa_utils(torch).AveragedModel(model, use_buffers=use_buffers, **options)
    if not first:
        averaged.update_parameters(model)
    other = make_other(torch)
    result = outcome(averaged.update_parameters, other)
    if result is None:  # after an error PyTorch may have changed something already
        return averaged.state_dict()
    return result, averaged.n_averaged


REFUSED: dict[str, Callable[[Any, Any], Any]] = {
    "two rules": lambda t, swa: swa.AveragedModel(
        t.nn.Linear(1, 1), avg_fn=swa.get_ema_avg_fn(), multi_avg_fn=swa.get_ema_multi_avg_fn()
    ),
    "device": lambda t, swa: swa.AveragedModel(t.nn.Linear(1, 1), device="nope"),
    "device number": lambda t, swa: swa.AveragedModel(t.nn.Linear(1, 1), device=0),
    "integers": lambda t, swa: swa.get_swa_multi_avg_fn()([t.tensor([1])], [t.tensor([2])], 1),
    "integers by Tensor": lambda t, swa: swa.get_swa_multi_avg_fn()(
        [t.tensor([1])], [t.tensor([2])], t.tensor(1)
    ),
    "nothing": lambda t, swa: swa.get_ema_multi_avg_fn()([], [], 1),
    "missing value": lambda t, swa: swa.get_ema_multi_avg_fn()([t.ones(1)], [], 1),
    "missing integer": lambda t, swa: swa.get_ema_multi_avg_fn()([t.tensor([1])], [], 1),
    "other dtype": lambda t, swa: swa.get_ema_multi_avg_fn()([t.ones(1)], [t.ones(1).double()], 1),
    "other shape": lambda t, swa: swa.get_ema_multi_avg_fn()([t.ones(2)], [t.ones(3)], 1),
    **{
        f"{name} decay {decay}": lambda t, swa, name=name, decay=decay: getattr(swa, name)(decay)
        for name in ("get_ema_avg_fn", "get_ema_multi_avg_fn")
        for decay in (-0.1, 1.1, 5, np.inf, "a", None)
    },
}


@pytest.mark.parametrize("case", REFUSED.keys())
def test_refused(case: str) -> None:
    (ours, text), (theirs, _) = (
        message(REFUSED[case], torch, swa_utils(torch)) for torch in (minitorch, reference)
    )
    assert ours is theirs
    if "decay" in case and ours is ValueError:
        assert "decay" in text


@side_by_side
def test_decays_that_are_tensors(torch: Any) -> Any:
    decay = torch.tensor(0.75)
    mean, value = torch.tensor([1.0, 2.0]), torch.tensor([5.0, -2.0])
    single = swa_utils(torch).get_ema_avg_fn(decay)(mean, value, 1)
    swa_utils(torch).get_ema_multi_avg_fn(decay)([mean], [value], 1)
    return single, mean


@side_by_side
def test_signatures(torch: Any) -> Any:
    module = swa_utils(torch)
    names = sorted(module.__all__)
    parameters = {
        name: [
            (each.name, each.kind, each.default is each.empty, str(each.default))
            for each in inspect.signature(getattr(module, name)).parameters.values()
        ]
        for name in names
    }
    return names, str(parameters).replace("<class 'inspect._empty'>", "")


# -- statistics of batch normalization ----------------------------------------------------


def batches(torch: Any, sizes: tuple[int, ...] = (4, 7, 3)) -> list[Any]:
    random = np.random.default_rng(3)
    return [torch.tensor(random.standard_normal((size, 3)) * 2 + 1).float() for size in sizes]


def normalized(torch: Any) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 4),
        torch.nn.BatchNorm1d(4),
        torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.BatchNorm1d(2, momentum=None)),
    )


PACKINGS: dict[str, Callable[[Any], Any]] = {
    "tensor": lambda batch: batch,
    "tuple": lambda batch: (batch, "label"),
    "list": lambda batch: [batch],
}


@pytest.mark.parametrize("packing", PACKINGS.keys())
@pytest.mark.parametrize("device", [None, "cpu"])
@pytest.mark.parametrize("training", [True, False])
@side_by_side(rtol=1e-5, atol=1e-6)
def test_update_bn(torch: Any, training: bool, device: Any, packing: str) -> Any:
    model = normalized(torch).train(training)
    for batch in batches(torch):  # statistics that are to be forgotten
        model(batch * 5)
    loader = (PACKINGS[packing](batch) for batch in batches(torch))
    result = swa_utils(torch).update_bn(loader, model, device)
    modes = [module.training for module in model.modules()]
    momenta = [model[1].momentum, model[2][1].momentum]
    return result, modes, momenta, model.state_dict(), model(batches(torch)[0])


@side_by_side(rtol=1e-5, atol=1e-6)
def test_update_bn_of_an_averaged_model(torch: Any) -> Any:
    model = normalized(torch)
    averaged = swa_utils(torch).AveragedModel(model)
    for batch in batches(torch):
        model(batch)
        averaged.update_parameters(model)
    swa_utils(torch).update_bn(batches(torch), averaged)
    return averaged.state_dict(), model.state_dict()


@side_by_side
def test_nothing_is_loaded_without_batch_norm(torch: Any) -> Any:
    loader = iter(batches(torch))
    model = torch.nn.Linear(3, 2)
    swa_utils(torch).update_bn(loader, model, device="nope")
    return len(list(loader))


@pytest.mark.parametrize("loader", [[], [5], [()], ["text"], 5])
@side_by_side
def test_update_bn_of_odd_batches(torch: Any, loader: Any) -> Any:
    model = normalized(torch)
    return outcome(swa_utils(torch).update_bn, loader, model), model[1].running_var


# -- SWALR --------------------------------------------------------------------------------


def optimizer_of(torch: Any, *rates: Any) -> Any:
    groups = [{"params": [torch.ones(1, requires_grad=True)], "lr": lr} for lr in rates]
    return torch.optim.SGD(groups, lr=0.1, momentum=0.9)


def schedule(scheduler: Any, optimizer: Any, epochs: int = 9) -> list[Any]:
    rates = []
    for _ in range(epochs):
        last = scheduler.get_last_lr()
        rates.append([*last, *[group["lr"] for group in optimizer.param_groups]])
        rates[-1] = [each.clone() if hasattr(each, "clone") else each for each in rates[-1]]
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [0, 1, 2, 7, True])
@pytest.mark.parametrize("swa_lr", [0.05, 1, 0, [0.3, 0.05], (0.01, 2)])
@side_by_side
def test_rates(torch: Any, swa_lr: Any, epochs: int, strategy: str) -> Any:
    optimizer = optimizer_of(torch, 0.1, 1.7)
    scheduler = swa_utils(torch).SWALR(optimizer, swa_lr, epochs, strategy)
    rates = schedule(scheduler, optimizer)
    return rates, scheduler.state_dict(), [sorted(group) for group in optimizer.param_groups]


@side_by_side
def test_default_rates(torch: Any) -> Any:
    optimizer = optimizer_of(torch, 0.1)
    scheduler = swa_utils(torch).SWALR(optimizer, swa_lr=0.5)
    return schedule(scheduler, optimizer, 13)


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@side_by_side(rtol=1e-6)
def test_rates_that_are_tensors(torch: Any, strategy: str) -> Any:
    lr, swa_lr = torch.tensor(0.1), torch.tensor(0.5)
    optimizer = optimizer_of(torch, lr)
    scheduler = swa_utils(torch).SWALR(optimizer, swa_lr, 3, strategy)
    rates = schedule(scheduler, optimizer, 5)
    (group,) = optimizer.param_groups
    return rates, group["lr"] is lr, group["swa_lr"] is swa_lr, swa_lr


@side_by_side
def test_after_another_schedule(torch: Any) -> Any:
    optimizer = optimizer_of(torch, 0.1)
    lr_scheduler = importlib.import_module(f"{torch.__name__}.optim.lr_scheduler")
    first = lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    second = swa_utils(torch).SWALR(optimizer, swa_lr=0.01, anneal_epochs=3)
    rates = schedule(first, optimizer, 4) + schedule(second, optimizer, 5)
    for _ in range(3):  # both at the same time
        optimizer.step()
        first.step()
        second.step()
        rates.append(second.get_last_lr())
    return rates


@side_by_side
def test_continued_schedule(torch: Any) -> Any:
    optimizer = optimizer_of(torch, 0.1)
    scheduler = swa_utils(torch).SWALR(optimizer, 0.01, 4, "linear")
    rates = schedule(scheduler, optimizer, 2)
    saved, optimizer_state = copy.deepcopy(scheduler.state_dict()), optimizer.state_dict()
    again = optimizer_of(torch, 5.0)
    loaded = swa_utils(torch).SWALR(again, 0.9, 7)
    again.load_state_dict(optimizer_state)
    loaded.load_state_dict(saved)
    curve = [loaded.anneal_func(t) for t in (0, 0.25, 1)]
    return rates, curve, schedule(loaded, again), loaded.state_dict()


@side_by_side
def test_last_epoch(torch: Any) -> Any:
    optimizer = optimizer_of(torch, 0.1)
    optimizer.param_groups[0]["initial_lr"] = 0.3
    scheduler = swa_utils(torch).SWALR(optimizer, 0.01, 4, last_epoch=2)
    return scheduler.last_epoch, schedule(scheduler, optimizer), scheduler.base_lrs


def test_pytorchs_schedule_loads() -> None:
    schedulers = []
    for torch in (minitorch, reference):
        optimizer = optimizer_of(torch, 0.1)
        scheduler = swa_utils(torch).SWALR(optimizer, 0.01, 4, "linear")
        schedule(scheduler, optimizer, 2)
        schedulers.append((scheduler, optimizer))
    (ours, mine), (theirs, other) = schedulers
    fresh = swa_utils(minitorch).SWALR(mine, 0.5)
    fresh.load_state_dict(theirs.state_dict())
    mine.param_groups[0]["swa_lr"] = 0.01
    assert list(fresh.state_dict()) == list(ours.state_dict())
    assert schedule(fresh, mine) == schedule(theirs, other)


def warnings_of(call: Callable[[], Any]) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = outcome(call)
    return result, [each.category for each in caught]


@side_by_side
def test_get_lr_outside_step_warns(torch: Any) -> Any:
    scheduler = swa_utils(torch).SWALR(optimizer_of(torch, 0.1), 0.01, 4)
    return warnings_of(scheduler.get_lr)


@side_by_side
def test_step_before_the_optimizers_warns(torch: Any) -> Any:
    scheduler = swa_utils(torch).SWALR(optimizer_of(torch, 0.1), 0.01, 4)
    return warnings_of(scheduler.step), warnings_of(lambda: scheduler.step(3)), scheduler.last_epoch


@pytest.mark.parametrize(
    "options",
    [
        {"anneal_strategy": "cosine"},
        {"anneal_strategy": None},
        {"anneal_strategy": ["cos"]},
        {"anneal_epochs": -1},
        {"anneal_epochs": 2.0},
        {"anneal_epochs": "2"},
        {"anneal_epochs": None},
        {"swa_lr": [0.1]},
        {"swa_lr": [0.1, 0.2, 0.3]},
        {"swa_lr": ()},
        {"swa_lr": "0.1"},
        {"swa_lr": None},
        {"last_epoch": 0},
    ],
)
@side_by_side
def test_refused_options(torch: Any, options: dict[str, Any]) -> Any:
    optimizer = optimizer_of(torch, 0.1, 0.2)
    swa = swa_utils(torch)
    result = outcome(lambda: swa.SWALR(optimizer, **{"swa_lr": 0.1, **options}))
    assert isinstance(result, Exception)
    return result
