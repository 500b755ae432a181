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

/** A change is made, and on disk where there is a journal. */
export interface Ack {
  text?: string;
  notice?: string;
  items?: number[];
  kind: "ack";
  event_id: string;
}

/** A change is not made; with `retry` it is sound, could not be written, and is to be sent again. */
export interface Refusal {
  kind: "refused";
  event_id: string;
  retry: boolean;
  error: string;
}

/** A turn of a race is taken, and its number. */
export interface Taken {
  kind: "done";
  id: number;
}

/** A message that asks for nothing that there is; one of a change without an id, too. */
export interface Problem {
  kind: "problem";
  error: string;
}

/** Session that a page is on, whether what is acknowledged is on disk, and who keeps the kernel from writing. */
export interface Whose {
  id: string;
  saved: boolean;
  lock_owner: string;
}

/** Keys of the classes, in their order, and of the actions by their names. */
export interface KeysShown {
  classes: string[];
  actions: Record<string, string>;
}

/** Task of a session, which stays as it is. */
export interface TaskShown {
  kind: "single" | "multi" | "ordinal" | "yes_no" | "pair";
  question: string;
  instructions: string;
  suggest: string | number;
  highlight: string[];
  near_duplicates: boolean;
}

/** Progress of a session, for the header of its card. */
export interface StatusShown {
  saved_as: string | null;
  round: number;
  n_events: number;
  n_labeled: number;
  n_skipped: number;
  n_samples: number;
  budget: number | null;
  cost: string;
  counts: number[];
  n_learned: number;
  n_behind: number;
  n_changed: number;
  phase: string;
  waits_for: string[];
  n_only: number;
  labels_per_minute: number;
  minutes_left: number;
  agreement: string;
  busy: boolean;
  error: string;
  recovery: string;
  advice: string;
  may_stop: boolean;
  waits: string;
  exhausted: boolean;
}

/** Samples of the queue that somebody chose to be asked alone, and the event that said so; 0 for none. */
export interface OnlyAsked {
  since: number;
  items: number[];
}

/** Content of a labeling card; questions of which nothing may lead the answer are each answered `alone`. */
export interface LabelingState {
  classes: string[];
  keys: KeysShown;
  status: StatusShown;
  recent: RecentAnswer[];
  flagged: number[];
  withdrawn: number[];
  only: OnlyAsked;
  repeats: number[];
  alone: number[];
  queue: number[];
}

/** Content of a review, but for the answers, which are asked for. */
export interface ReviewStatus {
  changes: number;
  classes: string[];
  multilabel: boolean;
  keys: KeysShown;
  repeats: number[];
  n_repeats: number;
  checking: boolean;
  how: string;
  nobodys: string;
  parts: string[];
}

/** State of a review. */
export interface ReviewState {
  status: ReviewStatus;
}

/** Facts about a sample that is inspected on a map. */
export interface Fact {
  row: number;
  label: number | null;
  prediction: number | null;
  confidence: number | null;
}

/** Labels that were given together last: the id of the group, and how many. */
export interface Undoable {
  group: string | null;
  n: number;
}

/** Content of a map, but for the points, which are sent as messages. */
export interface PoolMapState {
  color: "label" | "prediction" | "uncertainty" | "part";
  classes: string[];
  parts: [string, number][];
  keys: KeysShown;
  shown: Fact[];
  undoable: Undoable;
  n_only: number;
  n_samples: number;
  problem: string;
}

/** Learning curve as a plotly figure, and what is beside it; while nothing is measured the caption says why. */
export interface CurveState {
  figure: Record<string, any>;
  caption: string;
  measured: boolean;
  axes: ("labels" | "cost" | "minutes")[];
  against: "labels" | "cost" | "minutes";
  busy: boolean;
}

/** Limit of a budget, and what is spent of it. */
export interface Limit {
  setting: string;
  spent: number;
  limit: number | null;
  unit: string;
}

/** Stopping criterion: its reading, its values in the last rounds, and where it leads. */
export interface Criterion {
  name: string;
  value: number | null;
  threshold: number | null;
  fired: boolean;
  why: string;
  possible: boolean;
  below: boolean;
  values: (number | null)[];
  since: number | null;
  to_go: [number, number, number] | null;
  editable: boolean;
  limits: Limit[] | null;
}

/** Advice of a stopping rule, its criteria, and what can be set. */
export interface AdviceShown {
  stop: boolean;
  headline: string;
  facts: [string, string][];
  sentence: string;
  rule: string;
  needs: string | number;
  n_criteria: number;
  rows: Criterion[];
  prices: Record<string, string | number | null>;
  decided: string;
  n_labeled: number;
}

/** State of a stopping panel. */
export interface StoppingState {
  advice: AdviceShown;
}

/** State of a panel on drift or a team: that there is something new. Figures are asked for, and never saved. */
export interface FiguresState {
  changes: number;
}

/** Answer over there that does not fit: its task, whose it is, and why. */
export interface QuarantinedShown {
  task: number;
  annotator: string | null;
  reason: string;
}

/** Standing of a session in Label Studio; of what does not fit, the first ones. */
export interface StudioShown {
  url: string;
  problem: string;
  n_open: number;
  n_answers: number;
  n_labeled: number;
  n_samples: number;
  round: number;
  error: string;
  n_quarantined: number;
  quarantined: QuarantinedShown[];
}

/** State of a panel on Label Studio. */
export interface StudioState {
  shown: StudioShown;
}

/** Somebody who has a link to a page, and how many pages they have open. */
export interface LinkedPerson {
  name: string;
  role: "annotator" | "expert" | "viewer";
  n_open: number;
}

/** Page that links open, and who has one; no link is kept in it. */
export interface LinkedPage {
  url: string;
  reach: string;
  closed: boolean;
  people: LinkedPerson[];
}

/** State of the links of a page. */
export interface LinksState {
  page: LinkedPage;
}

/** Race as it stands; without one that runs, nothing of it. */
export interface RaceProgress {
  running: boolean;
  finished: boolean;
  question: number | null;
  n_labeled: number;
  n_asked: number;
  drawn: number[];
  measured: number[];
  problem: string;
  labeled: [number, number][][];
  n_newest: number;
  scores: (number | null)[];
  curves: ((number | null)[])[];
}

/** Race as it stands, in a sentence too, how far its points reach, and the pixels of a map along a side. */
export interface RaceStanding {
  running: boolean;
  finished: boolean;
  question: number | null;
  n_labeled: number;
  n_asked: number;
  drawn: number[];
  measured: number[];
  problem: string;
  labeled: [number, number][][];
  n_newest: number;
  scores: (number | null)[];
  curves: ((number | null)[])[];
  reach: number;
  grid: number;
  sentence: string;
}

/** Settings of a race, by their names on the page. */
export interface RaceSettings {
  strategy: string;
  learner: string;
  cold_start: string;
  batch_size: number;
  random_state: number;
}

/** Points that are drawn, settings and what can be set, and the race; the maps are bytes. */
export interface RaceState {
  points: number[][];
  settings: RaceSettings;
  options: Record<string, string[]>;
  active_map: DataView;
  random_map: DataView;
  race: RaceStanding;
}

/** Text, or the reason why a sample cannot be shown. */
export interface TextSample {
  type: "text" | "error";
  text: string;
  note?: string;
}

/** Names and values of a row, and what is beside them. */
export interface RowSample {
  type: "row";
  cells: [string, string][];
  context: [string, string][];
  note?: string;
}

/** Page of HTML, cleaned. */
export interface HtmlSample {
  type: "html";
  page: string;
  note?: string;
}

/** Image, whose file is a binary part; a smaller one of it has the size of the whole. */
export interface ImageSample {
  type: "image";
  mime: string;
  alt: string;
  size?: [number, number];
  note?: string;
}

/** Sound, whose file is a binary part; of a WAV file with its seconds, and peaks from 0 to 100. */
export interface AudioSample {
  type: "audio";
  mime: string;
  alt: string;
  seconds?: number;
  peaks?: number[];
  note?: string;
}

/** Two samples side by side. */
export interface PairSample {
  type: "pair";
  parts: (TextSample | RowSample | HtmlSample | ImageSample | AudioSample)[];
  note?: string;
}

/** Sample that was asked for; on a card, with its note and that of its flag. */
export interface Payload {
  kind: "payload";
  item: number;
  payload: Sample;
  remark?: [string, string];
}

/** Notes that changed: row, note, note of the flag. */
export interface Remarks {
  kind: "remarks";
  remarks: [number, string, string][];
}

/** Label that the model suggests, in words too. */
export interface Suggested {
  kind: "suggest";
  item: number;
  value: number | number[] | null;
  text: string;
}

/** Reason why a sample is asked. */
export interface Why {
  kind: "why";
  item: number;
  text: string;
}

/** Near duplicates of a sample, the nearest ones, and how many there are; the text says why none were found. */
export interface NearDuplicates {
  kind: "near_duplicates";
  item: number;
  items: number[];
  n: number;
  text?: string;
}

/** Samples without a label that are as was asked, the first ones, and how many; the text says why there are none. */
export interface OnlyThese {
  kind: "only";
  value: number | null;
  words: string;
  items: number[];
  n: number;
  text: string;
}

/** Answer in a review. */
export interface AnswerRow {
  item: number;
  label: number | number[] | null;
  predicted: number | number[] | null;
  confidence: number | null;
  disagrees: boolean;
  suspicion: number | null;
  seconds: number | null;
  slow: boolean;
  flagged: boolean;
  flag: string;
  note: string;
  skipped: boolean;
  unsure: boolean;
  second: number | number[] | null;
  changed: boolean;
  round: number;
  annotator: string | null;
  via: string;
  duplicate_of: number | null;
  at: number;
}

/** Answers that were asked for, and how often they agree with the second ones. */
export interface Seen {
  kind: "seen";
  request: number;
  rows: AnswerRow[];
  agreement: string;
  counts?: Record<string, number>;
}

/** Somebody of a team: what is before them, and what they did; None where nothing was measured. */
export interface PersonShown {
  name: string;
  role: "annotator" | "expert";
  n_pages: number;
  since: number | null;
  items: number[];
  n_answers: number;
  n_skipped: number;
  seconds: number | null;
  pace: number | null;
  last_active: number | null;
  percent: number | null;
  quality: number | null;
  quality_interval: [number, number] | null;
  n_gold: number;
  n_right: number;
  gold: number | null;
  gold_interval: [number, number] | null;
  weight: number;
  n_asked_again: number;
  warning: string;
}

/** Agreement of two people on the items that both answered. */
export interface PairShown {
  names: [string, string];
  n_shared: number;
  percent: number;
  kappa: number | null;
}

/** Item that a team cannot agree on: who said what, None for a skip, and after how many seconds. */
export interface Dispute {
  item: number;
  answers: ([string, number | number[] | null, number | null])[];
  note: string;
  flag: string;
}

/** Items that a team disputes, those that are shown, and who may settle them. */
export interface DisputesShown {
  kind: "disputes";
  classes: string[];
  experts: string[];
  disputes: Dispute[];
  n_disputed: number;
}

/** Agreement of a team, each measure in words, also why it was not measured. */
export interface TeamAgreement {
  n_answers: number;
  n_items: number;
  n_doubled: number;
  measures: [string, string][];
  pairs: PairShown[];
}

/** Figures of a team; without one, only the words that say so. */
export interface TeamShown {
  kind: "team";
  without: string;
  classes: string[];
  people: PersonShown[];
  others: string[];
  experts: string[];
  agreement: TeamAgreement | null;
  consensus: string;
  second_answers: string;
  disputes: Dispute[];
  n_disputed: number;
}

/** Part of a pool: its error is the share of its audit answers predicted otherwise, None where there are none. */
export interface PartShown {
  name: string;
  n_rows: number;
  n_audit: number;
  error: number | null;
  drifted: string;
}

/** Column that moved: the distance of its distributions, 0 to 1, and its means; None of categories. */
export interface ColumnShown {
  name: string;
  distance: number;
  before: number | null;
  now: number | null;
}

/** Check of a part against those before it; of classes the shares that are predicted, before and now. */
export interface DriftCheck {
  part: string;
  at: number;
  sentence: string;
  moved: boolean;
  n_to_ask: number;
  compared: string;
  columns: ColumnShown[];
  n_columns: number;
  classes: [string, number, number][];
  errors: string;
}

/** Alarm that was recorded: of a part's samples or of the errors on it, and the advice at that time. */
export interface AlarmShown {
  part: string;
  of: string;
  at: number;
  sentence: string;
}

/** Drift of a pool; where it has one part, only the words that say so. */
export interface DriftShown {
  kind: "drift";
  without: string;
  parts: PartShown[];
  checked: DriftCheck | null;
  alarms: AlarmShown[];
}

/** Binary parts and nothing else: plotly.js, the places of points, predictions of the pool, selected rows. */
export interface Bare {
  kind: "plotly" | "points" | "predictions" | "selected";
}

/** Labels on a map, all of them or those that changed: rows and numbers of classes, binary. */
export interface LabelsShown {
  kind: "labels";
  reset: boolean;
}

/** File that was asked for; its bytes are the binary part. */
export interface File {
  kind: "file";
  name: string;
  mime: string;
}

/** Link of somebody to a page, which was asked for. */
export interface LinkShown {
  kind: "link";
  name: string;
  link: string;
}

/** Link of somebody to a page as a drawing, or why it cannot be drawn. */
export interface QrCode {
  kind: "qr";
  name: string;
  svg: string;
  why: string;
}

/** Word of a kernel whose session is elsewhere: it is connected again, or asks if somebody has the page open. */
export interface ConnectionSign {
  kind: "again" | "beat";
}

export type Value = number | number[];

export type RecentAnswer = [string, number, number | number[] | null, boolean];

export type Sample = TextSample | RowSample | HtmlSample | ImageSample | AudioSample | PairSample;

export type Sent = Ack | Refusal | Problem | Taken | Payload | Remarks | Suggested | Why | NearDuplicates | OnlyThese | Seen | TeamShown | DriftShown | DisputesShown | Bare | LabelsShown | File | LinkShown | QrCode | ConnectionSign;
