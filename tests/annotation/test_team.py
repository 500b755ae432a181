"""A team says who labels and how often, and refuses what cannot be."""

import copy
import dataclasses

import numpy as np
import pytest

from alwidgets.annotation.team import Team

THREE = ["a1", "a2", "a3"]


def test_a_team_has_two_answers_an_item_and_asks_all_where_they_tie():
    team = Team(THREE)
    assert (team.answers, team.at_most, team.audit_answers) == (2, 3, 2)
    assert (team.consensus, dict(team.gold), team.gold_share, team.lease_seconds) == ("majority", {}, 0, 120)
    assert Team([f"a{number}" for number in range(30)]).at_most == 5
    assert Team([f"a{number}" for number in range(30)], answers=7).at_most == 7


def test_who_says_at_most_five_answers_has_as_many_as_there_are_people():
    team = Team(
        ["a1", "a2", "a3"], experts=["e1"], answers=2, at_most=5, consensus="majority",
        gold={12: "spam", 40: "ham"}, gold_share=0.05, lease_seconds=120, audit_answers=3,
    )  # fmt: skip
    assert team.at_most == 3


def test_all_of_it_can_be_said_as_in_the_session():
    team = Team(
        ["a1", "a2", "a3", "a4", "a5"], experts=["e1"], answers=2, at_most=5, consensus="dawid_skene",
        gold={12: "spam", 40: "ham"}, gold_share=0.05, lease_seconds=60, audit_answers=3,
    )  # fmt: skip
    assert (team.role("a4"), team.role("e1"), team.gold[40]) == ("annotator", "expert", "ham")


def test_gold_is_asked_though_nobody_says_how_often_and_0_asks_none_of_it():
    shares = [Team(THREE, gold={1: "ham"}, **share).gold_share for share in ({}, {"gold_share": 0})]
    assert shares == [0.05, 0]


def test_a_team_is_not_changed_by_what_it_was_made_of_nor_by_anybody():
    names, gold = ["a1", "a2"], {1: "ham"}
    team = Team(names, gold=gold)
    names.append("a3")
    gold[2] = "spam"
    assert (team.annotators, dict(team.gold)) == (("a1", "a2"), {1: "ham"})
    with pytest.raises(dataclasses.FrozenInstanceError):
        team.answers = 1
    assert team == Team(["a1", "a2"], gold={1: "ham"}) == copy.deepcopy(team)


def test_a_team_can_be_changed_into_another_one():
    assert dataclasses.replace(Team(THREE), lease_seconds=30).lease_seconds == 30


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"annotators": []}, ValueError, "annotators is empty; expected the names of one or more people"),
        ({"annotators": "a1"}, TypeError, "annotators is 'a1'; expected a list of names"),
        ({"annotators": 3}, TypeError, "annotators is 3; expected a list of names"),
        ({"annotators": ["a1", 2]}, TypeError, "annotators has 2; expected names"),
        ({"annotators": ["a1", " "]}, ValueError, "annotators has ' '; expected a name without spaces around it"),
        ({"annotators": ["a1", "a1"]}, ValueError, "two people have the names 'a1' and 'a1'; expected each name once"),
        ({"annotators": ["Ann", "bob", "ann"]}, ValueError, "two people have the names 'Ann' and 'ann'"),
        ({"experts": ["a2"]}, ValueError, "two people have the names 'a2' and 'a2'"),
        ({"answers": 4}, ValueError, "answers is 4, but the team has 3 annotators, who answer an item once each"),
        ({"answers": 0}, ValueError, "answers is 0; expected a whole number of at least 1"),
        ({"answers": 1.5}, TypeError, "answers is 1.5; expected a whole number"),
        ({"annotators": ["Zo\u00eb", "Zoe\u0308"]}, ValueError, "two people have the names 'Zo"),
        ({"annotators": ["Ann B", "Ann\u00a0 B"]}, ValueError, "two people have the names 'Ann B' and"),
        ({"annotators": ["Ann", "\uff21nn"]}, ValueError, "two people have the names 'Ann' and"),
        ({"annotators": ["Ann", "An\u200bn"]}, ValueError, "two people have the names 'Ann' and"),
        ({"annotators": ["Stra\u00dfe"], "experts": ["STRASSE"]}, ValueError, "two people have the names"),
        ({"at_most": 0}, ValueError, "at_most is 0; expected a whole number of at least 1"),
        ({"answers": 3, "at_most": 2}, ValueError, "at_most is 2 and answers is 3; expected at_most to be as large"),
        ({"at_most": 1}, ValueError, "at_most is 1 and answers is 2 when it is not given; expected at_most to be as"),
        ({"audit_answers": 9}, ValueError, "audit_answers is 9, but the team has 3 annotators"),
        ({"consensus": "mean"}, ValueError, r"consensus is 'mean'; expected one of \['majority', 'dawid_skene'\]"),
        ({"gold": ["spam"]}, TypeError, r"gold is \['spam'\]; expected a dict of item to label"),
        ({"gold": {1: None}}, ValueError, "gold of item 1 is None; expected its label"),
        ({"gold": {1: {"ham"}}}, ValueError, r"a label is \{'ham'\}; expected a class, or a tuple of classes"),
        ({"gold": {12.0: "spam"}}, TypeError, r"gold has the item 12\.0; expected a row number of X, a whole number"),
        ({"gold": {True: "spam"}}, TypeError, "gold has the item True; expected a row number"),
        ({"gold": {np.True_: "spam"}}, TypeError, "gold has the item True; expected a row number"),
        ({"gold": {"12": "spam"}}, TypeError, "gold has the item '12'; expected a row number"),
        ({"gold_share": 0.05}, ValueError, "gold_share is 0.05, but gold is empty"),
        ({"gold_share": 1}, ValueError, "gold_share is 1; expected a number from 0 to less than 1"),
        ({"gold_share": "5 %"}, TypeError, "gold_share is '5 %'; expected a number from 0 to less than 1"),
        ({"lease_seconds": 0}, ValueError, "lease_seconds is 0; expected a number above 0"),
        ({"lease_seconds": float("nan")}, ValueError, "lease_seconds is nan; expected a number above 0"),
        ({"lease_seconds": None}, TypeError, "lease_seconds is None; expected a number above 0"),
    ],
)
def test_a_team_that_cannot_be_is_refused_in_words(options, error, message):
    with pytest.raises(error, match=message):
        Team(**{"annotators": THREE, **options})


def test_a_name_that_nobody_has_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="annotator is 'a9'; expected one of the team: 'a1', 'a2', 'a3', 'e1'"):
        Team(THREE, experts=["e1"]).role("a9")


def test_gold_is_held_against_the_classes_and_the_pool_by_who_knows_them():
    team = Team(THREE, gold={3: "spam", 7: "ham"})
    team.check_gold(range(8), ["ham", "spam"])
    with pytest.raises(ValueError, match=r"gold of item 7 is 'ham'; expected one of \['spam', 'eggs'\]"):
        team.check_gold(range(8), ["spam", "eggs"])
    with pytest.raises(ValueError, match="gold has the item 7, which is not in the pool"):
        team.check_gold(range(7), ["ham", "spam"])
    with pytest.raises(ValueError, match="gold has the item 7"):
        team.check_gold([3], ["ham", "spam"])


def test_a_name_that_is_written_otherwise_than_in_the_team_is_told_apart_in_words():
    with pytest.raises(ValueError, match=r"one of the team: 'Zo.'\. 'Zo\\xeb' is written otherwise than 'Zoe\\u0308'"):
        Team(["Zo\u00eb"]).role("Zoe\u0308")
