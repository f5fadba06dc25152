import { isKnownCode } from '../hunyuan-error-codes.ts';
import { readText } from './hunyuan-wire.ts';
import type { WireAnswer } from './hunyuan-wire.ts';
import type { ApiFault } from './transport.ts';

/** Errors of the service behind TokenHub carry its code; for all others the status says what they mean. */
export function ownFault(status: number, error: WireAnswer): ApiFault {
  const upstream = readText(error['upstream_code']);
  const code = readText(error['code']) ?? readText(error['type']) ?? String(status);
  const message = readText(error['message']) ?? '';
  if (upstream !== undefined && upstream.includes('.')) {
    // Behind TokenHub a general code under the status of a broken service is as open as it is in front of it.
    return { type: 'api', code: upstream, message, status: readStatus(error['upstream_status']) ?? status };
  }
  return {
    type: 'api',
    code,
    message,
    meaning: isKnownCode(`TokenHub.${code}`) ? `TokenHub.${code}` : `TokenHub.${status}`,
  };
}

/** An HTTP status as a number or its digits; undefined for anything else. */
function readStatus(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^[1-5]\d\d$/.test(text) ? Number(text) : undefined;
}
