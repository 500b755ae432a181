"""How a criterion came to where it stands, against rounds written out."""

import pytest

from alwidgets.stopping import Budget, History, Round, any_of
from alwidgets.stopping.tracks import tracks
from alwidgets.types import Reading


def reading(value, threshold=0.1, *, fired=None, below=True):
    reached = value is not None and (value <= threshold if below else value >= threshold)
    return Reading("mine", value, threshold, reached if fired is None else fired, "", below=below)


def history(values, **given):
    rounds = tuple(
        Round(
            i, 10 * i, 10 * i, 0.5, 0.4, 0.6, "held out", 10, 0.1, 0.0, 0.0, "margin",
            readings=() if value == "unknown" else (reading(value, **given),),
        )
        for i, value in enumerate(values, start=1)
    )  # fmt: skip
    return History(rounds, Budget(), 10 * len(values), 0.0)


def track_of(now, before, **given):
    def mine(history):
        return reading(now, **given)

    seen = history(before, **given)
    (track,) = tracks(any_of(mine).read(seen), seen)
    return track


def test_the_values_are_those_of_the_rounds_and_the_one_of_now():
    track = track_of(0.2, [0.5, None, 0.3, "unknown"])
    assert track.values == (0.5, None, 0.3, None, 0.2)
    assert (track.reading.name, track.reading.value, track.since) == ("mine", 0.2, None)


def test_only_the_last_sixty_rounds_are_shown():
    track = track_of(0.5, [0.5] * 70)
    assert len(track.values) == 61


@pytest.mark.parametrize(
    ("before", "now", "since"),
    [
        ([0.5, 0.1, 0.05, 0.04], 0.04, 2),
        ([0.05, 0.5, 0.05, 0.04], 0.04, 3),
        ([0.5, 0.5, 0.5], 0.04, 3),
        ([0.05] * 3, 0.04, 1),
        ([0.05] * 3, 0.4, None),
        (["unknown", "unknown"], 0.04, 2),
        ([], 0.04, 0),
    ],
)
def test_it_has_fired_since_the_first_of_the_rounds_running_in_which_it_did(before, now, since):
    assert track_of(now, before).since == since


def test_the_labels_to_go_are_where_the_trend_meets_the_threshold():
    to_go = track_of(0.2, [0.5, 0.4, 0.3, 0.2], threshold=0.1).to_go
    assert (to_go.value, to_go.low, to_go.high) == pytest.approx((10, 10, 10))
    rising = track_of(0.6, [0.3, 0.4, 0.5, 0.6], threshold=0.9, below=False).to_go
    assert rising.value == pytest.approx(30)


@pytest.mark.parametrize(
    ("before", "now", "threshold"),
    [
        ([0.2, 0.3, 0.4, 0.5], 0.5, 0.1),
        ([0.5] * 4, 0.5, 0.1),
        ([0.5], 0.5, 0.1),
        ([0.5, 0.4, 0.3, 0.2], None, 0.1),
        ([0.5, 0.4, 0.3, 0.05], 0.05, 0.1),
    ],
    ids=["moves away", "stands", "one round", "unknown now", "fired"],
)
def test_nothing_is_to_go_where_it_does_not_come_near_or_has_fired(before, now, threshold):
    assert track_of(now, before, threshold=threshold).to_go is None


def test_there_is_a_track_for_each_criterion_in_the_order_of_its_readings():
    seen = history([0.5])
    found = tracks(any_of("budget", any_of("plateau", "target")).read(seen), seen)
    assert [track.reading.name for track in found] == ["budget", "plateau", "target"]
