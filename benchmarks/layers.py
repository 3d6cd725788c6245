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
import ctypes
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


def self_attention(*args, **options):
    """`torch.nn.MultiheadAttention` of an input to itself, without its weights."""

    def make(torch):
        module = torch.nn.MultiheadAttention(*args, **options)

        def call(input):
            return module(input, input, input, need_weights=False)

        call.parameters = module.parameters
        return call

    return make


def labels(classes, *shape):
    """Integers below `classes`."""
    return lambda rng: rng.integers(0, classes, shape)


def common_words(count, *shape):
    """Integers below `count` of which some are frequent, as words are; a quarter are 0."""
    return lambda rng: np.minimum(rng.zipf(1.3, shape) - 1, count - 1)


def against(name, target):
    """The loss `torch.nn.<name>` of an input alone, with an array that `target` gives."""

    def make(torch):
        criterion = getattr(torch.nn, name)()
        constant = torch.from_numpy(target(np.random.default_rng(1)))
        return lambda input: criterion(input, constant)

    return make


def uniform(*shape):
    """Numbers from 0 to 1."""
    return lambda rng: rng.random(shape, np.float32)


WORKLOADS = {
    # -- activations
    **{
        f"{name} 64x512": Workload(layer(name), ((64, 512),))
        for name in ("Sigmoid", "Tanh", "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Softplus")
    },
    "GELU tanh 64x512": Workload(layer("GELU", "tanh"), ((64, 512),)),
    "LogSigmoid 64x512": Workload(layer("LogSigmoid"), ((64, 512),)),
    "Hardtanh 64x512": Workload(layer("Hardtanh"), ((64, 512),)),
    "PReLU 64x512": Workload(layer("PReLU"), ((64, 512),)),
    "GLU 64x512": Workload(layer("GLU"), ((64, 512),)),
    "Softmax 64x512": Workload(layer("Softmax", -1), ((64, 512),)),
    "LogSoftmax 64x512": Workload(layer("LogSoftmax", -1), ((64, 512),)),
    "Softmax 4096x10": Workload(layer("Softmax", -1), ((4096, 10),)),
    "ReLU 64x32x26x26": Workload(layer("ReLU"), ((64, 32, 26, 26),)),
    "ReLU 4x8": Workload(layer("ReLU"), ((4, 8),)),
    "Softmax 4x8": Workload(layer("Softmax", -1), ((4, 8),)),
    # -- attention
    "MultiheadAttention 256-8, 16x64": Workload(
        self_attention(256, 8, batch_first=True), ((16, 64, 256),), 1.2
    ),
    "MultiheadAttention 16-2, 4x8": Workload(
        self_attention(16, 2, batch_first=True), ((4, 8, 16),), 1.2
    ),
    "scaled_dot_product_attention 16x8x64x32": Workload(
        function("scaled_dot_product_attention"), ((16, 8, 64, 32),) * 3, 1.2
    ),
    "scaled_dot_product_attention 4x2x8x8, causal": Workload(
        function("scaled_dot_product_attention", is_causal=True), ((4, 2, 8, 8),) * 3, 1.2
    ),
    "TransformerEncoderLayer 128-4-256, 16x32": Workload(
        layer("TransformerEncoderLayer", 128, 4, 256, batch_first=True), ((16, 32, 128),), 1.2
    ),
    "TransformerEncoderLayer 16-2-32, 4x8": Workload(
        layer("TransformerEncoderLayer", 16, 2, 32, batch_first=True), ((4, 8, 16),), 1.2
    ),
    # -- convolution
    "Conv2d 1-32 k3, 64x28x28": Workload(layer("Conv2d", 1, 32, 3), ((64, 1, 28, 28),), 0.7),
    "Conv2d 32-64 k3, 64x26x26": Workload(layer("Conv2d", 32, 64, 3), ((64, 32, 26, 26),), 2.0),
    "Conv2d 64-64 k3 p1, 32x32x32": Workload(
        layer("Conv2d", 64, 64, 3, padding=1), ((32, 64, 32, 32),), 2.0
    ),
    "Conv2d 64-64 k3 p1 stride 2, 32x32x32": Workload(
        layer("Conv2d", 64, 64, 3, 2, 1), ((32, 64, 32, 32),), 2.0
    ),
    "Conv2d 64-64 k3 p1 groups 8, 32x32x32": Workload(
        layer("Conv2d", 64, 64, 3, 1, 1, groups=8), ((32, 64, 32, 32),), 2.2
    ),
    "Conv2d 64-64 k3 p1 depthwise, 32x32x32": Workload(
        layer("Conv2d", 64, 64, 3, 1, 1, groups=64), ((32, 64, 32, 32),), 5.5
    ),
    "Conv2d 64-64 k1, 32x32x32": Workload(layer("Conv2d", 64, 64, 1), ((32, 64, 32, 32),), 2.0),
    "Conv2d 256-256 k3 p1, 16x7x7": Workload(
        layer("Conv2d", 256, 256, 3, padding=1), ((16, 256, 7, 7),), 2.0
    ),
    "Conv2d 1-8 k3, 64x8x8": Workload(layer("Conv2d", 1, 8, 3), ((64, 1, 8, 8),), 0.7),
    "Conv2d 3-4 k3, 1x5x5": Workload(layer("Conv2d", 3, 4, 3), ((1, 3, 5, 5),)),
    "Conv1d 16-32 k5 p2, 64x100": Workload(
        layer("Conv1d", 16, 32, 5, padding=2), ((64, 16, 100),), 2.0
    ),
    "Conv3d 8-16 k3 p1, 4x16x16x16": Workload(
        layer("Conv3d", 8, 16, 3, padding=1), ((4, 8, 16, 16, 16),), 2.0
    ),
    "ConvTranspose2d 64-32 k4 p1 stride 2, 32x16x16": Workload(
        layer("ConvTranspose2d", 64, 32, 4, 2, 1), ((32, 64, 16, 16),), 2.0
    ),
    "Unfold k3, 32x16x32x32": Workload(layer("Unfold", 3), ((32, 16, 32, 32),)),
    "Fold k3, 32x16x32x32": Workload(layer("Fold", 32, 3), ((32, 144, 900),)),
    # -- linear
    "Linear 512-512, batch 64": Workload(layer("Linear", 512, 512), ((64, 512),)),
    # -- losses
    "MSELoss 64x100": Workload(layer("MSELoss"), ((64, 100), (64, 100))),
    **{
        f"{name} 64x100": Workload(against(name, uniform(64, 100)), ((64, 100),))
        for name in ("L1Loss", "SmoothL1Loss", "HuberLoss", "BCEWithLogitsLoss")
    },
    "CrossEntropyLoss 128x1000": Workload(
        layer("CrossEntropyLoss"), ((128, 1000), labels(1000, 128)), 0.7
    ),
    "CrossEntropyLoss 64x10": Workload(layer("CrossEntropyLoss"), ((64, 10), labels(10, 64)), 0.7),
    "CrossEntropyLoss 8x21x64x64": Workload(
        layer("CrossEntropyLoss"), ((8, 21, 64, 64), labels(21, 8, 64, 64)), 0.7
    ),
    "CrossEntropyLoss 64x10, probabilities": Workload(
        against("CrossEntropyLoss", uniform(64, 10)), ((64, 10),)
    ),
    "NLLLoss 64x10": Workload(layer("NLLLoss"), ((64, 10), labels(10, 64))),
    # -- normalization
    "BatchNorm2d 32x64x28x28": Workload(layer("BatchNorm2d", 64), ((32, 64, 28, 28),), 1.2),
    "BatchNorm2d 32x512x7x7": Workload(layer("BatchNorm2d", 512), ((32, 512, 7, 7),), 1.2),
    "BatchNorm1d 64x256": Workload(layer("BatchNorm1d", 256), ((64, 256),), 1.2),
    "InstanceNorm2d 16x64x28x28": Workload(layer("InstanceNorm2d", 64), ((16, 64, 28, 28),)),
    "LayerNorm 32x64x256": Workload(layer("LayerNorm", 256), ((32, 64, 256),), 3.3),
    "LayerNorm 8x16": Workload(layer("LayerNorm", 16), ((8, 16),)),
    "GroupNorm(8) 32x64x14x14": Workload(layer("GroupNorm", 8, 64), ((32, 64, 14, 14),)),
    "RMSNorm 32x64x256": Workload(layer("RMSNorm", 256), ((32, 64, 256),)),
    # -- padding
    "ReflectionPad2d(1) 32x16x32x32": Workload(layer("ReflectionPad2d", 1), ((32, 16, 32, 32),)),
    # -- pixel shuffle
    "PixelShuffle(2) 16x64x32x32": Workload(layer("PixelShuffle", 2), ((16, 64, 32, 32),)),
    # -- pooling
    "MaxPool2d 2, 64x32x26x26": Workload(layer("MaxPool2d", 2), ((64, 32, 26, 26),), 0.8),
    "MaxPool2d 3 stride 2 p1, 16x64x32x32": Workload(
        layer("MaxPool2d", 3, 2, 1), ((16, 64, 32, 32),), 0.8
    ),
    "MaxPool2d 2, 8x4x8x8": Workload(layer("MaxPool2d", 2), ((8, 4, 8, 8),)),
    "AvgPool2d 2, 64x32x26x26": Workload(layer("AvgPool2d", 2), ((64, 32, 26, 26),), 0.8),
    "AdaptiveAvgPool2d 1, 32x64x8x8": Workload(
        layer("AdaptiveAvgPool2d", 1), ((32, 64, 8, 8),), 0.8
    ),
    "AdaptiveMaxPool2d 5, 8x64x24x24": Workload(layer("AdaptiveMaxPool2d", 5), ((8, 64, 24, 24),)),
    # -- recurrent
    "LSTM 128-128, 50x32": Workload(layer("LSTM", 128, 128), ((50, 32, 128),), 1.9),
    "GRU 128-128, 50x32": Workload(layer("GRU", 128, 128), ((50, 32, 128),), 1.9),
    "RNN 128-128, 50x32": Workload(layer("RNN", 128, 128), ((50, 32, 128),), 1.9),
    "LSTM 8-16, 10x4": Workload(layer("LSTM", 8, 16), ((10, 4, 8),), 1.9),
    "LSTMCell 64-64, 32": Workload(layer("LSTMCell", 64, 64), ((32, 64),), 1.9),
    # -- tables
    "Embedding 30000x128, 32x50": Workload(
        layer("Embedding", 30000, 128), (labels(30000, 32, 50),), 1.8
    ),
    "Embedding 30000x128, 32x50, as words are": Workload(
        layer("Embedding", 30000, 128), (common_words(30000, 32, 50),), 1.8
    ),
    "Embedding 100x16, 8x10": Workload(layer("Embedding", 100, 16), (labels(100, 8, 10),), 1.8),
    # -- upsampling
    "Upsample x2 nearest, 16x16x32x32": Workload(
        layer("Upsample", scale_factor=2), ((16, 16, 32, 32),)
    ),
    "Upsample x2 bilinear, 16x16x32x32": Workload(
        layer("Upsample", scale_factor=2, mode="bilinear"), ((16, 16, 32, 32),)
    ),
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
    ctypes.CDLL(None).malloc_trim(0)  # what was freed before must not serve the call unseen
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
