"""A model in a folder, without its session: ``model.skops`` and ``model.json``, which says what it is and predicts.

Nothing in the folder is run to open it: the model is made of the types that skops trusts, of `Encoded`, and of those
that whoever opens it names. The checksum finds damage; whether the folder is whose it says to be, it cannot tell.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np

from alwidgets.data.conversion import as_rows
from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, pad_columns
from alwidgets.data.labels import LabelEncoding, label_of, marginals, plain
from alwidgets.models.introspection import classes_of
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.types import Class, FloatArray, Label, Samples
from alwidgets.utils import files
from alwidgets.utils.text import sanitize, short_repr, words

#: The files of a model.
MODEL, ABOUT = "model.skops", "model.json"

_FORMAT = 1
_MOST_BYTES = 2**31
_MOST_UNPACKED = 2**32
_MOST_ABOUT = 2**26
_MOST_NAMED = 6
# Ours, and no more than its attributes.
_OURS = "alwidgets.models.encoded.Encoded"
_EXPECTED: dict[str, Any] = {
    "checksum": str, "types": list, "classes": list, "multilabel": bool, "n_members": int, "round": int,
    "training_set": str, "session": str, "libraries": dict,
}  # fmt: skip


class ModelError(ValueError):
    """A folder that holds no model that can be opened; the message names the file and says why."""


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model that was exported, and predicts as it did in its session; see `load_model`.

    Parameters
    ----------
    learner : ActiveLearner or Committee
        The modAL learner around the fitted estimators, without its labeled set.
    classes : tuple of str, int, float or bool
        The classes of the session, in the order in which they were declared.
    multilabel : bool
        Whether a label is any number of classes.
    round : int
        The round of the session that the model comes from.
    training_set : str
        Hash of the rows and labels that it learned from.
    session_id : str
        The session's.
    libraries : dict of str to str
        The versions of Python and of the packages with which it was written.
    """

    learner: Any
    classes: tuple[Class, ...]
    multilabel: bool
    round: int
    training_set: str
    session_id: str
    libraries: dict[str, str]

    @property
    def classes_(self) -> Any:
        """The classes as an array of shape (n_classes,): the columns of `predict_proba`, and of an indicator matrix."""
        return np.asarray(self.classes)

    def predict(self, X: Samples) -> Any:
        """Predict samples as `Session.learner` does.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or list of str
            Samples like those of the pool.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            A class a sample; of a multilabel model an indicator matrix, its columns in the order of `classes`.
        """
        return self._targets.to_y(self.learner.predict(as_rows(X)))

    def predict_labels(self, X: Samples) -> list[Label]:
        """Predict samples, with labels as `Session.labels` has them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or list of str
            Samples like those of the pool.

        Returns
        -------
        labels : list of str, int, float, bool or tuple of these
            A plain value a sample, which can be written as JSON; of a multilabel model a tuple of classes.
        """
        y = self.predict(X)
        if y.ndim == 1:
            values: list[Label] = y.tolist()
            # What an array of one type holds is plain by now.
            return values if y.dtype != object else [plain(each) for each in values]
        return [label_of(each, self.classes_) for each in y]

    def predict_proba(self, X: Samples) -> FloatArray:
        """Predict probabilities, a column for each of `classes`; 0 for a class that had no label.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or list of str
            Samples like those of the pool.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            They sum to 1; those of a multilabel model are of each class alone.

        Raises
        ------
        AttributeError
            If the estimator has no probabilities.
        """
        proba = self.learner.predict_proba(as_rows(X))
        if self.multilabel:
            each: FloatArray = pad_columns(marginals(proba, classes_of(self.learner)), len(self.classes))
            return each
        known = np.asarray(classes_of(self.learner)).tolist()
        aligned = np.zeros((len(proba), len(self.classes)))
        aligned[:, [self.classes.index(label) for label in known]] = proba
        return aligned

    @property
    def _targets(self) -> LabelEncoding:
        return LabelEncoding(self.classes_, kind=MULTILABEL if self.multilabel else MULTICLASS)


def write_model(folder: Path, estimators: list[Any], about: dict[str, Any]) -> list[str]:
    """Write fitted estimators, a model or the members of a committee, into a folder that exists.

    Parameters
    ----------
    folder : Path
        Where `model.skops` and `model.json` will be.
    estimators : list of fitted estimators
        The only one, or all of a committee.
    about : dict
        What `model.json` says beside the checksum: classes, multilabel, round, training_set, session, libraries.

    Returns
    -------
    types : list of str
        What the model is made of beside the types that skops trusts: whoever opens it has to name them.

    Raises
    ------
    Exception
        Whatever an estimator raises when it is taken apart; nothing has been written then.
    """
    import skops.io

    content = skops.io.dumps(estimators if len(estimators) > 1 else estimators[0])
    types = describe(folder, content, {**about, "n_members": len(estimators)})
    files.replace(folder / MODEL, content)
    return types


def describe(folder: Path, content: bytes, about: dict[str, Any]) -> list[str]:
    """Write `model.json` for a file of a model with this content; return the types that have to be named."""
    import skops.io

    types = sorted(skops.io.get_untrusted_types(data=content))
    facts = {"format": _FORMAT, "checksum": hashlib.sha256(content).hexdigest(), "types": types, **about}
    files.replace(folder / ABOUT, json.dumps({**facts, "hash": _seal(facts)}, indent=1).encode())
    return [name for name in types if name != _OURS]


def load_model(folder: str | Path, *, trusted: Iterable[str] = ()) -> LoadedModel:
    """Load the model that `Session.export_model` or `Session.export` wrote, without its session.

    Parameters
    ----------
    folder : str or Path
        Which has `model.skops` and `model.json`.
    trusted : iterable of str
        Full names of types that the model may be made of, beside those that skops trusts, which run nothing. Trees
        need ``"sklearn.tree._tree.Tree"``: in a file that was made with ill will they can crash Python. The module of a
        type that is named is imported.

    Returns
    -------
    model : LoadedModel
        Predicts as the session did.

    Raises
    ------
    ModelError
        If the folder holds no such model, it is damaged, or is made of other types: a ValueError that names the file.
        Nothing in it has been run.
    ImportError
        If skops is not installed.

    Warns
    -----
    RuntimeWarning
        If libraries are others than those with which the model was written: it may predict otherwise.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from alwidgets import Session
    >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB(), labels={0: "a", 3: "b"})
    >>> session.retrain().round
    1
    >>> folder = session.export_model(Path(mkdtemp()) / "model")
    >>> load_model(folder).predict_labels([[0, 0, 0, 1]])
    ['b']
    """
    if not isinstance(folder, str | Path):
        raise TypeError(f"folder is {short_repr(folder)}; expected the name of a folder with a model.")
    names = _check_names(trusted)
    if find_spec("skops") is None:
        raise ImportError('a model is opened with skops, which is not installed; pip install "alwidgets[models]".')
    target = Path(folder).expanduser().resolve()
    about = _about(target)
    estimators = _opened(target / MODEL, about, names)
    if changed := _changed(about["libraries"]):
        warnings.warn(
            f"The model in {target.name} was written with other libraries, and may predict otherwise: {changed}. "
            "Install those, or retrain and export again.",
            RuntimeWarning,
            stacklevel=2,
        )
    return LoadedModel(
        learner=_learner(estimators, about),
        classes=tuple(about["classes"]),
        multilabel=about["multilabel"],
        round=about["round"],
        training_set=about["training_set"],
        session_id=about["session"],
        libraries=dict(about["libraries"]),
    )


def _check_names(trusted: Any) -> set[str]:
    names = [trusted] if isinstance(trusted, str) else list(trusted)
    if isinstance(trusted, str) or not all(isinstance(name, str) for name in names):
        raise TypeError(
            f'trusted is {short_repr(trusted)}; expected a list of full names of types, as ["sklearn.tree._tree.Tree"].'
        )
    return set(names)


def _about(target: Path) -> dict[str, Any]:
    """Return the content of ``model.json``, if it is as it was written."""
    file = target / ABOUT
    if not target.is_dir():
        raise ModelError(f"{target} is not a folder; expected one that export_model wrote.")
    if not file.exists() and (target / MODEL).exists():
        raise ModelError(
            f"{file} is missing: the folder was written by an alwidgets that kept neither checksum nor classes. Export "
            "the model again, or open model.skops with skops.io.load as the README.md beside it says."
        )
    with _refused(file):
        facts = json.loads(files.read(file, _MOST_ABOUT))
        if not isinstance(facts, dict):
            raise TypeError(f"expected an object, and found {short_repr(facts)}")
        if isinstance(facts.get("format"), int) and facts["format"] > _FORMAT:
            why = f"has format {facts['format']}; this alwidgets reads up to {_FORMAT}. Upgrade alwidgets."
            raise ModelError(f"{file} {why}")
        seal = facts.pop("hash", None)
        wrong = [name for name, kind in _EXPECTED.items() if type(facts.get(name)) is not kind]
        if wrong or seal != _seal(facts) or not _is_sound(facts):
            raise ValueError(f"{', '.join(wrong)} missing or wrong" if wrong else "it does not match its hash")
    return facts


def _is_sound(facts: dict[str, Any]) -> bool:
    """Return whether the values within are what they should be."""
    classes, libraries = facts["classes"], facts["libraries"]
    return (
        len(classes) > 1
        and all(type(label) in (str, int, float, bool) for label in classes)
        and all(isinstance(name, str) for name in facts["types"])
        and all(isinstance(part, str) for pair in libraries.items() for part in pair)
        and facts["n_members"] > 0
    )


def _opened(file: Path, about: dict[str, Any], names: set[str]) -> list[Any]:
    """Return the estimators in a file, of whose types all are trusted."""
    import skops.io

    with _refused(file):
        content = files.read(file, _MOST_BYTES)
        if hashlib.sha256(content).hexdigest() != about["checksum"]:
            raise ValueError("it does not match the checksum in model.json")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
                raise ValueError(f"unpacked it has more than {_MOST_UNPACKED:,} bytes")
        types = set(skops.io.get_untrusted_types(data=content))
        if unknown := sorted(types - names - {_OURS}):
            raise ModelError(_untrusted(file, unknown))
        with warnings.catch_warnings():
            # What is to be said of other versions, load_model says.
            warnings.simplefilter("ignore")
            found = skops.io.loads(content, trusted=sorted(types))
        estimators = found if isinstance(found, list) else [found]
        if len(estimators) != about["n_members"] or not all(hasattr(each, "predict") for each in estimators):
            raise ValueError(f"expected {about['n_members']} fitted estimators")
    return estimators


def _untrusted(file: Path, unknown: list[str]) -> str:
    more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
    return (
        f"{file} is made of {sanitize(repr(unknown[:_MOST_NAMED]))}{more} too, which skops does not trust: a file that "
        "was made with ill will could do harm by it. If you trust whoever made the folder, name these types: "
        "load_model(folder, trusted=[...])."
    )


def _learner(estimators: list[Any], about: dict[str, Any]) -> Any:
    members = [ActiveLearner(estimator) for estimator in estimators]
    if about["multilabel"]:
        for member in members:
            # By which a learner knows that it predicts an indicator matrix.
            member.y_training = np.empty((0, len(about["classes"])), np.intp)
    return members[0] if len(members) == 1 else Committee(members)


def _changed(recorded: dict[str, str]) -> str:
    """Describe the libraries whose versions are others than recorded; alwidgets itself does not change a model."""
    now = {name: _version(name) for name in recorded if name not in ("alwidgets", "modAL-python")}
    return "; ".join(
        f"{name} {recorded[name]} then, {found or 'none'} now"
        for name, found in sorted(now.items())
        if _minor(name, found) != _minor(name, recorded[name])
    )


def _minor(name: str, number: str) -> str:
    # A patch of Python itself changes no model.
    return ".".join(number.split(".")[:2]) if name == "python" else number


def _version(name: str) -> str:
    if name == "python":
        return python_version()
    try:
        return version(name)
    except (PackageNotFoundError, ValueError):
        return ""


def _seal(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _refused(file: Path) -> Iterator[None]:
    """Name the file in whatever its content makes skops, zipfile, NumPy or a type that was trusted raise."""
    try:
        yield
    except ModelError:
        raise
    except FileNotFoundError:
        raise ModelError(f"{file} is missing; expected a folder that export_model wrote.") from None
    except Exception as error:  # noqa: BLE001 - somebody else may have made the file
        why = f"{type(error).__name__}: {sanitize(words(error)).rstrip(' .')}"
        raise ModelError(f"{file} cannot be opened ({why}); restore the folder, or export again.") from None
