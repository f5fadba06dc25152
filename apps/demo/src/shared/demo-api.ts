/** The messages between the page and the server. */
import type { AvailabilityView, DownPolicy, SessionSummary, SessionView, StoryEvent, Texts } from './session-view.ts';

/** Longest accepted texts, in characters, and the maximum number of objects. */
export const limits = {
  text: 2000,
  style: 200,
  name: 80,
  description: 500,
  objects: 24,
  /** Sessions of one feed. */
  watched: 50,
  /** Bytes of a user's picture. */
  upload: 20_971_520,
  /** Bytes of any other request. */
  body: 65_536,
} as const;

/** `GET /api/config` */
export interface DemoConfig {
  readonly mode: 'emulators' | 'live';
  readonly backends: readonly string[];
  /** Labels of backends, by name. */
  readonly labels: Readonly<Record<string, Texts>>;
  /** The scene that the page opens with, by language; absent if the first start made none. */
  readonly opening: Partial<Readonly<Record<keyof Texts, string>>>;
}

/** `POST /api/objects` */
export interface FindObjects {
  readonly texts: readonly string[];
}

/** A thing that the emulators' table finds in a text. The answer of `POST /api/objects` has a list of them for each text. */
export interface NamedObject {
  readonly word: string;
  /** The same for all words of one thing. */
  readonly picture: string;
  /** Usual height. */
  readonly heightMeters: number;
  /** Where the word ends in the text. */
  readonly end: number;
}

/** An object as the user entered it. */
export interface ObjectInput {
  readonly name: string;
  readonly description: string;
}

/** `POST /api/sessions` */
export interface CreateSession {
  readonly text: string;
  readonly style: string;
  readonly objects: readonly ObjectInput[];
  readonly policy: DownPolicy;
  /** False if the user's picture follows by `PUT .../scene-reference`. Default true. */
  readonly start?: boolean;
}

/** `POST /api/sessions/:id/<action>` */
export interface SessionActions {
  /** Makes what is missing or stale. */
  readonly continue: { readonly policy?: DownPolicy };
  readonly stop: Record<string, never>;
  /** Makes one image again. `payAgain` allows it even if an earlier submission may have been paid. */
  readonly retry: { readonly assetId: string; readonly payAgain?: boolean };
  /** Every image again on another backend. */
  readonly restart: { readonly backend?: string };
  readonly release: { readonly discardAssets?: boolean };
}

/** The faults that can be switched on at an emulated service. */
export interface ServiceSwitches {
  /** Connections are refused. */
  readonly down: boolean;
  /** Jobs take several times as long. */
  readonly slow: boolean;
  /** Submissions are refused: no credit, or overload. */
  readonly refusing: boolean;
  /** One job at a time, or few images a minute. */
  readonly limited: boolean;
}

/** Names of the switches. */
export const switchNames: readonly (keyof ServiceSwitches)[] = ['down', 'slow', 'refusing', 'limited'];

/** The counters of an emulated service. */
export interface ServiceLedger {
  readonly submissions: number;
  readonly accepted: number;
  readonly refusals: number;
  readonly delivered: number;
  readonly maxConcurrent: number;
}

/** `GET /api/faults`, by backend name. */
export type FaultPanelState = Readonly<
  Record<string, { readonly switches: ServiceSwitches; readonly ledger: ServiceLedger }>
>;

/** Events of `GET /api/events`, by name. */
export interface FeedEvents {
  readonly availability: readonly AvailabilityView[];
  readonly faults: FaultPanelState;
  readonly sessions: readonly SessionSummary[];
  readonly view: SessionView;
  readonly story: StoryEvent;
}

/** The body of every answer that is not 2xx. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: Texts };
}
