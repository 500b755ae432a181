"""The pages on strategies and on the journal, written from the code: python -m tests.documentation."""

import dataclasses
import inspect
import json
from pathlib import Path

from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL
from alwidgets.journal.encode import LEFT_OUT
from alwidgets.journal.events import EVENTS, Event
from alwidgets.journal.formats import FORMAT
from alwidgets.stopping import Round
from alwidgets.strategies import NAMED, combine, finding
from tests.documentation.declarations import FILE, SAID_FILE, declarations, said
from tests.documentation.reference import api_page, criteria_page
from tests.learners.catalog import OTHERS, SCIKIT_LEARN

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "strategies.md"
JOURNAL_PAGE = DOCS / "journal.md"

INTRO = """\
<!-- Written by `python -m tests.documentation` from the code: change it there. -->

# Strategies

A strategy decides which samples you are asked to label. `notebooks/03_strategies.ipynb` shows where each of them looks.

```python
session = alw.Session(X, classes=classes, learner=model, strategy="margin")
```

## How to choose

1. **First**: `margin`, which is cheap, suits nearly every classifier, and is hard to beat; keep `random` beside it.
2. **For batches**: `weighted_k_means`, or `power("margin")` where samples cannot be compared, since the best eight
   resemble each other; put `distinct(...)` around any strategy when the pool has near-duplicates.
3. **Before labels**: the cold start asks by `mixed`; with good embeddings take `typiclust`.
4. **For a committee**, made with `alw.committee(model, n_members=5)`: `bald`, or `vote_entropy` when its members have
   no probabilities.
5. **To find all of a rare class**: `Session(find="spam")`, which asks by `certainty("spam")`; see
   [find_rare.md](find_rare.md).
6. **Then measure**: `alw.simulate(X, y, learner=model, strategies=[...])` on data like yours that is labeled already.

## Named strategies

`strategy=` takes the name. *Cost* is the time beside the prediction of the pool: n candidates, L labeled samples,
C classes, M members of a committee, d features, b questions in a batch. A *batch* strategy chooses the questions
together; the others give each candidate a utility, larger = ask sooner, and the best are asked. *Large pool* says what
happens above 256 MB, in memory or in blocks: *exact* scores all candidates, a block at a time, in threads with a
learner of scikit-learn, or elsewhere with `score_in=`; *exact, by passes* compares all of them, with a pass over the
blocks or some; *of 100,000* chooses among as many random candidates, as the session says when it is made.

The names are a `Literal`, `alw.strategies.StrategyName`, so that a type checker finds a misspelled one. In a loop over
names it needs the annotation, since a tuple of texts is a tuple of any texts to it:

```python
names: tuple[alw.strategies.StrategyName, ...] = ("margin", "entropy")
for name in names:
    session = alw.Session(X, classes=classes, learner=model, strategy=name)
```

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
{modelless}, `like(...)`, `stratified(...)` and `transfer(...)`. The default, `mixed`, covers the pool and then asks
mostly at random, so that it meets a rare class no later than chance does; a session that began when the default was
`k_means` keeps that.
`cold_start=alw.strategies.ColdStart("typiclust", labels_per_class=2)` makes it last until every class has two labels.

## Multilabel tasks

With `Session(task="multi")` a label is any number of classes, also none, and the learner takes an indicator matrix:
`OneVsRestClassifier(LogisticRegression())`, say. What a model says of the classes is taken as independent. `margin` is
then that of the class the model is least sure of (Brinker 2006), `least_confidence` one less the probability of the
most probable set, `ratio` the second most probable set against it, `entropy` the mean over the classes. These
strategies are for such tasks: {many}. The others are refused, and so are committees; strategies of your own see
`view.labels` as an indicator matrix and `view.proba` as the probability of each class. The cold start lasts until so
many samples have, and so many lack, each class.

## Where samples are compared

Strategies that need *features* compare samples by the numbers that the learner's Pipeline makes of them before its last
step, or else by the columns of `X`, each in units of its spread. `Session(embed=...)`, a function from `X` to an array
of shape (n_samples, n_features), says otherwise: the embeddings of a text or image model, say.

## Weak labels

Cheap, fallible labeling functions can start a session. `alw.weak_labels.label_matrix` asks each of them about each
item, `report` says how often they vote, overlap, conflict and are right, `probabilities` makes one guess of their votes
(majority, Dawid-Skene, triplets), and `conflicting` is a strategy that asks where they contradict each other. What
Snorkel's `LabelModel` predicts goes into `transfer` just as well.

The default, Dawid-Skene, takes silence for evidence where a function says one class or nothing, and counts functions
that repeat each other, voting on the same samples, as few. Below is the mean accuracy where somebody votes, over 10
drawings of 2,000 samples and 10 functions (12 one-sided ones of three classes), whose votes are right 60 to 95 % of the
time in classes of equal size, poor ones 55 to 75 %: ours, Snorkel's `LabelModel` with its defaults, the same told how
frequent the classes are, and what who knows all but the classes would reach. `pip install snorkel torch`, then
`python -m tests.benchmarks.weak_labels`:

| functions | coverage | `dawid_skene` | `majority` | Snorkel | Snorkel, told | best possible |
| --- | --- | --- | --- | --- | --- | --- |
| two-sided | 0.3 | 0.876 | 0.847 | 0.875 | 0.875 | 0.877 |
| two-sided | 0.1 | 0.809 | 0.792 | 0.806 | 0.769 | 0.814 |
| two-sided, classes of 85 % and 15 % | 0.3 | 0.925 | 0.892 | 0.828 | 0.899 | 0.926 |
| two-sided, classes of 85 % and 15 % | 0.1 | 0.870 | 0.824 | 0.800 | 0.852 | 0.884 |
| two-sided, classes of 60 %, 30 % and 10 % | 0.3 | 0.908 | 0.898 | 0.849 | 0.877 | 0.910 |
| two-sided, classes of 60 %, 30 % and 10 % | 0.1 | 0.826 | 0.821 | 0.802 | 0.724 | 0.835 |
| one-sided | 0.3 | 0.917 | 0.888 | 0.913 | 0.914 | 0.918 |
| one-sided | 0.1 | 0.818 | 0.804 | 0.819 | 0.782 | 0.821 |
| one-sided, classes of 85 % and 15 % | 0.3 | 0.938 | 0.926 | 0.859 | 0.908 | 0.946 |
| one-sided, classes of 85 % and 15 % | 0.1 | 0.833 | 0.835 | 0.808 | 0.850 | 0.890 |
| one-sided, classes of 60 %, 30 % and 10 % | 0.3 | 0.970 | 0.966 | 0.858 | 0.941 | 0.972 |
| one-sided, classes of 60 %, 30 % and 10 % | 0.1 | 0.842 | 0.843 | 0.817 | 0.770 | 0.851 |
| two-sided, 3 of 10 repeat a fourth | 0.3 | 0.847 | 0.803 | 0.780 | 0.780 | 0.847 |
| two-sided, 3 of 10 repeat a fourth | 0.1 | 0.789 | 0.775 | 0.768 | 0.735 | 0.795 |
| two-sided, poor, 3 of 10 repeat a fourth | 0.3 | 0.691 | 0.666 | 0.632 | 0.630 | 0.696 |
| two-sided, poor, 3 of 10 repeat a fourth | 0.1 | 0.655 | 0.655 | 0.649 | 0.631 | 0.665 |
| one-sided, 3 of 10 repeat a fourth | 0.3 | 0.883 | 0.790 | 0.792 | 0.792 | 0.890 |
| one-sided, 3 of 10 repeat a fourth | 0.1 | 0.796 | 0.769 | 0.767 | 0.770 | 0.804 |
| one-sided, poor, 3 of 10 repeat a fourth | 0.3 | 0.712 | 0.660 | 0.636 | 0.639 | 0.732 |
| one-sided, poor, 3 of 10 repeat a fourth | 0.1 | 0.660 | 0.650 | 0.627 | 0.619 | 0.669 |

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

A class that is not in the pool keeps the cold start going until there are twenty labels a class.
`session.end_cold_start()` ends it at once, `ColdStart(most_labels=60)` after so many labels, and `cold_start=None` as
soon as there is a model.

## Strategies of other libraries

`strategy=` takes a query strategy of modAL, or a function of your own in its manner, as it is.
`alw.from_skactiveml(...)` and `alw.from_small_text(...)` take those of
[scikit-activeml](https://scikit-activeml.github.io) (`pip install "alwidgets[skactiveml]"`) and
[small-text](https://small-text.readthedocs.io) (`pip install "alwidgets[small-text]"`). The other way round,
`query_strategy=alw.as_modal("badge")` gives a bare modAL learner any of ours; modAL's own `teach` fails on scikit-learn
1.8 and newer, `alw.ActiveLearner` and `alw.Committee` are the same classes mended.

## Why this sample

`print(session.explain(item))` says what the strategy makes of a sample and where it ranks, what the model or the
members of a committee say of it, which labeled samples are near, and how typical it is.

## Your own

A function of the view that gives each candidate a number, larger = ask sooner; or, to choose a batch as a whole, an
object with `select`. No base class, nothing to register. The view has `X`, `candidates` and `labeled` (row numbers),
`labels`, `classes`, `learner`, `proba`, `features.at(rows)`, and `rng`, the only randomness to use.

```python
def near_even(view):
    return -abs(view.proba.max(axis=1) - 0.5)


class Spread:
    def select(self, view, n):  # row numbers into view.candidates, best first
        points = view.features.at
        return alw.kernels.k_center(points(view.candidates), points(view.labeled), n)


session = alw.Session(X, classes=classes, learner=model, strategy=near_even, cold_start=Spread())
```
"""


JOURNAL = """\
<!-- Written by `python -m tests.documentation` from the code: change it there. -->

# The journal

`Session(journal="spam.alw")` keeps a session in a folder. The folder is the truth: labels, history, model and the next
question all follow from it. It is plain text, made to be read without alwidgets, put under version control, copied with
`cp -r`, and checked without it. This page describes format {format}.

## The folder

| file | what |
|---|---|
| `session.json` | `format`; `session`, a unique id; `created`; and what makes the session this one: `pool` (kind, \
shape, hash of the content), `classes`, `random_state`. With others it is refused, and the difference is named. \
`defaults` is the number of the defaults that the session began with and keeps: 1, also where it is missing, has the \
cold start `k_means`, 2 `mixed`; 3 asks nothing uncertain where a class is sought. \
`features` is the argument of that name that it began with; opened with the other one, the session says so. A \
branch says in `branched_from` what it comes from. `hash` is that of all other fields: the start of the SHA-256 of \
`json.dumps(fields, sort_keys=True, separators=(",", ":"))`. |
| `events/<writer>.jsonl` | What happened. Every kernel that writes has a file of its own, named by a random id. |
| `ends/<writer>` | How many lines that file has, and the hash of its last one. |
| `holder/<epoch>.json` | Which kernel may write: that of the greatest epoch. Host, process, since when, whether it \
gave the session back. Where files have no second name (FAT, some network disks) it is a folder with `holder.json` \
inside. |
| `features/<hash>-<checksum>.npz` | What steps of the learner give of texts that took seconds to compute, by hashes \
of the steps and of the texts; a file for each part of the texts that was computed. A copy: it may be deleted. |
| `features/<hash>.<id>.claim` | Which texts a process computes at this moment; it goes with the process. |

Samples are in none of them: a label has the row of its sample and a stable id, a hash of the row or what `ids=` gave.

Of a pool that grew, `session.json` has the samples that it began with, and each part that was added has an event
`extended`: its first row, how many rows it has, the hash of their content, and its name. A session is opened with the
whole pool. Where rows are missing, are others or come in another order, the error names the part. A rollback takes no
samples away, and an alwidgets that does not know such events says so and changes nothing.

## A line

A line is a JSON object in ASCII, ends with a line feed, and is never changed:

```json
{"number":7,"prev":"<hash of line 6>","kind":"labeled","id":"...","item":12,"label":"spam",...,"hash":"<its own>"}
```

- `number` counts all lines that the writer knew of, those of other files too; `prev` is the hash of the line before.
- `hash`, always last, is the start of the SHA-256 of the line up to it: 32 hex digits of the hash of the bytes before
  `,"hash":`, with `}` behind them.
- The first line of the first file follows 32 zeros; the first line of another file follows the last line its writer had
  read.
- A missing number is `null`: JSON has no NaN.

The first line of a file has the kind `opened`: the `format` of the file, the `epoch`, `at`, `host`, `pid`, the versions
of the `libraries`, and how many lines of every other file the writer had `seen`. Where lines had gone `missing` from
the end of a file, it says how many that file had had. All other lines are events.

## When a label is on disk

The line is written and synced before `teach` returns, or before the page shows an answer as saved. If it cannot be
(the disk is full, the folder is gone), `teach` raises: what is there of a line is cut off, and a whole line stays, but
the kernel goes on in another file, which says that it does not count. What a crash left of a line was never
acknowledged: it is cut away when the session is next opened, and `session.recovery_message` says so.

Answers of several people that come while one is being written are written together, a line each with one sync for all,
and each is acknowledged after that. Those that depend on each other, as two answers to one sample do, are written one
after the other. So many people at once wait for the disk a few times, not once each.

## What a check finds

`alw.verify("spam.alw")` checks every line and changes nothing. A changed byte breaks the hash of its line; a dropped,
added or swapped line breaks the link of the next one; a changed `session.json` does not match its own hash, and one
without a hash is not called sound. A session is not opened on a journal with such a problem. The hashes have no key:
they find accidents and careless edits, not somebody who computes all of them anew. Whoever needs that keeps a copy of
the last hash elsewhere.

Lines dropped at the end of a file, or all of it, are missed by its count in `ends`, or by what a later file had
`seen`: `verify` names them. The session opens with what is there, and `session.recovery_message` says what is not.
The count is not synced, so a power cut may leave one that is too low, which is harmless.

## A folder from somebody else

Opening, reading and checking a journal runs nothing and touches nothing outside its folder. Links are not followed,
and pipes, devices and folders in the place of files are refused. Every field of every event must have the type and
the range that the tables below give it, rows must be in the pool, and classes declared. Whatever is not so is a
`JournalError` with file and line.

## Copies, and bringing them together

A copy that is taken while a kernel writes may have files of different moments. It opens; what it lacks is told once,
and the first line of the kernel that goes on there keeps it as `missing`.

Two people who go on with copies of one session both write lines that follow the same line. `alw.merge(a, b, path)`
makes a new journal of both, and changes neither: first what both had, then what happened in `a`, then what people did
in `b`. Every answer counts, or is in what `merge` returns: a sample that both answered keeps the answer of `a`, and
that of `b` becomes a second answer; only a label stands before a skip. What is only carried over from an identical
sample replaces no answer. Questions, models and rollbacks of `b` are not
taken over, since the model of the joined session learns from all labels.

`git merge` puts the files of two clones into one folder without a conflict. Such a folder is recognized: two files of
the same epoch, or lines that the newest file had not seen and that are more than what a kernel writes before it finds
out that it was taken over. It is not opened, and the error names the call that joins what is in it:
`alw.merge("spam.alw", "spam.alw", "joined.alw")`.

The hashes and links in ten lines of Python:

```python
import hashlib, json, pathlib

follows = {"0" * 32: "0" * 32}
for file in pathlib.Path("spam.alw", "events").glob("*.jsonl"):
    before = None
    for line in file.read_bytes().splitlines():
        record = json.loads(line)
        assert hashlib.sha256(line[:-43] + b"}").hexdigest()[:32] == record["hash"], f"{file}: changed: {line}"
        assert before in (None, record["prev"]), f"{file}: a line is missing before {line}"
        before = record["hash"]
        follows[before] = record["prev"]
assert set(follows.values()) <= set(follows), "a file is missing, or lines at the end of one"
```

## One writer at a time

One kernel holds the session; another that opens it reads only, and is told who holds it. `take_over()` takes the
session from it. A kernel that has died, or has given the session back, is followed without asking. Of one on another
machine, or in another container, that cannot be told: it is taken to be alive, whatever its name, and only
`take_over()` goes past it. Whoever may not write to the folder reads, and changes nothing.

The owner is the kernel of the greatest epoch that has a file in `holder`. Everything follows from four rules:

1. **To take**, a kernel looks who holds the session and whether that one may be followed. It makes the file of the next
   epoch, whole and with a name that only one can make; finds that there is none of a greater epoch, or withdraws; and
   removes those of lesser epochs.
2. **Then it reads**, and not before (what was read before is kept only if no file has grown since). If it is no longer
   the owner after that, or some line is of as great an epoch as its own, it begins again.
3. **To write**, it looks whether it is the owner, appends its lines to a file of its own, waits until they are on
   disk, and looks again. Only then are they *acknowledged*. The first line of its file says its epoch and what it had
   `seen`: how many lines of every other file.
4. **A whole line is never removed** nor changed. To revoke one that could not be synced, its writer begins another
   file, which says how much of the one before it has `seen`, without that line.

Which lines count: all of the files of the greatest epoch, where a later file of the same kernel may say how much of an
earlier one stands; and of every other file as many lines as were `seen` by them, counted by this same rule among what
was seen. What is beyond, because a kernel wrote after the session had been taken over from it, is kept and does not
count; `session.recovery_message` and `verify` say how many such events there are. Lines are ordered by `number`, and
of equal numbers by the name of the file; of two events with the same `id`, the first counts. An `undone` whose
`target` is of no event before it undoes the answer with that `id` that comes later: that of the same `annotator` alone
where a team answers.

Why an acknowledged answer always counts, however openings, take-overs, deaths, pauses and closings interleave:

- *One at a time.* An epoch has one maker, and the greatest epoch never becomes less: a taker makes its own file before
  it removes others, and one that finds a greater epoch never wrote. So at any moment one kernel can find that it is
  the owner.
- *Nobody misses it.* When the second check of rule 3 found its epoch the greatest, the lines were on disk, and whoever
  took the session later had not made its file yet. It reads after that, so it has `seen` them; and so has everyone
  after it, since lines are never removed.
- *It keeps counting.* What counts is decided by what the newest writer had seen, and what it had seen never changes.
  So all that counted for a kernel when it wrote counts for all who read its lines: a line that comes late, from a
  kernel that was stopped and goes on, is in nobody's `seen` and changes nothing.
- *Whoever is judged wrongly is safe too.* To take a living kernel for dead costs it the session, and no line.

A crash between any two steps leaves a greater epoch of a dead kernel, which is followed, or a file beside the others
with a name of its own, which is nothing. A folder that is moved or replaced while it is open is found out, since the
file that is open is then no longer the one of that name: nothing more is acknowledged until it is back, or opened where
it is. `tests/journal/test_taking_model.py` goes through every interleaving of three kernels step by step, and
`tests/journal/test_taking_anywhere.py` stops the real ones at every line.

Nothing is ever erased. Undo, rollback and correction are events too: the state is what all events amount to, in order.

## The events

Besides its `kind`, every event has {common}.

| kind | what | fields |
|---|---|---|
{events}

The `record` of `trained` has these fields; `readings`, `scores`, `per_class` and `signals` are objects of their own.

{round}

## Other formats

The format is a whole number, in `session.json` for the session and in the first line of each file for its events.

- **Older**: each event is brought to the present format as it is read, one format at a time, by the functions in
  `alwidgets.journal.formats.UPGRADES`. No file is rewritten, so no hash changes; what is written from then on is in a
  new file of the present format, and `session.json` is raised to it, so that an older alwidgets does not misread the
  session.
- **Newer**: refused with the two numbers, and nothing is changed. Upgrade alwidgets.
- A field that is new and has a default needs no new format: where it is missing it has its default, and an older
  alwidgets passes over it. A kind of event that is not known is refused.

`python -c "import alwidgets.journal as j; print(j.read('spam.alw'))"` prints a journal's identity and the events that
count, without owning it.
"""


def pages():
    """Every page that is made from the code, and where it lies."""
    yield PAGE, page()
    yield JOURNAL_PAGE, journal_page()
    yield DOCS / "api.md", api_page()
    yield DOCS / "criteria.md", criteria_page()
    yield DOCS / "learners.md", learners_page()
    yield FILE, declarations()
    yield SAID_FILE, said()


LEARNERS = """\
<!-- Written by `python -m tests.documentation` from what `tests/learners` tries: change it there. -->

# Learners

Each of these classifiers was tried in sessions of 40 labels of three classes: bare, at the end of a Pipeline, in a
search over its parameters, in a committee, with classes that are text, whole numbers or never come, brought back by a
rollback, looked over, exported, opened again and simulated; with any number of classes a sample where it takes such.
*Learns* means that it did so in each, and that the session's score was the model's own. *Refused* means that the
session says what to do when it is made, before anything is asked.

When a session is made, a clone of the learner is fitted on a few rows of the pool with made-up labels, and asked for
predictions; both are thrown away. So a learner that does not suit the samples is told at once and not after the first
batch. A fit that takes more than a second is given up, and the session says so.

- A model that takes no labels but 0, 1, 2, ... is wrapped (`Encoded`), in a Pipeline its last step: what you get back
  as `session.learner` predicts your classes.
- Predictions in a column, of shape (n, 1), are taken as one label a sample.
- Texts need a Pipeline that begins with a vectorizer, columns of text in a DataFrame one that encodes them, networks of
  32 bits `X.astype(np.float32)`; the error says so.
- Missing values are taken where the model takes them or its Pipeline drops or fills them.
- A class of your own derives from `ClassifierMixin` and `BaseEstimator`, sets `classes_` in `fit`, and predicts one
  label a sample.

## scikit-learn

"""


def learners_page():
    """The whole page on learners, as it should be on disk."""
    head = ("learner", "alone", "what it needs", "any number of classes")
    text = LEARNERS + table(head, map(learner_row, SCIKIT_LEARN))
    text += "\n## Other packages\n\n"
    rows = [
        (f"`{names.split(', ')[0]}`: {cells[0]}", *cells[1:-1], "in `OneVsRestClassifier` or `MultiOutputClassifier`")
        for names, cases in OTHERS.items()
        for cells in map(learner_row, cases)
    ]
    return text + table(head, rows)


def learner_row(case):
    alone = "refused" if case.refused else "learns"
    why = case.needs or " ".join(case.refused.replace(".*", "...").replace("\\", "").split()) or "nothing"
    return f"`{case.name}`", alone, why, "yes" if case.many else ""


def journal_page():
    """The whole page on the journal, as it should be on disk."""
    rows = [f"| `{event.kind}` | {first_line(event)} | {typed_fields(event, Event)} |" for event in EVENTS]
    made = {
        "{format}": str(FORMAT),
        "{common}": typed_fields(Event, None),
        "{events}": "\n".join(rows),
        "{round}": typed_fields(Round, None),
    }
    text = JOURNAL
    for name, value in made.items():
        text = text.replace(name, value)
    return text


def first_line(made):
    return inspect.getdoc(made).split("\n")[0]


def typed_fields(made, base):
    """The fields that a dataclass has beyond those of `base`, with their types."""
    known = {field.name for field in dataclasses.fields(base)} if base else set()
    own = [field for field in dataclasses.fields(made) if field.name not in known]
    return ", ".join(f"`{field.name}`{missing(field)} {json_type(field.type)}" for field in own)


def missing(field):
    """What a field is where it is left out."""
    left_out = field.name in LEFT_OUT and field.default is not dataclasses.MISSING
    return f" (where it is not {json.dumps(field.default)})" if left_out else ""


def json_type(annotation):
    """What an annotation is in JSON."""
    words = {
        "str": "text", "int": "whole number", "float": "number", "bool": "true or false", "None": "null",
        "Label": "text, number, true or false, or a list of these", "Any": "any", "Round": "object",
        "Signals": "object",
    }  # fmt: skip
    if annotation.startswith("tuple[tuple["):
        return "list of pairs"
    if annotation.startswith("tuple["):
        return "list of " + json_type(annotation[6:-1].removesuffix(", ..."))
    if annotation.startswith("dict["):
        return "object"
    return " or ".join(words.get(part.strip(), "objects") for part in annotation.split("|"))


def page():
    """The whole page, as it should be on disk."""
    modelless = ", ".join(f"`{name}`" for name, strategy in NAMED.items() if not strategy.needs)
    many = ", ".join(f"`{name}`" for name, strategy in NAMED.items() if MULTILABEL in strategy.kinds)
    return INTRO + named_table() + MADE + made_table() + REST.replace("{modelless}", modelless).replace("{many}", many)


def named_table():
    said = {
        "exact": "exact",
        "passes": "exact, by passes",
        "sample": "of 100,000",
        "own sample": "of 10,000, as always",
    }
    rows = [
        (f"`{each.name}`", needs(each), each.cost, said[each.in_blocks], each.when, each.paper)
        for each in NAMED.values()
    ]
    return table(("strategy", "needs", "cost", "large pool", "when to use", "paper"), rows)


def needs(strategy):
    """What the learner and the samples must have, and whether it chooses batches, in words."""
    words = {"vote": "a committee", "vote_proba": "a committee with `predict_proba`"}
    parts = [" or ".join(words.get(method, f"`{method}`") for method in strategy.needs)]
    parts += ["a `LogisticRegression`" * strategy.linear, "features" * strategy.features]
    found = ", ".join(filter(None, parts)) or "nothing"
    return found + "; batch" * hasattr(strategy.rule, "select") + "; multilabel" * (MULTICLASS not in strategy.kinds)


def made_table():
    rows = [(f"`{call(function)}`", does(function)) for function in makers()]
    return table(("function", "gives a strategy that"), rows)


def makers():
    """The public functions of `combine` and `finding`, in the order in which they stand there."""
    for module in (combine, finding):
        functions = [value for _, value in inspect.getmembers(module, inspect.isfunction)]
        own = [each for each in functions if each.__module__ == module.__name__ and each.__name__[0] != "_"]
        yield from sorted(own, key=lambda function: function.__code__.co_firstlineno)


def does(function):
    """The first line of the docstring, without what the head of the table says."""
    return inspect.getdoc(function).split("\n")[0].removeprefix("Return a strategy that ")


def call(function):
    """The function with its arguments and their defaults, without types."""
    parameters = [each.replace(annotation=each.empty) for each in inspect.signature(function).parameters.values()]
    return f"{function.__name__}{inspect.Signature(parameters)}"


def table(head, rows):
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *rows))
