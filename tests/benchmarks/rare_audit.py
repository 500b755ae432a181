"""Audits of a rare class: uniform draws beside strata of the model's score with Horvitz-Thompson weights.

A pool is read by the most probable first, a twentieth of the questions by the audit, whose answers only measure. With
strata one in two of these is drawn from the tenth of the unread that the model ranks first, the others from the rest;
each then counts by the inverse of its probability.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from tests.benchmarks.rare_pools import DRAWN

N_SAMPLES, N_RARE, BATCH, TOP, CONFIDENCE = 2000, 40, 20, 0.1, 0.95
CHECKPOINTS = (200, 400, 800)
FEWEST, N_RESAMPLES, STAKES = 10, 200, np.array([0.2, 0.4, 0.6, 0.8, 1.0])


@dataclass
class Drawn:
    """Audit questions: their rows, probabilities, the least probability any sample had, and those found before."""

    rows: list = field(default_factory=list)
    chance: list = field(default_factory=list)
    least: list = field(default_factory=list)
    found: list = field(default_factory=list)

    def draw(self, score, unread, n_found, rng, *, strata):
        """Add a question; where there are strata, one in two is of the top."""
        ranked = unread[np.argsort(-score[unread], kind="stable")]
        n_top = max(1, int(TOP * len(ranked)))
        parts = [ranked[:n_top], ranked[n_top:]] if strata else [ranked]
        part = parts[rng.integers(len(parts))]
        row = int(rng.choice(part))
        self.rows.append(row)
        self.chance.append(1 / len(parts) / len(part))
        self.least.append(1 / len(parts) / max(map(len, parts)))
        self.found.append(n_found)
        return row


def most_by_weights(hit, chance, least, found, n_found, n_unread):
    """Return the most there can be in all, by the martingale of `most_by_draws` with Horvitz-Thompson weights."""
    low, high = n_found, n_found + n_unread
    while low < high:
        middle = (low + high + 1) // 2
        left, largest = np.maximum(middle - found, 0), 1 / least
        gain = 1 + STAKES[:, None] * (left - np.where(hit, 1 / chance, 0)) / np.maximum(largest - left, 1e-9)
        low, high = (low, middle - 1) if np.mean(np.prod(gain, axis=1)) >= 1 / (1 - CONFIDENCE) else (middle, high)
    return low


def looked_at(drawn, score, y, trained, read):
    """Return what an audit tells at a checkpoint, and whether that is so."""
    rows = np.array(drawn.rows)
    hit, chance, least, found = y[rows] == 1, *(np.array(each) for each in (drawn.chance, drawn.least, drawn.found))
    n_found, n_unread = int(y[read].sum()), int((~read).sum())
    most = most_by_weights(hit, chance, least, found, n_found, n_unread)
    each = found + hit / chance
    error = each.std(ddof=1) / np.sqrt(len(each))
    low, high = (max(n_found, each.mean() + 1.96 * error * side) for side in (-1, 1))
    told = {
        "found": n_found / N_RARE, "bound": n_found / most, "bound holds": most >= N_RARE,
        "width": n_found / low - n_found / high, "covers": low <= N_RARE <= high, "hits": hit.sum(),
    }  # fmt: skip
    if len(rows) < FEWEST or not 0 < hit.sum() < len(hit):
        return told | {"AP": False, "AP width": np.nan, "AP covers": np.nan}
    rng, weights = np.random.default_rng(0), 1 / chance
    draws = rng.integers(len(rows), size=(N_RESAMPLES, len(rows)))
    values = [
        average_precision_score(hit[draw], score[rows[draw]], sample_weight=weights[draw])
        for draw in draws
        if hit[draw].any()
    ]
    low, high = np.quantile(values, [0.025, 0.975])
    true = average_precision_score(y[~trained], score[~trained])
    return told | {"AP": True, "AP width": high - low, "AP covers": low <= true <= high}


def audited(job):
    """Read a pool, and return what its audit tells at each checkpoint."""
    pool, seed, strata = job
    X, y = DRAWN[pool](N_SAMPLES, N_RARE, 2000 + seed)
    X = TfidfVectorizer(sublinear_tf=True).fit_transform(X) if isinstance(X, list) else X
    rng, drawn = np.random.default_rng([seed, strata]), Drawn()
    read, trained, told = np.zeros(N_SAMPLES, bool), np.zeros(N_SAMPLES, bool), []
    # Two of each class are known, as where examples are.
    trained[[row for label in (0, 1) for row in rng.choice(np.flatnonzero(y == label), 2, replace=False)]] = True
    read |= trained
    while len(told) < len(CHECKPOINTS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = LogisticRegression(class_weight="balanced", max_iter=500).fit(X[trained], y[trained])
        score = model.decision_function(X)
        if read.sum() >= CHECKPOINTS[len(told)]:
            told.append(looked_at(drawn, score, y, trained, read))
        read[drawn.draw(score, np.flatnonzero(~read), int(y[read].sum()), rng, strata=strata)] = True
        unread = np.flatnonzero(~read)
        best = unread[np.argsort(-score[unread], kind="stable")][: BATCH - 1]
        read[best] = trained[best] = True
    return told


def rows_of(told):
    """Return a row of the table for each checkpoint: means over the sessions."""
    for n_read, each in zip(CHECKPOINTS, zip(*told, strict=True), strict=True):
        of = {name: np.array([one[name] for one in each], float) for name in each[0]}
        covers = np.nanmean(of["AP covers"]) if of["AP"].any() else np.nan
        yield [
            f"{n_read}", f"{of['hits'].mean():.1f}", f"{of['found'].mean():.2f}", f"{of['bound'].mean():.2f}",
            f"{of['bound holds'].mean():.0%}", f"{of['width'].mean():.2f}", f"{of['covers'].mean():.0%}",
            f"{of['AP'].mean():.0%}", f"{np.nanmean(of['AP width']):.2f}", f"{covers:.0%}",
        ]  # fmt: skip
