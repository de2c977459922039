from featkit.classifiers._search.svm_costs import KERNEL_SECONDS, NEWTON_SECONDS, Costs

COSTS = Costs(
    n=100, d=4, blocks=1, scaled=True, n_classes=3, candidates=5, penalties=2, scored=True
)


def test_time_of_candidates_by_kernel_and_by_newton_steps():
    assert COSTS.seconds(10, 6, 0) == 5 * 10 * 16 * KERNEL_SECONDS
    assert (
        COSTS.seconds(10, 6, 2) == 3 * 10 * 16 * KERNEL_SECONDS + 2 * 3 * 10 * 25 * NEWTON_SECONDS
    )


def test_kept_outcomes_add_their_codes_and_scores():
    (one, _), (three, _) = (COSTS.memory(10, 6, kept, True) for kept in (1, 3))
    assert three - one == 2 * 5 * 100 * (8 + 4 * 3)
