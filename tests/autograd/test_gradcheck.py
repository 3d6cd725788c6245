"""`gradcheck` and `gradgradcheck`: what they accept, what they reject, and what they say."""

import re

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.autograd.function import Function
from minitorch.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from minitorch.autograd.operator import Operator


def leaf(*shape: int) -> minitorch.Tensor:
    values = np.linspace(0.5, 2.0, int(np.prod(shape))).reshape(shape)
    return minitorch.tensor(values, requires_grad=True)


def scaled_square(factor):
    """x * x with a gradient that is wrong by `factor`."""

    class Square(Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return input * input

        @staticmethod
        def backward(ctx, grad):
            (input,) = ctx.saved_tensors
            return grad * 2 * input * factor

    return Square.apply


class WrongAt(Operator):
    """input * other, with one element of the gradient of `other` wrong."""

    def forward(self, input, other):
        self.save_for_backward(input, other)
        return input * other

    def backward(self, grad):
        input, other = self.saved_tensors
        by_other = np.array(grad * input)
        by_other[1, 2] *= 3
        return grad * other, by_other


class Scale(nn.Module):
    """input * weight * constant; the gradient of the weight is wrong by `factor`."""

    def __init__(self, factor=1.0):
        super().__init__()
        self.factor = factor
        self.weight = nn.Parameter(leaf(2))
        self.constant = nn.Parameter(leaf(2), requires_grad=False)

    def forward(self, input):
        self.save_for_backward(input, self.weight, self.constant)
        return input * self.weight.array * self.constant.array

    def backward(self, grad_output):
        input, weight, constant = self.saved_tensors
        weight.accumulate_grad(grad_output * input * constant.array * self.factor)
        return grad_output * weight.array * constant.array


# -- what is right ------------------------------------------------------------------------


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda x: x.exp() * x, [(2, 3)]),
        (lambda x, y: x * y + y, [(2, 3), (3,)]),
        (lambda x: x * 3, [()]),
        (lambda x: x.exp(), [(0, 3)]),
        (lambda x: (x.exp(), [x * x, {"a": x * x * x}]), [(2,)]),
        (lambda x, y: x * x, [(2,), (3,)]),
        (lambda x: x.sum(), [(2, 2)]),
    ],
)
def test_right_gradients(check, function, shapes):
    assert check(function, tuple(leaf(*shape) for shape in shapes)) is True


def test_single_tensor_list_and_tuple():
    x, y = leaf(2), leaf(2)
    assert gradcheck(lambda x: x * x, x)
    assert gradcheck(lambda x, y: x * y, [x, y])
    assert gradcheck(lambda x, y: x * y, (x, y))


def test_other_arguments_are_passed_on():
    x, constant = leaf(2), minitorch.tensor([3.0, 4.0], dtype=minitorch.float64)
    assert gradcheck(lambda x, c, k, name: x * c * k, (x, constant, 2, "name"))
    assert gradgradcheck(lambda x, c, k: x * x * c * k, (x, constant, 2))


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_inputs_that_are_not_contiguous(check):
    base = leaf(4, 6)
    for view in (base.t(), base[::2, 1::2], base[:, 0]):
        assert not view.array.flags.c_contiguous
        assert check(lambda x: x.exp() * x, view)
        assert check(lambda x: x * x, view.detach().requires_grad_())


def test_inputs_and_grads_are_left_as_they_were():
    x = leaf(2, 3)
    before = x.array.copy()
    gradcheck(lambda x: x * x, x)
    gradgradcheck(lambda x: x * x, x)
    assert x.array.tobytes() == before.tobytes()
    assert x._version == 0
    assert x.grad is None


def test_input_is_restored_after_an_error():
    x = leaf(2)
    before = x.array.copy()

    def fail(x):
        if x.array[0] > before[0]:
            raise ZeroDivisionError
        return x * x

    with pytest.raises(ZeroDivisionError):
        gradcheck(fail, x)
    assert x.array.tobytes() == before.tobytes()


def test_one_tensor_as_two_inputs():
    x = leaf(2)
    assert gradcheck(lambda a, b: a * b, (x, x))


def test_outputs_without_gradient():
    x = leaf(2)
    assert gradcheck(lambda x: (x * x, x.long()), x)
    assert gradcheck(lambda x: (x * x, minitorch.ones(2, dtype=minitorch.float64)), x)
    assert gradgradcheck(lambda x: (x * x, x.long()), x)


def test_options_that_change_nothing():
    x = leaf(2)
    assert gradcheck(
        lambda x: x * x,
        x,
        fast_mode=True,
        masked=False,
        check_undefined_grad=False,
        check_grad_dtypes=True,
        nondet_tol=1e-3,
    )
    assert gradgradcheck(
        lambda x: x * x,
        x,
        fast_mode=True,
        masked=False,
        check_undefined_grad=False,
        check_grad_dtypes=True,
        nondet_tol=1e-3,
        gen_non_contig_grad_outputs=True,
    )


def test_nothing_to_check():
    x = leaf(2)
    assert gradcheck(scaled_square(3.0), x, check_backward_ad=False)
    assert gradgradcheck(scaled_square(3.0), x, check_rev_over_rev=False)


def test_single_precision_warns():
    x = minitorch.ones(2, requires_grad=True)
    with pytest.warns(UserWarning, match="input 0 .*not a double precision"):
        assert gradcheck(lambda x: x * x, x, eps=1e-2, atol=1e-2)


# -- what is wrong ------------------------------------------------------------------------


def test_a_gradient_wrong_by_a_twentieth_of_a_percent():
    x = leaf(3)
    assert gradcheck(scaled_square(1.0), x, rtol=1e-5)
    for factor in (1.0005, 0.9995):
        with pytest.raises(GradcheckError):
            gradcheck(scaled_square(factor), x, rtol=1e-5)
        assert gradcheck(scaled_square(factor), x, rtol=1e-5, raise_exception=False) is False
        assert gradcheck(scaled_square(factor), x)  # within the default rtol of 0.1 %
    with pytest.raises(GradcheckError):
        gradcheck(scaled_square(1.002), x)


def test_tolerances():
    x = leaf(3)
    assert gradcheck(scaled_square(1.1), x, rtol=0.11)
    assert gradcheck(scaled_square(1.1), x, rtol=0, atol=0.41)
    with pytest.raises(GradcheckError):
        gradcheck(scaled_square(1.1), x, rtol=0, atol=0.39)


def test_message_names_everything():
    x, y = leaf(2, 3), leaf(2, 3)

    def function(x, y):
        return x * x, WrongAt.apply(x, y)

    with pytest.raises(GradcheckError) as caught:
        gradcheck(function, (x, y))
    message = str(caught.value)
    # The element [1, 2] of x is 2, so that dy/dx is 2 and the wrong one 6.
    assert "output 1 with respect to input 1" in message
    assert "element [1, 2] of the output by element [1, 2] of the input" in message
    assert float(re.search(r"numerical: (.*)", message)[1]) == pytest.approx(2)
    assert float(re.search(r"analytical: (.*)", message)[1]) == pytest.approx(6)
    assert "1 of 6 elements" in message
    assert "rtol=0.001" in message


def test_error_is_a_runtime_error():
    with pytest.raises(RuntimeError):
        gradcheck(scaled_square(2.0), leaf(2))


def test_gradient_that_is_missing():
    for function in (
        lambda x: (x * x).detach(),
        lambda x: x * x.detach(),
        lambda x: minitorch.tensor(x.array * 2),
    ):
        with pytest.raises(GradcheckError):
            gradcheck(function, leaf(2))


def test_gradient_that_should_not_be_there():
    class Invented(Operator):
        def forward(self, input):
            return np.ones(input.shape)

        def backward(self, grad):
            return grad

    with pytest.raises(GradcheckError):
        gradcheck(Invented.apply, leaf(2))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_gradient_that_is_not_a_number(value):
    with pytest.raises(GradcheckError, match="Jacobian mismatch"):
        gradcheck(scaled_square(value), leaf(2))


def test_function_that_is_not_a_number():
    with pytest.raises(GradcheckError, match="Jacobian mismatch"):
        gradcheck(lambda x: x * float("nan"), leaf(2))


def test_transposed_jacobian():
    class Transposed(Operator):
        def forward(self, input, matrix):
            self.save_for_backward(matrix)
            return matrix @ input

        def backward(self, grad):
            return self.saved_tensors[0] @ grad, None

    matrix = minitorch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=minitorch.float64)
    with pytest.raises(GradcheckError, match=r"element \[0\] of the output"):
        gradcheck(lambda x: Transposed.apply(x, matrix), leaf(2))


def test_backward_that_changes_what_it_saved():
    class Spoils(Operator):
        def forward(self, input):
            self.factor = np.full(input.shape, 2.0)
            return input * 2

        def backward(self, grad):
            result = grad * self.factor
            self.factor += 1e-7
            return result

    x = leaf(2)
    with pytest.raises(GradcheckError, match="not reentrant"):
        gradcheck(Spoils.apply, x)
    assert gradcheck(Spoils.apply, x, raise_exception=False) is False
    assert gradcheck(Spoils.apply, x, nondet_tol=1e-5)


def test_second_derivative_that_is_missing():
    class Constant(Function):
        @staticmethod
        def forward(ctx, input):
            ctx.constant = input.detach()
            return input * input

        @staticmethod
        def backward(ctx, grad):
            return grad * 2 * ctx.constant

    x = leaf(2)
    assert gradcheck(Constant.apply, x)
    with pytest.raises(GradcheckError, match="output 0 with respect to input 0"):
        gradgradcheck(Constant.apply, x)
    assert gradgradcheck(Constant.apply, x, raise_exception=False) is False


def test_second_derivative_that_a_later_input_misses():
    class Product(Function):
        """a * b, whose gradient by b holds a constant."""

        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        def backward(ctx, grad):
            a, b = ctx.saved_tensors
            return grad * b, grad * a.detach()

    inputs = leaf(2), leaf(2)
    assert gradcheck(Product.apply, inputs)
    with pytest.raises(GradcheckError, match="output 1 with respect to input 0"):
        gradgradcheck(Product.apply, inputs)


def test_second_derivative_by_the_outputs_gradient():
    class Forgets(Function):
        """Its backward cuts off the gradient that it got."""

        @staticmethod
        def forward(ctx, input):
            return input * 3

        @staticmethod
        def backward(ctx, grad):
            return grad.detach() * 3

    with pytest.raises(GradcheckError, match="with respect to gradient of output 0"):
        gradgradcheck(Forgets.apply, leaf(2))


def test_given_gradients_of_the_outputs():
    x = leaf(2)
    given = minitorch.tensor([3.0, 4.0], dtype=minitorch.float64, requires_grad=True)
    assert gradgradcheck(lambda x: x * x, x, given)
    assert gradgradcheck(lambda x: (x * x, x.exp()), x, [given, given.detach().clone()])
    assert gradgradcheck(lambda x: (x.sum(), x.exp()), x, [None, given])


# -- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
@pytest.mark.parametrize("inputs", [minitorch.ones(2), (3,), (), (np.ones(2),)])
def test_no_input_requires_a_gradient(check, inputs):
    for raise_exception in (True, False):
        with pytest.raises(ValueError, match="at least one input tensor to require gradient"):
            check(lambda *x: x, inputs, raise_exception=raise_exception)


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_overlapping_inputs(check):
    for raise_exception in (True, False):
        with pytest.raises(RuntimeError, match="input 1 has a dimension with stride 0"):
            check(
                lambda x, y: x * y,
                (leaf(2, 3), leaf(3).expand(2, 3)),
                raise_exception=raise_exception,
            )
    assert check(lambda x: x * x, leaf(3).expand(1, 3).clone())


@pytest.mark.parametrize(
    ("check", "option"),
    [
        (gradcheck, "check_batched_grad"),
        (gradcheck, "check_batched_forward_grad"),
        (gradcheck, "check_forward_ad"),
        (gradgradcheck, "check_batched_grad"),
        (gradgradcheck, "check_fwd_over_rev"),
    ],
)
def test_what_is_not_offered(check, option):
    with pytest.raises(NotImplementedError, match=option):
        check(lambda x: x * x, leaf(2), **{option: True})


def test_backward_that_cannot_be_differentiated():
    class Once(Operator):
        differentiable_backward = False

        def forward(self, input):
            return input * 2

        def backward(self, grad):
            return grad * 2

    with pytest.raises(NotImplementedError, match="OnceBackward0"):
        gradgradcheck(Once.apply, leaf(2))


# -- modules ------------------------------------------------------------------------------


def test_parameters_of_a_module_are_checked():
    assert gradcheck(Scale(), leaf(3, 2))
    with pytest.raises(GradcheckError, match="output 0 with respect to parameter weight"):
        gradcheck(Scale(1.0005), leaf(3, 2), rtol=1e-5)
    assert gradcheck(Scale(1.0005), leaf(3, 2), rtol=1e-5, parameters=False)


def test_parameters_alone():
    constant = leaf(3, 2).detach()
    assert gradcheck(Scale(), constant)
    with pytest.raises(GradcheckError, match="parameter weight"):
        gradcheck(Scale(2.0), constant)
    with pytest.raises(ValueError, match="at least one"):
        gradcheck(Scale(), constant, parameters=False)


def test_parameters_are_left_as_they_were():
    module = Scale()
    before = module.weight.array.copy()
    gradcheck(module, leaf(2))
    assert module.weight.array.tobytes() == before.tobytes()
    assert module.weight.grad is None


def test_parameters_of_a_derived_module():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Scale()
            self.shift = nn.Parameter(leaf(2))

        def forward(self, input):
            return self.inner(input) * self.shift.exp()

    net = Net()
    assert gradcheck(net, leaf(3, 2))
    net.inner.factor = 1.5
    with pytest.raises(GradcheckError, match=r"parameter inner\.weight"):
        gradcheck(net, leaf(3, 2))


def test_second_derivatives_of_a_module():
    class Quadratic(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(leaf(2))

        def forward(self, input):
            return input * input * self.weight * self.weight

    assert gradgradcheck(Quadratic(), leaf(3, 2))
    assert gradgradcheck(Quadratic(), leaf(3, 2).detach())
