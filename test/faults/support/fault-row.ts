import type { ImageClientOptions } from '@holodeck/core';
import type { FaultInput, OpenAIFaultKind } from '@holodeck/emulators';
import type { EventClock } from './event-clock.ts';
import type { FaultyService, ServiceName } from './services.ts';
import type { SmallDisk } from './small-disk.ts';

/** Where a fault strikes. */
export interface World {
  readonly service: FaultyService;
  readonly clock: EventClock;
  /** The client's output folder. */
  readonly folder: string;
  /** The disk of the folder; only in rows that need one. */
  readonly disk: SmallDisk | undefined;
}

/** How a fault is played against one service, and what must come of it. */
export interface Play {
  /** Set at the emulator before the task is run. */
  readonly faults?: readonly FaultInput<OpenAIFaultKind>[];
  readonly before?: (world: World) => void | Promise<void>;
  /** Length of the picture's file, where it matters. */
  readonly imageBytes?: number;
  /** Done once, when the task has come to this state. */
  readonly at?: {
    readonly state: 'submitting' | 'accepted' | 'ended' | 'received';
    readonly act: (world: World) => void;
  };
  /** Done once, when a fault of this kind has struck at the emulator. */
  readonly struck?: { readonly kind: string; readonly act: (world: World) => void };
  /** Options of the client of the first run. */
  readonly options?: (world: World) => Promise<ImageClientOptions>;
  /** Instead of the usual words. */
  readonly prompt?: string;
  /** What the user does before running the same command again. Faults of the service are over by then in any case. */
  readonly repair?: (world: World) => void | Promise<void>;
  /**
   * What comes of it: `<end> <row> <sent>/<taken>`. The end is `image`, or the error's `kind:outcome`; the row is the state
   * that stands in the store (`-`: none); then the submissions that were sent, and those that the service took.
   */
  readonly ends: string;
  /** The same for the same command, run again by a new process. */
  readonly again: string;
}

/** One fault: a row of the matrix. */
export interface FaultRow {
  readonly group: 'The submission' | 'The job' | 'The download' | 'This machine';
  /** What happens, as the documentation says it. */
  readonly fault: string;
  readonly needsDisk?: boolean;
  /** By service; a text says why the fault cannot happen there. */
  readonly plays: Readonly<Record<ServiceName, Play | string>>;
}
