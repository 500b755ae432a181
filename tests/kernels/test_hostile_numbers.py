"""No kernel lets a floating-point warning out, whatever numbers it is given and whatever the processor."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from alwidgets import kernels
from tests.kernels.hostile_numbers import problems

# What OpenBLAS takes for the processor; what this one cannot run it leaves at its own choice.
PROCESSORS = {
    "x86_64": ["Prescott", "Haswell", "SkylakeX"],
    "aarch64": ["ARMV8"],
}.get(platform.machine(), [])


def runs_here(processor):
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    needs = {"SkylakeX": "avx512f", "Haswell": "avx2"}
    return processor not in needs or f" {needs[processor]}" in flags


def test_every_kernel_refuses_in_words_or_answers_with_numbers():
    assert list(problems()) == []


@pytest.mark.parametrize("processor", PROCESSORS)
def test_it_does_with_the_matrix_products_of_another_processor(processor):
    if not runs_here(processor):
        pytest.skip(f"this processor cannot run the code of a {processor}")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.kernels.hostile_numbers"],
        cwd=Path(__file__).parents[2], env=os.environ | {"OPENBLAS_CORETYPE": processor},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (ended.stdout.strip(), ended.stderr, ended.returncode) == ("", "", 0)


@pytest.mark.parametrize("scale", [1e-200, 1e160, 1e300])
def test_batches_do_not_depend_on_the_unit_of_the_features(scale, rng):
    X, proba = rng.normal(size=(200, 5)), rng.dirichlet(np.ones(3), 200)
    # A power of two, so that no digit is lost on the way there.
    scale = 2.0 ** np.round(np.log2(scale))
    for choose in (
        lambda X: kernels.badge(X, proba, 20, np.random.default_rng(0)),
        lambda X: kernels.k_center(X[:150], X[150:], 20),
        lambda X: kernels.contrastive(X[:150], proba[:150], X[150:], proba[150:]),
        lambda X: kernels.typiclust(X[:150], X[150:], 20, np.random.default_rng(0)),
    ):
        assert choose(X * scale).tolist() == choose(X).tolist()


@pytest.mark.parametrize("far", [1e6, 1e8])
def test_density_is_right_where_clusters_lie_far_apart(far, rng):
    X = rng.normal(size=(300, 3))
    X[:150] += far
    expected = (1 / (1 + cdist(X, X))).mean(axis=1)
    assert kernels.information_density(X, "euclidean") == pytest.approx(expected, rel=1e-6)


def test_entropy_counts_nothing_for_what_is_a_little_below_0():
    row = np.array([[-9e-4, 0.5, 0.5009]])
    assert kernels.entropy(row) == pytest.approx(kernels.consensus_entropy([row]))
    assert kernels.entropy(row)[0] > 0.6


@pytest.mark.parametrize("n_classes", [2, 3, 10, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_stated_range_holds_for_uniform_and_certain_rows(dtype, n_classes):
    proba = np.stack([np.full(n_classes, 1 / n_classes), np.eye(n_classes)[0]]).astype(dtype)
    for utility in (kernels.entropy(proba), kernels.consensus_entropy([proba]), kernels.set_entropy(proba)):
        assert utility.min() >= 0
        assert utility.max() <= 1
    # The same where it is found row by row.
    picked, utility = kernels.most_uncertain(kernels.entropy, proba, 2, np.random.default_rng(0))
    assert (picked.tolist(), utility.tolist()) == ([0, 1], kernels.entropy(proba).tolist())
