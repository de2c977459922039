"""Sizes of nets on the command line."""

import pytest


def test_the_size_of_a_net_is_shown_as_the_paper_states_it(featkit):
    shown = featkit("classifiers", "show", "net:arch=scene_cnn,classes=10", "--json").json
    assert (shown["parameters"], shown["weights"]) == (4_953_930, 4_949_568)
    assert (shown["weights_mib"], shown["recipe"]) == (18.9, "dcase")
    text = featkit("classifiers", "show", "windows:net=(net:arch=scene_cnn,classes=10)").out
    assert "weights_mib: 18.9" in text


@pytest.mark.parametrize(
    ("text", "classes", "parameters"),
    [
        # Three convolutions of 16, 32 and 64 filters, 16 × 16 positions, 128 units, 10 classes.
        ("net", 10, 160 + 4640 + 18496 + (64 * 16 * 16 + 1) * 128 + 129 * 10),
        ("net:classes=3", 3, 160 + 4640 + 18496 + (64 * 16 * 16 + 1) * 128 + 129 * 3),
        ("net_ensemble", 10, 5 * 2_121_866),
        ("net_ensemble:net=(net:arch=cnn)+(net:arch=cnn)", 10, 2 * 2_121_866),
        ("net:arch=transformer", 10, 397_440 + 129 * 10),
        ("net_grid", 10, 2_121_866),
        ("deep_svm", 10, 2_121_866),
        ("segments", 10, 2_121_866),
        ("windows", 10, 2_121_866),
    ],
)
def test_without_classes_sizes_are_shown_for_a_number_that_is_stated(
    text, classes, parameters, featkit
):
    shown = featkit("classifiers", "show", text, "--json").json
    assert (shown["classes"], shown["parameters"]) == (classes, parameters)
    assert f"for {classes} classes" in featkit("classifiers", "show", text).out


def test_a_net_that_hears_samples_is_counted_for_five_seconds(featkit):
    text = "net:arch=resnet18,front=logmel,sr=22050,inside=fixed"
    shown = featkit("classifiers", "show", text, "--json").json
    assert (shown["shape"], shown["classes"]) == ([5 * 22050], 10)
