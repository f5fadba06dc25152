/**
 * The service of the example: a make-believe image service with jobs, signed links and a limit, and what can go wrong with
 * it. A real backend's author has an emulator or a recorded server in its place.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { crc32, deflateSync } from 'node:zlib';

export interface PostcardOrder {
  readonly prompt: string;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly seed?: number;
  readonly pictures?: readonly string[];
}

interface Job {
  readonly order: PostcardOrder;
  state: 'running' | 'done' | 'failed';
}

export class PostcardServer {
  readonly key = `postcard-key-${randomUUID()}`;
  readonly orders: PostcardOrder[] = [];
  /** What goes wrong now. */
  readonly faults = new Set<string>();
  posts = 0;
  url = '';
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #jobs = new Map<string, Job>();
  /** What waits until the faults are over. */
  readonly #held: (() => void)[] = [];

  async start(): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** The pictures of the last order, in order. */
  get pictures(): readonly Uint8Array[] {
    const order = this.orders.at(-1);
    return order === undefined ? [] : Array.from({ length: order.count }, (_, index) => paint(order, index));
  }

  calm(): void {
    this.faults.clear();
    for (const goOn of this.#held.splice(0)) goOn();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const [, place, id = '', index = '0'] = pathname.split('/');
    if (place === 'pictures') return this.#picture(response, id, Number(index), searchParams);
    if (request.method === 'POST') this.posts += 1;
    if (request.headers['x-key'] !== this.key) return reply(response, 401, { error: 'bad-key' });
    if (place === 'account') return reply(response, 200, { account: 'example' });
    if (place === 'jobs' && request.method === 'POST')
      return this.#order(response, JSON.parse(Buffer.concat(chunks).toString()) as PostcardOrder);
    return this.#state(response, id);
  }

  #order(response: ServerResponse, order: PostcardOrder): void {
    const { faults } = this;
    if (faults.has('refuse-for-load')) return reply(response, 429, { error: 'busy' });
    if (faults.has('refuse-for-quota')) return reply(response, 402, { error: 'no-credit' });
    if (faults.has('refuse-for-content')) return reply(response, 422, { error: 'blocked' });
    if (faults.has('fail-at-gateway')) return void response.writeHead(502).end('bad gateway');
    if (faults.has('answer-with-page')) return void response.writeHead(200).end('<html>Welcome</html>');
    if (faults.has('reset-submission')) return void response.socket?.resetAndDestroy();
    const id = randomUUID();
    this.orders.push(order);
    this.#jobs.set(id, { order, state: 'running' });
    if (faults.has('lose-answer')) return void response.socket?.resetAndDestroy();
    const answer = (): void => reply(response, 201, { id });
    if (faults.has('hold-submission')) this.#held.push(answer);
    else answer();
  }

  #state(response: ServerResponse, id: string): void {
    const job = this.#jobs.get(id);
    if (this.faults.has('fail-query')) return void response.writeHead(502).end('bad gateway');
    if (job === undefined || this.faults.has('forget-job')) return reply(response, 404, { error: 'unknown-job' });
    if (job.state === 'running' && !this.faults.has('hold-job'))
      job.state = this.faults.has('fail-job') ? 'failed' : 'done';
    const links = Array.from(
      { length: job.order.count },
      (_, index) => `${this.url}/pictures/${id}/${index}?signature=5ec2e7`,
    );
    return reply(response, 200, { state: job.state, pictures: job.state === 'done' ? links : [] });
  }

  #picture(response: ServerResponse, id: string, index: number, query: URLSearchParams): void {
    const job = this.#jobs.get(id);
    if (job === undefined || query.get('signature') !== '5ec2e7' || this.faults.has('expire-image'))
      return void response.writeHead(403).end();
    if (this.faults.has('damage-image')) return void response.end('This is a text.');
    const picture = paint(job.order, index);
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': picture.length });
    if (this.faults.has('cut-image')) return void response.write(picture.subarray(0, 40), () => response.destroy());
    if (!this.faults.has('hold-image')) return void response.end(picture);
    response.write(picture.subarray(0, 40));
    this.#held.push(() => response.end(picture.subarray(40)));
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A PNG of one colour that follows from order and index. */
function paint(order: PostcardOrder, index: number): Buffer {
  const { width, height } = order;
  const colour = createHash('sha256')
    .update(JSON.stringify([order, index]))
    .digest()
    .subarray(0, 3);
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(width * 3, colour)]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)), { level: 1 });
  const magic = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([magic, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
