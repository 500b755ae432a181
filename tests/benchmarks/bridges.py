"""Files of other tools: how long reading takes, and whether the tools read what we write.

python -m tests.benchmarks.bridges; a tool that is not installed here (datasets, spacy, argilla) is left out.
"""

import json
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.io import read_answers, write_labels

N_ANSWERS = 100_000


def reading(folder):
    """Print the seconds that 100,000 answers of Label Studio take."""
    made = json.loads((Path(__file__).parent.parent / "io" / "exports" / "label_studio.json").read_text())[1]
    tasks = [made | {"id": n, "data": made["data"] | {"alw_id": f"m{n}"}} for n in range(N_ANSWERS)]
    path = folder / "export.json"
    path.write_text(json.dumps(tasks))
    started, cpu = time.perf_counter(), time.process_time()
    records = read_answers(path)
    spent, cpu = time.perf_counter() - started, time.process_time() - cpu
    size = path.stat().st_size / 2**20
    print(f"{len(records):,} answers of Label Studio, {size:.0f} MiB: read in {spent:.1f} s ({cpu:.1f} s of one core)")
    session = alw.Session(
        np.zeros((N_ANSWERS, 1)), classes=["NOPE", "ham"], learner=LogisticRegression(), duplicates="ask",
        ids=[f"m{n}" for n in range(N_ANSWERS)], journal=folder / "session.alw",
    )  # fmt: skip
    started = time.perf_counter()
    received = session.receive(records)
    print(f"{received}: {time.perf_counter() - started:.1f} s, on disk")
    session.close()


def written(folder):
    """Print what the tools read of what we wrote."""
    texts = [f"text, {row} #" for row in range(8)]
    session = alw.Session(np.eye(8), texts, classes=["ham", "spam"], learner=LogisticRegression(), annotator="ann")
    for row in range(8):
        session.teach(row, ["ham", "spam"][row % 2])
    if find_spec("datasets") and find_spec("pyarrow"):
        import datasets

        path = write_labels(session, folder / "a.parquet", format="hugging_face")
        table = datasets.Dataset.from_parquet(str(path), cache_dir=str(folder))
        names = table.features["label"].names
        assert [names[code] for code in table["label"]] == session.labels["label"].tolist()
        print(f"datasets {datasets.__version__}: {len(table)} labels as {table.features['label']}")
    if find_spec("spacy"):
        import spacy

        path = write_labels(session, folder / "a.spacy", format="spacy")
        docs = list(spacy.tokens.DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))
        assert [max(doc.cats, key=doc.cats.get) for doc in docs] == session.labels["label"].tolist()
        print(f"spacy {spacy.__version__}: {len(docs)} Docs, the first with {docs[0].cats}")
    if find_spec("argilla"):
        import argilla

        path = write_labels(session, folder / "a.json", format="argilla")
        records = [argilla.Record.from_dict(row) for row in json.loads(path.read_text())]
        print(f"argilla {argilla.__version__}: {len(records)} records, the first {records[0].to_dict()}")
    session.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        reading(Path(name))
        written(Path(name))
