"""Statistics over several calls, states and unusual settings of normalization, as in PyTorch."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from tests.parity.side_by_side import outcome, side_by_side


def batches(torch: Any, *shape: int) -> list[Any]:
    rng = np.random.default_rng(0)
    return [torch.tensor(rng.standard_normal((n, *shape)) * n + 1).float() for n in (4, 2, 7)]


LAYERS: dict[str, Any] = {
    "batch": lambda nn, **options: nn.BatchNorm1d(3, **options),
    "instance": lambda nn, **options: nn.InstanceNorm1d(3, **options),
}
OPTIONS = [
    {"track_running_stats": True},
    {"track_running_stats": True, "momentum": None},
    {"track_running_stats": True, "momentum": 0.9, "affine": True},
    {"track_running_stats": False, "affine": True, "bias": False},
]


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@side_by_side(rtol=2e-5, atol=1e-6)
def test_several_calls(torch: Any, kind: str, options: dict[str, Any]) -> Any:
    layer = LAYERS[kind](torch.nn, **options)
    seen = []
    for training in (True, False, True):
        layer.train(training)
        for batch in batches(torch, 3, 5):
            output = layer(batch)
            seen.append((output, {name: value.clone() for name, value in layer.named_buffers()}))
    return seen, layer


CHANGES: dict[str, Any] = {
    "no count": lambda layer: setattr(layer, "num_batches_tracked", None),
    "no count, mean of all": lambda layer: (
        setattr(layer, "num_batches_tracked", None),
        setattr(layer, "momentum", None),
    ),
    "tracks no more": lambda layer: setattr(layer, "track_running_stats", False),
    "no statistics": lambda layer: (
        setattr(layer, "running_mean", None),
        setattr(layer, "running_var", None),
    ),
    "frozen": lambda layer: layer.eval(),
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("change", CHANGES)
@side_by_side(rtol=2e-5, atol=1e-6)
def test_changed_afterwards(torch: Any, kind: str, change: str) -> Any:
    layer = LAYERS[kind](torch.nn, track_running_stats=True)
    CHANGES[change](layer)
    first = outcome(layer, batches(torch, 3, 5)[0])
    second = outcome(layer.eval(), batches(torch, 3, 5)[1])
    return first, second, dict(layer.named_buffers())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("momentum", [0.1, 1.0, 0.0])
@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
@side_by_side(rtol=2e-5, atol=1e-6)
def test_functions_change_statistics(torch: Any, name: str, momentum: float, training: bool) -> Any:
    mean, var = torch.zeros(3), torch.ones(3)
    option = {"batch_norm": "training", "instance_norm": "use_input_stats"}[name]
    function = getattr(torch.nn.functional, name)
    outputs = [
        function(batch, mean, var, momentum=momentum, **{option: training})
        for batch in batches(torch, 3, 2, 2)
    ]
    return outputs, mean, var


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("tracks", [True, False])
@pytest.mark.parametrize("held", ["mean and var", "mean", "count", "all", "nothing"])
@pytest.mark.parametrize("version", [None, 1, 2])
@side_by_side
def test_loading(torch: Any, kind: str, tracks: bool, held: str, version: Any) -> Any:
    layer = LAYERS[kind](torch.nn, affine=False, track_running_stats=tracks)
    whole = {
        "running_mean": torch.full((3,), 5.0),
        "running_var": torch.full((3,), 6.0),
        "num_batches_tracked": torch.tensor(7),
    }
    names = {"mean and var": list(whole)[:2], "mean": ["running_mean"], "all": list(whole)}
    names |= {"count": ["num_batches_tracked"], "nothing": []}
    state = layer.state_dict()
    state.clear()
    state.update({name: whole[name] for name in names[held]})
    if version is None:
        del state._metadata
    else:
        state._metadata[""]["version"] = version
    result = outcome(layer.load_state_dict, state)
    if isinstance(result, Exception):  # here it leaves the layer as it was, in PyTorch it does not
        return result
    return dict(layer.named_buffers())


@side_by_side
def test_signatures(torch: Any) -> Any:
    nn = torch.nn
    layers = [nn.BatchNorm1d, nn.InstanceNorm2d, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm]
    names = ["batch_norm", "instance_norm", "layer_norm", "group_norm", "rms_norm"]
    callables = layers + [getattr(nn.functional, name) for name in names]
    return [
        [(p.name, str(p.kind), str(p.default)) for p in inspect.signature(each).parameters.values()]
        for each in callables
    ]


@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm", "BatchNorm1d"])
@side_by_side(rtol=5e-3, atol=1e-3)
def test_half_precision(torch: Any, name: str) -> Any:
    layer = getattr(torch.nn, name)(3).to(torch.float16)
    x = batches(torch, 3)[2].to(torch.float16).requires_grad_()
    output = layer(x)
    (output * output.detach() ** 2).sum().backward()
    return output, x.grad, layer.weight.grad
