"""What the benchmarks share: contestants timed in turn, one thread each, and a table of medians.

Import this before NumPy and PyTorch, which read the number of threads when they are imported.
Noise of the machine falls on all contestants alike, so ratios are taken round by round.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import argparse
import importlib.util
import statistics
import time


def pytorch():
    """PyTorch with one thread, or None where it is not installed."""
    if not importlib.util.find_spec("torch"):
        return None
    import torch

    torch.set_num_threads(1)
    return torch


def arguments(description, rounds):
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=float, default=0.01, help="of each turn in a round")
    return parser.parse_args()


def seconds_per_call(function, repeats):
    """The time of one call, averaged over `repeats`."""
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats


def measure(contestants, rounds, seconds):
    """Time functions in turn, `rounds` times for about `seconds` each: times by name."""
    repeats = {}
    for name, function in contestants.items():
        once = seconds_per_call(function, 1)
        trials = max(1, min(20, round(seconds / once)))
        repeats[name] = max(1, round(seconds / seconds_per_call(function, trials)))
    times = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, function in contestants.items():
            times[name].append(seconds_per_call(function, repeats[name]))
    return times


def print_heads(subject, names):
    """The first two lines of a table; the first name is compared with each other one."""
    heads = [subject, *(f"{name} µs" for name in names)]
    heads += [f"{names[0]} / {name}" for name in names[1:]]
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))


def print_row(subject, times):
    """A line of the table: medians, and the medians of each round's ratio."""
    first, *others = times
    cells = [subject, *(f"{statistics.median(values) * 1e6:.1f}" for values in times.values())]
    for other in others:
        pairs = zip(times[first], times[other], strict=True)
        cells.append(f"{statistics.median(mine / theirs for mine, theirs in pairs):.2f}")
    print("| " + " | ".join(cells) + " |", flush=True)
