"""Drift of samples: whether new ones look like those that came before, and which columns moved.

A classifier is asked to tell new samples from old ones. Where it does better than chance on samples that it was not
fitted on, they are of another distribution, in whatever way: a shift of one column, of all a little, or of how two
columns go together, which no test of single columns sees.
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.data.pool import as_samples, as_samples_like, n_rows, take
from alwidgets.types import BoolArray, FloatArray, IntArray
from alwidgets.utils.checks import check_seed, check_share
from alwidgets.utils.threads import one_thread

if TYPE_CHECKING:
    import pandas as pd

# With more samples nothing is seen that matters, and with fewer no classifier learns.
_MOST, _FEWEST = 2000, 20
_N_PARTS, _FIRST_TESTED, _N_DIVISIONS = 8, 4, 2
# Small trees tell a shift as well as large ones, in a third of the time. Of few samples leaves are small, or none could
# be split.
_LEAVES, _TREES = 8, 60
_LEAST_IN_LEAF, _LEAVES_AT_LEAST = 20, 8
# The tests share the level: the classifier's, that of pairs, and that of single columns, which it seldom misses.
_SHARE_OF_TOLD, _SHARE_OF_PAIRS, _SHARE_OF_COLUMNS = 0.45, 0.45, 0.1
# Words, and each letter where words are not set apart.
_WORDS = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
# Pairs of at most so many columns are compared, under so many divisions at random.
_MOST_PAIRED, _N_SHUFFLES = 100, 199
# Wider sparse samples, and texts, are compared by so many main components.
_WIDE, _N_COMPONENTS = 256, 50
_MOST_CATEGORIES = 200


class ColumnPair(NamedTuple):
    """Two columns, and their rank correlation before and now."""

    column: Any
    other: Any
    before: float
    now: float

    def __str__(self) -> str:
        return f"{self.column} and {self.other}: rank correlation {self.before:.2f} before, {self.now:.2f} now."


@dataclass(frozen=True, eq=False)
class Drift:
    """Difference of new samples from those before.

    Parameters
    ----------
    p_value : float
        How often a difference as large comes by chance when nothing moved, 0 to 1.
    auc : float
        How well a classifier tells new from old: 0.5 is chance, 1 is always.
    columns : DataFrame
        One row a column, the one that moved most first: `column`, `statistic` (the largest distance of the two
        distribution functions, 0 to 1; of categories half the sum of the differences in their shares; or the difference
        of the shares that are missing, if that is more), `p_value` (corrected for the number of columns by Holm's
        method), `before` and `now` (the means; None of categories).
    n_before, n_now : int
        Samples that were compared.
    level : float
        The p-value below which samples are said to have moved.
    p_classifier, p_pair : float
        P-values of the classifier and of the correlation that moved most, corrected: the tests share the level.
    most_moved : ColumnPair or None
        The two columns of that correlation; None of one column.
    """

    p_value: float
    auc: float
    n_before: int
    n_now: int
    level: float
    columns: pd.DataFrame = field(repr=False)
    p_classifier: float
    p_pair: float
    most_moved: ColumnPair | None

    @property
    def moved(self) -> bool:
        """True if the new samples are of another distribution, at this level."""
        return self.p_value < self.level

    @property
    def pair(self) -> ColumnPair | None:
        """The two columns that go together in another way than before, as far as that tells the samples apart."""
        return self.most_moved if self.p_pair < self.level else None

    @property
    def evidence(self) -> str:
        """Sign that they moved, in words: of the classifier where it tells, else of the pair, else of a column."""
        if self.p_classifier < self.level or not self.moved:
            return f"AUC {self.auc:.2f}"
        if self.pair:
            both = f"{self.pair.column} and {self.pair.other}"
            return f"columns {both} go together in another way, p = {self.p_value:.2g}"
        return f"column {self.columns['column'].iloc[0]} moved, p = {self.p_value:.2g}"

    def __str__(self) -> str:
        compared = f"{self.n_now:,} new samples against {self.n_before:,} before, p = {self.p_value:.2g}"
        if not self.moved:
            return f"No drift seen: {compared}, AUC {self.auc:.2f}."
        columns = self.columns[self.columns["p_value"] < self.level]
        names = ", ".join(map(str, columns["column"].head(3)))
        more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""  # noqa: PLR2004 - as many are named
        which = f"Moved: {names}{more}." if names else "No single column moved: they go together in another way."
        pair = f" {self.pair}" if self.pair else ""
        told = self.p_classifier < self.level
        auc = f"AUC {self.auc:.2f}" if told else f"though the classifier alone does not tell (AUC {self.auc:.2f})"
        return f"Drift: {compared}, {auc}. {which}{pair}"


def drift(X: Any, X_new: Any, *, level: float = 0.05, random_state: int | None = 0) -> Drift:
    r"""Test whether new samples are of the same distribution as those before.

    Three tests share the level, 45 %, 45 % and 10 % of it: the p-value is the smallest of theirs over these shares. The
    first is the classifier two-sample test, with parts that are tested one after the other: histogram gradient boosting
    learns to tell the two apart from the first k - 1 of eight random parts, and is tested on part k, for k from 5 to 8.

    .. math:: Z = \sum_k w_k z_k \Big/ \sqrt{\sum_k w_k^2}, \qquad w_k = k - 1

    where :math:`z_k` is the standardized rank sum of its scores for the new samples in part k. When nothing moved,
    each is standard normal whatever was learned from the parts before, so that Z is too. The mean of Z over two random
    divisions into parts is tested, which spreads no more.

    The second sees what a classifier needs many samples for: two columns that go together in another way. It is the
    largest difference of rank correlations, :math:`\max_{ij} |\tanh^{-1} r_{ij} - \tanh^{-1} r'_{ij}|`, beside what 199
    random divisions of all samples give.

    The third is of single columns, the smallest p-value in `columns`: of few samples, of which no classifier learns, it
    is the one that sees.

    Parameters
    ----------
    X, X_new : array-like of shape (n_samples, n_features), DataFrame, sparse matrix or sequence of str
        Samples before, as the labeled ones, and new ones; missing values are taken. Of more than 2,000 each as many
        are drawn. Sparse matrices with more than 256 columns, and texts, are compared by their 50 main components.
    level : float
        Above 0 and below 1; how often it may say that they moved when they did not.
    random_state : int, optional
        Of the draws, the parts and the classifier.

    Returns
    -------
    drift : Drift
        About 1 s for 1,000 against 1,000 samples of 64 columns. Of more than 100 columns, pairs of 100 are looked at.

    Raises
    ------
    ValueError
        If there are fewer than 20 samples of either, they have other columns, or hold infinite values.
    TypeError
        If they are of different kinds.

    References
    ----------
    .. [1] Lopez-Paz & Oquab (2017), Revisiting Classifier Two-Sample Tests, ICLR.
    .. [2] Rabanser, Guennemann & Lipton (2019), Failing Loudly: An Empirical Study of Methods for Detecting Dataset
       Shift, NeurIPS.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before, now = rng.normal(size=(300, 4)), rng.normal(size=(300, 4))
    >>> drift(before, now).moved
    False
    >>> now[:, 2] += 1
    >>> found = drift(before, now)
    >>> found.moved, int(found.columns["column"].iloc[0])
    (True, 2)
    """
    check_share("level", level)
    seed = check_seed(random_state)
    rng = np.random.default_rng(seed)
    before = as_samples(X, allow_nan=True)
    now = as_samples_like(before, X_new, name="X_new", allow_nan=True, allow_inf=False)
    before, now = _drawn(before, "X", rng), _drawn(now, "X_new", rng)
    new = np.repeat([False, True], [n_rows(before), n_rows(now)])
    with one_thread():
        table = _table(before, now)
        z, auc = np.mean([_told_apart(table, new, rng) for _ in range(_N_DIVISIONS)], axis=0).tolist()
        p_of_pairs, pair = _of_pairs(table, new, rng)
        columns = _by_column(table, new)
    p_told = 0.5 * math.erfc(z / math.sqrt(2))
    known = columns["p_value"].to_numpy(np.float64)
    p_of_columns = float(np.min(known, initial=1.0, where=~np.isnan(known)))
    p_classifier, p_pair = min(1.0, p_told / _SHARE_OF_TOLD), min(1.0, p_of_pairs / _SHARE_OF_PAIRS)
    p_value = min(p_classifier, p_pair, p_of_columns / _SHARE_OF_COLUMNS)
    return Drift(
        p_value=p_value,
        auc=auc,
        n_before=n_rows(before),
        n_now=n_rows(now),
        level=level,
        columns=columns,
        p_classifier=p_classifier,
        p_pair=p_pair,
        most_moved=pair,
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """Samples as numbers: a category is its code."""

    numbers: FloatArray
    names: list[Any]
    categorical: BoolArray


def _drawn(X: Any, name: str, rng: np.random.Generator) -> Any:
    total = n_rows(X)
    if total < _FEWEST:
        raise ValueError(f"{name} has {total} samples; expected {_FEWEST} or more to compare.")
    return X if total <= _MOST else take(X, np.sort(rng.choice(total, _MOST, replace=False)))


def _table(before: Any, now: Any) -> _Table:
    pool = pool_of(before)
    if pool.kind == "DataFrame":
        return _of_frames(before, now)
    if pool.kind == "texts":
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [*map(str, before), *map(str, now)]
        if not any(map(str.strip, texts)):
            return _of_numbers(np.array([[float(len(text))] for text in texts]))
        # Where there is no word, as in marks alone, they are compared by their characters.
        has_words = any(re.search(_WORDS, text) for text in texts)
        given: dict[str, Any] = {"token_pattern": _WORDS} if has_words else {"analyzer": "char"}
        return _of_components(TfidfVectorizer(sublinear_tf=True, **given).fit_transform(texts))
    if "sparse" in (pool.kind, pool_of(now).kind):
        from scipy.sparse import vstack

        both = vstack([before, now], format="csr")
        return _of_components(both) if both.shape[1] > _WIDE else _of_numbers(both.toarray())
    return _of_numbers(np.concatenate([before, now]))


def _of_numbers(values: Any) -> _Table:
    n_columns = values.shape[1]
    return _Table(np.asarray(values, np.float64), list(range(n_columns)), np.zeros(n_columns, bool))


def _of_components(X: Any) -> _Table:
    from sklearn.decomposition import TruncatedSVD

    n = min(_N_COMPONENTS, min(X.shape) - 1)
    if n <= 0:
        return _of_numbers(X.toarray())
    # Of samples that are all the same, no share of what varies is explained.
    with np.errstate(divide="ignore", invalid="ignore"):
        return _of_numbers(TruncatedSVD(n, random_state=0).fit_transform(X))


def _of_frames(before: Any, now: Any) -> _Table:
    import pandas as pd

    values, categorical = [], []
    for place in range(before.shape[1]):
        # By position: two columns may share a name.
        parts = [before.iloc[:, place], now.iloc[:, place]]
        both = pd.concat([part.reset_index(drop=True) for part in parts], ignore_index=True)
        if pd.api.types.is_datetime64_any_dtype(both.dtype):
            both = (both - both.min()).dt.total_seconds()
        is_number = pd.api.types.is_numeric_dtype(both.dtype) or pd.api.types.is_bool_dtype(both.dtype)
        values.append(both.to_numpy(np.float64, na_value=np.nan) if is_number else _codes(both))
        categorical.append(not is_number)
    return _Table(np.column_stack(values), list(before.columns), np.array(categorical))


def _codes(column: Any) -> FloatArray:
    """Return the place of each value among the most frequent ones, those that are rarer in one; NaN where missing.

    A value that is there once, as an id, is of those, or any ids would tell new from old. Of values that are as
    frequent, neither those that came first are taken nor those first in the alphabet, which may be the old ones.
    """
    as_text = column.astype("object").map(str, na_action="ignore")
    counts = as_text.value_counts()
    frequent = sorted(
        counts[counts > 1].items(), key=lambda each: (-each[1], zlib.crc32(each[0].encode("utf-8", "surrogatepass")))
    )
    places = {name: float(place) for place, (name, _) in enumerate(frequent[:_MOST_CATEGORIES])}
    codes = [math.nan if name != name else places.get(name, float(_MOST_CATEGORIES)) for name in as_text]  # noqa: PLR0124 - NaN
    return np.array(codes)


def _told_apart(table: _Table, new: BoolArray, rng: np.random.Generator) -> tuple[float, float]:
    """Return the standardized sum of what the parts say, and the mean area under the ROC curve."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    part = np.empty(len(new), np.intp)
    for rows in (np.flatnonzero(~new), np.flatnonzero(new)):
        part[rng.permutation(rows)] = np.arange(len(rows)) % _N_PARTS
    tested = np.arange(_FIRST_TESTED, _N_PARTS)
    found = []
    for k in tested:
        seed, trains = int(rng.integers(2**31)), part < k
        # Of a column without a value nothing is learned.
        told = ~np.isnan(table.numbers[trains]).all(axis=0)
        if not told.any():
            found.append((0.0, 0.5))
            continue
        numbers, categorical = table.numbers[:, told], table.categorical[told]
        model = HistGradientBoostingClassifier(
            early_stopping=False,
            max_iter=_TREES,
            max_leaf_nodes=_LEAVES,
            min_samples_leaf=min(_LEAST_IN_LEAF, max(2, int(trains.sum()) // _LEAVES_AT_LEAST)),
            categorical_features=categorical if categorical.any() else None,
            random_state=seed,
        ).fit(numbers[trains], new[trains])
        found.append(_rank_sum(model.decision_function(numbers[part == k]), new[part == k]))
    z, auc = np.array(found).T
    return float(z @ tested / math.sqrt(tested @ tested)), float(np.average(auc, weights=tested))


def _rank_sum(scores: FloatArray, new: BoolArray) -> tuple[float, float]:
    """Return the standardized rank sum of the new samples' scores, and the area under the ROC curve."""
    from scipy.stats import rankdata

    n_new, n_old = int(new.sum()), int((~new).sum())
    wins = float(rankdata(scores)[new].sum()) - n_new * (n_new + 1) / 2
    # Of equal scores, as those of one leaf, each pair is half a win.
    ties = np.unique(scores, return_counts=True)[1].astype(np.float64)
    n = n_new + n_old
    variance = n_new * n_old / 12 * (n + 1 - float((ties**3 - ties).sum()) / (n * (n - 1)))
    auc = wins / (n_new * n_old)
    return (0.0 if variance <= 0 else (wins - n_new * n_old / 2) / math.sqrt(variance)), auc


def _of_pairs(table: _Table, new: BoolArray, rng: np.random.Generator) -> tuple[float, ColumnPair | None]:
    """Return the p-value of the correlation that moved most, and its pair of columns."""
    n_columns = len(table.names)
    places = np.sort(rng.choice(n_columns, _MOST_PAIRED, replace=False)) if n_columns > _MOST_PAIRED else None
    columns = np.arange(n_columns) if places is None else places
    if len(columns) < 2:  # noqa: PLR2004 - there is no pair
        return 1.0, None
    ranks = _ranks(table.numbers[:, columns])
    together = ranks.T @ ranks
    before, now = _correlations(ranks, together, new)
    found = _moved(before, now)
    most = float(found.max())
    n_more = sum(
        float(_moved(*_correlations(ranks, together, rng.permutation(new))).max()) >= most for _ in range(_N_SHUFFLES)
    )
    i, j = np.unravel_index(int(found.argmax()), found.shape)
    column, other = (table.names[columns[place]] for place in (i, j))
    return (1 + n_more) / (1 + _N_SHUFFLES), ColumnPair(column, other, float(before[i, j]), float(now[i, j]))


def _ranks(values: FloatArray) -> FloatArray:
    """Return the ranks of each column among all samples, from -1 to 1; 0 where a value is missing."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0, nan_policy="omit")
    n_known = np.maximum(1, (~np.isnan(values)).sum(axis=0))
    scaled: FloatArray = np.nan_to_num((2 * ranks - n_known - 1) / n_known)
    return scaled


def _correlations(ranks: FloatArray, together: FloatArray, new: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the correlations of the old and of the new samples; 0 of a column that is constant."""
    now = ranks[new]
    products = now.T @ now
    sums = now.sum(axis=0)
    found = []
    for product, total, n in (
        (together - products, ranks.sum(axis=0) - sums, len(ranks) - len(now)),
        (products, sums, len(now)),
    ):
        covariance = product / n - np.outer(total, total) / n**2
        spread = np.sqrt(np.maximum(covariance.diagonal(), 1e-12))
        found.append(covariance / np.outer(spread, spread))
    return found[0], found[1]


def _moved(before: FloatArray, now: FloatArray) -> FloatArray:
    """Return the distance that each correlation moved, above the diagonal; elsewhere -1."""
    # Columns that are nearly the same would move without end.
    first, second = (np.arctanh(np.clip(each, -0.99, 0.99)) for each in (before, now))
    return np.where(np.triu(np.ones(before.shape, bool), 1), np.abs(first - second), -1.0)


def _by_column(table: _Table, new: BoolArray) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name, values, categorical in zip(table.names, table.numbers.T, table.categorical.tolist(), strict=True):
        parts = values[~new & ~np.isnan(values)], values[new & ~np.isnan(values)]
        measured = all(map(len, parts))
        compare = _of_categories if categorical else _of_distributions
        compared = [compare(*parts)] if measured else []
        if np.isnan(values).any():
            compared.append(_of_missing(np.isnan(values), new))
        statistic = max(each[0] for each in compared)
        p_value = min(1.0, len(compared) * min(each[1] for each in compared))
        means = [None if categorical or not measured else float(part.mean()) for part in parts]
        rows.append((name, statistic, p_value, *means))
    found = pd.DataFrame(rows, columns=["column", "statistic", "p_value", "before", "now"])
    found["p_value"] = _holm(found["p_value"].to_numpy(np.float64))
    order = np.lexsort([-found["statistic"].to_numpy(), found["p_value"].to_numpy()])
    return found.iloc[order].reset_index(drop=True)


def _of_distributions(before: FloatArray, now: FloatArray) -> tuple[float, float]:
    from scipy.stats import ks_2samp

    if len(before) * len(now) < len(before) + len(now):
        # One value on each side.
        return float(before[0] != now[0]), 1.0
    found = ks_2samp(before, now, method="asymp")
    return float(found.statistic), float(found.pvalue)


def _of_missing(missing: BoolArray, new: BoolArray) -> tuple[float, float]:
    from scipy.stats import fisher_exact

    counts = [[int((missing & of).sum()), int((~missing & of).sum())] for of in (~new, new)]
    shares = [n_missing / (n_missing + n_known) for n_missing, n_known in counts]
    return abs(shares[0] - shares[1]), float(fisher_exact(counts)[1])


def _of_categories(before: FloatArray, now: FloatArray) -> tuple[float, float]:
    from scipy.stats import chi2_contingency

    codes: IntArray = np.unique(np.concatenate([before, now]), return_inverse=True)[1]
    counts = np.stack([np.bincount(part, minlength=codes.max() + 1) for part in np.split(codes, [len(before)])])
    shares = counts / counts.sum(axis=1, keepdims=True)
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    return distance, 1.0 if counts.shape[1] == 1 else float(chi2_contingency(counts).pvalue)


def _holm(p_values: FloatArray) -> FloatArray:
    """Correct p-values for their number; NaN stays."""
    out = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    steps = p_values[order] * (len(order) - np.arange(len(order)))
    out[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(order) else steps
    return out
