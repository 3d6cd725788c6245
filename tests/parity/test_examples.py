"""Every script in `examples/`, and the README's, prints the same numbers under PyTorch."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_limits  # comes with scikit-learn

import minitorch

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
OPTIONS = {
    "character_lstm": ["--epochs", "1", "--length", "100"],
    "character_transformer": ["--epochs", "1", "--length", "100"],
    "digits": ["--epochs", "10"],
    "digits_autoencoder": ["--epochs", "5"],
    "digits_convolution": ["--epochs", "2"],
}
# Numbers in float64 may be printed to the last digit, which rounding may change. The others agree
# to every printed digit, losses in float32 at least to the fourth.
TOLERANCE = {"digits": 5e-5}
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?")


def for_pytorch(source: str) -> str:
    """A script with its imports changed."""
    source = re.sub(r"^(\W*)import minitorch( as torch)?$", r"\1import torch", source, flags=re.M)
    # The one script that is about layers with a backward, which PyTorch's modules do not have.
    source = source.replace("np.exp(", "torch.exp(")
    return re.sub(r"\bminitorch\b", "torch", source)


def printed(source: str, path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What a script at a path prints.

    In one thread: on a busy machine several would wait for each other in every small product.
    """
    monkeypatch.setattr(sys, "argv", [str(path), *arguments])
    output = io.StringIO()
    silent = contextlib.redirect_stderr(io.StringIO())
    with contextlib.redirect_stdout(output), silent, threadpool_limits(1):
        exec(compile(source, path, "exec"), {"__name__": "__main__", "__file__": str(path)})
    return output.getvalue()


@pytest.fixture
def same_default_dtype() -> Iterator[None]:
    """Give both packages their default dtype back, which a script may set."""
    yield
    minitorch.set_default_dtype(minitorch.float32)
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def layers_without_backward(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PyTorch's modules take what is written for ours, and ignore it.

    Then a `forward` works on tensors, and PyTorch derives the backward that a script has written.
    """
    monkeypatch.setattr(torch.Tensor, "array", property(lambda self: self), raising=False)
    monkeypatch.setattr(
        torch.nn.Module, "save_for_backward", lambda self, *saved: None, raising=False
    )


@pytest.mark.usefixtures("layers_without_backward", "same_default_dtype")
@pytest.mark.parametrize("name", SCRIPTS)
def test_examples_print_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "examples" / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    changed = for_pytorch(source)
    assert "import torch\n" in changed
    assert "import minitorch" not in changed
    ours, theirs = (
        printed(script, path, OPTIONS.get(name, []), monkeypatch) for script in (source, changed)
    )
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
    numbers = [np.array(NUMBER.findall(text), float) for text in (ours, theirs)]
    assert len(numbers[0]) > 5
    np.testing.assert_allclose(*numbers, rtol=TOLERANCE.get(name, 1e-12))


def blocks(heading: str) -> str:
    """The shown examples in a section of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"```python\n(.*?)```", section, flags=re.S))


def test_the_readme_prints_the_same() -> None:
    """The very output that stands there, which the documentation's own test gets from us."""
    test = doctest.DocTestParser().get_doctest(
        for_pytorch(blocks("Same seed, same numbers")), {}, "README", None, None
    )
    assert any("torch.manual_seed" in example.source for example in test.examples)
    assert sum("epoch 8: loss" in example.want for example in test.examples) == 1
    report: list[Any] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert result.failed == 0, "".join(report)
