"""Every module starts with PyTorch's parameters and leaves the random stream where it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minitorch import nn
from tests.parity.side_by_side import LIBRARIES, side_by_side

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def args(*arguments: Any, **options: Any) -> Arguments:
    """What a constructor is called with: functions are given `nn` first, a dtype is a name."""
    return arguments, options


# A class of `nn` and arguments of its constructor. Every public class has to be here.
CONSTRUCTORS: dict[str, list[Arguments]] = {
    "AlphaDropout": [args(0.2)],
    "Dropout": [args(), args(0.2, inplace=True)],
    "Dropout1d": [args(0.2)],
    "Dropout2d": [args(0.2)],
    "Dropout3d": [args(0.2)],
    "FeatureAlphaDropout": [args(0.2)],
    "Flatten": [args(), args(0, -2)],
    "Identity": [args(), args(5, x=2)],
    "Linear": [
        args(1, 1), args(3, 2), args(7, 5), args(64, 32), args(1, 10), args(10, 1),
        args(3, 2, bias=False), args(7, 5, dtype="float16"), args(3, 2, dtype="float64"),
    ],
    "MSELoss": [args(), args(reduction="sum")],
    "ModuleDict": [args(lambda nn: {"b": nn.Linear(3, 2), "a": nn.Linear(2, 2)})],
    "ModuleList": [args(lambda nn: [nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 2)])],
    "ParameterDict": [args(lambda nn: {"b": nn.Linear(3, 2).bias, "a": nn.Linear(2, 2).weight})],
    "ParameterList": [args(lambda nn: list(nn.Linear(3, 2).parameters()))],
    "Sequential": [
        args(lambda nn: nn.Linear(20, 10), lambda nn: nn.Sigmoid(), lambda nn: nn.Linear(10, 3)),
    ],
    "Sigmoid": [args()],
}  # fmt: skip
CASES = [(name, number) for name, cases in CONSTRUCTORS.items() for number in range(len(cases))]


@pytest.fixture(params=["float32", "float64", "float16"])
def dtype(request: pytest.FixtureRequest) -> Iterator[str]:
    """Make new parameters of this dtype, under both packages."""
    before = [library.get_default_dtype() for library in LIBRARIES]
    for library in LIBRARIES:
        library.set_default_dtype(getattr(library, request.param))
    yield request.param
    for library, default in zip(LIBRARIES, before, strict=True):
        library.set_default_dtype(default)


def construct(torch: Any, name: str, number: int) -> Any:
    arguments, options = CONSTRUCTORS[name][number]
    made = [item(torch.nn) if callable(item) else item for item in arguments]
    given = {key: getattr(torch, item) if key == "dtype" else item for key, item in options.items()}
    return getattr(torch.nn, name)(*made, **given)


@pytest.mark.parametrize("seed", [0, 1, -1, 2**31, 2**40 + 5])
@pytest.mark.parametrize(("name", "number"), CASES)
@side_by_side
def test_parameters(torch: Any, name: str, number: int, seed: int, dtype: str) -> Any:
    torch.manual_seed(seed)
    module = construct(torch, name, number)
    parameters = dict(module.named_parameters())
    expected = f"{torch.__name__}.{CONSTRUCTORS[name][number][1].get('dtype', dtype)}"
    assert all(str(item.dtype) == expected for item in parameters.values())
    return parameters, dict(module.named_buffers()), list(module.state_dict()), torch.rand(2)


@pytest.mark.parametrize(("name", "number"), CASES)
@side_by_side
def test_parameters_after_a_reset(torch: Any, name: str, number: int, dtype: str) -> Any:
    torch.manual_seed(0)
    module = construct(torch, name, number)
    for child in module.modules():
        if hasattr(child, "reset_parameters"):
            child.reset_parameters()
    return dict(module.named_parameters()), torch.rand(2)


def test_every_module_is_in_the_table() -> None:
    public = {
        name
        for name in nn.modules.__all__
        if isinstance(getattr(nn, name), type) and issubclass(getattr(nn, name), nn.Module)
    }
    assert public == CONSTRUCTORS.keys()
    assert all(CONSTRUCTORS.values())
