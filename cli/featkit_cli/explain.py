"""``featkit explain``: which parts of recordings speak for a class."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from featkit.errors import FeatkitError, ParameterError
from featkit_cli.completion import STORE
from featkit_cli.output import echo, json_option, print_json
from featkit_cli.recordings import recordings
from featkit_cli.targets import check_target
from featkit_cli.trust import trust_option, trusted

if TYPE_CHECKING:
    from featkit.analysis.explanation.parts import Baseline, Explanation
    from featkit.analysis.explanation.ranking import Judged
    from featkit.bundle import Bundle


@click.command()
@click.argument("bundle")
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(dir_okay=False), metavar="PNG", help="The picture of one recording."
)
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False),
    metavar="F",
    help="A page of all recordings, what is wrong first.",
)
@click.option("--target", default="", metavar="LABEL", help="Class; by default the most probable.")
@click.option(
    "--baseline",
    default="silence",
    show_default=True,
    type=click.Choice(["silence", "zero", "mean"]),
    help="What integrated gradients start from.",
)
@click.option(
    "--steps",
    default=64,
    show_default=True,
    type=click.IntRange(2, 4096),
    help="Points between the baseline and the recording.",
)
@click.option(
    "--most",
    default=50,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Recordings that a page explains.",
)
@click.option(
    "--store",
    metavar="STORE",
    type=STORE,
    help="Has the labels of the recordings; by default a folder named like a class is the label.",
)
@click.option("--no-audio", is_flag=True, help="No recordings in the page.")
@trust_option
@json_option
def explain(
    bundle: str,
    files: tuple[str, ...],
    out: str | None,
    html_file: str | None,
    most: int,
    store: str | None,
    no_audio: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Draw what in FILES speaks for the class that BUNDLE says.

    Nets that read spectrograms are explained by integrated gradients, all other bundles by
    silencing one patch of time and frequency after the other. Exit status 1 if a file of a page
    cannot be explained.
    """
    from featkit.bundle import Bundle

    if (out is None) == (html_file is None):
        raise ParameterError("give --out PNG for one recording, or --html F for a page of several")
    check_target(out or cast(str, html_file), (".png",) if out else ())
    paths = list(recordings(files))
    options["baseline"] = cast("Baseline", options["baseline"])
    if out is not None and len(paths) > 1:
        raise ParameterError(f"--out draws one recording, not {len(paths)}; give --html F")
    model = Bundle.load(bundle, trusted())
    if options["target"] and options["target"] not in model.classes:
        raise ParameterError(
            f"--target {options['target']!r} is not one of {', '.join(model.classes)}"
        )
    if out is not None:
        _one(model, paths[0], out, options, as_json)
    else:
        page = _Page(model, paths, store, options)
        page.write(cast(str, html_file), most, not no_audio)
        page.print(as_json, cast(str, html_file))


def _one(model: "Bundle", path: str, out: str, options: dict[str, Any], as_json: bool) -> None:
    from featkit.analysis.explanation.explaining import explain as run
    from featkit.report.explanation import save
    from featkit.store.whole import whole

    explanation = run(model, path, **options)
    with whole(out) as aside:
        save(explanation, aside)
    if as_json:
        print_json(explanation.to_dict())
        return
    for label, probability in explanation.top:
        echo(f"{100 * probability:5.1f} %  {label}")
    error = explanation.completeness_error
    completeness = "" if error is None else f", completeness error {100 * error:.2f} %"
    echo(f"{explanation.label} by {explanation.method}{completeness}: {out}")


class _Page:
    """Explanations of several recordings, made one at a time."""

    def __init__(
        self, model: "Bundle", paths: Sequence[str], store: str | None, options: dict[str, Any]
    ) -> None:
        from featkit.analysis.explanation.ranking import ranked

        self.model, self.options = model, options
        predictions = model.predict(paths)
        self.judged = ranked(predictions, _truths(paths, model, store))
        self.errors = [(one.path, one.error) for one in predictions if one.error]
        self.rows: list[dict[str, Any]] = []

    def write(self, place: str, most: int, embed: bool) -> None:
        from featkit.report.gallery import Set, page
        from featkit.store.whole import write_text

        about = Set(
            model=f"{self.model.feature.canonical} + {self.model.about['classifier']['text']}",
            count=len(self.judged),
            wrong=sum(one.wrong for one in self.judged),
            labelled=sum(bool(one.truth) for one in self.judged),
            errors=self.errors,
        )
        command = shlex.join(["featkit", *sys.argv[1:]])
        write_text(place, page(about, self._explained(most), command, embed))

    def _explained(self, most: int) -> "Iterator[tuple[Judged, Explanation]]":
        from featkit.analysis.explanation.explaining import explain as run

        for one in self.judged[:most]:
            try:
                explanation = run(self.model, one.prediction.path, **self.options)
            except (FeatkitError, OSError) as error:
                self.errors.append((one.prediction.path, str(error)))
                continue
            self.rows.append({**explanation.to_dict(), "truth": one.truth, "wrong": one.wrong})
            yield one, explanation

    def print(self, as_json: bool, place: str) -> None:
        failed = [{"path": path, "error": reason} for path, reason in self.errors]
        if as_json:
            left = len(self.judged) - len(self.rows)
            print_json({"explanations": self.rows, "not_explained": left, "errors": failed})
        else:
            wrong = sum(one.wrong for one in self.judged)
            echo(f"{len(self.rows)} of {len(self.judged)} explained, {wrong} wrong: {place}")
        for line in failed:
            echo(f"  failed: {line['path']}: {line['error']}", err=True)
        if failed:
            raise click.exceptions.Exit(1)


def _truths(paths: Sequence[str], model: "Bundle", store: str | None) -> dict[str, str]:
    """Return the labels of paths: those of a store, or of folders."""
    from featkit.analysis.explanation.ranking import labels_of_folders

    if store is None:
        return labels_of_folders(paths, model.classes)
    from featkit.store import Store

    index = Store(store).index()
    labels = {
        str(Path(index.location(row)).resolve()): str(label)
        for row, label in enumerate(index["label"])
    }
    places = {path: str(Path(path).resolve()) for path in paths}
    return {path: labels[place] for path, place in places.items() if place in labels}


COMMANDS = (explain,)
