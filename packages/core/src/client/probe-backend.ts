import { ImageError, probeReport } from '../contract/index.ts';
import type { ImageBackend, Logger, ProbeReport } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import { say } from './client-messages.ts';

/** Options of a probe. */
export interface ProbeOptions {
  /** Default 3000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 3000;

/**
 * Probes with a deadline. A backend that does not answer in time is `unknown`, because this machine may be the slow one. Rejects
 * only if the caller aborts.
 */
export async function probeBackend(
  backend: ImageBackend,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  options: ProbeOptions = {},
): Promise<ProbeReport> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const startedAtMs = clock.monotonic();
  const stop = new AbortController();
  const late = new AbortController();
  clock.sleep(timeoutMs, stop.signal).then(
    () => late.abort(new Error(`no answer within ${timeoutMs} ms`)),
    () => undefined,
  );
  const signal = options.signal === undefined ? late.signal : AbortSignal.any([options.signal, late.signal]);
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  try {
    options.signal?.throwIfAborted();
    return await Promise.race([backend.probe({ signal, logger }), aborted]);
  } catch (error) {
    options.signal?.throwIfAborted();
    const isLate = late.signal.aborted;
    const kind = isLate ? 'timeout' : ImageError.isInstance(error) ? error.kind : 'internal';
    const message = isLate
      ? say('probe-late', { backend: backend.name, ms: timeoutMs })
      : error instanceof Error
        ? error
        : { message: String(error) };
    return probeReport({
      backend: backend.name,
      model: backend.model,
      status: isLate ? 'unknown' : 'down',
      message,
      remedy: say('probe-remedy'),
      errorKind: kind,
      checkedAtMs: clock.now(),
      durationMs: Math.round(clock.monotonic() - startedAtMs),
    });
  } finally {
    stop.abort();
  }
}
