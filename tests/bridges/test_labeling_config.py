"""A labeling config is made of a task, and one that is there is held against it."""

from xml.etree import ElementTree as ET

import pytest

from alwidgets.bridges.labeling_config import fitted, made, with_classes
from alwidgets.bridges.tasks import data_of

TEXT, PAIR, ROW = {"text": "a"}, {"left": "a", "right": "b"}, {"size": 3, "from": "b"}


@pytest.mark.parametrize(
    ("kind", "classes", "fields", "tag", "shows"),
    [
        ("single", ["ham", "spam"], TEXT, "Choices", {"text": "Text"}),
        ("multi", ["ham", "spam"], TEXT, "Choices", {"text": "Text"}),
        ("ordinal", [1, 2, 3], TEXT, "Choices", {"text": "Text"}),
        ("yes_no", ["no", "yes"], {"image": "a.png"}, "Choices", {"image": "Image"}),
        ("pair", ["A", "B"], PAIR, "Pairwise", {"left": "Text", "right": "Text"}),
        ("pair", ["A", "B", "tie"], PAIR, "Choices", {"left": "Text", "right": "Text"}),
        ("single", ['<"&">', "ü\u2028", "a\nb"], ROW, "Choices", {"row": "Table"}),
    ],
)
def test_a_config_that_was_made_fits_its_task(kind, classes, fields, tag, shows):
    config = made(kind, classes, fields, question='Is it "spam"?')
    control = fitted(config, kind, classes)
    assert (control.tag, control.several, dict(control.shows)) == (tag, kind == "multi", shows)
    assert control.classes == (("left", "right") if tag == "Pairwise" else tuple(map(str, classes)))
    assert ET.fromstring(config)[0].get("value") == 'Is it "spam"?'  # noqa: S314 - made just now
    assert set(data_of(fields, control.shows)) == set(shows)


def view(inner):
    return f'<View><Text name="t" value="$body"/>{inner}</View>'


def test_of_several_questions_the_one_that_fits_is_asked():
    tone = '<Choices name="tone" toName="t"><Choice value="rude"/></Choices>'
    kind = '<Choices name="kind" toName="t"><Choice value="Ham!" alias="ham"/><Choice value="spam"/></Choices>'
    control = fitted(view(tone + kind), "single", ["spam", "ham"])
    assert (control.name, control.shows) == ("kind", {"body": "Text"})
    stars = fitted(view('<Rating name="stars" toName="t" maxRating="3"/>'), "ordinal", [1, 2, 3])
    assert (stars.tag, stars.classes) == ("Rating", ("1", "2", "3"))
    assert fitted(view('<Rating name="stars" toName="t"/>'), "ordinal", list(range(1, 6))).name == "stars"


HAM_SPAM = '<Choices name="c" toName="t"{}><Choice value="ham"/><Choice value="spam"/></Choices>'


@pytest.mark.parametrize(
    ("config", "kind", "classes", "message"),
    [
        (HAM_SPAM.format(""), "single", ["ham", "eggs"], r"\(Choices 'c'\) lacks \['eggs'\] and has \['spam'\], which"),
        (HAM_SPAM.format(""), "single", ["ham", "spam", "eggs"], r"lacks \['eggs'\]; the session has a task 'single'"),
        (HAM_SPAM.format(""), "multi", ["ham", "spam"], "lets annotators choose one class; the session has a task"),
        (HAM_SPAM.format(' choice="multiple"'), "single", ["ham", "spam"], "choose several classes"),
        ('<Pairwise name="p" toName="t,u"/>', "single", ["ham", "spam"], r"has \['left', 'right'\]"),
        ('<Labels name="l" toName="t"/>', "single", ["ham", "spam"], "asks for no class"),
        ("<", "single", ["ham", "spam"], "is not XML"),
    ],
)
def test_what_differs_is_said(config, kind, classes, message):
    with pytest.raises(ValueError, match=message):
        fitted(view(config) if config != "<" else config, kind, classes)


def test_classes_are_added_where_the_config_is_ours():
    config = made("single", ["ham", "spam"], TEXT)
    classes = ["ham", "spam", "eggs & co"]
    lacking = fitted(config, "single", classes, may_lack=True)
    assert lacking.classes == ("ham", "spam")
    assert fitted(with_classes(config, lacking, ["eggs & co"]), "single", classes).classes == tuple(classes)
    with pytest.raises(ValueError, match="has \\['spam'\\]"):
        fitted(config, "single", ["ham", "junk"], may_lack=True)


def test_a_sample_has_the_names_that_the_page_shows():
    assert data_of(TEXT, {"body": "Text"}) == {"body": "a"}
    assert data_of(ROW, {"row": "Table"}) == {"row": ROW}
    assert data_of(ROW, {"body": "Text"}) == {"body": "size: 3\nfrom: b"}
    assert data_of(ROW, {"size": "Text"}) == ROW
    assert data_of({"text": "half a pair: \ud83d"}, {"text": "Text"}) == {"text": "half a pair: \ufffd"}
    with pytest.raises(ValueError, match=r"shows \['body', 'title'\], and a sample has \['text'\]; rename"):
        data_of(TEXT, {"body": "Text", "title": "Text"})
