"""A container does what calling its modules one after another does, whatever they are.

"With Tensors each child is recorded on its own": the same values, gradients, graph, checks and
errors as without the container, though it may take a shorter path.
"""

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import DerivedScale, Product, Scale, Square, check_gradients, linear64

MODIFIED = "modified by an inplace operation"


def leaf(*shape):
    values = np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape)
    return minitorch.tensor(values).requires_grad_()


class Split(nn.Module):
    """Several outputs: the halves of the input."""

    def forward(self, input):
        half = input.shape[-1] // 2
        return input[..., :half], input[..., half:]

    def backward(self, left, right):
        return np.concatenate([left, right], -1)


class Join(nn.Module):
    """One argument that holds several arrays."""

    def forward(self, pair):
        left, right = pair
        self.save_for_backward(left, right)
        return left * right

    def backward(self, grad_output):
        left, right = self.saved_tensors
        return grad_output * right, grad_output * left


class Doubled(nn.Module):
    """Derived, and in place."""

    def forward(self, input):
        return input.mul_(2)


class InDict(nn.Module):
    def forward(self, input):
        return {"value": input * 3, "count": 1}

    def backward(self, grad_output):
        return grad_output * 3


class OutOfDict(nn.Module):
    def forward(self, item):
        return item["value"] * item["count"]

    def backward(self, grad_output):
        return grad_output


class Indices(nn.Module):
    """An integer output, which carries no gradient, beside one that does."""

    def forward(self, input):
        self.save_for_backward(input.shape)
        return np.argsort(input, -1), input * 2

    def backward(self, _, grad_output):
        return grad_output * 2


class TakesBoth(nn.Module):
    def forward(self, both):
        index, values = both
        self.save_for_backward(index)
        return np.take_along_axis(values, index, -1)

    def backward(self, grad_output):
        (index,) = self.saved_tensors
        grad = np.empty_like(grad_output)
        np.put_along_axis(grad, index, grad_output, -1)
        return None, grad


def hooked(module):
    module.register_forward_hook(lambda m, args, output: None)
    return module


def frozen(module):
    return module.requires_grad_(False)


CHAINS = {
    "empty": lambda: [],
    "plain": lambda: [linear64(4, 4), nn.Sigmoid(), linear64(4, 2)],
    "identities": lambda: [
        nn.Identity(),
        linear64(4, 4),
        nn.Identity(),
        nn.Sigmoid(),
        nn.Identity(),
    ],
    "view first": lambda: [nn.Flatten(0), nn.Sigmoid()],
    "view in between": lambda: [nn.Sigmoid(), nn.Flatten(), linear64(4, 2)],
    "view last": lambda: [nn.Sigmoid(), nn.Flatten(0)],
    "derived": lambda: [Square(), DerivedScale(1.0, 2.0, 3.0, 4.0), Square(), DerivedScale(2.0)],
    "nested": lambda: [nn.Sequential(Square(), nn.Sequential(nn.Sigmoid())), linear64(4, 1)],
    "several outputs": lambda: [Square(), Split(), Join(), Square()],
    "dict": lambda: [Square(), InDict(), OutOfDict(), Square()],
    "integers": lambda: [Square(), Indices(), TakesBoth(), Square()],
    "hooked": lambda: [linear64(4, 4), hooked(nn.Sigmoid()), linear64(4, 2), hooked(Square())],
    "frozen": lambda: [frozen(linear64(4, 4)), nn.Sigmoid(), frozen(linear64(4, 4)), Square()],
    "frozen first": lambda: [frozen(linear64(4, 4)), Square(), linear64(4, 4)],
    "all frozen": lambda: [frozen(linear64(4, 4)), nn.Sigmoid()],
}


@pytest.mark.parametrize("layers", CHAINS.values(), ids=list(CHAINS))
def test_a_container_has_right_gradients_whatever_it_holds(layers, rng):
    check_gradients(rng, nn.Sequential(*layers()), rng.standard_normal((3, 4)))


@pytest.mark.parametrize("layers", CHAINS.values(), ids=list(CHAINS))
@pytest.mark.parametrize("needs_grad", [True, False])
def test_a_container_makes_the_graph_that_calling_its_modules_makes(layers, needs_grad):
    modules = layers()
    outputs = []
    for call in (
        nn.Sequential(*modules),
        lambda value: [value := module(value) for module in modules][-1] if modules else value,
    ):
        outputs.append(call(leaf(3, 4).requires_grad_(needs_grad)))

    def names(node):
        if node is None:
            return None
        below = [names(parent) for parent, _ in node.next_functions]
        return (node.name() if hasattr(node, "name") else "leaf", below)

    with_container, without = outputs
    assert with_container.tolist() == without.tolist()
    assert with_container.requires_grad == without.requires_grad
    assert with_container.is_leaf == without.is_leaf
    assert names(with_container.grad_fn) == names(without.grad_fn)


@pytest.mark.parametrize("mode", [minitorch.no_grad, minitorch.inference_mode])
def test_a_container_records_nothing_under_no_grad(mode):
    model = nn.Sequential(linear64(4, 4), nn.Sigmoid(), DerivedScale(2.0))
    with mode():
        output = model(leaf(3, 4))
    assert not output.requires_grad
    assert output.grad_fn is None


def test_a_container_gives_on_the_very_tensor_that_an_identity_returns():
    x = leaf(2)
    assert nn.Sequential(nn.Identity(), nn.Identity())(x) is x
    assert nn.Sequential()(x) is x


def test_a_container_passes_other_values_on():
    model = nn.Sequential(InDict())
    assert model(leaf(2))["count"] == 1
    assert nn.Sequential(nn.Identity())(3) == 3
    assert nn.Sequential()(None) is None


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [Square(), nn.Flatten(0)],
        lambda: [nn.Flatten(0), Square()],
        lambda: [nn.Sequential(nn.Identity(), Square())],
        lambda: [linear64(4, 4), nn.Sigmoid()],
    ],
)
def test_an_input_of_a_container_changed_before_backward_is_a_runtime_error(layers):
    x = leaf(2, 4) * 1
    loss = nn.Sequential(*layers())(x).sum()
    with minitorch.no_grad():
        x.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [nn.Sigmoid()],
        lambda: [Square(), nn.Sigmoid()],
        lambda: [nn.Sigmoid(), nn.Identity()],
        lambda: [nn.Sigmoid(), nn.Flatten(0)],
        lambda: [nn.Sigmoid(), nn.Flatten(), nn.Flatten(0)],
        lambda: [nn.Sequential(Square(), nn.Sigmoid()), nn.Sequential(nn.Flatten())],
        lambda: [nn.Sigmoid(), hooked(nn.Flatten())],
    ],
)
def test_an_output_of_a_container_changed_before_backward_is_a_runtime_error(layers):
    output = nn.Sequential(*layers())(leaf(2, 4))
    output.mul_(2)
    with pytest.raises(RuntimeError, match=MODIFIED):
        output.sum().backward()


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [nn.Sigmoid(), Doubled()],
        lambda: [Square(), nn.Sigmoid(), Doubled(), Square()],
        lambda: [nn.Sigmoid(), nn.Flatten(), Doubled()],
        lambda: [nn.Sequential(nn.Sigmoid()), nn.Sequential(nn.Identity(), Doubled())],
        lambda: [hooked(nn.Sigmoid()), Doubled()],
    ],
)
def test_a_result_in_between_that_a_child_changes_in_place_is_a_runtime_error(layers):
    loss = nn.Sequential(*layers())(leaf(2, 4)).sum()
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()


def test_a_child_may_change_in_place_what_nobody_saved(rng):
    class Halved(nn.Module):
        def forward(self, input):
            return input / 2

        def backward(self, grad_output):
            return grad_output / 2

    x = leaf(3)
    nn.Sequential(Halved(), Doubled(), Square())(x).sum().backward()
    np.testing.assert_allclose(x.grad.array, 2 * x.array)


def test_a_weight_in_a_container_changed_before_backward_is_a_runtime_error():
    model = nn.Sequential(Square(), Scale(2.0), nn.Sigmoid(), Scale(3.0))
    for weight in model.parameters():
        loss = model(leaf(1)).sum()
        with minitorch.no_grad():
            weight.add_(1)
        with pytest.raises(RuntimeError, match=MODIFIED):
            loss.backward()


def test_after_an_error_in_a_child_the_next_call_works():
    class Fails(nn.Module):
        fails = True

        def forward(self, input):
            if self.fails:
                raise ValueError("on purpose")
            return input * 2

        def backward(self, grad_output):
            return grad_output * 2

    module = Fails()
    model = nn.Sequential(Square(), module, Square())
    for x in (leaf(1), np.array([0.1])):
        module.fails = True
        with pytest.raises(ValueError, match="on purpose"):
            model(x)
        module.fails = False
        model(x)
    model(leaf(1)).sum().backward()
    with pytest.raises(RuntimeError, match="save_for_backward"):
        model[0].save_for_backward(None)  # no forward is running any more


def test_a_gradient_may_be_asked_of_a_containers_input_output_and_weights():
    model = nn.Sequential(Square(), Scale(2.0), Square())
    x = leaf(1) * 1
    output = model(x)
    grads = minitorch.autograd.grad(output.sum(), [output, x, model[1].weight])
    value = x.item()
    assert [grad.item() for grad in grads] == pytest.approx(
        [1.0, 4 * 4 * value**3, 2 * 2 * value**4]
    )


def test_retain_graph_goes_through_a_container_again():
    model = nn.Sequential(linear64(2, 2), nn.Sigmoid(), linear64(2, 1))
    loss = model(leaf(3, 2)).sum()
    loss.backward(retain_graph=True)
    once = [weight.grad.array.copy() for weight in model.parameters()]
    loss.backward()
    for weight, grad in zip(model.parameters(), once, strict=True):
        np.testing.assert_allclose(weight.grad.array, 2 * grad)
    with pytest.raises(RuntimeError, match="a second time"):
        loss.backward()


def test_hooks_on_a_containers_tensors_fire():
    seen = []
    x = leaf(2)
    x.register_hook(lambda grad: seen.append("input"))
    model = nn.Sequential(Square(), Scale(2.0))
    model[1].weight.register_hook(lambda grad: seen.append("weight"))
    output = model(x)
    output.register_hook(lambda grad: seen.append("output"))
    output.retain_grad()
    output.sum().backward()
    assert seen[0] == "output"
    assert sorted(seen) == ["input", "output", "weight"]
    assert output.grad.tolist() == [1.0, 1.0]


def test_two_tensors_that_are_one(rng):
    x = leaf(3)
    Product()(x, x).sum().backward()
    np.testing.assert_allclose(x.grad.array, 2 * x.array)
    x = leaf(3)
    nn.MSELoss()(x, x).backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


class SavesSecond(nn.Module):
    """left + right²"""

    def forward(self, left, right):
        self.save_for_backward(right)
        return left + right * right

    def backward(self, grad_output):
        (right,) = self.saved_tensors
        return grad_output, 2 * right * grad_output


class SavesOutput(nn.Module):
    """exp(left + right)"""

    def forward(self, left, right):
        output = np.exp(left + right)
        self.save_for_backward(output)
        return output

    def backward(self, grad_output):
        (output,) = self.saved_tensors
        return grad_output * output, grad_output * output


class SavesView(nn.Module):
    """left + right * right, of single numbers"""

    def forward(self, left, right):
        self.save_for_backward(right.reshape(-1))
        return left + right * right

    def backward(self, grad_output):
        (right,) = self.saved_tensors
        return grad_output, 2 * right * grad_output


class Weighted(nn.Module):
    """weight * (left + right)"""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(minitorch.ones(1, dtype=minitorch.float64))

    def forward(self, left, right):
        self.save_for_backward(left + right, self.weight)
        return self.weight.array * (left + right)

    def backward(self, grad_output):
        total, weight = self.saved_tensors
        weight.accumulate_grad(grad_output * total)
        return grad_output * weight.array, grad_output * weight.array


TWO = [Product, SavesSecond, SavesOutput, SavesView, Weighted]


@pytest.mark.parametrize("cls", TWO)
def test_a_module_of_two_inputs(cls, rng):
    check_gradients(rng, cls(), rng.standard_normal(1), rng.standard_normal(1))


@pytest.mark.parametrize(
    ("cls", "what"),
    [
        (Product, "left"),
        (Product, "right"),
        (SavesSecond, "right"),
        (SavesView, "right"),
        (SavesOutput, "output"),
        (Weighted, "weight"),
    ],
)
def test_what_a_module_of_two_inputs_saved_and_only_that_must_not_change(cls, what):
    for changed in ("left", "right", "output", "weight"):
        module = cls()
        tensors = {"left": leaf(1) * 1, "right": leaf(1) * 2}
        tensors["output"] = module(tensors["left"], tensors["right"])
        tensors["weight"] = getattr(module, "weight", None)
        if tensors[changed] is None:
            continue
        with minitorch.no_grad():
            tensors[changed].add_(1)
        saved = changed == what or (cls is Product and changed in ("left", "right"))
        if saved:
            with pytest.raises(RuntimeError, match=MODIFIED):
                tensors["output"].sum().backward()
        else:
            tensors["output"].sum().backward()


def test_a_weight_of_a_module_of_two_inputs_changed_before_backward_by_hand_is_one_too():
    module = Weighted()
    module(np.ones(1), np.ones(1))
    with minitorch.no_grad():
        module.weight.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        module.backward(np.ones(1))


def test_a_change_of_what_a_layer_did_not_save_is_fine():
    class Counts(Square):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", minitorch.zeros(1, dtype=minitorch.float64))
            self.unused = nn.Parameter(minitorch.zeros(1, dtype=minitorch.float64))

    module, x = Counts(), leaf(1)
    output = module(x)
    with minitorch.no_grad():
        for tensor in (module.calls, module.unused, output):
            tensor.add_(1)
    output.sum().backward()
    assert x.grad.item() == pytest.approx(0.2)


def test_a_module_of_two_constants_with_a_weight_is_recorded():
    module = Weighted()
    output = module(leaf(1).detach(), leaf(1).detach())
    assert output.requires_grad
    output.sum().backward()
    assert module.weight.grad.item() == pytest.approx(0.2)
    assert not Product()(leaf(1).detach(), leaf(1).detach()).requires_grad


@pytest.mark.parametrize("mode", [minitorch.no_grad, minitorch.inference_mode])
def test_no_path_of_a_call_records_under_no_grad(mode):
    x = leaf(1)
    with mode():
        for output in (
            Square()(x),
            Square().forward(x),
            Product()(x, x),
            Product().forward(x, x),
            Product()(x, right=x),
            Product()(x, np.ones(1)),
            Join()(Split()(leaf(2))),
            Weighted()(x, x),
            Scale(2.0)(x),
            nn.Sequential(Square(), Scale(2.0))(x),
        ):
            assert not output.requires_grad
            assert output.grad_fn is None


def test_an_integer_output_needs_no_gradient():
    class Order(nn.Module):
        def forward(self, *inputs):
            self.save_for_backward(inputs[0])
            return np.argsort(inputs[0])

        def backward(self, grad_output):
            raise AssertionError("there is no gradient to go back with")

    for output in (Order()(leaf(3)), Order()(leaf(3), leaf(3)), nn.Sequential(Order())(leaf(3))):
        assert output.dtype == minitorch.int64
        assert not output.requires_grad


@pytest.mark.parametrize(("left", "right"), [(True, True), (True, False), (False, True)])
def test_a_loss_with_either_tensor_changed_before_backward_is_a_runtime_error(left, right):
    for changed in (0, 1):
        tensors = [leaf(3) * 1, leaf(3) * 2]
        inputs = [
            tensor if needed else tensor.detach()
            for tensor, needed in zip(tensors, (left, right), strict=True)
        ]
        loss = Product()(*inputs).sum()
        with minitorch.no_grad():
            inputs[changed].add_(1)
        with pytest.raises(RuntimeError, match=MODIFIED):
            loss.backward()
