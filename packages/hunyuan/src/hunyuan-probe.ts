import type { ProbeReport } from '@holodeck/core';
import type { ProbeContext } from '@holodeck/core/backend';
import { randomUUID } from 'node:crypto';
import type { HunyuanApi } from './api/hunyuan-api.ts';
import { meaningOf } from './hunyuan-error-codes.ts';
import { abortError, verdictOf } from './hunyuan-errors.ts';
import { backendName } from './hunyuan-options.ts';
import { TransportError } from './wire/transport.ts';
import type { Transport } from './wire/transport.ts';

// The form of a real id, of nobody's job.
const absentJob = '1000000000-1000000000-00000000-0000-4000-8000-000000000000-0';

const doesNotProve: readonly string[] = [
  'that the service is activated and the key may submit: this shows only at the first paid call',
  'the balance or what is left of a package',
  'that a place for a job is free',
];
const skewLimitMs = 60_000;

/**
 * Asks, signed and for free, for a job that does not exist. "No such job" means that network, clock, keys and region are
 * good.
 * @throws {ImageError} Only when the signal is aborted.
 */
export async function probeHunyuan(api: HunyuanApi, transport: Transport, context: ProbeContext): Promise<ProbeReport> {
  const startedAtMs = Date.now();
  const started = performance.now();
  const finish = (
    findings: Pick<ProbeReport, 'status' | 'message' | 'proves'> & Partial<ProbeReport>,
    clockSkewMs: number | undefined,
  ): ProbeReport => ({
    backend: backendName,
    model: api.model,
    doesNotProve,
    details: {
      host: api.host,
      region: api.region,
      api: api.name,
      ...(clockSkewMs === undefined ? {} : { clockSkewMs: Math.round(clockSkewMs) }),
    },
    checkedAtMs: startedAtMs,
    durationMs: Math.round(performance.now() - started),
    ...findings,
  });
  try {
    const { clockSkewMs } = await transport.send(api.buildQuery(absentJob), {
      signal: context.signal,
      // A kept connection that has just been closed would look like a service that is down.
      oneShot: true,
      traceId: randomUUID(),
    });
    return finish(ready(api, clockSkewMs), clockSkewMs);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const { fault, clockSkewMs } = error;
    if (fault.type === 'aborted') throw abortError(context.signal, 'not-submitted');
    if (fault.type === 'api' && api.isAbsent(fault)) return finish(ready(api, clockSkewMs), clockSkewMs);
    return finish(notReady(api, error, context), clockSkewMs);
  }
}

function ready(api: HunyuanApi, clockSkewMs: number | undefined): Pick<ProbeReport, 'status' | 'message' | 'proves'> {
  const skew =
    clockSkewMs !== undefined && Math.abs(clockSkewMs) > skewLimitMs
      ? ` This machine's clock is off by ${Math.round(Math.abs(clockSkewMs) / 1000)} s; beyond 300 s requests are refused.`
      : '';
  return {
    status: 'ready',
    message: `${api.host} accepts the credentials in ${api.region}.${skew}${api.deprecation === undefined ? '' : ` ${api.deprecation}`}`,
    proves: [`${api.host} is reached`, 'the credentials and the clock are good', `the region ${api.region} is taken`],
  };
}

function notReady(
  api: HunyuanApi,
  error: TransportError,
  { signal }: ProbeContext,
): Pick<ProbeReport, 'status' | 'message' | 'proves' | 'errorKind'> & { readonly remedy?: string } {
  const { guide, host, secrets } = api;
  const { kind, what, remedy } = verdictOf(error, { guide, host, secrets, signal, seeded: false });
  const { fault } = error;
  return {
    status: isDown(error) ? 'down' : 'unknown',
    message: what,
    proves: fault.type === 'api' ? [`${host} is reached`] : [],
    errorKind: kind,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** Refusals that the first paid call would meet as well, and faults of the network; anything else may pass. */
function isDown({ fault }: TransportError): boolean {
  if (fault.type === 'http') return fault.status >= 500;
  if (fault.type !== 'api') return true;
  const { kind, advice } = meaningOf(fault.meaning ?? fault.code);
  return kind === 'auth' || kind === 'quota' || advice === 'ended' || advice === 'region';
}
