"""Sizes of nets on the command line."""


def test_the_size_of_a_net_is_shown_as_the_paper_states_it(featkit):
    shown = featkit("classifiers", "show", "net:arch=scene_cnn,classes=10", "--json").json
    assert (shown["parameters"], shown["weights"]) == (4_953_930, 4_949_568)
    assert (shown["weights_mib"], shown["recipe"]) == (18.9, "dcase")
    text = featkit("classifiers", "show", "windows:net=(net:arch=scene_cnn,classes=10)").out
    assert "weights_mib: 18.9" in text
