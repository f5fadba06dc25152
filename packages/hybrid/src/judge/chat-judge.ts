import { ImageError } from '@holodeck/core';
import type { ImageErrorKind, ImageUsage } from '@holodeck/core';
import { createOneShotFetch, DownloadGuard, isRecord, keepSecrets, readVariable } from '@holodeck/core/backend';
import type { Environment, HttpAnswer } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { invalidRequest } from '../internal/errors.ts';
import type { CardJudge, JudgeAnswer, JudgeQuestion } from './card-judge.ts';
import { say } from './judge-messages.ts';

/** What `createChatJudge` takes. */
export interface ChatJudgeOptions {
  /** The base of the endpoint, such as `https://api.openai.com/v1`; `/chat/completions` is added. */
  readonly url: string;
  /** A model that sees pictures. */
  readonly model: string;
  /** Sent as a bearer token. Default: none, as local servers want it. */
  readonly apiKey?: string;
  /** From the question to the end of the answer. Default 60 000. */
  readonly timeoutMs?: number;
}

/** A verdict is a few lines. */
const mostAnswerBytes = 1024 * 1024;
/** Enough to see what a card shows; services charge by the pixel. */
const shownSide = 768;

const task = `You check a picture for a 3D pipeline: a card that has to show one single object, cut out or on a plain ground.
Answer with one JSON object and nothing else:
{"showsObject": true or false, "oneObject": true or false, "textOrMarks": true or false, "look": a number from 0 to 1 or null, "reason": "one or two sentences"}
showsObject: the card shows the object that is described, from the side that is named.
oneObject: it shows one object alone, with no other thing beside it.
textOrMarks: there is text, a watermark, a logo or another mark that does not belong to the object.
look: how well style, colours and materials agree with the second picture, the scene; null if there is no second picture.`;

/**
 * A judge over a chat endpoint of OpenAI's form that takes pictures: OpenAI, vLLM, Ollama, LM Studio and others. One request for each
 * question, which is not repeated; redirects are not followed.
 *
 * @throws ImageError of kind `invalid-request` for a URL that is not one, or that has a password in it.
 */
export function createChatJudge({ url, model, apiKey, timeoutMs = 60_000 }: ChatJudgeOptions): CardJudge {
  const endpoint = endpointOf(url);
  if (apiKey !== undefined) keepSecrets([apiKey]);
  const judge = async (question: JudgeQuestion): Promise<JudgeAnswer> => {
    // The address is the operator's choice, on this machine or in the own network: only what leads elsewhere is refused.
    await new DownloadGuard(endpoint, [endpoint.host]).check(endpoint);
    const signal = AbortSignal.any([question.signal, AbortSignal.timeout(timeoutMs)]);
    const body = JSON.stringify({ model, messages: await messagesOf(question) });
    const headers = {
      'content-type': 'application/json',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    const once = await createOneShotFetch({});
    try {
      const answer = await once.send(endpoint, { method: 'POST', headers, body, signal });
      return await readAnswer(answer);
    } catch (error) {
      if (ImageError.isInstance(error)) throw error;
      const outcome = once.connectionMade() ? 'unknown' : 'not-submitted';
      throw fault(
        'unavailable',
        outcome,
        say(signal.aborted ? 'judge-slow' : 'judge-unreachable', { host: endpoint.host }),
      );
    } finally {
      await once.close();
    }
  };
  return Object.assign(judge, { model });
}

/**
 * The judge that an environment configures: `HOLODECK_JUDGE_URL`, `HOLODECK_JUDGE_MODEL`, `HOLODECK_JUDGE_KEY`. Undefined without a
 * URL: then nothing is judged.
 *
 * @throws ImageError of kind `invalid-request` without a model, or for a URL that cannot be used.
 */
export function judgeFromEnvironment(environment: Environment): CardJudge | undefined {
  const url = readVariable(environment, 'HOLODECK_JUDGE_URL');
  if (url === undefined) return undefined;
  const model = readVariable(environment, 'HOLODECK_JUDGE_MODEL');
  if (model === undefined) throw invalidRequest(say('judge-model'));
  const apiKey = readVariable(environment, 'HOLODECK_JUDGE_KEY');
  return createChatJudge({ url, model, ...(apiKey === undefined ? {} : { apiKey }) });
}

function endpointOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) throw invalidRequest(say('judge-url'));
  if (base.username !== '' || base.password !== '') throw invalidRequest(say('judge-url-password'));
  return new URL(`${base.pathname.replace(/\/+$/, '')}/chat/completions${base.search}`, base);
}

async function messagesOf({ name, description, view, card, reference }: JudgeQuestion): Promise<unknown> {
  const asked = `The object: ${name}. ${description}\nThe side: ${view}. The first picture is the card.`;
  const pictures = await Promise.all([card, ...(reference === undefined ? [] : [reference])].map(dataUri));
  const content = [
    { type: 'text', text: reference === undefined ? asked : `${asked} The second picture is the scene.` },
    ...pictures.map((url) => ({ type: 'image_url', image_url: { url } })),
  ];
  return [
    { role: 'system', content: task },
    { role: 'user', content },
  ];
}

async function dataUri(bytes: Uint8Array): Promise<string> {
  const { default: sharp } = await import('sharp');
  const size = { width: shownSide, height: shownSide, fit: 'inside', withoutEnlargement: true } as const;
  const small = await sharp(bytes).resize(size).flatten({ background: '#ffffff' }).jpeg({ quality: 88 }).toBuffer();
  return `data:image/jpeg;base64,${small.toString('base64')}`;
}

async function readAnswer({ status, body }: HttpAnswer): Promise<JudgeAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += (chunk as Buffer).byteLength;
    if (size > mostAnswerBytes) throw fault('bad-response', 'lost', say('judge-large', { most: mostAnswerBytes }));
    chunks.push(chunk as Buffer);
  }
  if (status !== 200) {
    const isRefused = status >= 400 && status < 500 && status !== 408;
    throw fault(kindOf(status), isRefused ? 'rejected' : 'unknown', say('judge-status', { status }));
  }
  const answer = parsed(Buffer.concat(chunks).toString());
  const choices = isRecord(answer) && Array.isArray(answer['choices']) ? (answer['choices'] as unknown[]) : [];
  const [choice] = choices;
  const message = isRecord(choice) ? choice['message'] : undefined;
  const text = isRecord(message) && typeof message['content'] === 'string' ? message['content'] : '';
  // Some models put the object into a fence, or a sentence before it. What is not there counts as not said, as it is paid for.
  const found = parsed(/\{[\s\S]*\}/.exec(text)?.[0] ?? '');
  const fields = isRecord(found) ? found : { reason: text };
  return { ...(fields as unknown as JudgeAnswer), usage: usageOf(isRecord(answer) ? answer['usage'] : undefined) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function usageOf(usage: unknown): ImageUsage {
  if (!isRecord(usage)) return {};
  const { prompt_tokens: input, completion_tokens: output } = usage;
  return {
    ...(typeof input === 'number' ? { inputTokens: input } : {}),
    ...(typeof output === 'number' ? { outputTokens: output } : {}),
  };
}

function kindOf(status: number): ImageErrorKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 429) return 'rate-limit';
  return status >= 400 && status < 500 && status !== 408 ? 'invalid-request' : 'unavailable';
}

function fault(
  kind: ImageErrorKind,
  outcome: 'not-submitted' | 'rejected' | 'lost' | 'unknown',
  said: Message,
): ImageError {
  return new ImageError({ kind, outcome, ...said, backend: 'judge' });
}
