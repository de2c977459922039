"""Citations: every [Key] has an entry in docs/references.md, and every entry is cited."""

import ast
import io
import re
import tokenize
from pathlib import Path

import featkit
import featkit_cli

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"\[([A-Z][A-Za-z]+\d{4}(?:-\w+)?|elmarc|MSTmodel|InstrumentsReport)\]")
PAGE = (ROOT / "docs" / "references.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^### \[(.+)\]$", PAGE, re.MULTILINE)
SOURCES = sorted(
    path
    for folder, suffixes in (
        (Path(featkit.__file__).parent, (".py", ".yaml")),
        (Path(featkit_cli.__file__).parent, (".py",)),
        (ROOT / "benchmarks", (".py", ".yaml", ".md")),
    )
    for path in folder.rglob("*")
    if path.suffix in suffixes
)
PAGES = sorted((ROOT / "docs").glob("*.md"))


def text(path):
    return path.read_text(encoding="utf-8")


def test_entries_are_unique_and_their_keys_are_of_the_usual_form():
    assert len(set(ENTRIES)) == len(ENTRIES) > 40
    assert all(KEY.fullmatch(f"[{key}]") for key in ENTRIES)


def matches(paths, pattern):
    """What a pattern finds in files: path -> set of texts, without the files that have none."""
    actual = {
        f"{path.parent.name}/{path.name}": set(re.findall(pattern, text(path))) for path in paths
    }
    return {path: texts for path, texts in actual.items() if texts}


def test_every_key_has_an_entry():
    cited = matches([*SOURCES, *PAGES], KEY)
    unknown = {path: keys - set(ENTRIES) for path, keys in cited.items() if keys - set(ENTRIES)}
    assert not unknown


def test_every_entry_is_cited():
    """The papers and their code are cited by their entries; the rest by the code or its pages."""
    papers = set(re.findall(r"^### \[(.+)\]$", PAGE.split("\n## Features\n")[0], re.MULTILINE))
    pages = [path for path in PAGES if path.name != "references.md"]
    cited = set().union(*matches([*SOURCES, *pages], KEY).values())
    assert set(ENTRIES) - papers - cited == set()


def test_no_citation_of_a_list_outside_the_repository():
    assert not matches(SOURCES, r"\bS[0-4]-(?:\d+|[A-G]\b)|\bpitfalls? \d+")


def prose(path):
    """The docstrings and comments of a module."""
    tree = ast.parse(text(path))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = [
        ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(text(path)).readline)
    return "\n".join(
        [*docstrings, *(item.string for item in tokens if item.type == tokenize.COMMENT)]
    )


def test_system_ids_stay_in_the_pages():
    """Apart from the F1 of a metric and the pitch A2."""
    ids = r"(?<!-)\b(?:[FRPDM](?:1[0-2]|[1-9])|[CXG][1-3]|A[1-6]|T[1-9])\b(?! \(\d+ Hz\))"
    sources = [path for path in SOURCES if path.suffix == ".py"]
    actual = {path.name: set(re.findall(ids, prose(path))) - {"F1"} for path in sources}
    assert not {name: names for name, names in actual.items() if names}
