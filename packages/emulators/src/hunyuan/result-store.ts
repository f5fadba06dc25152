/**
 * The object store that serves the pictures: signed links that end, HEAD and Range, and errors in XML, as COS does
 * (https://cloud.tencent.com/document/product/436/7730). Pictures are painted when they are fetched.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Exchange, Reply } from '../base/exchange.ts';
import type { FaultEffect } from '../base/fault.ts';
import { paintPicture } from '../pictures/paint-picture.ts';
import type { HunyuanSettings } from './hunyuan-settings.ts';
import type { Job } from './job-board.ts';

const pathPattern = /^\/out\/([\w-]+)\/(\d+)\.png$/;

export interface ResultStoreOptions {
  clock: Clock;
  settings: () => HunyuanSettings;
  /** An image left whole. */
  onDelivered: (jobId: string, image: number) => void;
}

export class ResultStore {
  readonly #options: ResultStoreOptions;
  readonly #secret: Buffer = randomBytes(20);
  readonly #jobs: Map<string, Job> = new Map();
  readonly #cache: Map<string, Buffer> = new Map();

  constructor(options: ResultStoreOptions) {
    this.#options = options;
  }

  /** The links to a finished job's pictures. `expired` makes them end before they begin. `lifeMs` wins over the setting. */
  links(job: Job, origin: string, expired: boolean = false, lifeMs?: number): string[] {
    this.#jobs.set(job.id, job);
    const { clock, settings } = this.#options;
    const { urlLifeMs: usualMs, resignUrls } = settings();
    const urlLifeMs = lifeMs ?? usualMs;
    const fromMs = (resignUrls ? clock.now() : job.endsAtMs) - (expired ? urlLifeMs + 1000 : 0);
    const time = `${Math.floor(fromMs / 1000)};${Math.floor((fromMs + urlLifeMs) / 1000)}`;
    return Array.from({ length: job.request.images }, (_, index) => {
      const path = `/out/${job.id}/${index}.png`;
      return (
        `${origin}${path}?q-sign-algorithm=sha1&q-ak=AKIDEMULATOR&q-sign-time=${time}&q-key-time=${time}` +
        `&q-header-list=host&q-url-param-list=&q-signature=${this.#sign(path, time)}`
      );
    });
  }

  /** The job whose picture a path names. */
  jobOf(path: string): Job | undefined {
    return this.#jobs.get(pathPattern.exec(path)?.[1] ?? '');
  }

  clear(): void {
    this.#jobs.clear();
    this.#cache.clear();
  }

  /** Answers a download. */
  async serve(exchange: Exchange, fault: FaultEffect | undefined): Promise<void> {
    const { method = 'GET' } = exchange.request;
    const { pathname, searchParams } = exchange.url;
    if (method !== 'GET' && method !== 'HEAD') return this.#refuse(exchange, 405, 'MethodNotAllowed', fault);
    const time = searchParams.get('q-sign-time') ?? '';
    const now = Math.floor(this.#options.clock.now() / 1000);
    const end = Number(time.split(';')[1]);
    if (searchParams.get('q-signature') === null) return this.#refuse(exchange, 403, 'AccessDenied', fault);
    if (searchParams.get('q-signature') !== this.#sign(pathname, time))
      return this.#refuse(exchange, 403, 'SignatureDoesNotMatch', fault);
    // A link is signed, and a second credential is refused: a client that sends its key here gives it away.
    if (exchange.request.headers.authorization !== undefined)
      return this.#refuse(exchange, 400, 'InvalidArgument', fault);
    if (now > end || fault?.kind === 'expire-url')
      return this.#refuse(exchange, 403, 'AccessDenied', fault, 'Request has expired');
    if (fault?.kind === 'refuse')
      return this.#refuse(exchange, fault.status ?? 403, fault.code ?? 'AccessDenied', fault, fault.message);
    const job = this.jobOf(pathname);
    const image = Number(pathPattern.exec(pathname)?.[2]);
    if (job === undefined || !(image < job.request.images) || fault?.kind === 'lose-job')
      return this.#refuse(exchange, 404, 'NoSuchKey', fault);
    const file = await this.#paint(job, image);
    const { reply, isWhole } = withRange(file, exchange.request.headers.range);
    const sent = await exchange.reply(reply, fault);
    if (sent && isWhole && method === 'GET') this.#options.onDelivered(job.id, image);
  }

  async #paint(job: Job, image: number): Promise<Buffer> {
    const key = `${job.id}/${image}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const { outputSize, imageBytes } = this.#options.settings();
    const { prompt, width, height, look, reference, watermark } = job.request;
    const painted = await paintPicture({
      painter: 'hunyuan',
      ...(outputSize ?? { width, height }),
      prompt,
      seed: job.seed + image,
      ...(look === undefined ? {} : { look }),
      ...(reference && { reference }),
      ...(watermark ? { watermark: 'AI GENERATED' } : {}),
      ...(imageBytes === undefined ? {} : { bytes: imageBytes }),
      text: { Source: 'Tencent Hunyuan Image emulator' },
    });
    // A few recent ones only, for clients that ask again or in parts.
    const [oldest] = this.#cache.keys();
    if (this.#cache.size >= 4 && oldest !== undefined) this.#cache.delete(oldest);
    this.#cache.set(key, painted);
    return painted;
  }

  #sign(path: string, time: string): string {
    return createHmac('sha1', this.#secret).update(`${path}\n${time}`).digest('hex');
  }

  async #refuse(
    exchange: Exchange,
    status: number,
    code: string,
    fault: FaultEffect | undefined,
    message: string = messages[code] ?? code,
  ): Promise<void> {
    const id = randomBytes(12).toString('hex');
    const body =
      `<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>${code}</Code>\n\t<Message>${message}</Message>\n` +
      `\t<Resource>${exchange.url.pathname}</Resource>\n\t<RequestId>${id}</RequestId>\n\t<TraceId>${id}</TraceId>\n</Error>\n`;
    const headers = { 'content-type': 'application/xml', server: 'tencent-cos', 'x-cos-request-id': id };
    await exchange.reply({ status, headers, body }, fault?.kind === 'refuse' ? undefined : fault);
  }
}

const messages: Readonly<Record<string, string>> = {
  AccessDenied: 'Access Denied.',
  MethodNotAllowed: 'The specified method is not allowed against this resource.',
  NoSuchKey: 'The specified key does not exist.',
  SignatureDoesNotMatch: 'The Signature you specified is invalid.',
};

function withRange(file: Buffer, range: string | undefined): { reply: Reply; isWhole: boolean } {
  const headers = {
    'content-type': 'image/png',
    'accept-ranges': 'bytes',
    etag: `"${createHash('md5').update(file).digest('hex')}"`,
    server: 'tencent-cos',
    'x-cos-request-id': randomBytes(12).toString('hex'),
  };
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined || to === undefined || from + to === '')
    return { reply: { status: 200, headers, body: file }, isWhole: true };
  const start = from === '' ? Math.max(0, file.length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? file.length : Math.min(file.length, Number(to) + 1);
  if (start >= end) {
    const unsatisfied = { ...headers, 'content-range': `bytes */${file.length}` };
    return { reply: { status: 416, headers: unsatisfied }, isWhole: false };
  }
  const partial = { ...headers, 'content-range': `bytes ${start}-${end - 1}/${file.length}` };
  // The part that holds the end completes a download in parts.
  return { reply: { status: 206, headers: partial, body: file.subarray(start, end) }, isWhole: end === file.length };
}
