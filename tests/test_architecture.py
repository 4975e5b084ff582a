"""What the linters cannot see of the street of rooms. Each test names the places that break a rule."""

from __future__ import annotations

import ast
import re
import statistics
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from microcreds.celery import app as celery
from microcreds.wiring import WIRING
from tests.source import ROOMS, ROOT, Module, calls, files, functions, later, modules, name_of, rooms, texts

TOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
CONTRACTS = {contract["id"]: contract for contract in TOOLS["importlinter"]["contracts"]}
DRAWERS = {"utils", "helpers", "services", "managers", "mixins", "common", "core", "misc"}
LONGEST_FUNCTION, TYPICAL_FUNCTION, LONGEST_FILE, LONGEST_TEMPLATE = 40, 8, 400, 150
WRITES = {"update", "create", "get_or_create", "update_or_create", "bulk_create"}
LOOKUPS = {
    "filter", "exclude", "get", "annotate", "aggregate", "order_by", "values", "values_list", "only", "defer",
    "select_related", "prefetch_related", "F", "Q", "Count", "Sum", "Max", "Min", "OuterRef", "Prefetch",
}  # fmt: skip
# Written in pieces, so that this file does not name them.
REGISTRIES = (
    "pypi" + ".org", "files.python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "gh" + "cr.io",
    "docker" + ".io", "quay" + ".io", "crates" + ".io", "proxy.go" + "lang.org", "ruby" + "gems.org",
    "ana" + "conda.org", "js" + "delivr.net", "un" + "pkg.com", "cdn" + "js.cloudflare.com", "fonts.google" + "apis.com",
)  # fmt: skip


def local_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in ROOMS]


STATEFUL = {model.__name__ for model in local_models() if any(f.name == "state" for f in model._meta.fields)}
MODELS = {model.__name__ for model in local_models()}


# --- The list of rooms is complete ------------------------------------------------------------------------


def test_every_local_app_is_a_room_of_the_contracts() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")}
    local = {name for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()}
    assert local == packages == set(ROOMS) == set(TOOLS["importlinter"]["root_packages"])
    assert set(CONTRACTS["rooms"]["containers"]) == set(ROOMS) - {"microcreds"}


def test_the_contract_has_the_order_of_the_street() -> None:
    layers = [set(layer.split(" | ")) for layer in reversed(CONTRACTS["street"]["layers"])]
    assert layers == [*({room} for room in ROOMS[:6]), {"notifications", "reports"}, {"microcreds"}]
    assert ROOMS[6:] == ["notifications", "reports", "microcreds"]


def test_every_package_is_linted_typed_and_known() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"bench"} == {*ROOMS, "tests"}
    assert {*ROOMS, "tests"} - set(TOOLS["mypy"]["files"]) == set()
    assert {*ROOMS, "tests"} - set(TOOLS["ruff"]["lint"]["isort"]["known-first-party"]) == set()


# --- State changes only in a workflow ---------------------------------------------------------------------


def outside_workflow() -> Iterator[Module]:
    return (module for module in rooms() if not module.holds_verbs)


def assigned(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def state_assignments(module: Module) -> Iterator[str]:
    """`x.state = …`; an object that only describes a state may set its own in its constructor."""
    own = {
        id(node)
        for function in functions(module)
        if function.name == "__init__"
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and name_of(node.value) == "self"
    }
    for node in ast.walk(module.tree):
        for target in assigned(node):
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and part.attr == "state" and id(part) not in own:
                    yield module.at(node)


def writes_state(name: str, call: ast.Call) -> bool:
    """Whether a call to the database, or a model's constructor, names `state` among what it writes."""
    given = {keyword.arg for keyword in call.keywords}
    if (name in WRITES and isinstance(call.func, ast.Attribute)) or name in STATEFUL:
        nested = {k.arg: k.value for k in call.keywords if k.arg in {"defaults", "create_defaults"}}
        return "state" in given or any(text.value == "state" for v in nested.values() for text in texts(v))
    if name == "setattr":
        return any(text.value == "state" for text in texts(call))
    fields = [k.value for k in call.keywords if k.arg in {"update_fields", "fields"}]
    fields += call.args[1:] if name == "bulk_update" else []
    return name in {"save", "bulk_update"} and any(t.value == "state" for f in fields for t in texts(f))


def test_state_is_assigned_in_workflows_only() -> None:
    assert [place for module in outside_workflow() for place in state_assignments(module)] == []


def test_state_is_written_to_the_database_in_workflows_only() -> None:
    found = [
        f"{module.at(call)} {name}"
        for module in outside_workflow()
        for name, call in calls(module)
        if writes_state(name, call)
    ]
    assert found == []


def test_no_sql_writes_a_state() -> None:
    pattern = re.compile(r"\b(update|insert)\b.*\bstate\b", re.IGNORECASE | re.DOTALL)
    sql = re.compile(r"\b(set|values|into)\b", re.IGNORECASE)
    found = [
        module.at(text)
        for module in rooms()
        for name, call in calls(module)
        if name in {"execute", "executemany", "raw", "RawSQL"}
        for text in texts(call)
        if pattern.search(str(text.value)) and sql.search(str(text.value))
    ]
    assert found == []


def test_doors_call_verbs_and_not_the_journal() -> None:
    """`change()` and `record()` belong to verbs: a door that called them would be a second way to do a thing."""
    found = [
        module.at(node)
        for module in outside_workflow()
        if module.room != "journal"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and ((node.module == "journal.workflow" and {a.name for a in node.names} & {"change", "record"})
             or (node.module == "journal" and "workflow" in {a.name for a in node.names}))
    ]  # fmt: skip
    assert found == []


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("row.state = 'earned'", True),
        ("a, row.state = 1, 2", True),
        ("class E(Exception):\n    def __init__(self, state):\n        self.state = state", False),
        ("rows.filter(state='draft')", False),
        ("rows.filter(pk=1).update(state='earned')", True),
        ("Award.objects.create(state='active')", True),
        ("Award.objects.update_or_create(pk=1, defaults={'state': 'active'})", True),
        ("Award(state='active')", True),
        ("Pill(state='active')", False),
        ("setattr(row, 'state', 'earned')", True),
        ("row.save(update_fields=['state'])", True),
        ("row.save(update_fields=['title'])", False),
        ("Award.objects.bulk_update(rows, ['state'])", True),
    ],
)
def test_the_check_itself(source: str, refused: bool) -> None:
    module = Module("review/views.py", ast.parse(source), 1)
    found = [*state_assignments(module), *(name for name, call in calls(module) if writes_state(name, call))]
    assert bool(found) is refused


# --- Size -------------------------------------------------------------------------------------------------


def length(node: ast.AST) -> int:
    return int(node.end_lineno) - int(node.lineno) + 1  # type: ignore[attr-defined]


def test_functions_fit_on_a_screen() -> None:
    measured = [
        (module.at(node), length(node)) for module in modules(*ROOMS, "tests") for node in functions(module)
    ]
    assert [(place, lines) for place, lines in measured if lines > LONGEST_FUNCTION] == []


def test_most_functions_are_small() -> None:
    assert (
        statistics.median(length(node) for module in rooms() for node in functions(module))
        <= TYPICAL_FUNCTION
    )


def test_files_are_short() -> None:
    code = {module.path: module.lines for module in modules(*ROOMS, "tests")}
    assets = {
        str(path.relative_to(ROOT)): path.read_text().count("\n")
        for kind in ("*.css", "*.js")
        for path in (ROOT / "static").rglob(kind)
    }
    assert {path: lines for path, lines in {**code, **assets}.items() if lines > LONGEST_FILE} == {}


def test_templates_are_short() -> None:
    counted = {
        str(path.relative_to(ROOT)): path.read_text().count("\n")
        for path in (ROOT / "templates").rglob("*.*")
    }
    assert {path: lines for path, lines in counted.items() if lines > LONGEST_TEMPLATE} == {}


# --- Nothing hides ----------------------------------------------------------------------------------------


def test_imports_stand_at_the_top() -> None:
    found = [
        module.at(node)
        for module in modules(*ROOMS, "tests")
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_no_drawers() -> None:
    """The embedded engines' package is named by the architecture; every other drawer is where cycles start."""
    found = {
        str(path.relative_to(ROOT))
        for room in (*ROOMS, "tests")
        for path in (ROOT / room).rglob("*")
        if path.stem in DRAWERS and (path.suffix == ".py" or path.is_dir())
    }
    assert found == {"microcreds/services"}


def test_no_room_reaches_a_later_one_by_its_name_in_a_text() -> None:
    """A string foreign key or `get_model("badges.Award")` is an import that the linter does not see."""
    found = [
        module.at(text)
        for module in rooms()
        for text in texts(module.tree)
        if (match := re.fullmatch(r"(\w+)\.[A-Z]\w+", str(text.value))) and match[1] in later(module.room)
    ]
    assert found == []


def accessors_hidden_from(room: str) -> set[str]:
    """Names by which this room's models could reach rows of later rooms."""
    names = set()
    for model in local_models():
        for relation in model._meta.related_objects:
            if relation.related_model._meta.app_label in later(room):
                names |= {str(relation.get_accessor_name()), relation.field.related_query_name()}
    return names - {name.__name__.lower() for name in apps.get_app_config(room).get_models()}


def reached(module: Module, hidden: set[str]) -> Iterator[str]:
    """Attributes and lookups that go through a reverse accessor."""
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    called = {id(call.func) for _name, call in calls(module)}  # `mapping.items()` is no accessor
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in hidden
            and not {id(node), name_of(node.value)} & (called | imported)
        ):
            yield f"{module.at(node)} .{node.attr}"
    for name, call in calls(module):
        if name in LOOKUPS:
            words = [str(k.arg) for k in call.keywords] + [str(t.value) for a in call.args for t in texts(a)]
            yield from (f"{module.at(call)} {w}" for w in words if w.lstrip("-").split("__")[0] in hidden)


def test_reverse_accessors_belong_to_the_room_that_owns_the_key() -> None:
    hidden = {room: accessors_hidden_from(room) for room in ROOMS}
    assert [place for module in rooms() for place in reached(module, hidden[module.room])] == []


def test_a_template_of_an_earlier_room_takes_nothing_from_a_later_one() -> None:
    """It may link there by the name of an address; including or extending is using."""
    pattern = re.compile(r"{%\s*(?:include|extends)\s+\"(\w+)/")
    found = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / "templates" / room).rglob("*.html")
        if set(pattern.findall(path.read_text())) & set(later(room))
    ]
    assert found == []


# --- Doors start from what the person may see ---------------------------------------------------------------


def looked_up(module: Module) -> Iterator[str]:
    """Where a bare model or its manager is asked; `none()` only tells the schema what kind of rows there are."""
    empty = {
        id(call.func.value)
        for name, call in calls(module)
        if name == "none" and isinstance(call.func, ast.Attribute)
    }
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"objects", "_default_manager"}
            and id(node) not in empty
        ) and name_of(node.value) in MODELS:
            yield f"{module.at(node)} {name_of(node.value)}"
    for name, call in calls(module):
        if name in {"get_object_or_404", "get_list_or_404"} and name_of(call.args[0]) in MODELS:
            yield f"{module.at(call)} {name_of(call.args[0])}"


def test_doors_fetch_only_what_is_visible() -> None:
    """`get_object_or_404(visible_to(user), …)`: neither a bare model nor its manager is a place to look things up."""
    assert [place for module in rooms() if module.is_door for place in looked_up(module)] == []


# --- The wiring ----------------------------------------------------------------------------------------------


def test_wiring_and_beat_name_real_tasks() -> None:
    celery.loader.import_default_modules()
    named = {task for tasks in WIRING.values() for task in tasks}
    named |= {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named - set(celery.tasks) == set()


def test_every_kind_in_the_wiring_is_written_by_a_verb() -> None:
    written = {str(text.value) for module in rooms() if module.holds_verbs for text in texts(module.tree)}
    assert set(WIRING) - written == set()


# --- Words -----------------------------------------------------------------------------------------------------


def test_public_names_say_why() -> None:
    """Every module that holds something, and every verb, rule, named read and task, has a docstring."""
    silent = [
        module.path
        for module in rooms()
        if len(module.tree.body) > 3
        and not ast.get_docstring(module.tree)
        and not module.path.endswith(("apps.py", "urls.py"))
    ]
    silent += [
        f"{module.at(node)} {node.name}"
        for module in rooms()
        if module.path.split("/")[1].removesuffix(".py") in {"workflow", "rules", "queries", "tasks"}
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_file_names_a_package_registry_or_a_content_network() -> None:
    """A clone installs from wherever its machine is set up to, and pages load from nobody else."""
    found = [
        (str(path.relative_to(ROOT)), host)
        for path in files()
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert found == []


def test_locks_name_no_host() -> None:
    assert [path.name for path in ROOT.glob("*.lock") if "://" in path.read_text()] == []
