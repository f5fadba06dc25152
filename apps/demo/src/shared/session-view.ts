/** A session as the page receives it. Plain JSON without secrets. */

/** What happens when the backend of a locked session cannot be used. */
export type DownPolicy = 'fail' | 'wait' | 'restart';

/** A sentence in every language of the page, so that a page can change its language at any time. */
export interface Texts {
  readonly en: string;
  readonly zh: string;
}

/** A failure in the library's words. `kind` and `outcome` choose the page's advice. */
export interface FailureView {
  readonly kind: string;
  readonly outcome: string;
  readonly message: Texts;
  readonly backend: string;
  readonly code?: string;
}

/** A backend's status. */
export interface AvailabilityView {
  readonly backend: string;
  readonly model: string;
  readonly status: 'ready' | 'down' | 'unknown' | 'not-configured';
  readonly message: Texts;
  readonly remedy?: Texts;
  readonly doesNotProve: readonly Texts[];
  /** Upper bound by the price list; absent if it has no price. */
  readonly price?: { readonly perImage: number; readonly currency: string };
  /** Unix time in milliseconds; 0 if it was never probed. */
  readonly checkedAtMs: number;
}

/** Cost by the price list. `amount` is absent if the list has no price. */
export interface MoneyView {
  readonly images: number;
  readonly amount?: number;
  /** ISO 4217. */
  readonly currency?: string;
}

/** Verdict on a card. */
export interface GateView {
  readonly status: 'passed' | 'failed';
  readonly reasons: readonly Texts[];
}

/** One image of the session, made or not. */
export interface AssetView {
  /** `scene-reference`, `card/<objectId>`, `card/<objectId>/<view>`, `image/<id>`; `superseded/...` for late ones. */
  readonly id: string;
  readonly kind: 'scene-reference' | 'card' | 'image';
  readonly name: string;
  /** The side of the object that a further view shows. */
  readonly view?: 'left' | 'back' | 'right';
  readonly description: string;
  readonly state: 'current' | 'stale' | 'failed' | 'pending' | 'superseded';
  readonly staleReason?: Texts;
  readonly url: string | null;
  /** The picture as delivered, if another file is used. */
  readonly originalUrl?: string;
  readonly width?: number;
  readonly height?: number;
  readonly backend: string | null;
  readonly model: string | null;
  readonly seed: number | null;
  readonly prompt: string | null;
  readonly revisedPrompt: string | null;
  /** How it follows the scene reference. */
  readonly look?: 'reference' | 'words' | 'none';
  readonly gate: GateView | null;
  /** What the judge said of the card: whether it is as asked, and why. */
  readonly judgement?: { readonly isAsAsked: boolean; readonly reason: string };
  readonly warnings: readonly Texts[];
  readonly cost: MoneyView;
  readonly totalMs?: number;
  readonly error?: FailureView;
  /** Whether the user supplied it. */
  readonly imported: boolean;
}

/** The session's lock. */
export interface LockView {
  readonly state: 'free' | 'claimed' | 'locked';
  readonly epoch: number;
  readonly backend?: string;
  readonly model?: string;
  readonly acquiredAtMs?: number;
}

/** A session's current state. */
export interface SessionView {
  readonly sessionId: string;
  readonly text: string;
  readonly style: string;
  readonly policy: DownPolicy;
  readonly createdAtMs: number;
  readonly lock: LockView;
  /** Whether this server is working on it. */
  readonly running: boolean;
  /** The scene reference first, then cards in the order of the objects. */
  readonly assets: readonly AssetView[];
  /** Images that `continue` would still make. */
  readonly missing: number;
  readonly spent: readonly MoneyView[];
  /** What making the missing images would cost on the backend that would make them. */
  readonly estimate: MoneyView & { readonly backend?: string };
  /** The backend that a restart would use, and its cost; absent if there is none. */
  readonly next?: MoneyView & { readonly backend: string };
}

/** A session in the list. */
export interface SessionSummary {
  readonly sessionId: string;
  readonly text: string;
  readonly createdAtMs: number;
  readonly backend: string | null;
  readonly state: 'free' | 'claimed' | 'locked';
  readonly running: boolean;
  readonly made: number;
  readonly total: number;
  readonly thumbnailUrl: string | null;
}

/** One event of the session's story, with the fields that the page shows. */
export interface StoryEvent {
  readonly sessionId: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: StoryData;
}

/** The fields depend on the type; see the story of `@holodeck/hybrid`. */
export interface StoryData {
  readonly assetId?: string;
  readonly backend?: string;
  readonly model?: string;
  readonly from?: string;
  readonly to?: string;
  readonly epoch?: number;
  readonly reason?: Texts;
  readonly state?: string;
  readonly attempt?: number;
  readonly fraction?: number;
  readonly position?: number;
  readonly waitMs?: number;
  readonly stale?: number;
  readonly status?: string;
  readonly reasons?: readonly Texts[];
  readonly source?: string;
  /** Of a preview. */
  readonly url?: string;
  readonly error?: FailureView;
  readonly reports?: readonly { readonly backend: string; readonly status: string }[];
}
