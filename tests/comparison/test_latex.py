from featkit.comparison.overview import compare
from featkit.comparison.text.latex import latex_text


def test_latex_rows_have_their_columns_and_are_escaped(mixed):
    text = mixed.to_latex()
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {line.replace(r"\&", "").count("&") for line in rows[:4]} == {6}
    assert r"a|b\_c" in text and "ValueError: 5 \\& 6" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 3


def test_latex_escapes_every_special_sign():
    assert latex_text("a_b & 5% $x$ #1 {y} ~^\\ toy→esc") == (
        r"a\_b \& 5\% \$x\$ \#1 \{y\} \textasciitilde{}\textasciicircum{}\textbackslash{}"
        r" toy$\to$esc"
    )


def test_ranks_and_the_analysis_of_variance_are_there(repeated, rng):
    scores = repeated(rng.random((3, 2, 5, 20)) < 0.6)
    text = compare(scores).to_latex()
    assert "% Analysis of variance over runs" in text and "one-way ANOVA (toy, nested)" in text
    assert r"\item mean ranks over folds of toy, nested" in text
