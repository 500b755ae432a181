"""The types of what the kernel sends to pages, for the type checker of the front end: from TypedDicts to TypeScript."""

import types
import typing
from pathlib import Path

from alwidgets.views import messages, sent
from alwidgets.views.front_end import STATIC

FILE = STATIC / "common" / "sent.d.ts"
HEAD = """\
// Written by `python -m tests.documentation` from alwidgets/views/sent.py: change it there.
/** What the kernel sends to pages: the state that each page shows, and messages. */

/** The state of a page as the traits of its widget, each behind an underscore. */
export type Traits<State> = { [Name in keyof State as `_${string & Name}`]: State[Name] };

/** The widget's model on the page, as anywidget gives it: state, and messages to and from the kernel. */
export interface Model<State> {
  get<Name extends keyof Shown<State>>(name: Name): Shown<State>[Name];
  send(message: Said, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(event: "msg:custom", callback: (message: Sent, buffers: DataView[]) => void): void;
  on(event: string, callback: () => void): void;
  off(event: string | null, callback?: Function | null): void;
  model_id?: string;
  widget_manager?: any;
}

/** What a page says to the kernel, whose fields alwidgets/views/messages.py has. */
export interface Said {
  kind: string;
  item?: number;
  [field: string]: unknown;
}

/** A sample on the page: a file has an address, and an image is loaded. */
export type OnPage = { bytes?: DataView | null; url?: string; loaded?: HTMLImageElement };
export type Picture = ImageSample & OnPage;
export type Sound = AudioSample & OnPage;
export type Part = TextSample | RowSample | HtmlSample | Picture | Sound;
export type Drawable = Part | { type: "pair"; parts: Part[]; note?: string };
/** What all pages have beside their state: whose it is, why it may be out of date, and the changes that may be made. */
type Shown<State> = Traits<State> & { _session: Whose; _stale: string; _may: string[] };

"""
PLAIN = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    bytes: "DataView",
    typing.Any: "any",
}
ALIASES = ("Value", "RecentAnswer", "Sample", "Sent")


def declarations():
    """The whole file, as it should be on disk."""
    known = [made for module in (messages, sent) for made in vars(module).values() if typing.is_typeddict(made)]
    own = [made for made in dict.fromkeys(known) if made.__module__ == sent.__name__ or made in replies()]
    aliases = {name: getattr(sent, name) for name in ALIASES}
    parts = [interface(made) for made in own]
    parts += [f"export type {name} = {typescript(alias, named=False)};\n" for name, alias in aliases.items()]
    return HEAD + "\n".join(parts)


def replies():
    """Replies to messages; Done is what an acknowledgement may have besides."""
    return (messages.Ack, messages.Refused, messages.Taken, messages.Problem)


def interface(made):
    fields, hints = typing.get_type_hints(made, include_extras=True), typing.get_type_hints(made)
    # What is NotRequired is not among `__optional_keys__` where annotations are texts.
    left_out = {name for name, hint in fields.items() if typing.get_origin(hint) is typing.NotRequired}
    left_out |= made.__optional_keys__
    lines = [f"  {name}{'?' if name in left_out else ''}: {typescript(hint)};" for name, hint in hints.items()]
    summary = made.__doc__.split("\n")[0]
    return f"/** {summary} */\nexport interface {made.__name__} {{\n" + "\n".join(lines) + "\n}\n"


def typescript(hint, *, named=True):
    """A type as TypeScript has it; the aliases of our own by their names."""
    alias = next((name for name in ALIASES if getattr(sent, name) == hint), None)
    if named and alias:
        return alias
    if hint in PLAIN:
        return PLAIN[hint]
    return hint.__name__ if typing.is_typeddict(hint) else MADE_OF[typing.get_origin(hint)](*typing.get_args(hint))


def listed(inner):
    element = typescript(inner)
    return f"({element})[]" if " | " in element else f"{element}[]"


def one_of(*inner):
    return " | ".join(dict.fromkeys(map(typescript, inner)))


MADE_OF = {
    typing.Literal: lambda *inner: " | ".join(f'"{each}"' for each in inner),
    typing.Union: one_of,
    types.UnionType: one_of,
    list: listed,
    tuple: lambda *inner: f"[{', '.join(map(typescript, inner))}]",
    dict: lambda _, inner: f"Record<string, {typescript(inner)}>",
}


if __name__ == "__main__":
    Path(FILE).write_text(declarations(), encoding="utf-8")
