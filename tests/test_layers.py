"""The layout: who may import whom, as docs/architecture.md lists it, and the sizes of things."""

import ast
import configparser
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import featkit
import featkit_cli

ROOT = Path(__file__).resolve().parents[1]
SOURCE, CLI = (Path(package.__file__).parent for package in (featkit, featkit_cli))
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_ENTRIES, MOST_PARAMETERS, MOST_COLUMNS = 18, 8, 100


def module_name(path):
    """The dotted name of a file of featkit, without ``__init__``."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


TREES = {
    module_name(path): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(SOURCE.rglob("*.py"))
}


def imported(tree):
    """Dotted names that a module imports at any depth: in functions and for type checking too.

    ``from a import b`` is ``a.b`` where that is a module of featkit, else ``a``.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in TREES else node.module


def package(name):
    """The package of a module, one level below featkit."""
    return ".".join(name.split(".")[1:2])


def edges():
    """The packages that each package imports. The root holds the version only, so it counts as
    no package.
    """
    found = {package(name): set() for name in TREES if package(name)}
    for name, tree in TREES.items():
        for target in imported(tree):
            if target.startswith("featkit.") and package(name):
                found[package(name)].add(package(target))
    return {name: targets - {name} for name, targets in found.items()}


def homes():
    """The packages that import each third-party library."""
    found = {}
    for name, tree in TREES.items():
        for target in imported(tree):
            found.setdefault(target.split(".")[0], set()).add(package(name))
    return found


def table(heading):
    """The rows of the page's table under a heading: first cell -> set of the second's names."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE)
    assert rows, heading
    return {name: set(re.findall(r"`(\w+)`", cell)) for name, cell in rows}


def row(name, values):
    return f"| `{name}` | {', '.join(f'`{value}`' for value in sorted(values)) or 'nothing'} |"


def test_packages_import_what_the_page_lists_and_nothing_else():
    listed = {row(*item) for item in table("Who may import whom").items()}
    real = {row(*item) for item in edges().items()}
    assert listed == real


def test_each_package_imports_only_packages_above_it_in_the_table():
    seen = set()
    for name, targets in table("Who may import whom").items():
        assert targets <= seen, f"{name} imports {sorted(targets - seen)}, which stand below it"
        seen.add(name)


def test_no_circle_between_modules():
    graph = {
        name: {target for target in imported(tree) if target in TREES and target != name}
        for name, tree in TREES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_libraries_are_imported_in_their_homes_only():
    real = homes()
    for library, places in table("Homes of libraries").items():
        assert real.get(library, set()) == places, library


def test_nothing_imports_the_command_line():
    assert "featkit_cli" not in homes()


def test_the_top_level_is_small():
    entries = [
        path.name
        for path in SOURCE.iterdir()
        if not path.name.startswith("__") and path.name != "py.typed"
    ]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)


def exported(name):
    """What a package's ``__init__`` passes on, and what ``featkit`` itself does."""
    root = next(
        node.value for node in TREES["featkit"].body if ast.unparse(node).startswith("_PUBLIC")
    )
    names = set(ast.literal_eval(root))
    for node in TREES.get(f"featkit.{package(name)}", ast.Module([], [])).body:
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def is_registered(node):
    return any(ast.unparse(item).endswith("registry.register") for item in node.decorator_list)


def crowded(name, tree):
    """Functions of more than 8 parameters that are neither public entry points nor makers of
    estimators: constructors in ``classifiers``, and what a registry calls.
    """
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = [item.arg for item in node.args.posonlyargs + node.args.args + node.args.kwonlyargs]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        estimator = is_registered(node) or (
            node.name == "__init__" and package(name) == "classifiers"
        )
        if count > MOST_PARAMETERS and not estimator and node.name not in exported(name):
            yield f"{name}.{node.name}: {count}"


def test_functions_take_few_parameters():
    found = [text for name, tree in TREES.items() for text in crowded(name, tree)]
    assert not found


@pytest.mark.parametrize(
    "folder",
    [SOURCE, CLI, ROOT / "benchmarks", ROOT / "tests"],
    ids=lambda folder: folder.name,
)
def test_lines_are_at_most_100_columns(folder):
    wide = [
        f"{path.relative_to(folder)}:{number}"
        for path in sorted(folder.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > MOST_COLUMNS
    ]
    assert not wide


def test_every_package_on_disk_is_installed():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    listed = settings["options"]["packages"].split()
    disk = {
        ".".join(path.parent.relative_to(SOURCE.parent).parts)
        for path in SOURCE.rglob("__init__.py")
    }
    assert sorted(listed) == sorted(disk | {"featkit_cli"})
