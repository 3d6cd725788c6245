"""Watch every number inside a small network, on the way forward and on the way back.

Nothing is computed twice: hooks on the layers note what passes through them. On the way forward
that is each layer's output; on the way back it is the gradient of the loss by that output. A
gradient says how to make the loss larger, so with a minus sign it is the error that textbooks
pass from layer to layer.

With `--by-hand` the layers are given NumPy arrays and we go back through them ourselves. Without
the flag it runs under PyTorch too: change the import of minitorch to `import torch` and the next
line to `from torch import nn`.
"""

import argparse
from collections import OrderedDict

import numpy as np

import minitorch as torch
from minitorch import nn

FEATURES = [0.5, 0.1, -0.2]  # one sample
TARGET = [0.6]
INPUT_TO_HIDDEN = [[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]]  # a row per input
HIDDEN_TO_OUTPUT = [[0.1], [-0.3]]
LEARNING_RATE = 0.5


def build_network():
    """The network at its starting weights, in double precision; a layer is named by its output."""
    model = nn.Sequential(
        OrderedDict(
            hidden_sum=nn.Linear(3, 2, bias=False),
            hidden=nn.Sigmoid(),
            output_sum=nn.Linear(2, 1, bias=False),
            output=nn.Sigmoid(),
        )
    ).double()
    with torch.no_grad():  # Linear keeps a row per output, so we transpose
        model.hidden_sum.weight.copy_(torch.tensor(INPUT_TO_HIDDEN, dtype=torch.float64).T)
        model.output_sum.weight.copy_(torch.tensor(HIDDEN_TO_OUTPUT, dtype=torch.float64).T)
    return model


def watch(model, x, target):
    """Go forward and back with Tensors; return each layer's output and its gradient by name."""
    outputs = {}

    def note_output(name):
        def hook(layer, args, output):
            output.retain_grad()  # else only weights would keep theirs
            outputs[name] = output

        return hook

    for name, layer in model.named_children():
        layer.register_forward_hook(note_output(name))
    # Half, because the mean squared error has the derivative 2(y - t), while the textbook error
    # t - y belongs to ½(t - y)².
    loss = nn.MSELoss()(model(x), target) / 2
    loss.backward()
    values = {name: output.detach().numpy() for name, output in outputs.items()}
    gradients = {name: output.grad.numpy() for name, output in outputs.items()}
    return values, gradients


def watch_by_hand(model, x, target):
    """Go forward and back with arrays; return each layer's output and its gradient by name."""
    values, gradients = {}, {}

    def note_output(name):
        def hook(layer, args, output):
            values[name] = output

        return hook

    def note_gradient(name):
        def hook(layer, grad_input, grad_output):
            (gradients[name],) = grad_output

        return hook

    for name, layer in model.named_children():
        layer.register_forward_hook(note_output(name))
        layer.register_full_backward_hook(note_gradient(name))
    criterion = nn.MSELoss()
    criterion(model(x), target)
    model.backward(criterion.backward(0.5))  # the same half
    return values, gradients


def report(model, values, gradients):
    """Print what was seen, and the step that gradient descent would take."""
    errors = {name: -gradient for name, gradient in gradients.items()}
    print("forward")
    print(f"  sums into the hidden neurons     {values['hidden_sum']}")
    print(f"  outputs of the hidden neurons    {values['hidden']}")
    print(f"  sum into the output neuron       {values['output_sum'].item()}")
    print(f"  output                           {values['output'].item()}")
    print("backward")
    print(f"  error of the output              {errors['output'].item()}")
    print(f"  ... of the sum before it         {errors['output_sum'].item()}")
    print(f"  errors of the hidden outputs     {errors['hidden']}")
    print(f"  ... of the sums before them      {errors['hidden_sum']}")
    print(f"steps at learning rate {LEARNING_RATE}")
    print("  of the weights from hidden neurons to output")
    print(-LEARNING_RATE * model.output_sum.weight.grad.numpy().ravel())
    print("  of the weights from inputs (rows) to hidden neurons (columns)")
    print(-LEARNING_RATE * model.hidden_sum.weight.grad.numpy().T)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--by-hand", action="store_true", help="go back with NumPy arrays")
    arguments = parser.parse_args()

    model = build_network()
    print(f"shape of the input: {np.shape(FEATURES)}")
    print(f"shape of the weights into the hidden layer: {tuple(model.hidden_sum.weight.T.shape)}")
    x, target = np.array(FEATURES), np.array(TARGET)
    if arguments.by_hand:
        values, gradients = watch_by_hand(model, x, target)
    else:
        values, gradients = watch(model, torch.tensor(x), torch.tensor(target))
    report(model, values, gradients)


if __name__ == "__main__":
    main()
