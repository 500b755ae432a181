// Written by `python -m tests.documentation` from alwidgets/views/messages.py: change it there.
/** What pages say to the kernel: samples are row numbers, and classes their numbers. */

import type { Value } from "./sent.d.ts";

/** A change before it has its id. */
export type NewChange = Without<SaidChange, "event_id">;
type Without<Kinds, Field extends string> = Kinds extends unknown ? Omit<Kinds, Field> : never;

/** Fields of every message: its kind, and who sent it; None for the session's own annotator. */
export interface Message {
  annotator?: string | null;
}

/** A change to a session. Its id becomes that of its event: sent again, it counts once. */
export interface Change {
  annotator?: string | null;
  event_id: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** A label, or None for a skip: to a question, or `again` to a sample that has one. */
export interface GiveAnswer {
  annotator?: string | null;
  event_id: string;
  item: number;
  value?: Value | null;
  again?: boolean;
  unsure?: boolean;
  suggested?: Value | null;
  via?: "" | "grid" | "alike" | "map" | "review";
  seconds?: number | null;
  shown_at?: number | null;
  round: number;
  as_of?: number | null;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** The end of an answer, by its id. */
export interface Undo {
  annotator?: string | null;
  event_id: string;
  target: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** The end of an answer, by its id; None for the last one. */
export interface UndoLast {
  annotator?: string | null;
  event_id: string;
  target?: string | null;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** A change to a sample that says no more. */
export interface OfItem {
  annotator?: string | null;
  event_id: string;
  item: number;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** A mark for review, with a note, or its end. */
export interface Flag {
  annotator?: string | null;
  event_id: string;
  item: number;
  on?: boolean;
  note?: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** Words about a sample; none take away those before. */
export interface Note {
  annotator?: string | null;
  event_id: string;
  item: number;
  note: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** Another label for a sample. */
export interface Relabel {
  annotator?: string | null;
  event_id: string;
  item: number;
  value: Value;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** No label for a sample. */
export interface Skip {
  annotator?: string | null;
  event_id: string;
  item: number;
  unsure: boolean;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** A second answer to a sample, None where one cannot tell. */
export interface RepeatAnswer {
  annotator?: string | null;
  event_id: string;
  item: number;
  value?: Value | null;
  seconds?: number | null;
  shown_at?: number | null;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** A share of the labels, to be answered a second time. */
export interface RequestRepeats {
  annotator?: string | null;
  event_id: string;
  share?: number | null;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** A class that was found while labeling. */
export interface AddClass {
  annotator?: string | null;
  event_id: string;
  name: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** The key of a class or an action. */
export interface Remap {
  annotator?: string | null;
  event_id: string;
  what: string;
  name: string;
  key: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** One label for samples that lie together; `relabel` gives it to those too that have one. */
export interface LabelGroup {
  annotator?: string | null;
  event_id: string;
  rows: number[];
  value: number;
  relabel: boolean;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** Samples that are to be the next questions. */
export interface Enqueue {
  annotator?: string | null;
  event_id: string;
  rows: number[];
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** Samples that alone are to be asked, None for all. */
export interface AskOnly {
  annotator?: string | null;
  event_id: string;
  rows?: number[] | null;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** Prices, limits, thresholds, the rule. */
export interface Adjust {
  annotator?: string | null;
  event_id: string;
  settings: Record<string, any>;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** A decision to stop or to go on. */
export interface Decide {
  annotator?: string | null;
  event_id: string;
  decision: "stop" | "go on";
  reason?: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** The weight of somebody's answers. */
export interface Weigh {
  annotator?: string | null;
  event_id: string;
  of: string;
  weight?: number | null;
  reason?: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** The wish that others answer what somebody answered, or its end. */
export interface AskAgain {
  annotator?: string | null;
  event_id: string;
  of: string;
  on?: boolean;
  reason?: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** The label of what a team disputes, None for none, and why. */
export interface Settle {
  annotator?: string | null;
  event_id: string;
  item: number;
  value?: Value | null;
  reason?: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** Some random samples of a part of the pool that are to be the next questions, to measure. */
export interface AskAudit {
  annotator?: string | null;
  event_id: string;
  n: number;
  part: string;
  /** What it changes: the later of two about the same waits for the one before. */
  about?: string | number;
}

/** Samples that are to be shown; images with so many pixels along their longer side, or whole. */
export interface Need {
  annotator?: string | null;
  items: number[];
  side?: number | null;
}

/** A sample that something is to be told of. */
export interface About {
  annotator?: string | null;
  item: number;
}

/** A part of the pool that something is to be told of; None for the newest. */
export interface OfPart {
  annotator?: string | null;
  part?: string | null;
}

/** Number of questions a page wants to have ready. */
export interface Ahead {
  annotator?: string | null;
  n: number;
}

/** The samples to label together: those that the model takes for a class, those with some words, or both. */
export interface Only {
  annotator?: string | null;
  value?: number | null;
  words: string;
}

/** Selection and order of the answers to list. */
export interface Query {
  show: string;
  sort: "newest" | "oldest" | "slowest" | "suspicious";
  search: string;
  label?: number | null;
  part?: string | null;
}

/** A query of answers, or some of those found before; the reply has the number of the request. */
export interface Look {
  annotator?: string | null;
  request: number;
  query?: Query | null;
  items?: number[] | null;
}

/** Meaning of the colors of a map. */
export interface Colors {
  annotator?: string | null;
  color: "label" | "prediction" | "uncertainty" | "part";
}

/** Samples that are picked on a map, in the binary part. */
export interface Rows {
  annotator?: string | null;
}

/** Choice of the x axis of a curve. */
export interface Axis {
  annotator?: string | null;
  against: "labels" | "cost" | "minutes";
}

/** A file that is wanted: the page with the figure, or the table of its rounds. */
export interface Save {
  annotator?: string | null;
  what: string;
}

/** Somebody whose link to a page is wanted. */
export interface OfPerson {
  annotator?: string | null;
  name: string;
}

/** A message that says no more. */
export interface RaceMessage {
  annotator?: string | null;
  id?: number;
}

/** Points that were drawn, and their class. */
export interface Stroke {
  annotator?: string | null;
  id?: number;
  points: number[][];
  code: number;
}

/** A ready-made shape, of so many points. */
export interface Shape {
  annotator?: string | null;
  id?: number;
  shape: string;
  n: number;
  seed?: number | null;
}

/** Settings of a race. */
export interface Choose {
  annotator?: string | null;
  id?: number;
  settings: Record<string, any>;
}

/** The class of the point that the strategy asks. */
export interface RaceAnswer {
  annotator?: string | null;
  id?: number;
  code: number;
}

/** Something that changes a session, or the run of it. */
export type SaidChange =
  | (AddClass & { kind: "add_class" })
  | (Adjust & { kind: "adjust" })
  | (AskAgain & { kind: "ask_again" })
  | (AskAudit & { kind: "ask_audit" })
  | (AskOnly & { kind: "ask_only" })
  | (Change & { kind: "abandon_fit" })
  | (Change & { kind: "end_cold_start" })
  | (Change & { kind: "take_over" })
  | (Decide & { kind: "decide" })
  | (Enqueue & { kind: "enqueue" })
  | (Flag & { kind: "flag" })
  | (GiveAnswer & { kind: "answer" })
  | (LabelGroup & { kind: "label" })
  | (Note & { kind: "note" })
  | (OfItem & { kind: "reopen" })
  | (OfItem & { kind: "unflag" })
  | (Relabel & { kind: "label" })
  | (Remap & { kind: "remap" })
  | (RepeatAnswer & { kind: "repeat" })
  | (RequestRepeats & { kind: "request_repeats" })
  | (Settle & { kind: "settle" })
  | (Skip & { kind: "skip" })
  | (Undo & { kind: "undo" })
  | (UndoLast & { kind: "undo" })
  | (Weigh & { kind: "weigh" });

/** What is meant for the moment. */
export type SaidRequest =
  | (About & { kind: "near_duplicates" })
  | (About & { kind: "suggest" })
  | (About & { kind: "why" })
  | (Ahead & { kind: "ahead" })
  | (Axis & { kind: "against" })
  | (Colors & { kind: "color" })
  | (Look & { kind: "look" })
  | (Message & { kind: "baseline" })
  | (Message & { kind: "look" })
  | (Message & { kind: "need_plotly" })
  | (Message & { kind: "need_points" })
  | (Message & { kind: "save_labels" })
  | (Message & { kind: "there" })
  | (Message & { kind: "uncertain" })
  | (Need & { kind: "need" })
  | (OfPart & { kind: "look" })
  | (OfPerson & { kind: "copy" })
  | (OfPerson & { kind: "qr" })
  | (Only & { kind: "only" })
  | (Rows & { kind: "inspect" })
  | (Rows & { kind: "select" })
  | (Save & { kind: "save" });

/** A turn of a race; the reply has its number. */
export type SaidInRace =
  | (Choose & { kind: "choose" })
  | (RaceAnswer & { kind: "answer" })
  | (RaceMessage & { kind: "ask" })
  | (RaceMessage & { kind: "clear" })
  | (RaceMessage & { kind: "reset" })
  | (RaceMessage & { kind: "step" })
  | (RaceMessage & { kind: "undo" })
  | (Shape & { kind: "shape" })
  | (Stroke & { kind: "draw" });

/** A message to the kernel. */
export type Said = SaidChange | SaidRequest | SaidInRace;
