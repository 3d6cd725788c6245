"""SparseAdam beside PyTorch's, as far as dense gradients go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.optim.pair import LIBRARIES, Options, named


def message(library: Any, kind: type[Exception], **options: Any) -> str:
    parameter = library.ones(2, requires_grad=True)
    parameter.sum().backward()
    with pytest.raises(kind) as caught:
        library.optim.SparseAdam([parameter], **options).step()
    return str(caught.value)


@pytest.mark.parametrize(
    "options", [{}, {"lr": 0.1, "betas": (0.0, 0.5), "eps": 1e-3, "maximize": True}], ids=named
)
def test_dense_gradients_are_refused(options: Options) -> None:
    ours, theirs = (message(library, RuntimeError, **options) for library in LIBRARIES)
    assert ours.startswith(theirs)


@pytest.mark.parametrize(
    "options",
    [{"lr": 0}, {"lr": -1}, {"eps": 0}, {"betas": (1.0, 0.5)}, {"betas": (0.5, -0.1)}],
    ids=named,
)
def test_options_out_of_range(options: Options) -> None:
    ours, theirs = (message(library, ValueError, **options) for library in LIBRARIES)
    assert ours.startswith(theirs)
    assert next(iter(options)) in ours


@pytest.mark.parametrize("options", [{}, {"lr": 0.1, "maximize": True}], ids=named)
def test_without_gradients(options: Options) -> None:
    ours, theirs = (library.optim.SparseAdam([library.ones(2)], **options) for library in LIBRARIES)
    for optimizer in (ours, theirs):
        assert optimizer.step(lambda: 3.0) == 3.0
    assert repr(ours) == repr(theirs)
    assert list(ours.defaults) == list(theirs.defaults)
    assert ours.defaults == theirs.defaults
    assert ours.state_dict() == theirs.state_dict()
