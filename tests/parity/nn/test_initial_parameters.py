"""Every module starts with PyTorch's parameters and leaves the random stream where it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.nn.cases import CASES, WITHOUT_FORWARD
from tests.nn.cases.case import Arguments, make_layer
from tests.parity.side_by_side import LIBRARIES, side_by_side


def constructors() -> dict[str, tuple[str, Arguments]]:
    """A layer's name and the arguments that make it, for every layer of the table."""
    named = [(case.name, case.constructor) for case in CASES if case.constructor is not None]
    return {f"{name}({made})": (name, made) for name, made in [*named, *WITHOUT_FORWARD.items()]}


CONSTRUCTORS = constructors()


@pytest.fixture(params=["float32", "float64", "float16"])
def dtype(request: pytest.FixtureRequest) -> Iterator[str]:
    """Make new parameters of this dtype, under both packages."""
    before = [library.get_default_dtype() for library in LIBRARIES]
    for library in LIBRARIES:
        library.set_default_dtype(getattr(library, request.param))
    yield request.param
    for library, default in zip(LIBRARIES, before, strict=True):
        library.set_default_dtype(default)


@pytest.mark.parametrize("made", CONSTRUCTORS)
@side_by_side
def test_parameters(torch: Any, made: str, dtype: str) -> Any:
    found = []
    for seed in (0, 1, -1, 2**31, 2**40 + 5):
        torch.manual_seed(seed)
        module = make_layer(torch, *CONSTRUCTORS[made], dtype)
        tensors = dict(module.named_parameters()), dict(module.named_buffers())
        found.append((*tensors, list(module.state_dict()), torch.rand(2)))
    return found


@pytest.mark.parametrize("made", CONSTRUCTORS)
@side_by_side
def test_parameters_after_a_reset(torch: Any, made: str, dtype: str) -> Any:
    torch.manual_seed(0)
    module = make_layer(torch, *CONSTRUCTORS[made], dtype)
    for child in module.modules():
        if hasattr(child, "reset_parameters"):
            child.reset_parameters()
    return dict(module.named_parameters()), torch.rand(2)
