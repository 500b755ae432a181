"""Points of the plane: drawn stroke by stroke, or of a ready-made shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from sklearn.datasets import make_blobs, make_circles, make_moons

from alwidgets.data.labels import plain
from alwidgets.types import Class, FloatArray, IntArray
from alwidgets.utils.checks import check_count, check_seed
from alwidgets.utils.text import short_repr

#: Half the side of the square that is drawn on; where the named learners are at home.
REACH = 3.0
MOST_POINTS = 5000
FEWEST_PER_CLASS = 4
_FARTHEST = 1e6


def _blobs(n: int, n_classes: int, seed: int) -> tuple[FloatArray, IntArray]:
    return _around_a_circle(n, n_classes, seed, spread=0.6)


def _overlap(n: int, n_classes: int, seed: int) -> tuple[FloatArray, IntArray]:
    return _around_a_circle(n, n_classes, seed, spread=1.6)


def _around_a_circle(n: int, n_classes: int, seed: int, *, spread: float) -> tuple[FloatArray, IntArray]:
    angle = np.pi * (1 + 2 * np.arange(n_classes) / n_classes)
    centers = 1.3 * np.column_stack([np.cos(angle), np.sin(angle)])
    X, y = make_blobs(n, centers=centers, cluster_std=spread, random_state=seed)
    return X, y


def _moons(n: int, _n_classes: int, seed: int) -> tuple[FloatArray, IntArray]:
    X, y = make_moons(n, noise=0.15, random_state=seed)
    return 1.6 * (X - [0.5, 0.25]), y


def _circles(n: int, _n_classes: int, seed: int) -> tuple[FloatArray, IntArray]:
    X, y = make_circles(n, noise=0.1, factor=0.45, random_state=seed)
    return 2.2 * X, y


def _xor(n: int, _n_classes: int, seed: int) -> tuple[FloatArray, IntArray]:
    centers = [(-1.4, -1.4), (1.4, 1.4), (-1.4, 1.4), (1.4, -1.4)]
    X, corner = make_blobs(n, centers=centers, cluster_std=0.5, random_state=seed)
    return X, corner // 2


def _island(n: int, _n_classes: int, seed: int) -> tuple[FloatArray, IntArray]:
    """Return two classes side by side, and a sixth of the points as an island far behind the other class."""
    sizes = [n // 2 - n // 6, n - n // 2, n // 6]
    X, place = make_blobs(sizes, centers=[(-0.9, -1.2), (0.9, -1.2), (2.0, 2.1)], cluster_std=0.35, random_state=seed)
    return X, np.where(place == 1, 1, 0)


#: The ready-made shapes, for editors and type checkers.
ShapeName: TypeAlias = Literal["blobs", "overlap", "moons", "circles", "xor", "island"]
_SHAPES: dict[str, Callable[[int, int, int], tuple[FloatArray, IntArray]]] = {
    "blobs": _blobs, "overlap": _overlap, "moons": _moons, "circles": _circles, "xor": _xor, "island": _island,
}  # fmt: skip
SHAPES = tuple(_SHAPES)


def shape_points(shape: str, n: int, n_classes: int, random_state: int) -> tuple[FloatArray, IntArray]:
    """Return the points of a ready-made shape, and the number of the class of each.

    Parameters
    ----------
    shape : {"blobs", "overlap", "moons", "circles", "xor", "island"}
        Which. The first two have a blob a class; the others have two classes.
    n : int
        How many points.
    n_classes : int
        How many classes there are.
    random_state : int
        Seeds the points.

    Returns
    -------
    X : ndarray of shape (n, 2)
        Within the square that is drawn on.
    codes : ndarray of shape (n,)
        Numbers of classes.

    Raises
    ------
    ValueError, TypeError
        If there is no such shape, or `n` is not 8 to 5000.

    Examples
    --------
    >>> X, codes = shape_points("xor", 40, 2, random_state=0)
    >>> X.shape, np.bincount(codes).tolist()
    ((40, 2), [20, 20])
    """
    if shape not in SHAPES:
        raise ValueError(f"shape is {short_repr(shape)}; expected one of {list(SHAPES)}.")
    n, seed = check_count("n", n), check_seed(random_state) or 0
    if not 2 * FEWEST_PER_CLASS <= n <= MOST_POINTS:
        raise ValueError(f"n is {n}; expected {2 * FEWEST_PER_CLASS} to {MOST_POINTS} points.")
    X, codes = _SHAPES[shape](n, n_classes, seed)
    return np.clip(X, -REACH, REACH), codes.astype(np.intp)


@dataclass(frozen=True, eq=False)
class Drawing:
    """Points that were drawn, stroke by stroke.

    Parameters
    ----------
    classes : tuple of str, int, float or bool
        The brushes.
    strokes : tuple of (ndarray of shape (n, 2), ndarray of shape (n,))
        Points, and the numbers of their classes, of each stroke.
    """

    classes: tuple[Class, ...]
    strokes: tuple[tuple[FloatArray, IntArray], ...] = ()

    @property
    def X(self) -> FloatArray:
        """All points, shape (n, 2)."""
        return np.concatenate([np.empty((0, 2)), *(points for points, _ in self.strokes)])

    @property
    def codes(self) -> IntArray:
        """The number of the class of each point."""
        return np.concatenate([np.empty(0, np.intp), *(codes for _, codes in self.strokes)])

    @property
    def n_samples(self) -> int:
        """Number of points."""
        return len(self.codes)

    @property
    def reach(self) -> float:
        """Half the side of the square that shows all points."""
        return max(REACH, 1.05 * float(np.abs(self.X).max(initial=0.0)))

    def drawn(self, points: Any, labels: Any) -> Drawing:
        """Return the drawing with one stroke more; raise ValueError if it cannot be drawn."""
        X = _check_points(points)
        if len(self.codes) + len(X) > MOST_POINTS:
            raise ValueError(
                f"there are {len(self.codes)} points and {len(X)} more; expected at most {MOST_POINTS} in all. "
                "Clear some, or draw fewer."
            )
        return Drawing(self.classes, (*self.strokes, (X, self._codes_of(labels, len(X)))))

    def without_last(self) -> Drawing:
        """Return the drawing without its last stroke."""
        return Drawing(self.classes, self.strokes[:-1])

    def _codes_of(self, labels: Any, n: int) -> IntArray:
        values = labels.tolist() if hasattr(labels, "tolist") else labels
        several = hasattr(values, "__len__") and not isinstance(values, str)
        given = [plain(label) for label in values] if several else [plain(values)] * n
        if len(given) != n:
            raise ValueError(f"points has {n} rows but labels has {len(given)}; give one label, or one per point.")
        for label in given:
            if label not in self.classes:
                raise ValueError(f"labels has {short_repr(label)}; expected one of {list(self.classes)}.")
        return np.array([self.classes.index(label) for label in given], np.intp)


def _check_points(points: Any) -> FloatArray:
    try:
        X = np.array(points, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"points is {short_repr(points)}; expected numbers, two a point.") from error
    if X.ndim != 2 or X.shape[1] != 2 or not len(X):  # noqa: PLR2004 - the plane
        raise ValueError(f"points has shape {X.shape}; expected (n, 2): at least one point, x and y of each.")
    if not np.isfinite(X).all() or np.abs(X).max() > _FARTHEST:
        raise ValueError(f"points has a value that is not a number within {_FARTHEST:,.0f} of 0; expected x and y.")
    return X


def check_drawn(classes: Sequence[Class], codes: IntArray) -> None:
    """Raise ValueError if fewer than two classes were drawn, or one has too few points."""
    counts = np.bincount(codes, minlength=len(classes))
    if np.count_nonzero(counts) < 2:  # noqa: PLR2004 - with one class there is nothing to tell apart
        drawn = f"only {classes[int(counts.argmax())]} is" if counts.any() else "nothing is"
        raise ValueError(f"{drawn} drawn; expected points of at least two classes. Draw another class.")
    for label, count in zip(classes, counts, strict=True):
        if 0 < count < FEWEST_PER_CLASS:
            raise ValueError(
                f"{label} has {count} points; expected at least {FEWEST_PER_CLASS} of each class that is drawn, "
                "since half of them only measure. Draw more."
            )
