"""Losses as functions."""

from __future__ import annotations

import functools
from typing import Any

from ...ops import elementwise
from ...ops import reduction as reductions
from ..modules.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
    check_reduction,
    reduction_of,
)
from ..stateless import as_weight, on_tensors, run, stateless


@functools.lru_cache(maxsize=256)
def _loss(layer: Any, reduction: str, **attributes: Any) -> Any:
    """A loss of class `layer` with these attributes, all of them numbers, names or None."""
    return stateless(layer, reduction=check_reduction(reduction, layer.reductions), **attributes)


def _of_differences(
    loss: Any, input: Any, target: Any, weight: Any, reduction: str, by_weights: bool = True
) -> Any:
    """A loss whose elements are weighted.

    Args:
        loss: gives the loss for a reduction.
        input: (*).
        target: (*).
        weight: of the input's shape, or None.
        reduction: "mean", "sum" or "none".
        by_weights: the mean divides by the sum of the weights, not by the number of elements.

    Raises:
        ValueError: there is no such reduction, or `weight` has another shape than `input`.
    """
    if weight is None:
        return run(loss(reduction), input, target)
    check_reduction(reduction)
    if weight.shape != input.shape:
        raise ValueError(
            f"Weights and input must have the same size, got {list(weight.shape)} and "
            f"{list(input.shape)}"
        )
    losses = elementwise.mul(run(loss("none"), input, target), weight)
    if reduction == "none":
        return losses
    if reduction == "mean" and not by_weights:
        return reductions.mean(losses)
    total = reductions.sum(losses)
    return total if reduction == "sum" else elementwise.div(total, reductions.sum(weight))


def _with_weights(
    layer: Any, input: Any, target: Any, reduction: str, weights: dict[str, Any], **options: Any
) -> Any:
    """Run a loss that has constant weights."""
    if all(weight is None for weight in weights.values()):
        return run(_loss(layer, reduction, **weights, **options), input, target)
    if on_tensors(input, target, *weights.values()):
        input = as_weight(input)
    weights = {name: as_weight(weight) for name, weight in weights.items()}
    check_reduction(reduction)
    return run(stateless(layer, reduction=reduction, **weights, **options), input, target)


# -- of the difference --------------------------------------------------------------------


def l1_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """The mean absolute error: see `minitorch.nn.L1Loss`.

    Arguments and errors are those of `mse_loss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.l1_loss(minitorch.tensor([1.0, -2.0]), minitorch.zeros(2))
        tensor(1.5000)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    loss = functools.partial(_loss, L1Loss)
    return _of_differences(loss, input, target, weight, reduction)


def mse_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """The mean squared error: see `minitorch.nn.MSELoss`.

    Args:
        input: (*).
        target: (*).
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean", "sum" or "none".
        weight: of the input's shape, multiplies each element; with "mean" the sum is divided by
            the sum of the weights. Default: None.

    Raises:
        ValueError: there is no such reduction, or `weight` has another shape than `input`.
        RuntimeError, AttributeError, NotImplementedError: as `minitorch.nn.MSELoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.mse_loss(minitorch.ones(2), minitorch.zeros(2), reduction="sum")
        tensor(2.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    loss = functools.partial(_loss, MSELoss)
    return _of_differences(loss, input, target, weight, reduction)


def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """Squares of errors below β, absolute values beyond: see `minitorch.nn.SmoothL1Loss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.smooth_l1_loss(minitorch.tensor([0.5, 3.0]), minitorch.zeros(2), reduction="none")
        tensor([0.1250, 2.5000])
    """
    reduction = reduction_of(size_average, reduce, reduction)
    return run(_loss(SmoothL1Loss, reduction, beta=beta), input, target)


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Any:
    """Squares of errors up to δ, δ times absolute values beyond: see `minitorch.nn.HuberLoss`.

    `weight` and the errors are as in `mse_loss`, but the mean divides by the number of elements.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.huber_loss(minitorch.tensor([1.0, 3.0]), minitorch.zeros(2), "none", delta=2.0)
        tensor([0.5000, 4.0000])
    """
    loss = functools.partial(_loss, HuberLoss, delta=delta)
    return _of_differences(loss, input, target, weight, reduction, by_weights=False)


# -- of probabilities ---------------------------------------------------------------------


def kl_div(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """The Kullback-Leibler divergence of log-probabilities: see `minitorch.nn.KLDivLoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> log_p, q = minitorch.tensor([[0.5, 0.5]]).log(), minitorch.tensor([[1.0, 0.0]])
        >>> F.kl_div(log_p, q, reduction="batchmean")
        tensor(0.6931)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    return run(_loss(KLDivLoss, reduction, log_target=log_target), input, target)


def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Binary cross entropy of probabilities: see `minitorch.nn.BCELoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.binary_cross_entropy(minitorch.tensor([0.5, 1.0]), minitorch.tensor([1.0, 0.0]))
        tensor(50.3466)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    return _with_weights(BCELoss, input, target, reduction, {"weight": weight})


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """Binary cross entropy of σ(input): see `minitorch.nn.BCEWithLogitsLoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.binary_cross_entropy_with_logits(minitorch.zeros(1), minitorch.ones(1))
        tensor(0.6931)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    weights = {"weight": weight, "pos_weight": pos_weight}
    return _with_weights(BCEWithLogitsLoss, input, target, reduction, weights)


# -- of classes ---------------------------------------------------------------------------


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood of the right classes: see `minitorch.nn.NLLLoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.nll_loss(minitorch.tensor([[0.5, 0.5]]).log(), minitorch.tensor([1]))
        tensor(0.6931)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    weights = {"weight": weight}
    return _with_weights(NLLLoss, input, target, reduction, weights, ignore_index=ignore_index)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Softmax and the negative log-likelihood in one: see `minitorch.nn.CrossEntropyLoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.cross_entropy(minitorch.zeros(1, 2), minitorch.tensor([1]))
        tensor(0.6931)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    return _with_weights(
        CrossEntropyLoss,
        input,
        target,
        reduction,
        {"weight": weight},
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )


# -- of two inputs ------------------------------------------------------------------------


def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Makes two vectors alike or unlike: see `minitorch.nn.CosineEmbeddingLoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x, y = minitorch.tensor([1.0, 0.0]), minitorch.tensor([0.0, 1.0])
        >>> F.cosine_embedding_loss(x, y, minitorch.tensor(1))
        tensor(1.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    return run(_loss(CosineEmbeddingLoss, reduction, margin=margin), input1, input2, target)


def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Puts one input above the other: see `minitorch.nn.MarginRankingLoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x, y = minitorch.tensor([1.0, 2.0]), minitorch.tensor([3.0, 0.0])
        >>> F.margin_ranking_loss(x, y, minitorch.tensor([1, 1]))
        tensor(1.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    return run(_loss(MarginRankingLoss, reduction, margin=margin), input1, input2, target)
