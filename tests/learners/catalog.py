"""Every classifier that is tried in a session, and what comes of it; docs/learners.md is written from it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

#: Chance is a third.
LEARNS = 0.8


@dataclass(frozen=True)
class Case:
    """A classifier that is tried.

    Parameters
    ----------
    name : str
        What it is called.
    make : callable
        () -> a new one.
    needs : str
        What to give it so that it learns from few labels; empty when it learns as it is.
    refused : str
        What a session says when it is given as it is, or with `bare`: a pattern. Empty when it is taken.
    bare : callable, optional
        () -> the one that is refused; default `make`.
    many : bool
        Whether it is for labels of any number of classes.
    grid : dict
        A parameter and values for a search.
    least : float
        The accuracy that it must have after 40 labels.
    """

    name: str
    make: Callable[[], Any]
    needs: str = ""
    refused: str = ""
    bare: Callable[[], Any] | None = None
    many: bool = False
    grid: Any = ()
    least: float = LEARNS

    @property
    def works(self) -> bool:
        """Whether `make` gives one that a session takes."""
        return not self.refused or self.bare is not None


MEMBERS = [("a", GaussianNB()), ("b", DecisionTreeClassifier(random_state=0))]
LOGISTIC = LogisticRegression()
# Those whose first argument is a classifier, or several.
_INNER: dict[str, Any] = {
    "ClassifierChain": LOGISTIC,
    "FixedThresholdClassifier": LOGISTIC,
    "MultiOutputClassifier": LOGISTIC,
    "OneVsOneClassifier": LOGISTIC,
    "OneVsRestClassifier": LOGISTIC,
    "OutputCodeClassifier": LOGISTIC,
    "SelfTrainingClassifier": GaussianNB(),
    "StackingClassifier": MEMBERS,
    "TunedThresholdClassifierCV": LOGISTIC,
    "VotingClassifier": MEMBERS,
}
# Fast enough for a test; none changes whether it is taken.
_FAST: dict[str, dict[str, Any]] = {
    "AdaBoostClassifier": {"n_estimators": 10},
    "CalibratedClassifierCV": {"cv": 2},
    "ExtraTreesClassifier": {"n_estimators": 10},
    "GradientBoostingClassifier": {"n_estimators": 5},
    "HistGradientBoostingClassifier": {"max_iter": 5},
    "LogisticRegressionCV": {"cv": 2, "Cs": 3},
    "MLPClassifier": {"hidden_layer_sizes": (8,), "solver": "lbfgs"},
    "RandomForestClassifier": {"n_estimators": 10},
    "StackingClassifier": {"cv": 2},
    "TunedThresholdClassifierCV": {"cv": 2, "thresholds": 10},
}
_NEEDED: dict[str, dict[str, Any]] = {
    "BernoulliNB": {"binarize": 1.0},
    "HistGradientBoostingClassifier": {"min_samples_leaf": 2},
    "QuadraticDiscriminantAnalysis": {"reg_param": 0.1},
    "NuSVC": {"nu": 0.2},
    "RadiusNeighborsClassifier": {"outlier_label": "most_frequent"},
    "VotingClassifier": {"voting": "soft"},
}
_WHY = {
    "BernoulliNB": "`binarize`, where X is not of 0 and 1",
    "DummyClassifier": "nothing, and learns nothing: it looks at no sample",
    "HistGradientBoostingClassifier": "`min_samples_leaf=2`: with 20 it tells nothing apart before 40 labels",
    "NuSVC": "`nu=0.2`: with 0.5 a fit fails where one class has far more labels",
    "QuadraticDiscriminantAnalysis": "`reg_param=0.1`: without, its first fits fail until each class has enough labels",
    "RadiusNeighborsClassifier": "`outlier_label`: without, fits fail until labels are near all samples",
}
_REFUSED = {
    "CategoricalNB": "meets values in X that it has not learned: if it is a CategoricalNB, give min_categories",
    "ClassifierChain": "is for labels of any number of classes: give task='multi'",
    "FixedThresholdClassifier": "tells two classes apart, and there are more: wrap it in OneVsRestClassifier",
    "MultiOutputClassifier": "is for labels of any number of classes: give task='multi'",
    "OutputCodeClassifier": "has no predict_proba or decision_function, which 'margin' needs; .* suits 'random'",
    "TunedThresholdClassifierCV": "tells two classes apart, and there are more: wrap it in OneVsRestClassifier",
    "VotingClassifier": r"give voting='soft', of members that give probabilities, or make a committee",
}
_INSTEAD = {
    "CategoricalNB": "`min_categories`, or a Pipeline that makes the categories",
    "VotingClassifier": "`voting='soft'`",
}
_MANY = {
    "ClassifierChain", "DecisionTreeClassifier", "ExtraTreeClassifier", "ExtraTreesClassifier", "KNeighborsClassifier",
    "MLPClassifier", "MultiOutputClassifier", "OneVsRestClassifier", "RandomForestClassifier",
}  # fmt: skip
_GRIDS = {
    "AdaBoostClassifier": {"n_estimators": [5, 10]},
    "DecisionTreeClassifier": {"max_depth": [2, 4]},
    "GaussianNB": {"var_smoothing": [1e-9, 1e-6]},
    "KNeighborsClassifier": {"n_neighbors": [1, 3]},
    "LinearSVC": {"C": [0.1, 1.0]},
    "LogisticRegression": {"C": [0.1, 1.0]},
    "RandomForestClassifier": {"max_depth": [2, 4]},
    "RidgeClassifier": {"alpha": [0.1, 1.0]},
    "SGDClassifier": {"alpha": [1e-4, 1e-2]},
    "SVC": {"C": [0.1, 1.0]},
}


def _of_scikit_learn() -> list[Case]:
    found = []
    for name, kind in all_estimators(type_filter="classifier"):
        inner = (_INNER[name],) if name in _INNER else ()
        given = _FAST.get(name, {}) | _NEEDED.get(name, {})

        def make(kind=kind, inner=inner, given=given):
            seed = {"random_state": 0} if "random_state" in kind(*inner).get_params(deep=False) else {}
            return kind(*inner, **given, **seed)

        bare = (lambda kind=kind, inner=inner: kind(*inner)) if name in _INSTEAD else None
        if name == "CategoricalNB":

            def make(kind=kind):
                return make_pipeline(KBinsDiscretizer(4, encode="ordinal", strategy="uniform"), kind(min_categories=4))

        needs = _INSTEAD.get(name) or _WHY.get(name, "")
        found.append(
            Case(
                name, make, needs, _REFUSED.get(name, ""), bare, name in _MANY, _GRIDS.get(name, ()),
                0.0 if name == "DummyClassifier" else LEARNS,
            )
        )  # fmt: skip
    return found


def _xgboost() -> Any:
    return import_module("xgboost").XGBClassifier(n_estimators=5, random_state=0, n_jobs=1)


_OF_LIGHTGBM = (
    "`min_child_samples=2, verbose=-1`: with 20 it tells nothing apart before 40 labels, and says so at length"
)


def _lightgbm() -> Any:
    kind = import_module("lightgbm").LGBMClassifier
    return kind(n_estimators=10, min_child_samples=2, random_state=0, n_jobs=1, verbose=-1)


def _catboost() -> Any:
    kind = import_module("catboost").CatBoostClassifier
    return kind(iterations=10, depth=3, random_seed=0, verbose=False, allow_writing_files=False, thread_count=1)


def _skorch() -> Any:
    from skorch import NeuralNetClassifier
    from torch import nn, set_num_threads

    set_num_threads(1)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 4))

        def forward(self, X: Any) -> Any:
            return self.layers(X)

    return NeuralNetClassifier(
        Net, criterion=nn.CrossEntropyLoss, lr=0.2, max_epochs=40, batch_size=16, train_split=None, verbose=0
    )


def _imbalanced() -> Any:
    sampler = import_module("imblearn.over_sampling").RandomOverSampler(random_state=0)
    return import_module("imblearn.pipeline").make_pipeline(StandardScaler(), sampler, LogisticRegression())


def _balanced_forest() -> Any:
    kind = import_module("imblearn.ensemble").BalancedRandomForestClassifier
    return kind(n_estimators=10, sampling_strategy="all", replacement=True, bootstrap=False, random_state=0)


SCIKIT_LEARN = _of_scikit_learn()
#: Packages that are imported -> what is tried of them.
OTHERS = {
    "xgboost": [Case("XGBClassifier", _xgboost, grid={"max_depth": [2, 3]})],
    "lightgbm": [
        Case(
            "LGBMClassifier",
            _lightgbm,
            _OF_LIGHTGBM,
        )
    ],
    "catboost": [Case("CatBoostClassifier", _catboost, grid={"depth": [2, 3]})],
    "skorch, torch": [
        Case("NeuralNetClassifier", _skorch, "X of float32, and an output for each class", grid={"lr": [0.1, 0.2]})
    ],
    "imblearn": [
        Case("imblearn Pipeline", _imbalanced),
        Case("BalancedRandomForestClassifier", _balanced_forest),
    ],
}
INSTALLED = {names: cases for names, cases in OTHERS.items() if all(map(find_spec, names.split(", ")))}
