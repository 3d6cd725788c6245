"""Time the drawing of random numbers: minitorch beside PyTorch, the same numbers on both sides.

python benchmarks/random_numbers.py            (PyTorch's column needs: pip install torch)
"""

import timing  # before NumPy and PyTorch

# isort: split
import functools

import minitorch

MILLION = 1_000_000
DRAWS = {
    "rand(1000000)": lambda torch: torch.rand(MILLION),
    "rand(1000000), float64": lambda torch: torch.rand(MILLION, dtype=torch.float64),
    "uniform_(-1, 2), 1000000": lambda torch: torch.empty(MILLION).uniform_(-1, 2),
    "randn(1000000)": lambda torch: torch.randn(MILLION),
    "randn(1000000), float64": lambda torch: torch.randn(MILLION, dtype=torch.float64),
    "normal_(0, 0.02), 1000000": lambda torch: torch.empty(MILLION).normal_(0, 0.02),
    "randn(100000)": lambda torch: torch.randn(MILLION // 10),
    "randn(100000), float64": lambda torch: torch.randn(MILLION // 10, dtype=torch.float64),
    "bernoulli_(0.5), 1000000": lambda torch: torch.empty(MILLION).bernoulli_(0.5),
    "randint(10, (1000000,))": lambda torch: torch.randint(10, (MILLION,)),
    "exponential_, 1000000": lambda torch: torch.empty(MILLION).exponential_(),
    "randperm(60000)": lambda torch: torch.randperm(60_000),
    "randperm(1000)": lambda torch: torch.randperm(1000),
    "rand(10)": lambda torch: torch.rand(10),
    "randn(10)": lambda torch: torch.randn(10),
}


def main():
    arguments = timing.arguments(__doc__, rounds=40)
    libraries = {"minitorch": minitorch}
    torch = timing.pytorch()
    if torch:
        libraries["PyTorch"] = torch
    timing.print_heads("draw", list(libraries))
    for name, draw in DRAWS.items():
        contestants = {
            library: functools.partial(draw, module) for library, module in libraries.items()
        }
        timing.print_row(name, timing.measure(contestants, arguments.rounds, arguments.seconds))


if __name__ == "__main__":
    main()
