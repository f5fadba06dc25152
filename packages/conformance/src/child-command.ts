/** How a child process of a suite opens what is under test: it imports `module` and calls its export `open` with `argument`. */
export interface RemoteOpener {
  /** A package name that resolves from this package, or the URL of a file. */
  readonly module: string;
  /** Name of an exported function that resolves with the store. */
  readonly open: string;
  /** Plain JSON. */
  readonly argument: unknown;
}

/** What a parent asks of a child. */
export type ChildCommand =
  /** Registers a new owner; replies with its id. */
  | { readonly type: 'register-owner' }
  /** Begins one row for each task id, for the child's owner; replies with the ids that it won. */
  | { readonly type: 'begin'; readonly taskIds: readonly string[] }
  /** Increments a counter on the row by compare-and-set until `times` updates have succeeded; replies with how many failed. */
  | { readonly type: 'update'; readonly taskId: string; readonly times: number }
  /** Increments `data.count` of a session in publish sections, with one event each; replies with `times`. */
  | { readonly type: 'publish'; readonly sessionId: string; readonly times: number }
  /** Appends events; replies with the sequence numbers. */
  | { readonly type: 'append-events'; readonly sessionId: string; readonly times: number }
  /** Tries to take a permit; replies with whether it was granted. */
  | { readonly type: 'acquire'; readonly lane: string; readonly limit: number; readonly key: string }
  | { readonly type: 'release'; readonly lane: string; readonly key: string }
  /** Reserves moments; replies with the moments, Unix time in milliseconds, each as [not before, not after]. */
  | { readonly type: 'reserve-rate'; readonly lane: string; readonly perSecond: number; readonly times: number }
  /** Increments a counter in what was learned about the lane, `times` times; replies with how often another process was first. */
  | { readonly type: 'learn'; readonly lane: string; readonly times: number }
  /** Acquires a permit, however long that takes; replies with true. */
  | { readonly type: 'acquire-waiting'; readonly lane: string; readonly limit: number; readonly key: string };

/** A message between parent and child. */
export interface ChildRequest {
  readonly id: number;
  readonly command: ChildCommand;
}

export interface ChildReply {
  /** 0 = the child has opened its store. */
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
