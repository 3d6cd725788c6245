"""MSELoss."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import check_gradients

REDUCTIONS = ["mean", "sum", "none"]


def by_loops(x, y, reduction):
    """The squared errors one by one, and what is made of them."""
    x, y = np.broadcast_arrays(x, y)
    squares = [(float(a) - float(b)) ** 2 for a, b in zip(x.flat, y.flat, strict=True)]
    if reduction == "none":
        return np.reshape(squares, x.shape)
    return sum(squares) / (len(squares) if reduction == "mean" else 1)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(), (1,), (4,), (4, 3), (2, 3, 4)])
def test_values(shape, reduction, rng):
    x, y = rng.standard_normal(shape), rng.standard_normal(shape)
    criterion, expected = nn.MSELoss(reduction=reduction), by_loops(x, y, reduction)
    loss = criterion(x, y)
    assert type(loss) is np.ndarray
    assert loss.shape == (shape if reduction == "none" else ())
    np.testing.assert_allclose(loss, expected, rtol=1e-12)
    tensor = criterion(minitorch.tensor(x), minitorch.tensor(y))
    np.testing.assert_allclose(tensor.array, expected, rtol=1e-12)


def test_printed_by_hand():
    """((1-0)² + (2-4)²) / 2 = 2.5, and dL/dx = 2(x-y)/2 = (1, -2)."""
    x, y = np.array([1.0, 2.0]), np.array([0.0, 4.0])
    criterion = nn.MSELoss()
    assert criterion(x, y) == 2.5
    assert criterion.backward().tolist() == [1.0, -2.0]
    assert nn.MSELoss(reduction="sum")(x, y) == 5.0
    assert nn.MSELoss(reduction="none")(x, y).tolist() == [1.0, 4.0]


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_nothing_to_compare(shape):
    x = np.zeros(shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        criterion = nn.MSELoss()
        assert np.isnan(criterion(x, x))
        assert criterion.backward().shape == shape
        assert nn.MSELoss(reduction="sum")(x, x) == 0.0
        assert nn.MSELoss(reduction="none")(x, x).shape == shape
        leaf = minitorch.tensor(x, requires_grad=True)
        nn.MSELoss()(leaf, minitorch.tensor(x)).backward()
        assert leaf.grad.shape == shape


# -- derivatives --------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_the_gradient_of_the_input(shape, reduction, rng):
    class WithTarget(nn.Module):
        def __init__(self):
            super().__init__()
            self.criterion = nn.MSELoss(reduction=reduction)
            self.target = rng.standard_normal(shape)

        def forward(self, input):
            return self.criterion(input, minitorch.tensor(self.target))

    check_gradients(rng, WithTarget(), rng.standard_normal(shape))


@pytest.mark.parametrize(("reduction", "factor"), [("mean", 2 / 3), ("sum", 2.0), ("none", 2.0)])
def test_the_gradient_of_the_target_is_the_opposite(reduction, factor):
    x = minitorch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = minitorch.tensor([0.0, 4.0, 3.0], requires_grad=True)
    nn.MSELoss(reduction=reduction)(x, y).sum().backward()
    np.testing.assert_allclose(x.grad.array, [factor, -2 * factor, 0.0], rtol=1e-6)
    np.testing.assert_allclose(y.grad.array, [-factor, 2 * factor, 0.0], rtol=1e-6)


def test_only_the_target_needs_a_gradient():
    y = minitorch.tensor([0.0, 4.0], requires_grad=True)
    nn.MSELoss()(minitorch.tensor([1.0, 2.0]), y).backward()
    assert y.grad.tolist() == [-1.0, 2.0]


def test_a_tensor_as_input_and_target():
    x = minitorch.tensor([1.0, 2.0], requires_grad=True)
    nn.MSELoss(reduction="sum")(x, x).backward()
    assert x.grad.tolist() == [0.0, 0.0]
    x.grad = None
    nn.MSELoss(reduction="sum")(x * 3, x).backward()  # Σ(2x)², whose derivative is 8x
    assert x.grad.tolist() == [8.0, 16.0]


@pytest.mark.parametrize(
    ("left", "right"),
    [((4, 1), (4,)), ((4, 3), (3,)), ((3,), ()), ((), (3,)), ((2, 1, 3), (1, 4, 3))],
)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_broadcasting_is_warned_of_and_right(left, right, reduction, rng):
    x = minitorch.tensor(rng.standard_normal(left), requires_grad=True)
    y = minitorch.tensor(rng.standard_normal(right), requires_grad=True)
    with pytest.warns(UserWarning, match="Using a target size") as caught:
        loss = nn.MSELoss(reduction=reduction)(x, y)
    assert str(list(right)) in str(caught[0].message)
    assert str(list(left)) in str(caught[0].message)
    np.testing.assert_allclose(loss.array, by_loops(x.array, y.array, reduction), rtol=1e-12)
    loss.sum().backward()
    difference = 2 * (x.array - y.array)
    if reduction == "mean":
        difference /= difference.size
    full = np.zeros(difference.shape)
    for grad, sign in ((x.grad, 1), (y.grad, -1)):
        expected = reduced(sign * difference, grad.shape)
        np.testing.assert_allclose(grad.array, expected, rtol=1e-12, atol=1e-12)
    assert full.shape == difference.shape


def reduced(array, shape):
    """An array summed over the dimensions that were broadcast."""
    array = array.sum(tuple(range(array.ndim - len(shape))))
    repeated = tuple(dim for dim, size in enumerate(shape) if size == 1 and array.shape[dim] != 1)
    return array.sum(repeated, keepdims=True)


def test_by_hand_the_gradient_is_that_of_the_input_alone():
    criterion = nn.MSELoss()
    criterion(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    grad = criterion.backward(0.5)  # for the textbooks' ½(t - y)²
    assert type(grad) is np.ndarray
    assert grad.tolist() == [0.5, -1.0]


# -- dtypes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("float32", "float32", "float32"),
        ("float64", "float64", "float64"),
        ("float16", "float16", "float16"),
        ("float32", "float64", "float64"),
        ("float16", "float32", "float32"),
        ("float32", "int64", "float32"),
        ("int64", "float64", "float64"),
        ("float64", "bool", "float64"),
    ],
)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_dtypes(left, right, expected, reduction):
    x, y = np.array([1, 0, 1], left), np.array([0, 0, 1], right)
    loss = nn.MSELoss(reduction=reduction)(x, y)
    assert loss.dtype == expected
    np.testing.assert_allclose(loss, by_loops(x, y, reduction), rtol=1e-3)
    if x.dtype.kind == "f":
        leaf = minitorch.tensor(x, requires_grad=True)
        nn.MSELoss(reduction=reduction)(leaf, minitorch.tensor(y)).sum().backward()
        assert leaf.grad.array.dtype == left
        np.testing.assert_allclose(
            leaf.grad.array, [2 / 3 if reduction == "mean" else 2, 0, 0], rtol=1e-3
        )


def test_an_integer_target_has_no_gradient():
    criterion = nn.MSELoss()
    x = minitorch.tensor([1.0, 2.0], requires_grad=True)
    y = minitorch.tensor([0, 4])
    criterion(x, y).backward()
    assert x.grad.tolist() == [1.0, -2.0]
    assert y.grad is None


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.uint8])
def test_integers_alone_are_refused(dtype):
    x = np.ones(2, dtype)
    with pytest.raises(NotImplementedError, match=r"MSELoss is not implemented.*\.float\(\)"):
        nn.MSELoss()(x, x)


def test_the_arguments_are_left_alone(rng):
    x, y = rng.standard_normal(3), rng.standard_normal(3)
    kept = x.copy(), y.copy()
    criterion = nn.MSELoss()
    criterion(x, y)
    criterion.backward()
    np.testing.assert_array_equal((x, y), kept)


def test_overflow_is_silent():
    x = np.array([3e38, np.inf, np.nan], np.float32)
    for reduction in REDUCTIONS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            criterion = nn.MSELoss(reduction=reduction)
            loss = criterion(x, -x)
            criterion.backward(np.ones_like(loss))
        assert not np.isfinite(loss).any()


def test_many_elements_in_half_precision():
    x = np.ones(5000, np.float16)
    assert nn.MSELoss()(x, 0 * x) == 1.0
    assert nn.MSELoss(reduction="sum")(x, 0 * x) == 5000.0
    assert nn.MSELoss()(60 * x, 0 * x) == 3600.0  # although the sum is not finite in half precision


# -- options and bad input ----------------------------------------------------------------


def test_reductions():
    assert nn.MSELoss().reduction == "mean"
    assert nn.MSELoss(None, None, "sum").reduction == "sum"
    assert repr(nn.MSELoss(reduction="sum")) == "MSELoss()"
    with pytest.raises(ValueError, match="average is not a valid value for reduction: expected"):
        nn.MSELoss(reduction="average")


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        ({"size_average": False}, "sum"),
        ({"size_average": True}, "mean"),
        ({"reduce": False}, "none"),
        ({"reduce": True}, "mean"),
        ({"size_average": False, "reduce": False}, "none"),
        ({"size_average": False, "reduction": "none"}, "sum"),
    ],
)
def test_former_options(options, meant):
    with pytest.warns(UserWarning, match=f"please use reduction='{meant}' instead") as caught:
        assert nn.MSELoss(**options).reduction == meant
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("arguments", "name", "kind"),
    [
        (([1.0, 2.0], np.ones(2)), "input", "list"),
        ((np.ones(2), [1.0, 2.0]), "target", "list"),
        ((minitorch.ones(2), 1.0), "target", "float"),
        ((minitorch.ones(2), None), "target", "NoneType"),
        (("text", "text"), "input", "str"),
    ],
)
def test_arguments_that_are_no_arrays(arguments, name, kind):
    """PyTorch raises AttributeError here too: a list has no size()."""
    expected = f"MSELoss: argument '{name}' must be a Tensor or a NumPy array, not {kind}"
    with pytest.raises(AttributeError) as caught:
        nn.MSELoss()(*arguments)
    assert expected in str(caught.value)


@pytest.mark.parametrize("bad", [np.ones(2, object), np.array(["a", "b"]), np.ones(2, complex)])
def test_arrays_of_what_are_no_real_numbers(bad):
    for arguments in ((bad, np.ones(2)), (np.ones(2), bad), (bad, bad)):
        with pytest.raises(TypeError, match=f"MSELoss.*{bad.dtype}"):
            nn.MSELoss()(*arguments)


def test_shapes_that_do_not_fit():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.criterion = nn.MSELoss()

        def forward(self, x, y):
            return self.criterion(x, y)

    with (
        pytest.warns(UserWarning, match="Using a target size"),
        pytest.raises(
            RuntimeError, match=r"MSELoss: input of shape \[2\] and target of shape \[3\]"
        ) as caught,
    ):
        Model()(minitorch.ones(2), minitorch.ones(3))
    assert any("'criterion': MSELoss()" in note for note in caught.value.__notes__)
    with pytest.raises(TypeError):
        nn.MSELoss()(minitorch.ones(2))


def test_a_memory_map_is_an_array(tmp_path):
    target = np.memmap(tmp_path / "target", np.float32, "w+", shape=(2,))
    assert nn.MSELoss()(np.ones(2, np.float32), target) == 1.0
    assert nn.MSELoss()(minitorch.ones(2), target).item() == 1.0


# -- the other losses: what the table of cases does not say -------------------------------


@pytest.mark.parametrize(
    "make",
    [
        nn.L1Loss, nn.SmoothL1Loss, nn.KLDivLoss, nn.BCELoss, nn.BCEWithLogitsLoss, nn.NLLLoss,
        nn.CrossEntropyLoss, nn.CosineEmbeddingLoss, nn.MarginRankingLoss,
    ],
)  # fmt: skip
def test_former_options_of_each_loss(make):
    with pytest.warns(UserWarning, match="please use reduction='sum' instead") as caught:
        assert make(size_average=False).reduction == "sum"
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("function", "target"),
    [
        (nn.functional.l1_loss, [0.0, 1.0]),
        (nn.functional.binary_cross_entropy_with_logits, [0.0, 1.0]),
        (nn.functional.cross_entropy, [0.0, 1.0]),
    ],
)
def test_former_options_of_functions(function, target):
    with pytest.warns(UserWarning, match="please use reduction='none' instead") as caught:
        function(minitorch.zeros(2), minitorch.tensor(target), reduce=False)
    assert caught[0].filename == __file__


def test_cross_entropy_by_hand():
    """Logits log 1, log 3: probabilities 1/4 and 3/4, and -log(1/4) = 2 log 2."""
    logits = np.log([[1.0, 3.0]])
    criterion = nn.CrossEntropyLoss()
    np.testing.assert_allclose(criterion(logits, np.array([0])), 2 * np.log(2))
    np.testing.assert_allclose(criterion.backward(), [[-0.75, 0.75]])
    smoothed = nn.CrossEntropyLoss(label_smoothing=0.5)  # stands for probabilities 3/4 and 1/4
    np.testing.assert_allclose(
        smoothed(logits, np.array([0])), 0.75 * np.log(4) + 0.25 * np.log(4 / 3)
    )
    np.testing.assert_allclose(smoothed.backward(), [[-0.5, 0.5]])


def test_class_weights_by_hand():
    """Losses 1 and 2 that count 1 and 3 times: (1 + 6) / 4; unseen classes do not count."""
    weight = minitorch.tensor([1.0, 3.0, 100.0])
    log_probabilities = minitorch.tensor([[-1.0, 0.0, 0.0], [0.0, -2.0, 0.0]], requires_grad=True)
    target = minitorch.tensor([0, 1])
    loss = nn.NLLLoss(weight)(log_probabilities, target)
    assert loss.item() == 7 / 4
    loss.backward()
    assert log_probabilities.grad.tolist() == [[-0.25, 0.0, 0.0], [0.0, -0.75, 0.0]]
    assert nn.NLLLoss(weight, ignore_index=0)(log_probabilities, target).item() == 2.0


def test_cross_entropy_is_that_of_log_softmax(rng):
    logits, target = rng.standard_normal((4, 3, 5)), rng.integers(0, 3, (4, 5))
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    logs = np.log(shifted / shifted.sum(1, keepdims=True))
    for reduction in REDUCTIONS:
        both = nn.CrossEntropyLoss(reduction=reduction), nn.NLLLoss(reduction=reduction)
        np.testing.assert_allclose(both[0](logits, target), both[1](logs, target), rtol=1e-12)


def test_a_single_sample_may_have_its_class_in_a_list():
    logits = minitorch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    loss = nn.CrossEntropyLoss(reduction="none")(logits, minitorch.tensor([2]))
    assert loss.shape == ()
    loss.backward()
    alone = minitorch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    nn.CrossEntropyLoss()(alone, minitorch.tensor(2)).backward()
    assert logits.grad.tolist() == alone.grad.tolist()


def test_ignored_samples_do_not_matter_at_all():
    logits = np.array([[np.inf, np.nan], [0.0, 0.0]])
    target = np.array([-100, 1])
    for options in ({}, {"label_smoothing": 0.1}):
        criterion = nn.CrossEntropyLoss(**options)
        np.testing.assert_allclose(criterion(logits, target), np.log(2))
        assert criterion.backward()[1].tolist() == [0.5, -0.5] or options


def test_going_back_twice_gives_the_same():
    logits = minitorch.tensor([[1.0, 2.0], [3.0, -1.0]], requires_grad=True)
    loss = nn.CrossEntropyLoss()(logits, minitorch.tensor([0, 1]))
    loss.backward(retain_graph=True)
    first = logits.grad.clone()
    loss.backward()
    assert logits.grad.tolist() == (first * 2).tolist()


def test_targets_are_checked_before_anything_is_computed():
    class Untouchable(np.ndarray):
        def __array_ufunc__(self, *args, **kwargs):
            raise AssertionError("computed")

    logits = np.zeros((2, 3)).view(Untouchable)
    with pytest.raises(IndexError, match="Target 7 is out of bounds"):
        nn.CrossEntropyLoss()(logits, np.array([0, 7]))


def test_kl_divergence_warns_of_the_mean():
    p, q = minitorch.tensor([[0.5, 0.5]]), minitorch.tensor([[0.25, 0.75]])
    with pytest.warns(UserWarning, match="batchmean"):
        mean = nn.KLDivLoss()(p.log(), q)
    assert mean.item() * 2 == pytest.approx(nn.KLDivLoss(reduction="sum")(p.log(), q).item())


def test_weights_are_buffers():
    criterion = nn.BCEWithLogitsLoss(minitorch.ones(2), pos_weight=minitorch.ones(2))
    assert list(criterion.state_dict()) == ["weight", "pos_weight"]
    criterion.load_state_dict({"weight": minitorch.zeros(2), "pos_weight": minitorch.ones(2)})
    assert criterion(minitorch.ones(2), minitorch.ones(2)).item() == 0.0
    assert nn.CrossEntropyLoss(minitorch.ones(3)).double().weight.dtype == minitorch.float64


@pytest.mark.parametrize("name", ["L1Loss", "SmoothL1Loss", "HuberLoss"])
def test_broadcasting_is_warned_of(name, rng):
    x, y = rng.standard_normal((4, 3)), rng.standard_normal(3)
    with pytest.warns(UserWarning, match=r"target size \(\[3\]\)"):
        loss = getattr(nn, name)()(x, y)
    np.testing.assert_allclose(loss, getattr(nn, name)()(x, np.broadcast_to(y, x.shape)))


@pytest.mark.parametrize("name", ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss"])
def test_many_elements_in_half_precision_of(name):
    x = np.full((70000, 2), 0.5, np.float16)
    criterion = getattr(nn, name)()
    loss = criterion(x, x)
    assert loss.dtype == np.float16
    expected = {"BCELoss": np.log(2), "CrossEntropyLoss": np.log(2)}.get(name)
    if expected is not None:
        np.testing.assert_allclose(loss, expected, rtol=1e-3)
    assert criterion.backward().dtype == np.float16


def test_reduction_changed_later():
    criterion = nn.L1Loss()
    criterion.reduction = "sum"
    assert criterion(np.ones(3), np.zeros(3)) == 3.0
    assert criterion.backward().tolist() == [1.0, 1.0, 1.0]
