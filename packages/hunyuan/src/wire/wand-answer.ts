import { isRecord } from '@holodeck/core/backend';
import { isKnownCode } from '../hunyuan-error-codes.ts';
import { readText } from './hunyuan-wire.ts';
import type { WireAnswer } from './hunyuan-wire.ts';
import { ownFault } from './hub-fault.ts';
import { TransportError } from './transport.ts';
import type { ApiFault, TransportAnswer } from './transport.ts';
import { parseAnswer, readTimes } from './wire-answer.ts';
import { say } from './wire-messages.ts';

/** The routes that draw while the request waits. */
export const wandRoutes = '/v1/wand/';

/** The longest answer of these routes that is read, in bytes: its history may repeat the references. */
export const maxWandBytes: number = 64 * 1024 * 1024;

/**
 * Reads the answer of a route without jobs. Success is an answer without an error, whatever its status says: a refusal comes
 * with its HTTP status, or with 200 and the error in the last frame or alone. The frames of an event stream are read as well.
 */
export function readWandAnswer(response: Response, text: string, secrets: readonly string[]): TransportAnswer {
  const { status, headers } = response;
  const times = readTimes(headers);
  const body = parseAnswer(text, secrets) ?? lastFrame(text, secrets);
  const error = body?.['error'];
  if (isRecord(error)) {
    const requestId = readText(error['request_id']) ?? readText(body?.['request_id']);
    throw new TransportError(faultOf(status, error), { ...times, requestId });
  }
  if (status >= 300 && status < 400) throw new TransportError({ type: 'redirect' }, times);
  if (status !== 200) throw new TransportError({ type: 'http', status }, times);
  if (body === undefined) throw new TransportError({ type: 'unreadable', reason: say('not-json') }, times);
  return { answer: body, ...(times.clockSkewMs === undefined ? {} : { clockSkewMs: times.clockSkewMs }) };
}

function faultOf(status: number, error: WireAnswer): ApiFault {
  const fault = ownFault(status, error);
  const { code, message } = fault;
  if (status === 422 || status === 451 || code === 'content_filter') {
    // "Input or output moderation failed" may mean the finished picture, which then is paid.
    const isInput = /input/i.test(message) && !/output/i.test(message);
    return { ...fault, meaning: isInput ? 'Wand.input' : 'Wand.output' };
  }
  if (status === 429 && /concurren/i.test(message)) return { ...fault, meaning: 'Wand.concurrency' };
  if (status !== 200) return fault;
  if (/download image failed/i.test(message)) return { ...fault, meaning: 'Wand.download' };
  return { ...fault, meaning: isKnownCode(code) ? code : `Wand.${code}` };
}

/** The last frame of an event stream that has a picture or an error. */
function lastFrame(text: string, secrets: readonly string[]): WireAnswer | undefined {
  const frames = text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => parseAnswer(line.slice('data:'.length), secrets))
    .filter((frame) => frame !== undefined);
  return frames.findLast((frame) => isRecord(frame['error']) || pictureOf(frame) !== undefined) ?? frames.at(-1);
}

/** The picture of an answer: `choices[0].delta.image`. Pictures in `assembled_history` are intermediate ones. */
export function pictureOf(answer: WireAnswer): WireAnswer | undefined {
  const { choices } = answer;
  const [choice] = Array.isArray(choices) ? (choices as unknown[]) : [];
  const delta = isRecord(choice) ? choice['delta'] : undefined;
  const image = isRecord(delta) ? delta['image'] : undefined;
  return isRecord(image) && readText(image['url']) !== undefined ? image : undefined;
}
