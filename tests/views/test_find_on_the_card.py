"""What the card says of a session that seeks a class."""

import numpy as np
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.views.labeling import status

X = np.arange(20.0)[:, None]


def said(**given):
    session = alw.Session(X, classes=["ham", "spam"], learner=GaussianNB(), labels={0: "ham", 19: "spam"}, **given)
    shown = status(session, session.agreement)
    assert not shown["may_stop"]
    return shown["advice"]


def test_the_card_says_what_is_found_before_there_is_anything_to_advise():
    assert said(find="spam").startswith("Keep going. 1 of 'spam' are found among 2 read of 20.")


def test_the_card_of_another_session_says_nothing_before():
    assert said() == ""
