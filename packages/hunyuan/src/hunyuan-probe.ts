import type { ProbeReport } from '@holodeck/core';
import { probeReport } from '@holodeck/core/backend';
import type { ProbeContext, ProbeFindings } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { randomUUID } from 'node:crypto';
import { anyRegion } from './api/hunyuan-api.ts';
import type { HunyuanApi } from './api/hunyuan-api.ts';
import { meaningOf } from './hunyuan-error-codes.ts';
import { abortError, verdictOf } from './hunyuan-errors.ts';
import { say } from './hunyuan-messages.ts';
import { backendName } from './hunyuan-options.ts';
import { TransportError } from './wire/transport.ts';
import type { Transport } from './wire/transport.ts';

// It has the form of a real id and belongs to nobody.
const absentJob = '1000000000-1000000000-00000000-0000-4000-8000-000000000000-0';

const doesNotProve: readonly Message[] = [say('not-activation'), say('not-balance'), say('not-slot')];
const doesNotProveWithoutJobs: readonly Message[] = [say('not-activation'), say('not-post-paid'), say('not-balance')];
const skewLimitMs = 60_000;

/** What a probe itself found. */
type Findings = Pick<ProbeFindings, 'status' | 'message' | 'proves' | 'remedy' | 'errorKind'>;

/**
 * Sends a signed query, which is free, for a job that does not exist. "No such job" means that network, clock, keys and region
 * are good.
 * @throws {ImageError} Only when the signal is aborted.
 */
export async function probeHunyuan(api: HunyuanApi, transport: Transport, context: ProbeContext): Promise<ProbeReport> {
  const checkedAtMs = Date.now();
  const started = performance.now();
  const finish = (findings: Findings, clockSkewMs: number | undefined): ProbeReport =>
    probeReport({
      backend: backendName,
      model: api.model,
      doesNotProve: api.readPictures === undefined ? doesNotProve : doesNotProveWithoutJobs,
      details: {
        host: api.host,
        ...(api.region === anyRegion ? {} : { region: api.region }),
        api: api.name,
        ...(clockSkewMs === undefined ? {} : { clockSkewMs: Math.round(clockSkewMs) }),
      },
      checkedAtMs,
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

function ready({ host, region, deprecation, notice }: HunyuanApi, clockSkewMs = 0): Findings {
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  const skew = Math.abs(clockSkewMs) > skewLimitMs ? say('clock-off', { seconds }) : undefined;
  const hasRegion = region !== anyRegion;
  const taken = hasRegion ? say('ready', { host, region }) : say('ready-anywhere', { host });
  return {
    status: 'ready',
    message: joinSentences(taken, skew, deprecation, notice),
    proves: [
      say('reached', { host }),
      say('credentials-good'),
      ...(hasRegion ? [say('region-taken', { region })] : []),
    ],
  };
}

function notReady(api: HunyuanApi, error: TransportError, { signal }: ProbeContext): Findings {
  const { guide, host, secrets } = api;
  const { kind, what, remedy } = verdictOf(error, { guide, host, secrets, signal, seeded: false });
  return {
    status: isDown(error) ? 'down' : 'unknown',
    message: what,
    proves: error.fault.type === 'api' ? [say('reached', { host })] : [],
    errorKind: kind,
    remedy,
  };
}

/** Refusals that the first paid call would meet as well, and faults of the network. Anything else may pass. */
function isDown({ fault }: TransportError): boolean {
  if (fault.type === 'http') return fault.status >= 500;
  if (fault.type !== 'api') return true;
  const { kind, advice } = meaningOf(fault.meaning ?? fault.code);
  return kind === 'auth' || kind === 'quota' || advice === 'ended' || advice === 'region';
}
