"""What views show and send is what its types say, on both sides."""

import re
import types
import typing

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.views import sent, states
from alwidgets.views.front_end import STATIC
from alwidgets.views.labeling import LabelingView
from alwidgets.views.learning_curve import LearningCurveView
from alwidgets.views.pool_map import PoolMapView
from alwidgets.views.review import ReviewView
from alwidgets.views.stopping import StoppingView
from tests.views.test_messages import CHANGES, REQUESTS, binary

STATES = {
    LabelingView: states.LabelingState,
    ReviewView: states.ReviewState,
    PoolMapView: states.PoolMapState,
    LearningCurveView: states.CurveState,
    StoppingView: states.StoppingState,
}
WIDGETS = {
    alw.Labeler: LabelingView,
    alw.Review: ReviewView,
    alw.PoolMap: PoolMapView,
    alw.LearningCurve: LearningCurveView,
    alw.StoppingPanel: StoppingView,
}


def fault(value, hint, place="it"):
    """Where a value is not of a type, in words; None where all of it is."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is typing.Any:
        return None
    if typing.is_typeddict(hint):
        return _fault_of_fields(value, hint, place)
    if origin in (typing.Union, types.UnionType):
        return None if any(fault(value, each) is None for each in inner) else f"{place} is {value!r}, not {hint}"
    if origin is typing.Literal:
        return None if value in inner else f"{place} is {value!r}, not one of {inner}"
    if origin in (list, tuple, dict):
        return _fault_of_parts(value, origin, inner, place)
    right = isinstance(value, (int, float) if hint is float else hint) and (hint is bool or not isinstance(value, bool))
    return None if right else f"{place} is {value!r}, not {hint}"


def _fault_of_fields(value, hint, place):
    fields = typing.get_type_hints(hint)
    spelled = typing.get_type_hints(hint, include_extras=True)
    wanted = {name for name, each in spelled.items() if typing.get_origin(each) is not typing.NotRequired}
    wanted -= hint.__optional_keys__
    if not isinstance(value, dict) or not wanted <= value.keys() <= fields.keys():
        return f"{place} is {value!r}, not {hint.__name__}"
    return next(filter(None, (fault(value[name], fields[name], f"{place}.{name}") for name in value)), None)


def _fault_of_parts(value, origin, inner, place):
    # In JSON both are arrays.
    known = (list, tuple) if origin is tuple else origin
    if not isinstance(value, known) or (origin is tuple and len(value) != len(inner)):
        return f"{place} is {value!r}, not a {origin.__name__}"
    if origin is tuple:
        parts = zip(value, inner, strict=True)
    else:
        parts = ((each, inner[-1]) for each in (value.values() if origin is dict else value))
    return next(filter(None, (fault(each, hint, f"{place}[]") for each, hint in parts)), None)


@pytest.mark.parametrize("make", STATES)
def test_a_page_shows_what_its_type_says(session, open_page, make):
    page = open_page(make, session)
    assert fault(page.shown, STATES[make]) is None


@pytest.mark.parametrize("make", STATES)
def test_a_page_of_a_session_without_labels_shows_what_its_type_says(open_page, make):
    session = alw.Session(np.eye(4), classes=[0, 1], learner=GaussianNB(), random_state=0)
    assert fault(open_page(make, session).shown, STATES[make]) is None


@pytest.mark.parametrize("name", [*CHANGES, *REQUESTS])
def test_every_message_to_a_page_is_of_a_type(session, open_page, name):
    make, message, _ = {**CHANGES, **REQUESTS}[name]
    page = open_page(make, session)
    assert not hasattr(page.view, "wait") or page.view.wait(60)
    for reply in page.say({**message, "event_id": "one"}, *binary(message)):
        assert fault(reply, sent.Sent) is None


def test_a_value_of_another_type_is_found():
    right = {"setting": "labels", "spent": 3, "limit": None, "unit": "labels"}
    assert fault(right, states.Limit) is None
    assert fault({**right, "spent": "3"}, states.Limit) == "it.spent is '3', not <class 'float'>"
    assert fault({**right, "more": 1}, states.Limit)
    assert fault({"setting": "labels"}, states.Limit)


def test_a_page_reads_the_traits_of_its_own_state(session):
    for make, view in WIDGETS.items():
        shown = make(session)
        own = {name for name, trait in shown.traits(sync=True).items() if name.startswith("_") and trait.this_class}
        assert {f"_{name}" for name in STATES[view].__annotations__} <= own
        shown.close()


def test_the_front_end_names_only_fields_that_there_are():
    declared = (STATIC / "common" / "sent.d.ts").read_text(encoding="utf-8")
    names = set(re.findall(r"^export (?:interface|type) (\w+)", declared, flags=re.MULTILINE))
    used = {
        name
        for path in STATIC.glob("*/*.js")
        for name in re.findall(r'sent\.d\.ts"\)\.(\w+)', path.read_text(encoding="utf-8"))
    }
    assert used <= names
    assert {each.__name__ for each in STATES.values()} <= used
