"""The program as text and as syntax trees, for the tests that hold the architecture."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
ROOMS: list[str] = settings.ROOMS
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of Python."""

    path: str
    tree: ast.Module
    lines: int

    @property
    def room(self) -> str:
        return self.path.split("/")[0]

    @property
    def holds_verbs(self) -> bool:
        """Whether this is `<room>/workflow.py`, or a part of the package of that name."""
        return self.path.split("/")[1].removesuffix(".py") == "workflow"

    @property
    def is_door(self) -> bool:
        """Views and API: they fetch what is visible, allow, call a verb, answer."""
        name = self.path.split("/")[1].removesuffix(".py")
        return name in {"views", "api", "api_uploads"} or self.path in {
            "microcreds/home.py",
            "microcreds/help.py",
        }

    def at(self, node: ast.AST) -> str:
        """`path:line`, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every module below these folders, migrations apart."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(read(path) for path in paths if "migrations" not in path.parts)


def read(path: Path) -> Module:
    text = path.read_text()
    return Module(str(path.relative_to(ROOT)), ast.parse(text), text.count("\n"))


def rooms() -> tuple[Module, ...]:
    """The program itself."""
    return modules(*ROOMS)


def later(room: str) -> list[str]:
    """The rooms further down the street. Notifications and reports lie side by side."""
    apart = {"notifications": ["microcreds"]}
    return apart.get(room, ROOMS[ROOMS.index(room) + 1 :])


def functions(module: Module) -> Iterator[Function]:
    return (node for node in ast.walk(module.tree) if isinstance(node, FUNCTIONS))


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of what is called: `a.b.update(…)` is `update`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield name_of(node.func), node


def name_of(node: ast.AST) -> str:
    """The last part of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Every literal text at or below a node."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each


def files() -> Iterator[Path]:
    """Every file of the clone that is ours, what tools and runs leave behind apart."""
    for top in sorted(ROOT.iterdir()):
        if top.is_file():
            yield top
        elif top.name == ".ci" or (not top.name.startswith(".") and top.name not in {"var", "build", "dist"}):
            yield from (
                path for path in sorted(top.rglob("*")) if path.is_file() and "__pycache__" not in path.parts
            )
