import { ImageError } from '@holodeck/core';
import type { ImageErrorFields } from '@holodeck/core/backend';
import { isRecord } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { refusalError } from '../openai-errors.ts';
import { sentence } from '../openai-messages.ts';
import type { ResolvedOpenAIOptions } from '../openai-options.ts';
import { secretsOf } from '../openai-submission.ts';
import { safeText } from '../wire/safe-text.ts';
import { say } from './batch-messages.ts';
import { countsOf } from './batch-wire.ts';
import type { WireBatch, WireLine } from './batch-wire.ts';

/** How long to wait before something is sent again to a full queue, in milliseconds. */
const fullQueueMs = 60_000;
const fullQueueCode = 'token_limit_exceeded';
/** What lines say that the end of a batch overtook. */
const stoppedCodes: ReadonlyMap<unknown, string> = new Map([
  ['expired', 'batch_expired'],
  ['cancelled', 'batch_cancelled'],
]);

function failed(fields: Partial<ImageErrorFields> & Message & Pick<ImageErrorFields, 'kind'>): ImageError {
  return new ImageError({ outcome: 'failed', backend: 'openai', ...fields });
}

/** Whether the batch was refused because too much is waiting. */
export function isFullQueue(error: ImageError): boolean {
  return error.code === fullQueueCode;
}

/** Why a batch failed in validation: nothing ran, nothing is owed. */
export function refusedBatch(batchId: string, batch: WireBatch, options: ResolvedOpenAIOptions): ImageError {
  const { host } = options.baseURL;
  const list = isRecord(batch.errors) && Array.isArray(batch.errors['data']) ? (batch.errors['data'] as unknown[]) : [];
  const first = list.find(isRecord) ?? {};
  const code = typeof first['code'] === 'string' ? safeText(first['code'], secretsOf(options), 100) : undefined;
  const fields = { unpaid: true, ...(code === undefined ? {} : { code }) };
  if (code === fullQueueCode) {
    const said = say('batch-full', { host, batch: batchId });
    return failed({ ...fields, ...said, kind: 'unavailable', retryable: true, retryAfterMs: fullQueueMs });
  }
  const error =
    typeof first['message'] === 'string'
      ? sentence(safeText(first['message'], secretsOf(options), 300))
      : say('no-reason-given');
  const { line } = first;
  const said =
    typeof line === 'number'
      ? say('batch-refused-line', { host, batch: batchId, error, line })
      : say('batch-refused', { host, batch: batchId, error });
  return failed({ ...fields, ...said, kind: 'invalid-request' });
}

/** Why a line has no successful answer. Lines that the end of the batch overtook were not begun. */
export function lineError(batchId: string, { response, error }: WireLine, options: ResolvedOpenAIOptions): ImageError {
  if (isRecord(response)) return refusedLine(response, options);
  const { code, message } = isRecord(error) ? error : {};
  if (code === 'batch_expired') {
    return failed({ kind: 'unavailable', unpaid: true, code, ...say('line-expired', { batch: batchId }) });
  }
  if (code === 'batch_cancelled' || code === 'request_cancelled') {
    return failed({ kind: 'aborted', unpaid: true, code, ...say('line-cancelled', { batch: batchId }) });
  }
  const words =
    typeof message === 'string' ? sentence(safeText(message, secretsOf(options), 300)) : say('no-reason-given');
  return failed({ kind: 'job-failed', ...say('line-error', { batch: batchId, error: words }) });
}

/** The batch has ended without a word about a line. */
export function missingLine(batchId: string): ImageError {
  const said = say('line-missing', { batch: batchId });
  return new ImageError({ kind: 'bad-response', outcome: 'lost', backend: 'openai', ...said });
}

/** The error of a line that the files of an ended batch do not have: a batch that was stopped did not come to it. */
export function unansweredLine(batchId: string, batch: WireBatch, options: ResolvedOpenAIOptions): ImageError {
  const code = stoppedCodes.get(batch.status);
  const isFileGone = typeof batch.output_file_id !== 'string' && countsOf(batch).completed > 0;
  return code === undefined || isFileGone ? missingLine(batchId) : lineError(batchId, { error: { code } }, options);
}

function refusedLine(response: Record<string, unknown>, options: ResolvedOpenAIOptions): ImageError {
  const { profile, model, baseURL } = options;
  const { status_code: status, request_id: id, body } = response;
  const requestId = typeof id === 'string' ? { requestId: safeText(id, secretsOf(options), 200) } : {};
  const refusal = { status: Number(status) || 500, headers: new Headers(), body: JSON.stringify(body ?? '') };
  const error = refusalError(refusal, { profile, model, host: baseURL.host, secrets: secretsOf(options) });
  const passing = error.kind === 'rate-limit' || error.kind === 'unavailable' || error.kind === 'job-failed';
  const kind = passing ? 'unavailable' : error.kind === 'auth' || error.kind === 'timeout' ? 'job-failed' : error.kind;
  // Whether a picture that was blocked is owed is not known.
  const unpaid = error.outcome === 'rejected' && kind !== 'content-policy';
  return ImageError.with(error, { kind, outcome: 'failed', unpaid, retryable: passing, ...requestId });
}
