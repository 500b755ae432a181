"""Export of a session to a folder: labels, history, journal, model, and a card that describes them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

from alwidgets.io.tables import csv_of
from alwidgets.io.writing import write_table
from alwidgets.journal.copying import build, copy_journal
from alwidgets.journal.encode import to_record
from alwidgets.journal.errors import JournalError
from alwidgets.journal.reading import verify
from alwidgets.models.saved import ABOUT, MODEL, write_model
from alwidgets.models.spec import estimators_of
from alwidgets.scoring.scores import basis
from alwidgets.session.core import Core
from alwidgets.utils import files
from alwidgets.utils.libraries import libraries
from alwidgets.utils.text import holds_secret

# `alwidgets.Session`, whose module imports this one.
Session: TypeAlias = Any

_JOURNAL = "session.alw"
_CARD = """\
# What is in this folder

{n_labeled} labels of {n_samples} samples, written on {date} by alwidgets {alwidgets}.

## The pool

- kind: {kind}, shape {shape}
- fingerprint: {content}{added}

## The labels

{classes}

- skipped, since nobody could tell: {n_skipped}
- annotators: {annotators}

## How the questions were chosen

{strategies}

- audit: {n_audit} of the {n_labeled} labels answer questions that were drawn uniformly at random
- the model learns from {n_training} of the labels
- model and strategy: {model_spec}

## How good the model is

{score}

{about_model}

## What it cost

{cost}

## Decisions

{decisions}

## What the labels are not fit for

- **They are not a random sample.** The questions were chosen for what a model would learn from them. How often a class
  comes among the labels says nothing of the pool, and no model should be scored on them. {audit_advice}
- They were chosen for the model named above. Another kind of model may learn less from them.
- Skipped samples are missing, and they are the ones that were hard to tell.
- {agreement}

## Made with

{libraries}
"""
_KEPT_IN_MODEL = (
    "No samples are in this folder, but a model may hold some of those that it learned from: nearest neighbors and "
    "support vector machines keep whole samples, text vectorizers keep words. Hand `model.skops` on only to those who "
    "may see the samples."
)
_README = """\
# How to go on

| file | what |
|---|---|
{files}

Text in the CSV files that a spreadsheet would run begins with an apostrophe; `read_labels` takes it away, and
`labels.jsonl` has none.

```python
import alwidgets as alw
from alwidgets.io import read_labels

labels = read_labels("labels.csv")
assert alw.verify("session.alw").sound
# With the pool, the classes and the learner of then; what is written goes into this folder.
session = alw.Session(X, classes=classes, learner=learner, journal="session.alw")
```

{model}
"""
_LOAD = """\
The model is opened without its session, and without running code that came with it; it predicts the labels:

```python
import alwidgets as alw

model = alw.load_model(".", trusted={trusted})
```
"""
_MODEL_README = """\
# A model

| file | what |
|---|---|
| `model.skops` | the model of round {round}, which learned from {n_learned} labels |
| `model.json` | its checksum, classes, training set and libraries |
| `requirements.txt` | the versions that it depends on |

{load}
A model may hold samples that it learned from: nearest neighbors and support vector machines keep whole samples, text
vectorizers keep words. Hand it on only to those who may see the samples.
"""
_ABOUT = {
    "README.md": "this page",
    "card.md": "what the labels are, how they were chosen, and what they are not fit for",
    "labels.csv": "one row a label",
    "labels.jsonl": "the same, every value as it is",
    "labels.parquet": "the same",
    "answers.csv": "one row an answer, whoever of the team gave it",
    "history.csv": "one row a round: labels, score and interval, cost, each criterion's reading",
    "versions.csv": "one row a round ever made: training set, seed, model, libraries",
    "decisions.csv": "one row a decision to stop or to go on",
    "requirements.txt": "the versions that the model depends on",
    _JOURNAL: "the journal: everything that happened, to go on from",
    MODEL: "the model of the newest round",
    ABOUT: "its checksum, classes, training set and libraries",
}


def exported(core: Core, name: str, folder: str | Path, write: Callable[[], Path]) -> Path:
    """Call what writes a folder while nothing else happens, after what there is to learn was learned."""
    engine = core.engine
    core.check_ready(name)
    new_folder(folder)
    with engine.exclusive(patient=False):
        if not core.log.read_only:
            engine.learn_rest()
        engine.rounds.correct()
        # No fit ends and no answer comes between two of its files.
        with core.log.lock:
            return write()


def export(session: Session, folder: str | Path, *, model: bool | None = None) -> Path:
    """Write a session into a new folder, whole or not at all; see `Session.export`."""
    return _made(folder, lambda part: _write(session, part, model=model))


def export_model(session: Session, folder: str | Path) -> Path:
    """Write the newest model into a new folder, whole or not at all; see `Session.export_model`."""
    if not len(session.rounds):
        raise ValueError("there is no model yet; retrain() first.")
    return _made(folder, lambda part: _write_model_alone(session, part))


def _made(folder: str | Path, write: Callable[[Path], None]) -> Path:
    target = new_folder(folder)
    # Only its owner may look in, and swap what is in it.
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        write(part)
        files.sync_folder(part)
        part.rename(target)
        files.sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return target


def new_folder(folder: Any) -> Path:
    """Return the path of a new folder for an export; raise if it cannot be created."""
    if not isinstance(folder, str | Path) or not str(folder):
        raise TypeError(f"folder is {folder!r}; expected the name of a new folder.")
    target = Path(folder).expanduser().resolve()
    if target.exists():
        raise FileExistsError(f"{target} exists; expected the name of a new folder.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{target.parent} is not a folder; make it first.")
    return target


def _write(session: Session, part: Path, *, model: bool | None) -> None:
    write_journal(session, part / _JOURNAL)
    for name in ("labels.csv", "labels.jsonl"):
        write_table(session, part / name)
    # Without a pyarrow that pandas can use, or with what is not a text for Arrow, the other two have all there is.
    with suppress(ImportError, UnicodeEncodeError):
        write_table(session, part / "labels.parquet")
    for name in ("history", "versions", "decisions", *(() if session.team is None else ("answers",))):
        files.replace(part / f"{name}.csv", csv_of(getattr(session, name)))
    about_model = _write_model(session, part, wanted=model)
    has_model = (part / MODEL).exists()
    in_card = _KEPT_IN_MODEL if has_model else about_model
    packages = packages_of(session.learner, skops=has_model)
    _write_text(part / "requirements.txt", requirements(packages))
    _write_text(part / "card.md", _CARD.format(**_facts(session, packages), about_model=in_card))
    listed = "\n".join(f"| `{name}` | {what} |" for name, what in _ABOUT.items() if _is_there(part / name))
    _write_text(part / "README.md", _README.format(files=listed, model=about_model))


def _is_there(file: Path) -> bool:
    return file.name == "README.md" or file.exists()


def _write_text(file: Path, text: str) -> None:
    files.replace(file, text.encode("utf-8", "backslashreplace"))


def write_journal(session: Session, target: Path) -> None:
    """Copy the journal, without who holds it; a session in memory gets one."""
    if session.journal is None:
        build(
            target, session.identity | {"session": session.session_id}, [to_record(event) for event in session.events]
        )
    else:
        copy_journal(session.journal, target)
    found = verify(target)
    if not found.sound:
        raise JournalError(f"the copy of the journal is not sound: {found.problems[0]} Try again, or mend the journal.")


def _write_model_alone(session: Session, part: Path) -> None:
    if find_spec("skops") is None:
        raise ImportError('a model is written with skops, which is not installed; pip install "alwidgets[models]".')
    if has_secret(session.learner):
        raise ValueError(
            "the learner holds what looks like a secret, which would be in the file; take it out of its parameters, or "
            "export(folder, model=True) if the file may have it."
        )
    trusted = _write_newest(session, part)
    _write_text(part / "requirements.txt", requirements(packages_of(session.learner, skops=True)))
    last = session.rounds.rounds[-1]
    page = _MODEL_README.format(round=last.round, n_learned=last.n_learned, load=_LOAD.format(trusted=trusted))
    _write_text(part / "README.md", page)


def _write_newest(session: Session, part: Path) -> list[str]:
    """Write the model of the newest round; return the types that whoever opens it has to trust."""
    newest = session.versions.query("stands").iloc[-1]
    about = about_model(session, session.learner, int(newest["round"]), newest["training_set"])
    return write_model(part, estimators_of(session.learner), about)


def about_model(session: Session, learner: Any, round: int, training_set: str) -> dict[str, Any]:  # noqa: A002 - the glossary's word
    """Return the description of a model for its file: see `models.saved.write_model`."""
    return {
        "classes": list(session.classes),
        "multilabel": session.task.multilabel,
        "round": round,
        "training_set": training_set,
        "session": session.session_id,
        "libraries": packages_of(learner, skops=True),
    }


def _write_model(session: Session, part: Path, *, wanted: bool | None) -> str:
    """Write the newest round's model, and say how to open it or why it is not there."""
    if wanted is False or (wanted is None and find_spec("skops") is None):
        return 'No model was written; `pip install "alwidgets[models]"` and export again to have one.'
    if wanted is None and has_secret(session.learner):
        return "No model was written, because the learner holds what looks like a secret; model=True writes it."
    if find_spec("skops") is None:
        raise ImportError('model is True, but skops is not installed; pip install "alwidgets[models]".')
    if not len(session.rounds):
        if wanted:
            raise ValueError("model is True, but there is no model yet; retrain() first.")
        return "There was no model yet."
    try:
        trusted = _write_newest(session, part)
    except Exception as error:
        # Whatever an estimator of somebody's own raises when it is taken apart.
        if wanted:
            raise
        return f"The model could not be written: {_plain(f'{type(error).__name__}: {error}')}"
    return _LOAD.format(trusted=trusted)


def has_secret(learner: Any) -> bool:
    """Return whether anything in a learner is named or looks like a secret, as the journal would hide it."""
    return any(holds_secret(part) for each in estimators_of(learner) for part in (each, _parameters(each)))


def _parameters(member: Any) -> dict[str, Any]:
    return dict(member.get_params(deep=True))


def packages_of(learner: Any, *, skops: bool) -> dict[str, str]:
    """Return the versions of what a model depends on, of other packages' estimators too, and of skops if it is used."""
    modules = {"skops"} if skops else set()
    for member in estimators_of(learner):
        parts = (member, *member.get_params(deep=True).values())
        modules |= {type(part).__module__.partition(".")[0] for part in parts}
    of_module = _of_modules()
    return libraries() | {name: version(name) for module in sorted(modules) for name in of_module.get(module, ())}


@cache
def _of_modules() -> Mapping[str, list[str]]:
    # Reading the metadata of all packages takes longer than a small fit.
    return packages_distributions()


def requirements(packages: dict[str, str]) -> str:
    """Return exact versions as pip takes them."""
    lines = [f"{name}=={number}" for name, number in sorted(packages.items()) if name != "python"]
    return "\n".join([f"# Python {packages['python']}", *lines, ""])


def _facts(session: Session, packages: dict[str, str]) -> dict[str, Any]:
    labels, counts, progress = session.labels, session.progress.class_counts, session.progress
    asked = labels["strategy"].replace("", "manual").value_counts()
    who = labels["annotator"].fillna("not named").value_counts()
    versions, n_audit = session.versions, int(labels["audit"].sum())
    facts: dict[str, Any] = session.identity["pool"]
    return facts | {
        "added": "".join(
            f"\n- added: {each.n_rows} samples, {_plain(each.part)}" for each in session.parts.iloc[1:].itertuples()
        ),
        "n_labeled": len(labels),
        "n_samples": session.n_samples,
        "n_skipped": progress.n_skipped,
        "n_audit": n_audit,
        "n_training": len(session.training_set()[1]),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "alwidgets": packages.get("alwidgets", ""),
        "classes": _items(f"{_plain(name)}: {n}" for name, n in zip(session.classes, counts, strict=True)),
        "annotators": ", ".join(f"{_plain(name)} ({n})" for name, n in who.items()) or "none",
        "strategies": _items(f"{_plain(name)}: {n} labels" for name, n in asked.items()),
        "model_spec": _plain(versions["model_spec"].iloc[-1]) if len(versions) else "no model yet",
        "score": _items(_scores(session)),
        "cost": _items(_costs(session)),
        "decisions": _items(
            f"{_plain(made.decision)} after {made.n_labeled} labels, {made.at:%Y-%m-%d}: {_plain(made.reason)}"
            for made in session.decisions.itertuples()
        ),
        "audit_advice": "The audit answers are a random sample: `audit` is True in their rows." if n_audit else "",
        "agreement": _agreement(session, len(who)),
        "libraries": _items(f"{name} {number}" for name, number in packages.items()),
    }  # fmt: skip


def _agreement(session: Session, n_annotators: int) -> str:
    if session.team is not None:
        alpha, answers = session.team.agreement.alpha, "Each label is what most of the answers to its sample say"
        measured = "was not measured" if alpha is None else f"is {alpha:.2f}"
        return f"{answers}, or what an expert settled. Krippendorff's alpha between the annotators {measured}."
    if n_annotators < 2:  # noqa: PLR2004 - one agrees with nobody
        return "How far two annotators would agree was not measured."
    return "Each sample has the last answer that it was given, whoever gave it."


def _scores(session: Session) -> Iterable[str]:
    rounds = session.rounds.rounds
    if not rounds:
        return
    last, progress = rounds[-1], session.progress
    learned = f"round {last.round}, trained on {last.n_learned} labels"
    if last.measured:
        yield (
            f"{_plain(last.metric)} {last.score:.3f}, 95 % interval {last.score_low:.3f} to {last.score_high:.3f}, "
            f"{basis(last.score_kind, last.score_n)}; {learned}"
        )
    else:
        yield f"{_plain(last.problem or f'{last.metric} was not measured')}; {learned}"
    if progress.n_behind or progress.n_changed:
        yield (
            f"**the model is behind**: {progress.n_behind} labels came after it, and {progress.n_changed} that it "
            "knows have changed; what is written here of the labels is of all of them"
        )


def _costs(session: Session) -> Iterable[str]:
    history = session.rounds
    yield f"{history.n_spent} answers, {history.seconds / 60:.1f} minutes measured"
    if session.budget.priced:
        yield f"{history.cost:.2f} {_plain(session.budget.currency)}".rstrip()


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "- none"


def _plain(value: Any) -> str:
    """Return a text that Markdown shows as it is: no link, no markup, no line of its own."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(value).split()))
