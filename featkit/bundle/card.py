"""The model card of a bundle, as Markdown."""

import re
from collections.abc import Sequence
from typing import Any

from featkit.naming.showing import UNSAFE

# What means something in Markdown or HTML.
_MARKUP = re.compile(r"[\\`*\[\]<>|&]")


def code(text: object) -> str:
    """Return a text as code in Markdown, whatever it holds.

    >>> code("a`b")
    "`a'b`"
    """
    shown = UNSAFE.sub(" ", str(text)).replace("`", "'")
    return f"`{shown}`"


def words(text: object) -> str:
    """Return a text that Markdown shows as it is.

    >>> words("<b>|")
    '&#60;b&#62;&#124;'
    """
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", UNSAFE.sub(" ", str(text)))


def card(about: dict[str, Any], outside: Sequence[str] = ()) -> str:
    """Return what a reader of a bundle must know: what it is, made of which data, how to use it,
    and its limits.

    Parameters
    ----------
    about : dict
        What ``bundle.json`` says.
    outside : sequence of str
        Types and code outside featkit that `Bundle.load` runs only where ``trusted`` names them.
    """
    sections = [
        _head(about),
        _data(about),
        _classes(about),
        _front(about),
        _classifier(about),
        _use(about, outside),
    ]
    return "\n\n".join([*sections, _limits(about), _versions(about)]) + "\n"


def _head(about: dict[str, Any]) -> str:
    data, front = about["data"], about["feature"]
    return (
        f"# {words(about['classifier']['text'])} on {words(front['text'])}\n\n"
        f"A classifier of sound recordings into {len(about['classes'])} classes, trained by "
        f"featkit on {data['clips']} clips of {code(data['dataset'])}."
    )


def _data(about: dict[str, Any]) -> str:
    data = about["data"]
    lines = [
        f"* Dataset: {code(data['dataset'])}, {data['clips']} clips in {data['groups']} groups "
        "(of one source each)",
        "* All of them trained the final classifier: "
        "a score on these clips says nothing about new ones",
        "* Hyper-parameters, where there are any to choose, were chosen on: "
        f"{words(data['selection'])}",
        f"* Fingerprint of the rows: {code(data['fingerprint'])}",
        *(f"* Note: {words(note)}" for note in data["notes"]),
    ]
    return "## Training data\n\n" + "\n".join(lines)


def _classes(about: dict[str, Any]) -> str:
    rows = [
        f"| {words(name)} | {about['data']['clips_of_class'][name]} |" for name in about["classes"]
    ]
    return "\n".join(["## Classes", "", "| class | training clips |", "| --- | ---: |", *rows])


def _front(about: dict[str, Any]) -> str:
    front = about["feature"]
    fields = ", ".join(f"{key}={value}" for key, value in front["spec"]["params"].items())
    shape = (
        " × ".join("any" if size is None else str(size) for size in front["shape"]) or "one number"
    )
    form = "as it is" if front["input"] == "array" else "flattened to a vector"
    if front["pooled"]:
        form = "as mean and standard deviation over time"
    lines = [
        f"* {code(front['text'])} (key {code(front['key'])}, version {front['spec']['version']}, "
        f"code {code(front['code'])})",
        f"* Parameters: {words(fields) or 'none'}",
        f"* A row has shape {shape}, is kept as {front['dtype']} and given to the classifier "
        f"{form}",
    ]
    return "## Feature\n\n" + "\n".join(lines)


def _classifier(about: dict[str, Any]) -> str:
    used = about["classifier"]
    chosen = (
        ", ".join(f"{key}={value}" for key, value in used["chosen"].items()) or "nothing to choose"
    )
    lines = [
        f"* {code(used['text'])}, seed {used['seed']}",
        f"* Chosen: {words(chosen)}",
        f"* Probabilities: {used['probabilities']}",
        f"* Size: {used['bytes']:,} bytes",
    ]
    return "## Classifier\n\n" + "\n".join(lines)


def _use(about: dict[str, Any], outside: Sequence[str]) -> str:
    options = f", trusted={list(outside)!r}" if outside else ""
    lines = [
        "```python",
        "from featkit import Bundle",
        "",
        f'bundle = Bundle.load("this folder"{options})',
        'for prediction in bundle.predict(["new.wav"]):',
        "    print(prediction.path, prediction.label, prediction.probabilities, prediction.error)",
        "```",
        "",
        "`bundle.predict(paths, window=10, hop=5)` gives one prediction with timestamps for each "
        "window of a long recording.",
    ]
    if about.get("windows"):
        cut = "The training rows are windows of {window:g} s every {hop:g} s.".format(
            **about["windows"]
        )
        lines += [
            "",
            f"{cut} Without `window`, `bundle.predict` cuts each recording into such windows, and "
            "gives one prediction: the class of the highest mean probability over them.",
        ]
    if outside:
        lines += [
            "",
            "It needs code from outside featkit, which `trusted` must name: "
            f"{', '.join(map(code, outside))}.",
        ]
    return "## Use\n\n" + "\n".join(lines)


def _limits(about: dict[str, Any]) -> str:
    lines = [
        "* It knows the classes above and no others: "
        "any recording, whatever it holds, gets one of them.",
        "* Recordings that differ from the training clips in length, device, place or loudness may "
        "be misjudged.",
        "* Probabilities hold at best for recordings like the training clips, with classes as "
        "frequent as there.",
        "* Checksums reveal damage and edits, not who made the bundle: "
        "load bundles only from those you trust.",
        "* The last digits of a probability may differ with other versions of the libraries or "
        "another processor.",
    ]
    if about["feature"]["one_length"]:
        lines.append(
            "* All training clips had one length; "
            "a recording of another length is reported as an error."
        )
    return "## Limits\n\n" + "\n".join(lines)


def _versions(about: dict[str, Any]) -> str:
    return "## Versions\n\n" + "\n".join(
        f"* {words(name)} {words(number)}" for name, number in about["versions"].items()
    )
