"""Time one step of every optimizer, minitorch and PyTorch with its default implementation.

Ten small parameters are the weights (8 x 8) and biases of five layers; Muon, which takes matrices
only, gets ten matrices. A million elements are one matrix. Everything in float32 and in one
process, one thread each, in turn; the table shows medians over many short rounds and the median of
each round's ratio.

    python benchmarks/optimizers.py            (PyTorch's column needs: pip install torch)
"""

import timing  # before NumPy and PyTorch

# isort: split
import numpy as np

import minitorch

OPTIMIZERS = {
    "SGD": {},
    "SGD, momentum": {"momentum": 0.9},
    "Adam": {},
    "AdamW": {},
    "Adam, amsgrad": {"amsgrad": True},
    "NAdam": {},
    "RAdam": {},
    "Adamax": {},
    "Adadelta": {},
    "Adagrad": {},
    "RMSprop": {},
    "RMSprop, centered, momentum": {"centered": True, "momentum": 0.9},
    "Rprop": {},
    "ASGD": {},
    "Adafactor": {},
    "Muon": {},
}
SMALL = [(8, 8), (8,)] * 5
LARGE = [(1000, 1000)]


def optimizer_step(torch, name, options, shapes):
    """A step of an optimizer in minitorch or PyTorch, whichever is given as `torch`."""
    rng = np.random.default_rng(0)
    parameters = []
    for shape in shapes:
        parameter = torch.from_numpy(rng.standard_normal(shape).astype(np.float32))
        parameter.grad = torch.from_numpy(rng.standard_normal(shape).astype(np.float32))
        parameters.append(parameter)
    optimizer = getattr(torch.optim, name)(parameters, lr=1e-3, **options)
    for _ in range(10):  # RAdam changes its rule after five steps
        optimizer.step()
    return optimizer.step


def main():
    arguments = timing.arguments(__doc__, rounds=30)
    libraries = {"minitorch": minitorch}
    torch = timing.pytorch()
    if torch:
        libraries["PyTorch"] = torch
    timing.print_heads("step", list(libraries))
    for title, shapes in (("10 small", SMALL), ("1,000,000", LARGE)):
        for label, options in OPTIMIZERS.items():
            name = label.partition(",")[0]
            if name == "Muon":
                shapes = [(8, 8)] * 10 if shapes is SMALL else LARGE
            steps = {
                library: optimizer_step(module, name, options, shapes)
                for library, module in libraries.items()
            }
            times = timing.measure(steps, arguments.rounds, arguments.seconds)
            timing.print_row(f"{label}: {title}", times)


if __name__ == "__main__":
    main()
