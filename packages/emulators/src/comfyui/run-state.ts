import type { Job } from './job-queue.ts';
import { NodeStates } from './node-states.ts';
import type { NodeValue } from './node-values.ts';

/** The job ends before its graph does: `interrupt` tells so, `vanish` leaves no trace. */
export class JobStopped extends Error {
  readonly how: 'interrupt' | 'vanish';

  constructor(how: 'interrupt' | 'vanish') {
    super(how);
    this.how = how;
  }
}

type Messages = (readonly [string, Record<string, unknown>])[];

/** What a running job has gathered. */
export class RunState {
  readonly job: Job;
  readonly stop: AbortController = new AbortController();
  readonly states: NodeStates;
  readonly values: Map<string, readonly NodeValue[]> = new Map();
  readonly executed: string[] = [];
  readonly outputs: Record<string, unknown> = {};
  readonly meta: Record<string, unknown> = {};
  readonly messages: Messages = [];
  /** What the slowest node still has to take. */
  slowMs: number;
  current: string | undefined;

  constructor(job: Job, slowMs: number) {
    this.job = job;
    this.states = new NodeStates(job.id);
    this.slowMs = slowMs;
  }
}
