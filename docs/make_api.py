"""Write docs/api.md: each public name with its signature and the first line of its docstring.

Run it from the project's root after adding or renaming something: `python docs/make_api.py`.
The tests compare the page with what the docstrings say now.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import minitorch
from minitorch import autograd, nn, optim, utils

PAGE = Path(__file__).with_name("api.md")
NAMESPACES = (
    minitorch,
    minitorch.random,
    autograd,
    nn,
    nn.functional,
    nn.init,
    nn.utils,
    nn.utils.rnn,
    optim,
    optim.lr_scheduler,
    optim.swa_utils,
    utils.data,
)
# Their methods are listed too.
CLASSES = {
    "minitorch.Tensor": minitorch.Tensor,
    "nn.Module": nn.Module,
    "optim.Optimizer": optim.Optimizer,
    "autograd.Function": autograd.Function,
    "minitorch.Generator": minitorch.Generator,
}
INTRODUCTION = """\
# Names

Every public name with its signature and the first line of its docstring; `help(name)` shows the
rest: shapes, defaults, errors and an example. They are sorted by the file in which they stand.
This page is made from the docstrings by `python docs/make_api.py`.
"""
WITH_ARRAYS = """\
Functions and modules take Tensors, or NumPy arrays alone, and then return arrays.
"""
SHARED = "Methods that are functions of `minitorch` too, with the tensor as the first argument:"
IN_PLACE = """\
Methods that write what the method without the underscore computes into the tensor itself, and
return it:"""


def page() -> str:
    """The whole page."""
    sections = [INTRODUCTION, WITH_ARRAYS]
    sections += [namespace_section(module) for module in NAMESPACES]
    sections += [class_section(name, cls) for name, cls in CLASSES.items()]
    return "\n".join(sections)


# -- namespaces ---------------------------------------------------------------------------


def public_names(module: ModuleType) -> list[str]:
    """What a module exports: its `__all__`, or else the functions that it defines."""
    own = [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    ]
    return sorted(getattr(module, "__all__", own))


def namespace_section(module: ModuleType) -> str:
    """A module's names: packages and values in one line each, the rest by file."""
    title = module.__name__.removeprefix("minitorch.")
    members = {name: getattr(module, name) for name in public_names(module)}
    packages = [name for name, value in members.items() if isinstance(value, ModuleType)]
    values = [
        name for name, value in members.items() if name not in packages and not callable(value)
    ]
    lines = [f"## {title}\n", f"{summary(module)}\n"]
    if packages:
        lines.append(f"Packages: {listing(packages)}.\n")
    if values:
        lines.append(f"Values: {listing(values)}.\n")
    described = {name: value for name, value in members.items() if callable(value)}
    return "\n".join(lines + by_file(described))


def by_file(members: dict[str, Any], cls: type | None = None) -> list[str]:
    """One line for each name, under the file that defines it; of a class's members if `cls`."""
    files = defaultdict(list)
    for name, value in members.items():
        bound = cls is not None and inspect.isfunction(inspect.getattr_static(cls, name))
        files[home(value)].append(entry(name, value, members, bound))
    lines = []
    for file in sorted(files):
        about = summary(importlib.import_module(file)).removesuffix(".")
        lines += [f"### {about}\n", f"`{file.replace('.', '/')}.py`\n", *files[file], ""]
    return lines


def home(value: Any) -> str:
    """The module in which a function, a class or a property is defined."""
    if isinstance(value, property):
        return str(value.fget.__module__)
    return str(value.__module__)


# -- classes ------------------------------------------------------------------------------


def class_section(title: str, cls: type) -> str:
    """The attributes, properties and methods of a class."""
    members = {name: member(cls, name) for name in dir(cls) if not name.startswith("_")}
    described = attributes(cls)
    lines = [f"## {title}\n", f"{summary(cls)}\n"]
    lines += [f"- `{name}`: {text}" for name, text in described.items()]
    lines += [
        f"- `{name}`: always {value}."
        for name, value in members.items()
        if isinstance(value, bool) and name.startswith("is_") and name not in described
    ]
    lines += [""] if lines[-1].startswith("-") else []
    shared = [
        name
        for name, value in members.items()
        if callable(value) and value is getattr(minitorch, name, None)
    ]
    in_place = [name for name, value in members.items() if is_in_place_form(value)]
    if shared:
        lines.append(f"{SHARED}\n{listing(shared)}.\n")
    if in_place:
        lines.append(f"{IN_PLACE}\n{listing(in_place)}.\n")
    own = {
        name: value
        for name, value in members.items()
        if name not in (*shared, *in_place) and (callable(value) or isinstance(value, property))
    }
    return "\n".join(lines + by_file(own, cls))


def member(cls: type, name: str) -> Any:
    """What stands under a name in a class: a property as such, a static method as its function."""
    value = inspect.getattr_static(cls, name)
    return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value


def is_in_place_form(value: Any) -> bool:
    """Whether `ops.forms` made a method of the function without the underscore."""
    return getattr(value, "__module__", None) == "minitorch.ops.forms"


def attributes(cls: type) -> dict[str, str]:
    """What the class's docstring says under "Attributes:"."""
    found: dict[str, str] = {}
    lines = iter((inspect.getdoc(cls) or "").splitlines())
    name = ""
    for line in lines:
        if line == "Attributes:":
            break
    for line in lines:
        if not line.startswith("    "):
            break
        if line.startswith("     "):  # goes on
            found[name] += " " + line.strip()
        else:
            name, _, found[name] = line.strip().partition(": ")
    return found


# -- lines --------------------------------------------------------------------------------


def entry(name: str, value: Any, beside: dict[str, Any], bound: bool = False) -> str:
    """One name's line; a bound method is shown without its first parameter."""
    if isinstance(value, property):
        return f"- `{name}`: {summary(value)}"
    other = value.__name__
    if other != name and beside.get(other) is value:
        return f"- `{name}`: the same as `{other}`."
    return f"- `{name}{signature(value, bound)}`: {summary(value)}"


def signature(value: Any, bound: bool) -> str:
    """The parameters with their defaults, without annotations."""
    if inspect.isclass(value) and issubclass(value, Exception):
        return ""
    found = inspect.signature(value)
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
    ]
    if bound or (parameters and parameters[0].name == "cls"):
        del parameters[0]
    plain = found.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return re.sub(r"<function (\w+) at 0x\w+>", r"\1", str(plain))


def summary(value: Any) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(value) or "").partition("\n")[0]


def listing(names: Iterable[str]) -> str:
    """Names in one sentence."""
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}", file=sys.stderr)
