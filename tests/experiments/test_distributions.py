from __future__ import annotations

import pytest
from scipy import stats

from django_ppx.experiments.distributions import (
    chi_square_tail,
    normal_quantile,
    two_sided_p,
    two_sided_z,
)


@pytest.mark.parametrize(
    ("share", "z"), [(0.975, 1.959963984540054), (0.5, 0.0), (0.8, 0.8416212335729143)]
)
def test_the_quantile_is_the_one_of_the_tables(share, z):
    assert normal_quantile(share) == pytest.approx(z, abs=1e-12)


@pytest.mark.parametrize("alpha", [1e-12, 1e-6, 0.001, 0.01, 0.04, 0.05, 0.5])
def test_a_two_sided_z_has_its_alpha_in_the_tails(alpha):
    assert two_sided_z(alpha) == pytest.approx(stats.norm.isf(alpha / 2), rel=1e-9)
    assert two_sided_p(two_sided_z(alpha)) == pytest.approx(alpha, rel=1e-8)
    assert two_sided_p(-two_sided_z(alpha)) == pytest.approx(alpha, rel=1e-8)


@pytest.mark.parametrize("degrees", [1, 2, 3, 10, 99])
@pytest.mark.parametrize("statistic", [1e-9, 0.1, 0.9, 1.0, 3.841459, 10, 30, 120, 600])
def test_the_tail_of_chi_square_is_scipys(statistic, degrees):
    expected = stats.chi2.sf(statistic, degrees)

    assert chi_square_tail(statistic, degrees) == pytest.approx(expected, rel=1e-10)


def test_the_tail_begins_at_one_and_vanishes():
    assert chi_square_tail(0, 1) == 1.0
    assert chi_square_tail(1e6, 1) == 0.0


def test_the_tail_at_the_documented_point():
    assert chi_square_tail(3.841458820694124, 1) == pytest.approx(0.05, abs=1e-14)


@pytest.mark.parametrize(("statistic", "degrees"), [(-0.1, 1), (1, 0), (float("nan"), 1)])
def test_a_chi_square_that_does_not_exist_is_refused(statistic, degrees):
    with pytest.raises(ValueError, match="chi-square"):
        chi_square_tail(statistic, degrees)
