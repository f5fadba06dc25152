import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFetch, createLookup, DownloadGuard } from '@holodeck/core/backend';
import { say } from '../jobs/gateway-messages.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { Caller } from '../keys/caller.ts';
import { GatewayError } from './gateway-error.ts';

/** How webhooks are delivered. */
export interface Webhooks {
  /** Whether addresses on this machine are allowed: only where the gateway itself is reached from this machine alone. */
  readonly allowLoopback: boolean;
}

/** Waits between tries. */
const waitsMs = [1000, 5000, 30_000, 120_000, 600_000];
const tryTimeoutMs = 15_000;

/** A webhook's address, once it is allowed. @throws GatewayError 400 */
export async function checkWebhook(
  { allowLoopback }: Webhooks,
  { secret }: Caller,
  address: string | undefined,
): Promise<string | undefined> {
  if (address === undefined) return undefined;
  if (secret === undefined) throw new GatewayError(400, 'webhook-keyless', say('webhook-keyless'), 'webhook');
  try {
    const url = new URL(address);
    await new DownloadGuard(url, allowLoopback ? undefined : [], createLookup()).check(url);
    return address;
  } catch {
    throw new GatewayError(400, 'webhook-refused', say('webhook-refused'), 'webhook');
  }
}

/**
 * Reports the end of a job as Standard Webhooks describes it, up to six times.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function deliverWebhook(
  service: JobService,
  webhooks: Webhooks,
  caller: Caller,
  { id, webhook, status, request }: JobRecord,
  signal: AbortSignal,
): Promise<void> {
  if (webhook === undefined || caller.secret === undefined) return;
  const body = JSON.stringify({
    type: `job.${status}`,
    timestamp: new Date().toISOString(),
    data: { id, status, kind: request.kind },
  });
  const { fetch, close } = await createFetch({ headersTimeoutMs: tryTimeoutMs, bodyTimeoutMs: tryTimeoutMs });
  try {
    for (const waitMs of [0, ...waitsMs]) {
      if (waitMs > 0) await sleep(waitMs, undefined, { signal, ref: false });
      if (await send(fetch, webhooks, caller, id, webhook, body, signal)) break;
    }
    await service.notified(id);
  } catch {
    // Stopped: the next process delivers it.
  } finally {
    await close();
  }
}

async function send(
  fetch: Awaited<ReturnType<typeof createFetch>>['fetch'],
  webhooks: Webhooks,
  caller: Caller,
  id: string,
  address: string,
  body: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    // The name may lead elsewhere by now.
    await checkWebhook(webhooks, caller, address);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const answer = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signatureOf(caller.secret ?? '', id, timestamp, body)}`,
      },
      body,
      signal,
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

/** The signature of a webhook: HMAC-SHA256 with the key's secret, base64. */
export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}
