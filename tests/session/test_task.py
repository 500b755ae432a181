import pytest

from alwidgets.session.task import (
    ACTIONS,
    Task,
    as_task,
    keys_of,
)


def test_a_digit_has_itself_as_key_and_the_others_what_is_left():
    assert keys_of(Task(), ["ham", 3, "spam"]).classes == ("1", "3", "2")
    assert keys_of(Task(), range(10)).classes == tuple("0123456789")


def test_classes_beyond_ten_are_found_by_their_names():
    keys = keys_of(Task(), [f"class {i}" for i in range(300)]).classes
    assert keys[:10] == tuple("1234567890")
    assert set(keys[10:]) == {""}


def test_no_and_yes_have_their_letters_in_whatever_order():
    assert keys_of(Task("yes_no"), ["no", "yes"]).classes == ("n", "y")
    assert keys_of(Task("yes_no"), ["Yes", "No"]).classes == ("y", "n")
    assert keys_of(Task("yes_no"), ["ham", "spam"]).classes == ("n", "y")


def test_a_pair_is_told_with_the_arrows():
    assert keys_of(Task("pair"), ["left", "right", "tie"]).classes == ("ArrowLeft", "ArrowRight", "ArrowDown")


def test_keys_of_classes_and_actions_are_set_and_the_rest_stays():
    keys = keys_of(Task(keys={"spam": "s", "skip": "x"}), ["ham", "spam"], {"ham": "h"})
    assert keys.classes == ("h", "s")
    assert keys.actions == {**ACTIONS, "skip": "x"}


def test_a_digit_that_an_action_was_given_is_no_class_key():
    assert keys_of(Task(keys={"undo": "1"}), ["a", "b"]).classes == ("2", "3")


def test_no_usual_key_is_used_twice():
    for kind in ("single", "yes_no", "pair"):
        keys = keys_of(Task(kind), ["a", "b"])
        assert len({*keys.classes, *keys.actions.values()}) == 2 + len(ACTIONS)


def test_a_key_that_is_set_since_moves_no_other():
    assert keys_of(Task(), ["a", "b", "c"], {"a": "q"}).classes == ("q", "2", "3")
    assert keys_of(Task(), ["a", "b", "c"], {"a": "2", "b": "1"}).classes == ("2", "1", "3")
    with pytest.raises(ValueError, match="keys has '1' for 'a' and for 'flag'"):
        keys_of(Task(), ["a", "b", "c"], {"flag": "1"})


def test_a_class_that_was_added_moves_no_other_and_takes_no_key_in_use():
    assert keys_of(Task(), ["a", "b", "c", "1"], n_declared=3).classes == ("1", "2", "3", "4")
    assert keys_of(Task(), ["a", "b", "7"], {"skip": "7"}, n_declared=2).classes == ("1", "2", "3")
    assert keys_of(Task(keys={"skip": "7"}), ["a", "b", "7"]).classes == ("1", "2", "3")


def test_a_class_that_is_called_like_an_action_and_the_action_have_a_key_each():
    keys = keys_of(Task(), ["skip", "b"], {("action", "skip"): "x", ("class", "skip"): "s"})
    assert (keys.classes, keys.actions["skip"]) == (("s", "2"), "x")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"spam": "f"}, "keys has 'f' for 'spam' and for 'flag'; expected a key each."),
        ({"spam": "F"}, "keys has 'f' for 'spam' and for 'flag'; expected a key each."),
        ({"eggs": "e"}, "keys has 'eggs'; expected classes, or actions of"),
        ({"spam": "Enter"}, "the key of 'spam' is 'Enter'; expected one character or one of"),
        ({"spam": "Tab"}, "the key of 'spam' is 'Tab'"),
        ({"spam": "\t"}, "expected one character"),
        ({"spam": 5}, "the key of 'spam' is 5; expected a character"),
        ({"ham": "x", "spam": "x"}, "keys has 'x' for 'ham' and for 'spam'"),
    ],
)
def test_keys_that_cannot_be_are_refused(keys, expected):
    with pytest.raises((ValueError, TypeError)) as caught:
        keys_of(Task(keys=keys), ["ham", "spam"])
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"kind": "spans"}, "task is 'spans'; expected one of ['single'"),
        ({"question": 5}, "question is 5; expected text."),
        ({"question": "x" * 501}, "question has 501 characters; expected at most 500"),
        ({"instructions": "\ud800"}, "without halves of pairs"),
        ({"keys": ["s"]}, "keys is ['s']; expected a dict"),
        ({"suggest": "always"}, "suggest is 'always'; expected 'never', 'on demand' or a probability, 0 to 1."),
        ({"suggest": 1.5}, "suggest is 1.5"),
        ({"highlight": "word"}, "highlight is 'word'; expected a list of words."),
        ({"repeats": 0.9}, "repeats is 0.9; expected a share of the answers, 0 to 0.5."),
    ],
)
def test_a_task_that_cannot_be_is_refused(arguments, expected):
    with pytest.raises((ValueError, TypeError)) as caught:
        Task(**arguments)
    assert expected in str(caught.value)


def test_a_kind_alone_is_a_task():
    assert as_task("ordinal") == Task("ordinal")
    with pytest.raises(TypeError, match="task is 7; expected a Task or one of"):
        as_task(7)


@pytest.mark.parametrize(("kind", "classes"), [("yes_no", ["a", "b", "c"]), ("pair", list("abcd"))])
def test_a_session_refuses_classes_that_its_task_has_no_use_for(make_session, kind, classes):
    with pytest.raises(ValueError, match=f"a task '{kind}' expects 2"):
        make_session(task=kind, classes=classes)


def test_a_session_refuses_keys_that_conflict_before_anything_is_written(make_session, tmp_path):
    with pytest.raises(ValueError, match="for 'left' and for 'flag'"):
        make_session(task=Task(keys={"left": "f"}), journal=tmp_path / "new.alw")
    assert not (tmp_path / "new.alw").exists()
