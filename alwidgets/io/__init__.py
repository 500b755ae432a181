"""Labels out of a session and into files, and back; answers in the files of other tools."""

from alwidgets.io.memory_maps import to_memory_map
from alwidgets.io.pools import PoolSource, read_pool
from alwidgets.io.reading import read_answers
from alwidgets.io.records import AnswerRecord
from alwidgets.io.tables import read_labels
from alwidgets.io.writing import write_labels

__all__ = [
    "AnswerRecord",
    "PoolSource",
    "read_answers",
    "read_labels",
    "read_pool",
    "to_memory_map",
    "write_labels",
]


def __dir__() -> list[str]:
    return __all__
