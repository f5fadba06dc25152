import { ImageError } from '../contract/index.ts';
import { abortError, storageError } from './as-image-error.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import { acquireLane } from '../limits/lane-choice.ts';
import type { LaneGrant } from '../limits/lane-choice.ts';
import { say } from '../limits/limit-messages.ts';
import type { PreparedRequest } from '../request/prepare-request.ts';
import type { RunContext } from './run-context.ts';

/** One attempt of a task, on a lane. */
export interface Submission extends LaneGrant {
  readonly run: RunContext;
  /** The attempt's key, under which its cost is reserved. */
  readonly key: string;
  readonly attempt: number;
}

/** A checkpoint before the wire. */
interface Gate {
  readonly name: string;
  /** Resolves when the submission may pass; rejects if it may not. */
  readonly enter: (submission: Submission, signal: AbortSignal) => Promise<void> | void | undefined;
  /** Undoes `enter`, if a later gate stops the submission. */
  readonly leave?: (submission: Submission) => void;
}

/** The gates that every try of an attempt passes, in this order. After the last one the backend prepares its request. */
const gates: readonly Gate[] = [
  {
    name: 'the store has not just failed to write',
    enter: ({ run: { environment, options } }) => {
      if (environment.storageFault === undefined) return;
      throw storageError(environment.storageFault, options.store.location, 'not-submitted');
    },
  },
  {
    name: 'the service is not known to be down',
    enter: ({ run, lane }, signal) => run.environment.health.get(lane.lane.id)?.untilUsable(signal, run.onWaiting),
  },
  {
    name: 'the learned limit, pauses and rates allow one more',
    enter: ({ run, permit }, signal) => permit.enterSubmission(signal, run.onWaiting),
    leave: ({ permit }) => permit.notAccepted(),
  },
  {
    name: 'the caller agrees',
    enter: async ({ run, key, attempt }) => {
      const { options, backend } = run.environment;
      const { taskId, scope } = run.options;
      const cost = options.costGate.reservedFor(key);
      const submission = { taskId, scope, attempt, backend: backend.name };
      await options.beforeSubmit?.({ ...submission, ...(cost === undefined ? {} : { cost }) });
    },
  },
  {
    name: 'the caller has not aborted',
    enter: (_, signal) => signal.throwIfAborted(),
  },
];

/** Passes all gates, or none of them. @throws what a gate throws, or the signal's reason. */
export async function passGates(submission: Submission, signal: AbortSignal): Promise<void> {
  const passed: Gate[] = [];
  try {
    for (const gate of gates) {
      await gate.enter(submission, signal);
      passed.unshift(gate);
    }
  } catch (error) {
    for (const gate of passed) gate.leave?.(submission);
    throw error;
  }
}

/**
 * What an attempt waits for once, before its first try: room within the cost limits, without a permit that others need, and then
 * its turn on one of the lanes. From then on the task's deadline counts.
 * @throws {ImageError} outcome `not-submitted` on abort and after `queueTimeoutMs`; kind `budget` without room.
 */
export async function takeTurn(run: RunContext, key: string, request: PreparedRequest['request']): Promise<LaneGrant> {
  const { clock, options, backend } = run.environment;
  const { queueTimeoutMs, costGate } = options;
  const startedAtMs = clock.monotonic();
  const bounded = queueTimeoutMs === undefined ? undefined : boundedTurn(run, queueTimeoutMs);
  const { signal } = bounded ?? run;
  try {
    const { priority, scope } = run.options;
    const { onWaiting } = run;
    await costGate.untilReserved(key, backend, request, signal, onWaiting);
    const turnScope = run.environment.options.turnOf?.(scope) ?? scope;
    const entrant = { key, priority, scope: turnScope, images: request.count, onWaiting };
    const granted = await acquireLane(run.environment, entrant, signal, run.avoidLanes);
    run.environment.deadlines.start(run);
    return granted;
  } catch (error) {
    costGate.release(key);
    if (!run.signal.aborted) throw error;
    throw abortError(run.signal, { outcome: 'not-submitted', ...say('stopped-waiting') });
  } finally {
    // Without a reason, each would build an error with a stack that nobody reads.
    bounded?.abort(null);
    run.queuedMs += clock.monotonic() - startedAtMs;
  }
}

/** Ends the wait for the turn, once it is aborted or the time is over. */
function boundedTurn({ signal, environment: { clock, backend } }: RunContext, ms: number): LinkedAbort {
  const turn = new LinkedAbort([signal]);
  const fields = { kind: 'timeout', outcome: 'not-submitted', retryable: true, backend: backend.name } as const;
  clock.sleep(ms, turn.signal).then(
    () => turn.abort(new ImageError({ ...fields, ...say('queue-timeout', { ms }) })),
    () => undefined,
  );
  return turn;
}
