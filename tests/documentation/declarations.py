"""The types of what the kernel and pages send, for the type checker of the front end: from TypedDicts to TypeScript."""

import importlib
import pkgutil
import types
import typing

from alwidgets import views
from alwidgets.service import links  # noqa: F401 - a view beside those of `views`
from alwidgets.types import Class, IntArray
from alwidgets.views import fields, messages, sent, states
from alwidgets.views.front_end import STATIC
from alwidgets.views.view import BaseView

FILE = STATIC / "common" / "sent.d.ts"
SAID_FILE = STATIC / "common" / "said.d.ts"
HEAD = """\
// Written by `python -m tests.documentation` from alwidgets/views/states.py and sent.py: change it there.
/** What the kernel sends to pages: the state that each page shows, and messages. */

import type { Said } from "./said.d.ts";

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

/** A sample on the page: a file has an address, and an image is loaded. */
export type OnPage = {
  bytes?: DataView | null;
  weight?: number;
  url?: string;
  loaded?: HTMLImageElement;
  /** Of a smaller image: whether the whole came in its place, and what shows it. */
  whole?: boolean;
  renew?: () => void;
};
export type Picture = ImageSample & OnPage;
export type Sound = AudioSample & OnPage;
export type Part = TextSample | RowSample | HtmlSample | Picture | Sound;
export type Drawable = Part | { type: "pair"; parts: Part[]; note?: string };
/** What all pages have beside their state: whose it is, why it may be out of date, and the changes that may be made. */
type Shown<State> = Traits<State> & { _session: Whose; _stale: string; _may: string[] };

"""
SAID_HEAD = """\
// Written by `python -m tests.documentation` from alwidgets/views/messages.py: change it there.
/** What pages say to the kernel: samples are row numbers, and classes their numbers. */

import type { Value } from "./sent.d.ts";

/** A change before it has its id. */
export type NewChange = Without<SaidChange, "event_id">;
type Without<Kinds, Field extends string> = Kinds extends unknown ? Omit<Kinds, Field> : never;

"""
ABOUT = """\
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;"""
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
    known = [made for module in (messages, states, sent) for made in vars(module).values() if typing.is_typeddict(made)]
    own = [
        made
        for made in dict.fromkeys(known)
        if made.__module__ in (states.__name__, sent.__name__) or made in replies()
    ]
    aliases = {name: aliased(name) for name in ALIASES}
    parts = [interface(made) for made in own]
    parts += [f"export type {name} = {typescript(alias, named=False)};\n" for name, alias in aliases.items()]
    return HEAD + "\n".join(parts)


def aliased(name):
    return getattr(states, name, None) or getattr(sent, name)


def replies():
    """Replies to messages; Done is what an acknowledgement may have besides."""
    return (messages.Ack, messages.Refusal, messages.Taken, messages.Problem)


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
    alias = next((name for name in ALIASES if aliased(name) == hint), None)
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


# What pages say ---------------------------------------------------------------------------------------------------


def said():
    """The whole file of what pages say, as it should be on disk."""
    requests = kinds_of("REQUESTS") | {("there", messages.Message)}
    of_races = {(kind, message) for kind, message in requests if "id" in typing.get_type_hints(message)}
    parts = [said_interface(made) for made in vars(messages).values() if typing.is_typeddict(made) and is_said(made)]
    return SAID_HEAD + "\n".join([
        *parts,
        union("SaidChange", "Something that changes a session, or the run of it.", kinds_of("CHANGES")),
        union("SaidRequest", "What is meant for the moment.", requests - of_races),
        union("SaidInRace", "A turn of a race; the reply has its number.", of_races),
        "/** A message to the kernel. */\nexport type Said = SaidChange | SaidRequest | SaidInRace;\n",
    ])  # fmt: skip


def kinds_of(table):
    """Which kinds of messages the views take, and what they are: the same kind means different things to two views."""
    for module in pkgutil.iter_modules(views.__path__):
        importlib.import_module(f"{views.__name__}.{module.name}")
    return {(kind, message) for view in below(BaseView) for kind, (message, _) in getattr(view, table).items()}


def below(kind):
    return [each for child in kind.__subclasses__() for each in (child, *below(child))]


def is_said(made):
    return made not in (*replies(), messages.Done)


def union(name, summary, kinds):
    members = sorted(f'  | ({message.__name__} & {{ kind: "{kind}" }})\n' for kind, message in kinds)
    return f"/** {summary} */\nexport type {name} =\n{''.join(members)};\n".replace("\n;", ";")


def said_interface(made):
    """A message as a page makes it: what it may leave out is what the check of a field takes for None."""
    hints = typing.get_type_hints(made, include_extras=True)
    lines = [said_field(name, hint) for name, hint in hints.items() if name != "kind"]
    if "event_id" in hints:
        lines.append(ABOUT)
    body = "\n".join(line for line in lines if line)
    return f"/** {made.__doc__} */\nexport interface {made.__name__} {{\n{body}\n}}\n"


def said_field(name, hint):
    kind, check = hint.__origin__, hint.__metadata__[0]
    if check is fields.sent_rows:
        return ""
    return f"  {name}{'?' if may_be_left_out(check, name) else ''}: {said_type(kind)};"


def may_be_left_out(check, name):
    try:
        check(fields.RawMessage({}, (), types.SimpleNamespace(n_samples=0, classes=())), name)
    except (ValueError, TypeError):
        return False
    return True


def said_type(kind):
    """A type as a page sends it: numbers of classes and of rows."""
    sent_as = {Class: "number", messages.PageLabel: "Value", IntArray: "number[]"}
    for own, sent_type in sent_as.items():
        if kind == own:
            return sent_type
        if kind == typing.Optional[own]:  # noqa: UP045 - an alias has no bar
            return f"{sent_type} | null"
    return typescript(kind)
