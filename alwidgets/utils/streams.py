"""Random numbers by purpose: how many one part of a session draws changes none that another draws.

A purpose's key is entropy of a `SeedSequence`, behind the seed, and no `spawn_key`: that gives other numbers, and a
session that is opened again would ask other questions than it promised. Spawn keys for new sessions only would leave
two schemes to keep for good, of which the second draws nothing better.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

Purpose: TypeAlias = Literal[
    "fit", "questions", "audit", "stop set", "repeats", "baseline", "split", "published split", "resamples",
    "feature sample", "cover radius", "row hashes", "shown scale", "curve fit", "gold", "drift",
]  # fmt: skip
#: Seed of what is drawn alike in every session.
ALIKE = 0
# What stands behind the seed in the key of a purpose. Never to be changed: a journal that is opened again goes on with
# the questions that it would have asked. That some purposes have the same is so from the
# first version on; they draw for things that are never compared.
_NUMBER: dict[Purpose, tuple[int, ...]] = {
    "fit": (),
    "questions": (),
    "audit": (1,),
    "stop set": (2,),
    "repeats": (3,),
    "baseline": (),
    "split": (),
    "published split": (),
    "resamples": (),
    "feature sample": (),
    "cover radius": (),
    "row hashes": (),
    "shown scale": (),
    "curve fit": (),
    "gold": (4,),
    "drift": (5,),
}


def stream(purpose: Purpose, seed: int, moment: int | None = None) -> np.random.Generator:
    """Make the generator of random numbers for one purpose.

    Parameters
    ----------
    purpose : str
        What is drawn.
    seed : int
        Where all randomness of the session, or of the simulation, starts; `ALIKE` for what is the same in each.
    moment : int, optional
        The number of events so far, of the run, or of whom it is drawn for; None for what is drawn once.

    Returns
    -------
    rng : numpy.random.Generator
        The same whenever it is made of the same.

    Examples
    --------
    >>> int(stream("audit", 0, 12).integers(100)) == int(stream("audit", 0, 12).integers(100))
    True
    """
    key = (seed,) if moment is None else (seed, moment)
    return np.random.default_rng((*key, *_NUMBER[purpose]))
