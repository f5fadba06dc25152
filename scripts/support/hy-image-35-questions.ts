/** Asks Hy-Image 3.5 what its vendor does not publish, by drawing a few pictures on the account of the caller. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkFetch } from '@holodeck/core/backend';
import { createFetch, inspectImage, isRecord } from '@holodeck/core/backend';

/** The most pictures that a run can be charged for: each request below draws at most one. */
export const maxPictures = 10;

/** What a run costs at most, for people. */
export const costOfQuestions: string = `at most ${maxPictures} pictures up to 2048x2048, about ${(maxPictures * 0.15).toFixed(2)} CNY (0.15 CNY each, as of 2026-11)`;

/** Where to ask, and where the pictures and the report go. */
export interface QuestionsTarget {
  readonly apiKey: string;
  /** Such as `https://tokenhub.tencentmaas.com`. */
  readonly origin: string;
  /** The folder is created. */
  readonly folder: string;
  /** When the connection of one request is cut after it began, in milliseconds. Default 4000. */
  readonly cutAfterMs?: number;
}

interface Reply {
  /** Undefined where the connection broke. */
  readonly status: number | undefined;
  readonly ms: number;
  readonly bytes: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Picture {
  readonly sha256: string;
  readonly size: string;
  readonly hasLabel: boolean;
}

const path = '/v1/wand/hunyuan-image/v35-generation';
const requestTimeoutMs = 300_000;
const maxBodyBytes = 64 * 1024 * 1024;
const usual = { model: 'hy-image-v3.5-preview', size: '512x512' };
const user = (text: string): unknown => ({ role: 'user', content: [{ type: 'text', text }] });
const vase = '一只青花瓷花瓶，白色背景';

/**
 * Draws the pictures and returns the report as Markdown, without the key, links or the number of the account. The pictures lie
 * in the folder, because people have to look for a visible mark themselves.
 * @throws {Error} when the service refuses the key or the account, so that nothing can be asked.
 */
export async function askHyImage35(target: QuestionsTarget): Promise<string> {
  await mkdir(target.folder, { recursive: true });
  const network = await createFetch({ environment: process.env });
  try {
    return await new Questions(target, network).run();
  } finally {
    await network.close();
  }
}

class Questions {
  readonly #target: QuestionsTarget;
  readonly #network: NetworkFetch;
  readonly #rows: (readonly [question: string, answer: string])[] = [];
  #pictures = 0;
  #sent = 0;

  constructor(target: QuestionsTarget, network: NetworkFetch) {
    this.#target = target;
    this.#network = network;
  }

  async run(): Promise<string> {
    const refused = await this.#post({ messages: [user('违禁：血腥的斩首场面')] });
    const { code } = errorOf(refused);
    if ([401, 402, 403, 404].includes(refused.status ?? 0)) {
      throw new Error(`Nothing can be asked: the service answered ${this.#form(refused)}.`);
    }
    this.#note('The form of a refusal by moderation', code === '' ? 'the prompt was drawn' : this.#form(refused));
    this.#note('An unknown field', this.#form(await this.#draw('unknown-field', { surprise: 1 }, vase)));
    await this.#askSeeds();
    await this.#askHistory();
    await this.#askCut();
    this.#note(
      'What was billed',
      `${this.#sent} requests were sent and ${this.#pictures} pictures arrived: compare with the usage page of the account, which also shows whether refusals and the cut request are billed`,
    );
    const lines = this.#rows.map(([question, answer]) => `| ${question} | ${answer.replaceAll('|', '\\|')} |`);
    return ['# Hy-Image 3.5, asked', '', '| question | answer |', '|---|---|', ...lines, ''].join('\n');
  }

  /** Three at once: concurrency, the same seed twice, and the field that should leave the mark out. */
  async #askSeeds(): Promise<void> {
    const variants = [
      ['seed-7', { seed: 7 }],
      ['seed-7-again', { seed: 7 }],
      ['logo-add-0', { seed: 7, logo_add: 0 }],
    ] as const;
    const replies = await Promise.all(variants.map(([name, fields]) => this.#draw(name, fields, vase)));
    const over = replies.filter(({ status }) => status === 429);
    this.#note(
      'Three requests at once',
      over[0] === undefined ? 'all were taken' : `${over.length} refused: ${this.#form(over[0])}`,
    );
    const pictures = new Map<string, Picture | undefined>();
    for (const [index, [name, fields]] of variants.entries()) {
      const reply = replies[index] as Reply & { picture?: Picture };
      pictures.set(name, reply.status === 429 ? (await this.#draw(name, fields, vase)).picture : reply.picture);
    }
    const [one, two, plain] = [...pictures.values()];
    this.#note('The same seed twice', one?.sha256 === two?.sha256 ? 'the same file' : 'different files');
    this.#note('A label in the metadata (AIGC)', one?.hasLabel === true ? 'yes' : 'none found');
    this.#note(
      'A visible mark',
      `look at the lower right corner of seed-7.png, and of logo-add-0.png (${plain === undefined ? 'refused' : 'drawn with logo_add 0'})`,
    );
    this.#note('Seed 0', this.#form(await this.#draw('seed-0', { seed: 0 }, vase)));
  }

  async #askHistory(): Promise<void> {
    const first = await this.#draw('without-size', { size: undefined }, vase);
    this.#note('Without a size', `${first.picture?.size ?? 'no picture'}, ${tokensOf(first)} tokens, ${first.ms} ms`);
    const history = first.body['assembled_history'];
    const text = JSON.stringify(history) ?? '';
    const roles = Array.isArray(history) ? history.map((turn) => (isRecord(turn) ? String(turn['role']) : '?')) : [];
    const base64 = text.includes(';base64,') ? 'has pictures in base64' : 'has no base64';
    this.#note('The history', `${roles.join(', ') || 'none'}; ${text.length} characters; ${base64}`);
    if (!Array.isArray(history)) return;
    const messages = [user(vase), ...(history as unknown[]), user('在花瓶里插一枝梅花')];
    this.#note('A second turn without a session', this.#form(await this.#draw('second-turn', { messages }, vase)));
  }

  async #askCut(): Promise<void> {
    const headers = { 'idempotency-key': randomUUID() };
    const signal = AbortSignal.timeout(this.#target.cutAfterMs ?? 4000);
    const fields = { messages: [user('一只红色的茶壶')], seed: 11 };
    const cut = await this.#post(fields, headers, signal);
    const again = await this.#post(fields, headers);
    const wasCut = cut.status === undefined ? `cut after ${cut.ms} ms` : `answered before the cut (${cut.ms} ms)`;
    this.#note('A cut connection, then the same Idempotency-Key', `${wasCut}; repeated: ${this.#form(again)}`);
  }

  async #draw(name: string, fields: object, prompt: string): Promise<Reply & { readonly picture?: Picture }> {
    const reply = await this.#post({ messages: [user(prompt)], ...fields });
    const link = linkOf(reply.body);
    if (link === undefined) return reply;
    const response = await this.#network.fetch(link, { signal: AbortSignal.timeout(requestTimeoutMs) });
    const bytes = await readBounded(response);
    await writeFile(join(this.#target.folder, `${name}.png`), bytes);
    const info = inspectImage(bytes);
    return {
      ...reply,
      picture: {
        sha256: createHash('sha256').update(bytes).digest('hex'),
        size: `${info?.width}x${info?.height}`,
        hasLabel: bytes.includes('AIGC'),
      },
    };
  }

  async #post(fields: object, headers: Readonly<Record<string, string>> = {}, cut?: AbortSignal): Promise<Reply> {
    const { origin, apiKey } = this.#target;
    this.#sent += 1;
    const startedAt = performance.now();
    const since = (): number => Math.round(performance.now() - startedAt);
    const limit = AbortSignal.timeout(requestTimeoutMs);
    try {
      const response = await this.#network.fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ ...usual, ...fields }),
        redirect: 'manual',
        signal: cut === undefined ? limit : AbortSignal.any([cut, limit]),
      });
      const bytes = await readBounded(response);
      const body = parse(bytes.toString());
      if (linkOf(body) !== undefined) this.#pictures += 1;
      return { status: response.status, ms: since(), bytes: bytes.length, body };
    } catch {
      return { status: undefined, ms: since(), bytes: 0, body: {} };
    }
  }

  /** `HTTP 200, content_filter: text (12 ms)`. */
  #form(reply: Reply): string {
    const { code, message } = errorOf(reply);
    if (reply.status === undefined) return `no answer (${reply.ms} ms)`;
    const isDrawn = linkOf(reply.body) !== undefined;
    const said = isDrawn ? `a picture, ${tokensOf(reply)} tokens` : `${code}: ${this.#clean(message)}`;
    return `HTTP ${reply.status}, ${said} (${reply.ms} ms)`;
  }

  #note(question: string, answer: string): void {
    this.#rows.push([question, answer]);
  }

  /** Text of the service without the key, addresses and long numbers, which may be the account's. */
  #clean(text: string): string {
    return text
      .replaceAll(this.#target.apiKey, '***')
      .replaceAll(/https?:\S+/g, '***')
      .replaceAll(/\d{8,}/g, '***')
      .replaceAll(/\s+/g, ' ')
      .slice(0, 200);
  }
}

/** The last frame of an event stream counts as the answer. */
function parse(text: string): Readonly<Record<string, unknown>> {
  const frames = text.startsWith('data:')
    ? [...text.matchAll(/^data:\s*(\{.*\})\s*$/gm)].map((match) => match[1] ?? '')
    : [text];
  try {
    const value: unknown = JSON.parse(frames.at(-1) ?? '');
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function linkOf({ choices }: Readonly<Record<string, unknown>>): string | undefined {
  const [choice] = Array.isArray(choices) ? (choices as unknown[]) : [];
  const delta = isRecord(choice) ? choice['delta'] : undefined;
  const image = isRecord(delta) ? delta['image'] : undefined;
  return isRecord(image) && typeof image['url'] === 'string' ? image['url'] : undefined;
}

function errorOf({ body }: Reply): { readonly code: string; readonly message: string } {
  const error = isRecord(body['error']) ? body['error'] : {};
  const { code, message } = error;
  return {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    message: typeof message === 'string' ? message : '',
  };
}

function tokensOf({ body }: Reply): string {
  const usage = body['tokenhub_usage'] ?? body['usage'];
  return isRecord(usage) ? String(usage['total_tokens']) : 'unknown';
}

/** @throws {Error} when the body is longer than any answer may be. */
async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBodyBytes) throw new Error('The answer is too long.');
  }
  return Buffer.concat(chunks);
}
