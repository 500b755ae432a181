"""spaCy: a DocBin of texts with their categories."""

from __future__ import annotations

from alwidgets.io.formats.format import Export
from alwidgets.io.records import main_text


def write(export: Export) -> bytes:
    """Return a DocBin, one Doc a sample: 1 in `cats` for its classes, 0 for the others, ids in `user_data`.

    Raises
    ------
    ImportError
        If spaCy is not installed.
    ValueError
        If a sample is not a text.
    """
    try:
        import spacy
        from spacy.tokens import DocBin
    except ImportError:
        raise ImportError('a DocBin needs spaCy: pip install "alwidgets[spacy]".') from None
    # Words of any language; a pipeline that is trained on them tokenizes them anew.
    blank = spacy.blank("xx")
    docs = DocBin(store_user_data=True)
    for record, fields in zip(export.records, export.fields, strict=True):
        text = main_text(fields)
        if text is None:
            raise ValueError(f"sample {record.sample!r} has no text, which spaCy expects; write another format.")
        doc = blank.make_doc(text)
        chosen = record.answer or ()
        doc.cats = {str(name): float(name in chosen) for name in export.classes}
        doc.user_data = {
            "alw_id": record.sample, "alw_event": record.id, "annotator": record.annotator, "when": record.when,
            "seconds": record.seconds, "note": record.note, "flag": record.flag,
        }  # fmt: skip
        docs.add(doc)
    content: bytes = docs.to_bytes()
    return content
