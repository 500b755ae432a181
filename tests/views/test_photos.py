"""Beside a map, a table or a dispute a photo comes as large as it is shown, and whole when that is asked for."""

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.views.labeling import LabelingView
from alwidgets.views.pool_map import PoolMapView
from alwidgets.views.review import ReviewView
from alwidgets.views.team import TeamView

PHOTO = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), dtype=np.uint8)


@pytest.mark.parametrize("make", [LabelingView, ReviewView, PoolMapView, TeamView])
def test_a_photo_is_sent_at_the_size_asked_for(make_session, blobs, open_page, make):
    team = alw.Team(["ann", "bob"], answers=1) if make is TeamView else None
    session = make_session(items=[PHOTO] * len(blobs[0]), team=team)
    page = open_page(make, session)
    sent = {}
    for side in (None, 512):
        page.say({"kind": "need", "items": [3], "side": side})
        message, (data,) = page.sent[-1]
        sent[side] = message["payload"].get("size"), len(data)
    assert sent[512][0] == [1200, 900]
    assert sent[None][0] is None
    assert 5 * sent[512][1] < sent[None][1]
