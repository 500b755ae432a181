"""The picture that a session leaves: well-formed SVG and HTML, with nothing to load and no sample in it."""

import base64
import re
from xml.etree import ElementTree as ET

from alwidgets.views.still import curve_svg, still

SVG = "{http://www.w3.org/2000/svg}"


def test_before_the_first_score_there_is_a_table_and_no_picture(make_session):
    shown = still(make_session())
    assert "<img" not in shown
    assert "<th>labeled</th><td>0 of " in shown


def test_every_round_is_a_point_of_the_curve_and_its_interval_lies_around_it(make_session, blobs):
    session = make_session().run(blobs[1], 24)
    rounds = list(session.rounds.comparable)
    root = ET.fromstring(curve_svg(rounds))  # noqa: S314 - our own
    points = [tuple(map(float, each.split(","))) for each in root.find(f"{SVG}polyline").get("points").split()]
    band = [tuple(map(float, each.split(","))) for each in root.find(f"{SVG}polygon").get("points").split()]
    assert len(points) == len(rounds) > 1
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    upper, lower = band[: len(points)], band[len(points) :][::-1]
    for (_, high), (_, here), (_, low) in zip(upper, points, lower, strict=True):
        assert high <= here <= low
    width, height = map(float, root.get("viewBox").split()[2:])
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points + band)


def test_it_loads_nothing_and_shows_no_name_as_html(make_session, blobs):
    session = make_session(classes=["left", "right", "<script>x</script>"]).run(blobs[1], 24)
    shown = still(session)
    assert "<script" not in shown
    picture = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', shown)[1]).decode()
    assert not re.search(r"\b(?:href|url|src)\b|https?://(?!www\.w3\.org/2000/svg)", picture)
