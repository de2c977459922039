"""The site: these pages and the API reference. ``python -m sphinx -W docs site`` makes it."""

import re
from pathlib import Path

import featkit

ROOT = Path(__file__).resolve().parents[1]

project = "featkit"
author = "The featkit authors"
release = version = featkit.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosectionlabel",
    "sphinx.ext.autosummary",
    "numpydoc",
]
templates_path = ["_templates"]
nb_execution_mode = "off"  # A test runs the notebook and compares what it shows.
html_theme = "furo"
html_title = f"featkit {release}"
myst_heading_anchors = 3
suppress_warnings = ["autosectionlabel.*"]  # It warns of headings that occur twice only.

autosectionlabel_prefix_document = True
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

# Pages that are files elsewhere, for those who read the repository.
OUTSIDE = {
    "index": "README.md",
    "contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
    "results": "benchmarks/RESULTS.md",
}
KEY = re.compile(r"\[([A-Z]\w+\d{4}[\w-]*|elmarc|MSTmodel|InstrumentsReport)\](?!_)")
LITERAL = re.compile(r"(``.*?``|`[^`]*`)")


def insert_file(app, name, source):
    """Put the file before what the page itself says, its links and images as seen from the page."""
    if name in OUTSIDE:
        text = (ROOT / OUTSIDE[name]).read_text(encoding="utf-8").replace("](docs/", "](")
        for page, path in OUTSIDE.items():
            text = re.sub(rf"\]\({re.escape(path)}([)#])", rf"]({page}.md\1", text)
        text = re.sub(r"!\[(.*?)\]\((?!\w+:)", r"![\1](../", text)
        source[0] = text + "\n" + source[0]


def adapt_docstring(app, what, name, obj, options, lines):
    """Link [Key] to its reference, and let |x| be an absolute value instead of a substitution."""
    for number, line in enumerate(lines):
        parts = LITERAL.split(line)
        parts[::2] = [
            KEY.sub(r":ref:`[\1] <references:[\1]>`", part.replace("|", r"\|"))
            for part in parts[::2]
        ]
        lines[number] = "".join(parts)


def skip_generated(app, what, name, obj, skip, options):
    """Leave out the methods that scikit-learn generates for routing metadata."""
    return skip or re.fullmatch(r"set_\w+_request", name) is not None


def setup(app):
    app.connect("source-read", insert_file)
    app.connect("autodoc-process-docstring", adapt_docstring)
    app.connect("autodoc-skip-member", skip_generated)
