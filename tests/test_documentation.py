"""Every public name says what it is, and the pages say what is there."""

import inspect
import re
import runpy
from pathlib import Path
from types import ModuleType

import pytest

import minitorch
from minitorch import autograd, nn, optim

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
LAYERS = [getattr(nn, name) for name in nn.__all__ if inspect.isclass(getattr(nn, name))]
OPTIMIZERS = [
    getattr(module, name)
    for module in (optim, optim.lr_scheduler, optim.swa_utils)
    for name in module.__all__
    if inspect.isclass(getattr(module, name))
]
CLASSES = [
    minitorch.Generator,
    minitorch.Size,
    minitorch.Tensor,
    minitorch.dtype,
    autograd.Function,
    *OPTIMIZERS,
    *LAYERS,
]
make_api = runpy.run_path(str(ROOT / "docs" / "make_api.py"))
make_layers = runpy.run_path(str(ROOT / "docs" / "make_layers.py"))


def has_docstring(value) -> bool:
    return bool((getattr(value, "__doc__", None) or "").strip())


def public_members(cls):
    """The names of a class's own and inherited methods and properties."""
    kinds = (property, staticmethod, classmethod)
    for name in dir(cls):
        value = inspect.getattr_static(cls, name)
        if not name.startswith("_") and (callable(value) or isinstance(value, kinds)):
            yield name


def is_described(cls, name) -> bool:
    """Whether a method, or the one that it overrides, has a docstring."""
    return any(has_docstring(vars(base)[name]) for base in cls.__mro__ if name in vars(base))


# -- docstrings ---------------------------------------------------------------------------


@pytest.mark.parametrize("module", make_api["NAMESPACES"], ids=lambda module: module.__name__)
def test_every_public_name_has_a_docstring(module):
    names = make_api["public_names"](module)
    assert names
    values = {name: getattr(module, name) for name in names}
    missing = [
        name
        for name, value in values.items()
        if (callable(value) or isinstance(value, ModuleType)) and not has_docstring(value)
    ]
    assert missing == []


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_public_method_has_a_docstring(cls):
    # A layer's own class explains its forward and backward.
    explained = {"forward", "backward"} if issubclass(cls, nn.Module) else set()
    names = set(public_members(cls)) - explained
    assert names
    assert sorted(name for name in names if not is_described(cls, name)) == []


# -- pages --------------------------------------------------------------------------------


def test_the_list_of_names_is_up_to_date():
    written = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert written == make_api["page"](), "run `python docs/make_api.py`"


def test_the_table_of_layers_says_what_is_here():
    """Where PyTorch is installed, another test compares the names with PyTorch's."""
    text = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
    _, layers, functions = text.split("\n## ")
    for section, owner in ((layers, nn), (functions, nn.functional)):
        rows = re.findall(r"^\| `(\w+)` \| (\S+) \|", section, re.MULTILINE)
        assert len(rows) > 100
        assert [name for name, state in rows if state != make_layers["state"](owner, name)] == [], (
            "run `python docs/make_layers.py`"
        )


def heading_anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub forms them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and anchor not in heading_anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_exist(page):
    folders = "minitorch|tests|docs|examples|benchmarks"
    named = re.findall(rf"`((?:{folders})/[\w/.]*)`", page.read_text(encoding="utf-8"))
    assert sorted({path for path in named if not (ROOT / path).exists()}) == []


def test_names_in_the_architecture_exist():
    """A name that was changed in the code must not live on in the prose."""
    files = ROOT.glob("minitorch/**/*.py")
    used = set(re.findall(r"\w+", " ".join(file.read_text(encoding="utf-8") for file in files)))
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?:\(\))?`", page)
    assert sorted(set(named) - used) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_are_run(page):
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    assert [block for block in blocks if not block.startswith(">>> ")] == []
