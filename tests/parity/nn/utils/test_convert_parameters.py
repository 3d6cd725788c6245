"""Parameters as one vector, as in PyTorch."""

from __future__ import annotations

from typing import Any

from tests.parity.side_by_side import outcome, side_by_side


@side_by_side
def test_vectors(torch: Any) -> Any:
    torch.manual_seed(0)
    layer, utils = torch.nn.Linear(2, 3), torch.nn.utils
    vector = utils.parameters_to_vector(layer.parameters())
    long = torch.arange(12.0, dtype=torch.float64)
    returned = utils.vector_to_parameters(long, layer.parameters())
    long[0] = 77.0
    return vector, vector.requires_grad, returned, list(layer.parameters())


@side_by_side
def test_errors(torch: Any) -> Any:
    layer, utils = torch.nn.Linear(2, 3), torch.nn.utils
    return [
        outcome(utils.parameters_to_vector, []),
        outcome(utils.parameters_to_vector, [[1.0]]),
        outcome(utils.vector_to_parameters, [1.0], layer.parameters()),
        outcome(utils.vector_to_parameters, torch.ones(5), layer.parameters()),
        outcome(utils.vector_to_parameters, torch.ones(3, 3), layer.parameters()),
    ]
