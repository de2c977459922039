from featkit.comparison.overview import compare


def test_markdown_is_a_table_of_equal_width(mixed):
    lines = [line for line in mixed.to_markdown().splitlines() if line.startswith("|")]
    systems = lines[: 2 + 5]
    assert {line.replace("\\|", "").count("|") for line in systems} == {11}
    paper = [line for line in systems if "paper" in line]
    assert len(paper) == 2 and all("paper (optimistic)" in line for line in paper)
    assert "a\\|b_c" in mixed.to_markdown()


def test_tests_against_the_best_or_the_baseline(mixed, make_scores, rng):
    text = mixed.to_markdown()
    assert "Tests against the best of each dataset and protocol" in text
    scores = [
        score for name in "abc" for score in make_scores(rng.random((5, 20)) < 0.6, classifier=name)
    ]
    against = compare(scores, baseline="b").to_markdown()
    assert "Tests against the baseline mfcc + b" in against
    tests = [line for line in against.splitlines() if line.startswith("| mfcc + b |")]
    assert len(tests) == 4


def test_ranks_and_the_analysis_of_variance_have_tables(repeated, rng):
    scores = repeated(rng.random((3, 2, 5, 20)) < 0.6)
    comparison = compare(scores)
    lines = comparison.to_markdown().splitlines()
    start = lines.index("### Analysis of variance over runs")
    assert "one-way ANOVA (toy, nested)" in lines[start + 4]
    assert f"| {comparison.variance[0]['statistic']:.2f} |" in lines[start + 4]
    start = lines.index("### Mean ranks: folds of toy, nested")
    (ranking,) = comparison.rankings
    assert lines[start + 4] == f"| {ranking.ranks[0]:.2f} | {ranking.systems[0]} |"
    assert any("Student's t-test" in line for line in lines)
