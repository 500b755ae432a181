"""Rendering of items for the annotator. Text is never interpreted as HTML."""

from alwidgets.renderers.cells import Columns
from alwidgets.renderers.images import png
from alwidgets.renderers.kinds import Audio, Html, Image, Pair, Rendered, Row, Text
from alwidgets.renderers.messages import message_of, payload
from alwidgets.renderers.rendering import render
from alwidgets.renderers.texts import visible

__all__ = [
    "Audio",
    "Columns",
    "Html",
    "Image",
    "Pair",
    "Rendered",
    "Row",
    "Text",
    "message_of",
    "payload",
    "png",
    "render",
    "visible",
]
