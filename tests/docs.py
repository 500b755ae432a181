"""The page on strategies, written from the code: python -m tests.docs."""

import inspect
from pathlib import Path

from alwidgets.strategies import NAMED, combine

PAGE = Path(__file__).parent.parent / "docs" / "strategies.md"

INTRO = """\
<!-- Written by `python -m tests.docs` from the code: change it there. -->

# Strategies

A strategy decides which samples you are asked to label. `notebooks/03_strategies.ipynb` shows where each of them looks.

```python
session = alw.Session(X, classes=classes, learner=model, strategy="margin")
```

## How to choose

1. **First**: `margin`, which is cheap, suits nearly every classifier, and is hard to beat; keep `random` beside it.
2. **For batches**: `weighted_k_means`, or `power("margin")` where samples cannot be compared, since the best eight
   resemble each other; put `distinct(...)` around any strategy when the pool has near-duplicates.
3. **Before labels**: the cold start asks by `k_means`; with good embeddings take `typiclust`.
4. **For a committee**, made with `alw.committee(model, n_members=5)`: `bald`, or `vote_entropy` when its members have
   no probabilities.
5. **Then measure**: `alw.simulate(X, y, learner=model, strategies=[...])` on data like yours that is labelled already.

## Named strategies

`strategy=` takes the name. *Cost* is the time beside the prediction of the pool: n candidates, L labelled samples,
C classes, M members of a committee, d features, b questions in a batch. A *batch* strategy chooses the questions
together; the others give each candidate a utility, larger = ask sooner, and the best are asked.

"""

MADE = """
## Strategies made of strategies

Functions of `alwidgets.strategies`. What they return goes where a name goes, also into each other:
`distinct(mix({"margin": 0.7, "typiclust": 0.3}))`.

"""

REST = """
## Cold start

Before every class has a label, a model has nothing to be unsure of. Until then, or until there are 20 labels a class,
questions come from `Session(cold_start=...)`. It takes a strategy that needs no model:
{modelless}, `stratified(...)` and `transfer(...)`.
`cold_start=alw.strategies.ColdStart("typiclust", labels_per_class=2)` makes it last until every class has two labels.

## Where samples are compared

Strategies that need *features* compare samples by the numbers that the learner's Pipeline makes of them before its last
step, or else by the columns of `X`, each in units of its spread. `Session(embed=...)`, a function from `X` to an array
of shape (n_samples, n_features), says otherwise: the embeddings of a text or image model, say.

## Weak labels

Cheap, fallible labeling functions can start a session. `alw.weak_labels.label_matrix` asks each of them about each
item, `report` says how often they vote, overlap, conflict and are right, `probabilities` makes one guess of their votes
(majority, Dawid-Skene, triplets), and `conflicting` is a strategy that asks where they contradict each other. What
Snorkel's `LabelModel` predicts goes into `transfer` just as well.

```python
def shouts(text):
    return "spam" if text.isupper() else None  # cannot tell


def sells(text):
    return "spam" if "win" in text else "ham"


texts = ["WIN", "lunch?", "win a prize", "HELLO"]
L = alw.weak_labels.label_matrix([shouts, sells], texts, ["ham", "spam"])
proba = alw.weak_labels.probabilities(L, n_classes=2)
start = alw.strategies.ColdStart(alw.strategies.transfer(proba, "entropy"))
```

## Strategies of other libraries

`strategy=` takes a query strategy of modAL, or a function of your own in its manner, as it is.
`alw.from_skactiveml(...)` and `alw.from_small_text(...)` take those of
[scikit-activeml](https://scikit-activeml.github.io) (`pip install "alwidgets[skactiveml]"`) and
[small-text](https://small-text.readthedocs.io) (`pip install "alwidgets[small-text]"`). The other way round,
`query_strategy=alw.as_modal("badge")` gives a bare modAL learner any of ours; modAL's own `teach` fails on scikit-learn
1.8 and newer, `alw.ActiveLearner` and `alw.Committee` are the same classes mended.

## Why this sample

`print(session.explain(item))` says what the strategy makes of a sample and where it ranks, what the model or the
members of a committee say of it, which labelled samples are near, and how typical it is.

## Your own

A function of the view that gives each candidate a number, larger = ask sooner; or, to choose a batch as a whole, an
object with `select`. No base class, nothing to register. The view has `X`, `candidates` and `labelled` (row numbers),
`labels`, `classes`, `learner`, `proba`, `features.at(rows)`, and `rng`, the only randomness to use.

```python
def near_even(view):
    return -abs(view.proba.max(axis=1) - 0.5)


class Spread:
    def select(self, view, n):  # row numbers into view.candidates, best first
        points = view.features.at
        return alw.kernels.k_center(points(view.candidates), points(view.labelled), n)


session = alw.Session(X, classes=classes, learner=model, strategy=near_even, cold_start=Spread())
```
"""


def page():
    """The whole page, as it should be on disk."""
    modelless = ", ".join(f"`{name}`" for name, strategy in NAMED.items() if not strategy.needs)
    return INTRO + named_table() + MADE + made_table() + REST.replace("{modelless}", modelless)


def named_table():
    rows = [(f"`{each.name}`", needs(each), each.cost, each.when, each.paper) for each in NAMED.values()]
    return table(("strategy", "needs", "cost", "when to use", "paper"), rows)


def needs(strategy):
    """What the learner and the samples must have, and whether it chooses batches, in words."""
    words = {"vote": "a committee", "vote_proba": "a committee with `predict_proba`"}
    parts = [" or ".join(words.get(method, f"`{method}`") for method in strategy.needs)]
    parts += ["a `LogisticRegression`" * strategy.linear, "features" * strategy.features]
    found = ", ".join(filter(None, parts)) or "nothing"
    return found + "; batch" * hasattr(strategy.rule, "select")


def made_table():
    rows = [(f"`{call(function)}`", does(function)) for function in makers()]
    return table(("function", "gives a strategy that"), rows)


def makers():
    """The public functions of `combine`, in the order in which they stand there."""
    functions = [value for _, value in inspect.getmembers(combine, inspect.isfunction)]
    own = [each for each in functions if each.__module__ == combine.__name__ and each.__name__[0] != "_"]
    return sorted(own, key=lambda function: function.__code__.co_firstlineno)


def does(function):
    """The first line of the docstring, without what the head of the table says."""
    return inspect.getdoc(function).split("\n")[0].removeprefix("Return a strategy that ")


def call(function):
    """The function with its arguments and their defaults, without types."""
    parameters = [each.replace(annotation=each.empty) for each in inspect.signature(function).parameters.values()]
    return f"{function.__name__}{inspect.Signature(parameters)}"


def table(head, rows):
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
