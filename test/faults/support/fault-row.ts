import type { ImageClientOptions } from '@holodeck/core';
import type { FaultInput, OpenAIFaultKind } from '@holodeck/emulators';
import type { EventClock } from './event-clock.ts';
import type { FaultyService, ServiceName } from './services.ts';
import type { SmallDisk } from './small-disk.ts';

/** What a fault acts on. */
export interface World {
  readonly service: FaultyService;
  readonly clock: EventClock;
  /** The client's output folder. */
  readonly folder: string;
  /** The folder's disk; only in rows that need one. */
  readonly disk: SmallDisk | undefined;
}

/** How a fault is played against one service, and how it must end. */
export interface Play {
  /** Set at the emulator before the task is run. */
  readonly faults?: readonly FaultInput<OpenAIFaultKind>[];
  readonly before?: (world: World) => void | Promise<void>;
  /** Length of the picture's file, if it matters. */
  readonly imageBytes?: number;
  /** Done once, when the task reaches this state. */
  readonly at?: {
    readonly state: 'submitting' | 'accepted' | 'ended' | 'received';
    readonly act: (world: World) => void;
  };
  /** Done once, when the emulator has played a fault of this kind. */
  readonly struck?: { readonly kind: string; readonly act: (world: World) => void };
  /** Options of the first run's client. */
  readonly options?: (world: World) => Promise<ImageClientOptions>;
  /** Used instead of the usual prompt. */
  readonly prompt?: string;
  /** What the user does before running the same command again. The service's faults are always over by then. */
  readonly repair?: (world: World) => void | Promise<void>;
  /**
   * How it ends: `<end> <row> <sent>/<taken>`. The end is `image`, or the error's `kind:outcome`; the row is its state in the
   * store (`-`: none); then the submissions that were sent, and those that the service accepted.
   */
  readonly ends: string;
  /** The same when a new process runs the same command again. */
  readonly again: string;
}

/** One fault: a row of the matrix. */
export interface FaultRow {
  readonly group: 'The submission' | 'The job' | 'The download' | 'This machine';
  /** What happens, in the words of the documentation. */
  readonly fault: string;
  readonly needsDisk?: boolean;
  /** By service; a text gives the reason why the fault cannot happen there. */
  readonly plays: Readonly<Record<ServiceName, Play | string>>;
}

/** A row whose play against batches is in `batch-plays.ts`. */
export interface DirectRow extends Omit<FaultRow, 'plays'> {
  readonly plays: Omit<FaultRow['plays'], 'OpenAI batch'>;
}
