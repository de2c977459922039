import pytest

from featkit.comparison.seeds import seed_in, seedless, with_seeds


@pytest.mark.parametrize(
    ("text", "without", "seed"),
    [
        ("net:seed=3", "net", 3),
        ("net:seed=3,lr=2", "net:lr=2", 3),
        ("net:lr=2,seed=3", "net:lr=2", 3),
        ("net:unseed=3", "net:unseed=3", None),
        ("net:seed=0-2", "net:seed=0-2", None),
        ("net", "net", None),
    ],
)
def test_the_seed_of_a_text(text, without, seed):
    assert (seedless(text), seed_in(text)) == (without, seed)


def test_seeds_are_a_range_a_list_or_left_out():
    assert with_seeds(["f:seed=1", "f:seed=1"]) == "f:seed=1"
    assert with_seeds(["f:seed=2", "f:seed=1", "f:seed=3"]) == "f:seed=1-3"
    assert with_seeds(["f:seed=10", "f:seed=9", "f:seed=2"]) == "f:seed=2+9+10"
    assert with_seeds(["f:seed=1,a=2", "f:a=2"]) == "f:a=2"
