import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Normaliser, withoutVolatile } from './comfyui-recordings.ts';

/** A bare client that writes down what it hears. */
export class Peer {
  readonly clientId: string;
  readonly #socket: WebSocket;
  readonly #normaliser = new Normaliser();
  readonly lines: string[] = [];
  #heard: (() => void)[] = [];

  private constructor(socket: WebSocket, clientId: string) {
    this.#socket = socket;
    this.clientId = clientId;
    socket.on('message', (data, isBinary) => {
      this.lines.push(this.#describe(data as Buffer, isBinary));
      for (const wake of this.#heard.splice(0)) wake();
    });
  }

  static async open(url: string, clientId: string, flags = false): Promise<Peer> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=${clientId}`);
    const peer = new Peer(socket, clientId);
    await once(socket, 'open');
    await peer.until((line) => line.startsWith('status '));
    if (flags) {
      socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
      await peer.until((line) => line.startsWith('feature_flags '));
    }
    return peer;
  }

  /** Waits for a message, also one that has come already. */
  async until(matches: (line: string) => boolean, from = 0): Promise<void> {
    while (!this.lines.slice(from).some(matches)) {
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  /** The lines since `from`, with or without `progress_state`. */
  since(from: number, states = true): string[] {
    return this.lines.slice(from).filter((line) => states || !line.startsWith('progress_state'));
  }

  ping(): Promise<unknown> {
    const pong = once(this.#socket, 'pong');
    this.#socket.ping();
    return pong;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  closed(): Promise<unknown> {
    return once(this.#socket, 'close');
  }

  #describe(data: Buffer, isBinary: boolean): string {
    if (isBinary) return `BIN ev${data.readUInt32BE(0)}`;
    const message = JSON.parse(data.toString('utf8')) as { type: string; data: Record<string, unknown> };
    return this.#normaliser.line(message.type, withoutVolatile(message.data));
  }
}

/** The end of a job, as its own client hears it. */
export function isEnd(line: string): boolean {
  return line.startsWith('executing {"node":null');
}

export async function post(
  url: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string; json: Record<string, unknown> }> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return readResponse(response);
}

export async function get(
  url: string,
  path: string,
): Promise<{ status: number; text: string; json: Record<string, unknown> }> {
  return readResponse(await fetch(`${url}${path}`));
}

async function readResponse(
  response: Response,
): Promise<{ status: number; text: string; json: Record<string, unknown> }> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, text, json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

type Node = { class_type: string; inputs: Record<string, unknown> };

export const trivialGraph = (prefix = 'e', more: Record<string, unknown> = {}): Record<string, Node> => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 255, ...more } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
});

export const diffusionGraph = (seed = 1, steps = 2): Record<string, Node> => ({
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed,
      steps,
      cfg: 2,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'tiny-random.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'tiny' } },
});
