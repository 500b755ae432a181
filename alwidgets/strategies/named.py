"""The named strategies and their descriptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alwidgets import kernels
from alwidgets.data.label_kinds import BOTH_KINDS, MULTICLASS, MULTILABEL, LabelKind
from alwidgets.strategies import rules
from alwidgets.strategies.cold_start import mixed_start
from alwidgets.strategies.protocols import Strategy
from alwidgets.strategies.rules import Batch
from alwidgets.strategies.uncertainty import Margin, OfScores, Uncertainty


@dataclass(frozen=True)
class NamedStrategy:
    """A strategy with its name and description.

    Parameters
    ----------
    name : str
        What `strategy=` takes.
    rule : callable or object with `select`
        PoolView -> ndarray of shape (n_candidates,), larger = ask sooner; or what chooses a batch as a whole.
    needs : tuple of str
        Methods of the learner, any one of which is enough; empty when no model is needed.
    cost : str
        Time beside the prediction of the pool.
    when : str
        When to use it.
    paper : str
        Where it comes from.
    features : bool
        Whether samples must be comparable: numbers, a Pipeline that makes numbers of them, or `embed=`.
    linear : bool
        Whether the learner must be, or end in, a LogisticRegression.
    kinds : tuple of LabelKind
        The kinds of labels that it is for.
    in_blocks : "exact", "passes", "sample" or "own sample"
        How it chooses in a pool that is larger than 256 MB: among all candidates, a block at a time, since each
        utility depends on its own sample alone; among all of them, by several passes over the blocks; among 100,000
        random ones, but for arrays and memory maps; or among its own, as in every pool.
    """

    name: str
    rule: Strategy
    needs: tuple[str, ...]
    cost: str
    when: str
    paper: str
    features: bool = False
    linear: bool = False
    kinds: tuple[LabelKind, ...] = (MULTICLASS,)
    in_blocks: Literal["exact", "passes", "sample", "own sample"] = "exact"


_PROBA = ("predict_proba",)
_MARGIN = ("predict_proba", "decision_function")
_VOTES = ("vote",)
_VOTE_PROBA = ("vote_proba",)

# n candidates, L labeled samples, C classes, M members of a committee, d features, b questions in a batch.
_ALL = (
    NamedStrategy(
        "margin",
        Margin(),
        _MARGIN,
        "O(n C)",
        "The first to try: strong with two classes and with many, also for a model without probabilities.",
        "Scheffer, Decomain & Wrobel 2001; Tong & Koller 2001",
        kinds=BOTH_KINDS,
    ),
    NamedStrategy(
        "least_confidence",
        Uncertainty(kernels.least_confidence, kernels.set_least_confidence),
        _PROBA,
        "O(n C)",
        "When only the best class counts, as in a top-1 error.",
        "Lewis & Gale 1994",
        kinds=BOTH_KINDS,
    ),
    NamedStrategy(
        "ratio",
        Uncertainty(kernels.ratio, kernels.set_ratio),
        _PROBA,
        "O(n C)",
        "As margin, when probabilities are small and differ by factors: many classes.",
        "Settles 2012",
        kinds=BOTH_KINDS,
    ),
    NamedStrategy(
        "entropy",
        Uncertainty(kernels.entropy, kernels.set_entropy),
        _PROBA,
        "O(n C)",
        "When every class's probability matters; with many classes it is often no better than random.",
        "Shannon 1948; Dagan & Engelson 1995",
        kinds=BOTH_KINDS,
    ),
    NamedStrategy(
        "vote_entropy",
        rules.vote_entropy,
        _VOTES,
        "O(n M^2)",
        "A committee of models without good probabilities.",
        "Seung, Opper & Sompolinsky 1992; Dagan & Engelson 1995",
    ),
    NamedStrategy(
        "variation_ratio",
        rules.variation_ratio,
        _VOTES,
        "O(n M^2)",
        "As vote_entropy, when only the winner of the vote counts.",
        "Freeman 1965",
    ),
    NamedStrategy(
        "consensus_entropy",
        rules.consensus_entropy,
        _VOTE_PROBA,
        "O(n M C)",
        "A committee as a better-calibrated single model.",
        "Shannon 1948",
    ),
    NamedStrategy(
        "bald",
        rules.bald,
        _VOTE_PROBA,
        "O(n M C)",
        "A committee: what its members disagree on, and not what none of them can know.",
        "Houlsby et al. 2011; McCallum & Nigam 1998",
    ),
    NamedStrategy(
        "max_disagreement",
        rules.max_disagreement,
        _VOTE_PROBA,
        "O(n M C)",
        "As bald, when one dissenting member is reason enough.",
        "McCallum & Nigam 1998",
    ),
    NamedStrategy(
        "expected_gradient_length",
        rules.expected_gradient_length,
        _PROBA,
        "O(n (C + d))",
        "Standardized features: what would change the weights most.",
        "Settles, Craven & Ray 2007",
        linear=True,
    ),
    NamedStrategy(
        "expected_error",
        rules.expected_error,
        _PROBA,
        "200 refits, or 5 C",
        "Few labels, a model that fits in milliseconds: it asks what makes the whole pool clearer.",
        "Roy & McCallum 2001",
        in_blocks="sample",
    ),
    NamedStrategy(
        "expected_error_one_step",
        rules.expected_error_one_step,
        _PROBA,
        "200 candidates' Newton steps",
        "As expected_error, without the refits, for LogisticRegression.",
        "Roy & McCallum 2001",
        linear=True,
        in_blocks="sample",
    ),
    NamedStrategy(
        "information_density",
        rules.information_density,
        _MARGIN,
        "O(n d)",
        "Pools with outliers, which are uncertain and teach nothing.",
        "Settles & Craven 2008",
        features=True,
        kinds=BOTH_KINDS,
        in_blocks="sample",
    ),
    NamedStrategy(
        "contrastive",
        rules.contrastive,
        _PROBA,
        "O(n L d)",
        "Good embeddings: neighbors in them that the model sees differently.",
        "Margatina et al. 2021",
        features=True,
        in_blocks="sample",
    ),
    NamedStrategy(
        "ranked_batch",
        Batch(rules.ranked_batch),
        _MARGIN,
        "O(n (L + b) d)",
        "Batches of a few hundred; diverse first, uncertain later.",
        "Cardoso et al. 2017",
        features=True,
        kinds=BOTH_KINDS,
        in_blocks="sample",
    ),
    NamedStrategy(
        "weighted_k_means",
        Batch(rules.weighted_k_means),
        _MARGIN,
        "k-means of 10 b rows",
        "The default for batches: uncertain, and different from each other.",
        "Zhdanov 2019",
        features=True,
        kinds=BOTH_KINDS,
    ),
    NamedStrategy(
        "badge",
        Batch(rules.badge),
        _PROBA,
        "O(n d) a few times",
        "Batches with good embeddings: uncertain and diverse without a knob.",
        "Ash et al. 2020",
        features=True,
        in_blocks="passes",
    ),
    NamedStrategy(
        "k_center",
        Batch(rules.k_center),
        (),
        "O(n (L + b) d)",
        "Cover the pool, whatever the model thinks; sensitive to outliers.",
        "Sener & Savarese 2018",
        features=True,
        kinds=BOTH_KINDS,
        in_blocks="passes",
    ),
    NamedStrategy(
        "k_means",
        Batch(rules.k_means),
        (),
        "k-means of up to 10,000 rows",
        "The first questions, where no class is rare.",
        "Nguyen & Smeulders 2004",
        kinds=BOTH_KINDS,
        in_blocks="own sample",
    ),
    NamedStrategy(
        "mixed",
        Batch(mixed_start),
        (),
        "as k_means, then as k_center for one in eight",
        "The first questions, whatever the classes: 4 labels a class by k_means, then 7 in 8 at random and one by "
        "k_center, which meet a rare class.",
        "",
        kinds=BOTH_KINDS,
        in_blocks="own sample",
    ),
    NamedStrategy(
        "typiclust",
        Batch(rules.typiclust),
        (),
        "k-means of the pool",
        "Few labels and good embeddings: the typical before the doubtful.",
        "Hacohen, Dekel & Weinshall 2022",
        features=True,
        kinds=BOTH_KINDS,
        in_blocks="sample",
    ),
    NamedStrategy(
        "prob_cover",
        Batch(rules.prob_cover),
        (),
        "O(n^2 d)",
        "As typiclust, for pools of some ten thousand samples.",
        "Yehuda et al. 2022",
        features=True,
        kinds=BOTH_KINDS,
        in_blocks="sample",
    ),
    NamedStrategy(
        "avg_confidence",
        OfScores(kernels.avg_confidence),
        _MARGIN,
        "O(n C)",
        "Multilabel: what the model is unsure of in most classes, where margin looks at a single one.",
        "Esuli & Sebastiani 2009",
        kinds=(MULTILABEL,),
    ),
    NamedStrategy(
        "max_score",
        OfScores(kernels.max_score),
        _MARGIN,
        "O(n C)",
        "Multilabel, rare classes: what most surely has a class.",
        "Esuli & Sebastiani 2009",
        kinds=(MULTILABEL,),
    ),
    NamedStrategy(
        "avg_score",
        OfScores(kernels.avg_score),
        _MARGIN,
        "O(n C)",
        "Multilabel, rare classes: what has most classes.",
        "Esuli & Sebastiani 2009",
        kinds=(MULTILABEL,),
    ),
    NamedStrategy(
        "max_loss",
        OfScores(kernels.max_loss),
        _MARGIN,
        "O(n C)",
        "Multilabel, support vector machines: what one class alone would explain worst.",
        "Li, Wang & Sung 2004",
        kinds=(MULTILABEL,),
    ),
    NamedStrategy(
        "mean_max_loss",
        OfScores(kernels.mean_max_loss),
        _MARGIN,
        "O(n C)",
        "As max_loss, over all classes that are predicted.",
        "Li, Wang & Sung 2004",
        kinds=(MULTILABEL,),
    ),
    NamedStrategy(
        "random",
        rules.random,
        (),
        "O(n)",
        "The baseline every other strategy has to beat.",
        "",
        kinds=BOTH_KINDS,
    ),
)

#: Name -> strategy.
NAMED: dict[str, NamedStrategy] = {strategy.name: strategy for strategy in _ALL}
