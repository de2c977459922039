"""``featkit features`` and ``featkit classifiers`` list and explain them; ``featkit describe``
computes a feature of one recording.
"""

import dataclasses
import inspect
from typing import TYPE_CHECKING, Any

import click

from featkit.naming import display
from featkit_cli.completion import CLASSIFIER, FEATURE
from featkit_cli.docstrings import meanings, plain, prose
from featkit_cli.output import echo, json_option, print_json, print_table
from featkit_cli.trust import trust_option

if TYPE_CHECKING:
    from featkit.features import Feature


@click.group()
def features() -> None:
    """List and show features."""


@features.command("list")
@json_option
def list_features(as_json: bool) -> None:
    """Name every feature; 'features show NAME' has its parameters and presets."""
    from featkit.features import registry
    from featkit.naming.registry import describe

    rows = [
        (name, plain(describe(registry.get(name))), sorted(registry.get(name).presets))
        for name in registry.names()
    ]
    if as_json:
        print_json(
            {
                "features": [
                    {"name": name, "description": line, "presets": presets}
                    for name, line, presets in rows
                ]
            }
        )
    else:
        print_table(
            ("NAME", "WHAT IT IS"),
            [(name, line) for name, line, _ in rows],
            wrapped=True,
        )


@features.command("show")
@click.argument("feature", type=FEATURE)
@click.option("--audio", metavar="FILE", help="Draw the feature of this recording; needs --out.")
@click.option("--out", metavar="PNG", help="Picture to write; needs --audio.")
@json_option
def show_feature(feature: str, audio: str | None, out: str | None, as_json: bool) -> None:
    """Show FEATURE (name or name:key=value,…): every parameter, the shape of a row, how it becomes
    a vector, units and key; or a picture of it.
    """
    from featkit.features import get_feature

    part = get_feature(feature)
    if audio is not None or out is not None:
        picture = _picture(part, audio, out)
        if as_json:
            print_json(picture)
        else:
            echo(f"{picture['feature']}: {picture['out']}")
        return
    shown: dict[str, Any] = {
        "feature": part.canonical,
        "key": part.key,
        "spec": part.spec,
        "shape": list(part.shape),
        "stored_shape": list(part.stored_shape),
        "dims": list(part.dims),
        "units": part.units,
        "vector": {"pooling": part.pooling, "columns": part.columns},
        "presets": {name: dict(values) for name, values in part.presets.items()},
        "doc": inspect.getdoc(type(part)) or "",
    }
    if as_json:
        print_json(shown)
        return
    _print_feature(part)


def _print_feature(part: "Feature") -> None:
    """Print what a feature is, the shape of its rows, and what each parameter means."""
    from featkit.features.pooling import WORDS

    echo(f"{prose(type(part))}\n", lines=True)
    facts = (
        ("feature", part.canonical),
        ("key in a store", part.key),
        ("shape of a row", f"{display.shape(part.shape)} ({', '.join(part.dims)}; {part.units})"),
        ("as a vector", f"{WORDS[part.pooling]}, {display.counted(part.columns, 'value')}"),
    )
    print_table(("FEATURE", part.name), facts)
    echo()
    texts = meanings(type(part))
    first: dict[str, str] = {}
    rows = []
    for name in (item.name for item in dataclasses.fields(part)):
        place = first.setdefault(texts.get(name, ""), name)
        text = texts.get(name, "") if place == name else f"see {place}"
        rows.append((name, getattr(part, name), text))
    print_table(("PARAMETER", "VALUE", "MEANING"), rows, wrapped=True)
    for name, preset in part.presets.items():
        values = ", ".join(f"{key}={value}" for key, value in preset.items())
        echo(f"preset={name}: {values or 'the defaults'}")


def _picture(feature: "Feature", audio: str | None, out: str | None) -> dict[str, Any]:
    """Draw the feature of a recording and return what was drawn."""
    from featkit.audio import load
    from featkit.errors import ParameterError
    from featkit.report import pictures

    if audio is None:
        raise ParameterError(f"--out {out} needs a recording to draw: --audio FILE")
    if out is None:
        raise ParameterError(f"--audio {audio} needs a picture to write: --out PNG")
    pictures.check_place(out)
    pictures.save(feature, load(audio), out)
    return {"feature": feature.canonical, "audio": audio, "out": out}


@click.group()
def classifiers() -> None:
    """List and show classifiers."""


@classifiers.command("list")
@json_option
def list_classifiers(as_json: bool) -> None:
    """Name every classifier."""
    from featkit.classifiers import registry
    from featkit.naming.registry import describe

    rows = [(name, plain(describe(registry.get(name)))) for name in registry.names()]
    if as_json:
        print_json({"classifiers": [{"name": name, "description": line} for name, line in rows]})
    else:
        print_table(("NAME", "WHAT IT IS"), rows, wrapped=True)


@classifiers.command("show")
@click.argument("classifier", type=CLASSIFIER)
@json_option
def show_classifier(classifier: str, as_json: bool) -> None:
    """Describe CLASSIFIER (name or name:key=value,…): parameters and, for a network, its size."""
    from featkit.classifiers import make_classifier, registry
    from featkit.classifiers.base import parameters, presets
    from featkit.classifiers.contract import FollowsRecipe, KnowsItsSize, offers
    from featkit.naming import spec
    from featkit.results.metrics import mebibytes

    estimator = make_classifier(classifier)
    factory = registry.get(spec.parse(classifier)[0])
    allowed = {key: str(default) for key, (_, default) in parameters(factory).items()}
    shown: dict[str, Any] = {
        "classifier": classifier,
        "doc": inspect.getdoc(factory) or "",
        "allowed": allowed,
        "presets": {name: dict(values) for name, values in presets(factory).items()},
    }
    if offers(estimator, FollowsRecipe):
        recipe = dataclasses.asdict(estimator.settled())
        shown |= {"recipe": estimator.recipe_name(), "hyper_parameters": recipe}
        shown["allowed"] = {key: value for key, value in allowed.items() if key not in recipe}
    if offers(estimator, KnowsItsSize):
        shown |= estimator.size()
    if "weights" in shown:
        shown["weights_mib"] = mebibytes(shown["weights"])
    if as_json:
        print_json(shown)
        return
    echo(f"{prose(factory)}\n", lines=True)
    print_table(("PARAMETER", "DEFAULT"), list(shown["allowed"].items()))
    for name, values in shown["presets"].items():
        echo(f"preset={name}: {', '.join(f'{k}={v}' for k, v in values.items())}")
    if "recipe" in shown:
        echo(f"\nrecipe: {shown['recipe']}, of which every value is a parameter too:", lines=True)
        print_table(("PARAMETER", "VALUE"), list(shown["hyper_parameters"].items()))
    if "classes" in shown:
        rows = "×".join(map(str, shown["shape"])) if "shape" in shown else "its own"
        echo(f"\nfor {shown['classes']} classes and rows of shape {rows}:", lines=True)
    for key in ("parameters", "model_bytes", "weights", "weights_mib"):
        if key in shown:
            echo(f"{key}: {shown[key]:,}")


@click.command()
@click.argument("file")
@click.option("-f", "--feature", required=True, type=FEATURE, help="name or name:key=value,…")
@trust_option
@json_option
def describe(file: str, feature: str, as_json: bool) -> None:
    """Compute FEATURE of the recording FILE and print it as a vector; no store is needed."""
    from featkit import audio
    from featkit.bundle.frontend import check_alone, row
    from featkit.features import get_feature
    from featkit.features.pooling import WORDS

    computed = get_feature(feature)
    check_alone(computed)
    signal = audio.load(file)
    value = row(computed, signal)
    vector = computed.vector(value)
    if as_json:
        described: dict[str, Any] = {
            "path": file,
            "feature": computed.canonical,
            "key": computed.key,
        }
        described |= {"rate": signal.sr, "seconds": signal.duration, "shape": list(value.shape)}
        print_json({**described, "pooling": computed.pooling, "vector": vector.tolist()})
        return
    facts = (
        ("feature", computed.canonical),
        ("recording", f"{signal.duration:.3f} s at {signal.sr} Hz"),
        ("shape", f"{display.shape(value.shape)} ({', '.join(computed.dims)}; {computed.units})"),
        ("as a vector", WORDS[computed.pooling]),
    )
    print_table(("FILE", file), facts)
    echo()
    print_table(("COLUMN", "VALUE"), [(f"x{n}", f"{x:.6g}") for n, x in enumerate(vector)])


COMMANDS = (features, classifiers, describe)
