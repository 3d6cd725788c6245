"""Time layers, forward and backward: minitorch and PyTorch, each in a process of its own.

Each row is a layer and an input, float32, gradients of input and parameters. The two processes,
one thread each, take turns; times are those of the processor, so that other programs disturb them
less. The table shows medians, the median of each round's ratio, the aim for that ratio, and by how
much the peak of memory rises in a first call.

    python benchmarks/layers.py               (needs: pip install torch)
    python benchmarks/layers.py conv lstm     (rows whose name has one of the words)
"""

import timing  # before NumPy and PyTorch

# isort: split
import argparse
import importlib
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Workload:
    """A layer and its input.

    Args:
        make: gives the layer, for the package `torch`.
        inputs: shapes of normal numbers, or functions that give an array for a random generator.
        aim: of the ratio to PyTorch.
        differentiate: the inputs are differentiated too.
    """

    make: Any
    inputs: tuple[Any, ...]
    aim: float | None = None
    differentiate: bool = True


def layer(name, *args, **options):
    """The layer `torch.nn.<name>`, made with these arguments."""
    return lambda torch: getattr(torch.nn, name)(*args, **options)


def function(name, **options):
    """The function `torch.nn.functional.<name>` with these options."""
    return lambda torch: lambda *inputs: getattr(torch.nn.functional, name)(*inputs, **options)


def labels(classes, *shape):
    """Integers below `classes`."""
    return lambda rng: rng.integers(0, classes, shape)


WORKLOADS = {
    # -- activations
    "Sigmoid 64x512": Workload(layer("Sigmoid"), ((64, 512),)),
    # -- linear
    "Linear 512-512, batch 64": Workload(layer("Linear", 512, 512), ((64, 512),)),
    # -- losses
    "MSELoss 64x100": Workload(layer("MSELoss"), ((64, 100), (64, 100))),
}

WARM_UP = Workload(layer("Linear", 4, 4), ((4, 4),))


def step_of(workload, torch):
    """One forward and backward, as a function without arguments."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    module = workload.make(torch)
    inputs = []
    for item in workload.inputs:
        array = item(rng) if callable(item) else rng.standard_normal(item).astype(np.float32)
        tensor = torch.from_numpy(array)
        floating = array.dtype.kind == "f"
        inputs.append(tensor.requires_grad_() if floating and workload.differentiate else tensor)
    leaves = [*getattr(module, "parameters", tuple)(), *inputs]
    grads = []

    def step():
        for leaf in leaves:
            leaf.grad = None
        outputs = module(*inputs)
        output = outputs[0] if isinstance(outputs, tuple) else outputs
        if not grads:
            grads.append(torch.ones_like(output))
        output.backward(grads[0])

    return step


# -- the process of one package -----------------------------------------------------------


def serve(package):
    """Answer commands from standard input: `time NAME SECONDS` and `memory NAME`."""
    torch = timing.pytorch() if package == "torch" else importlib.import_module(package)
    steps = {}
    for line in sys.stdin:
        command, name, seconds = line.rstrip("\n").split("\t")
        if command == "memory":
            step_of(WARM_UP, torch)()  # what a package loads at its first backward
            print(memory_of(step_of(WORKLOADS[name], torch)), flush=True)
            continue
        if name not in steps:
            steps.clear()  # one workload's arrays at a time
            steps[name] = step_of(WORKLOADS[name], torch)
            steps[name]()
        print(processor_time(steps[name], float(seconds)), flush=True)


def processor_time(step, seconds):
    """The time of one call on the processor: the mean over about `seconds`."""
    start = time.process_time()
    step()
    repeats = max(1, round(seconds / max(time.process_time() - start, 1e-6)))
    start = time.process_time()
    for _ in range(repeats):
        step()
    return (time.process_time() - start) / repeats


def memory_of(step):
    """By how many bytes a call raises the peak of the memory in use."""
    before = status("VmRSS")
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak starts afresh
    step()
    return status("VmHWM") - before


def status(key):
    """A line of what Linux says of this process, in bytes."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))


class Package:
    """The process of one package."""

    def __init__(self, name):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words):
        """The number that answers a command."""
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


# -- the table ----------------------------------------------------------------------------


def memory(name):
    """The rise of the peak in a fresh process of each package, in megabytes."""
    rises = []
    for package in ("minitorch", "torch"):
        process = Package(package)
        rises.append(process.ask("memory", name, 0) / 1e6)
        process.close()
    return rises


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="rows whose name has one of these; default all")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.1, help="of each turn in a round")
    parser.add_argument("--no-memory", action="store_true", help="leave out the memory")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    words = [word.lower() for word in options.words]
    names = [n for n in WORKLOADS if not words or any(word in n.lower() for word in words)]
    print("| layer | minitorch µs | PyTorch µs | ratio | aim | minitorch MB | PyTorch MB |")
    print("|---|---|---|---|---|---|---|")
    packages = [Package("minitorch"), Package("torch")]
    for name in names:
        rounds = [
            [package.ask("time", name, options.seconds) for package in packages]
            for _ in range(options.rounds)
        ]
        ratio = statistics.median(ours / theirs for ours, theirs in rounds)
        ours, theirs = (statistics.median(column) * 1e6 for column in zip(*rounds, strict=True))
        aim = WORKLOADS[name].aim or ""
        sizes = [] if options.no_memory else [f"{size:.1f}" for size in memory(name)]
        cells = [name, f"{ours:.0f}", f"{theirs:.0f}", f"{ratio:.2f}", aim, *(sizes or ("", ""))]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    for package in packages:
        package.close()


if __name__ == "__main__":
    main()
