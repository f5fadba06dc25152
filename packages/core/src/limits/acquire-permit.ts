import { ImageError } from '../contract/index.ts';
import { abortError } from '../tasks/as-image-error.ts';
import { say } from './limit-messages.ts';
import { acquireLane } from './lane-choice.ts';
import type { LaneGrant } from './lane-choice.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import type { PreparedRequest } from '../request/prepare-request.ts';
import type { RunContext } from '../tasks/run-context.ts';

/**
 * Waits for room within the cost limits, without a permit that others need, and then for the task's turn on one of the lanes.
 * @throws {ImageError} outcome `not-submitted` on abort and after `queueTimeoutMs`; kind `budget` without room.
 */
export async function acquirePermit(
  run: RunContext,
  key: string,
  request: PreparedRequest['request'],
): Promise<LaneGrant> {
  const { clock, options, backend } = run.environment;
  const { queueTimeoutMs, costGate } = options;
  const startedAtMs = clock.monotonic();
  let stop: AbortController | undefined;
  let turn: LinkedAbort | undefined;
  if (queueTimeoutMs !== undefined) {
    stop = new AbortController();
    const linked = new LinkedAbort([run.signal]);
    turn = linked;
    const reason = new ImageError({
      kind: 'timeout',
      outcome: 'not-submitted',
      retryable: true,
      backend: backend.name,
      ...say('queue-timeout', { ms: queueTimeoutMs }),
    });
    clock.sleep(queueTimeoutMs, stop.signal).then(
      () => linked.abort(reason),
      () => undefined,
    );
  }
  try {
    const { priority, scope } = run.options;
    const { onWaiting } = run;
    const signal = turn?.signal ?? run.signal;
    await costGate.untilReserved(key, backend, request, signal, onWaiting);
    const entrant = { key, priority, scope, images: request.count, onWaiting };
    return await acquireLane(run.environment, entrant, signal, run.avoidLanes);
  } catch (error) {
    costGate.release(key);
    if (!run.signal.aborted) throw error;
    throw abortError(run.signal, { outcome: 'not-submitted', ...say('stopped-waiting') });
  } finally {
    stop?.abort();
    turn?.release();
    run.queuedMs += clock.monotonic() - startedAtMs;
  }
}
