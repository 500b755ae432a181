"""The average precision of a class that is rare among random questions."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from alwidgets.scoring.average_precision import AveragePrecision
from alwidgets.scoring.outputs import Outputs
from alwidgets.scoring.scores import as_metrics, measure

rng = np.random.default_rng(0)
Y = np.repeat(["spam", "ham"], [40, 60])
X = rng.normal(size=(100, 2)) + np.where(Y == "spam", 1.0, 0)[:, None]
LEARNER = LogisticRegression().fit(X, Y)


def score(n_spam, kind):
    rows = np.r_[:n_spam, 40:100]
    [found] = measure(Outputs(LEARNER, X[rows]), Y[rows], kind, metrics=as_metrics({"AP": AveragePrecision("spam")}))
    return found


@pytest.mark.parametrize("kind", ["audit", "test then train"])
def test_it_is_not_measured_on_random_questions_that_met_fewer_than_five_of_the_class(kind):
    few = score(4, kind)
    assert np.isnan([few.value, few.low, few.high]).all()
    assert few.problem == "AP is measured from 5 random questions of 'spam' on; 4 met so far"
    assert few.later
    enough = score(5, kind)
    assert enough.low < enough.value < enough.high


def test_whoever_holds_samples_out_decides_how_many():
    assert score(1, "held out").problem == ""
