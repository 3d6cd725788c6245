"""Time one step of every optimizer, minitorch and PyTorch with its default implementation.

Ten small parameters are the weights (8 x 8) and biases of five layers; Muon, which takes matrices
only, gets ten matrices. A million elements are one matrix. Everything in float32 and in one
process, one thread each, in turn; the table shows medians over many short rounds and the median of
each round's ratio. LBFGS, which calls the network itself, fits a small one.

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


def fit(torch):
    """A step of LBFGS from the same start each time: twenty iterations on a network of 8-8-1."""
    nn = torch.nn
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 1)).double()
    inputs, targets = torch.randn(32, 8).double(), torch.randn(32, 1).double()
    criterion = nn.MSELoss()
    start = {name: value.clone() for name, value in model.state_dict().items()}

    def step():
        model.load_state_dict(start)
        optimizer = torch.optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe")

        def closure():
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            return loss

        return optimizer.step(closure)

    return step


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
    fits = {library: fit(module) for library, module in libraries.items()}
    times = timing.measure(fits, arguments.rounds, arguments.seconds)
    timing.print_row("LBFGS: 20 iterations on 8-8-1", times)


if __name__ == "__main__":
    main()
