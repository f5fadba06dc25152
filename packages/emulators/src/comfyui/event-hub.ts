/** The sockets of `/ws`: who is registered under which client id, and who hears what. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { isRecord } from '../base/is-record.ts';

const maxInboundBytes = 4 * 1024 * 1024;

export interface EventHubOptions {
  /** The first message's `queue_remaining`. */
  readonly queueRemaining: () => number;
  /** The node that a client's job is executing now, where one is. */
  readonly executingNode: (clientId: string) => string | undefined;
  readonly features: () => Record<string, unknown>;
  readonly clientIdBug: () => boolean;
}

export class EventHub {
  readonly #options: EventHubOptions;
  readonly #server: WebSocketServer;
  readonly #registered: Map<string, WebSocket> = new Map();
  readonly #metadata: Map<string, boolean> = new Map();

  constructor(options: EventHubOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({ noServer: true, maxPayload: maxInboundBytes, perMessageDeflate: true });
  }

  /** Sockets that are open, registered or not. */
  get openSockets(): number {
    return this.#server.clients.size;
  }

  accept(request: IncomingMessage, stream: Duplex, head: Buffer, clientId: string | null): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      this.#register(socket, clientId === null || clientId === '' ? randomUUID().replaceAll('-', '') : clientId);
    });
  }

  /** Sends to one client, or to all where `clientId` is undefined. */
  send(type: string, data: unknown, clientId: string | undefined): void {
    const message = JSON.stringify({ type, data });
    for (const socket of this.#targets(clientId)) socket.send(message);
  }

  /** A picture: event 4 with metadata for clients that asked for it, else event 1. */
  sendPicture(
    picture: { bytes: Buffer; isPng: boolean; metadata: Record<string, unknown> },
    clientId: string | undefined,
  ): void {
    const { bytes, isPng } = picture;
    const type = Buffer.alloc(4);
    type.writeUInt32BE(isPng ? 2 : 1);
    const plain = Buffer.concat([eventNumber(1), type, bytes]);
    const metadata = Buffer.from(
      JSON.stringify({ ...picture.metadata, image_type: isPng ? 'image/png' : 'image/jpeg' }),
    );
    const length = Buffer.alloc(4);
    length.writeUInt32BE(metadata.length);
    const rich = Buffer.concat([eventNumber(4), length, metadata, bytes]);
    for (const [id, socket] of this.#registered) {
      if (clientId === undefined || id === clientId) socket.send(this.#metadata.get(id) === true ? rich : plain);
    }
  }

  /** Whether a client gets event 4. */
  wantsMetadata(clientId: string | undefined): boolean {
    return clientId !== undefined && this.#metadata.get(clientId) === true;
  }

  /** Event 3 goes to all clients, not only to the job's owner. */
  sendText(nodeId: string, text: string): void {
    const node = Buffer.from(nodeId);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(node.length);
    const message = Buffer.concat([eventNumber(3), length, node, Buffer.from(text)]);
    for (const socket of this.#registered.values()) socket.send(message);
  }

  /** Cuts every connection without a closing handshake. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#registered.clear();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #targets(clientId: string | undefined): WebSocket[] {
    if (clientId === undefined) return [...this.#registered.values()];
    const socket = this.#registered.get(clientId);
    return socket === undefined ? [] : [socket];
  }

  #register(socket: WebSocket, clientId: string): void {
    this.#registered.set(clientId, socket);
    this.#metadata.delete(clientId);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#options.clientIdBug() || this.#registered.get(clientId) === socket) this.#registered.delete(clientId);
    });
    const remaining = { exec_info: { queue_remaining: this.#options.queueRemaining() } };
    socket.send(JSON.stringify({ type: 'status', data: { status: remaining, sid: clientId } }));
    const node = this.#options.executingNode(clientId);
    if (node !== undefined) socket.send(JSON.stringify({ type: 'executing', data: { node } }));
    let first = true;
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? undefined : parse((data as Buffer).toString('utf8'));
      if (!isRecord(message)) return;
      if (first && message['type'] === 'feature_flags' && isRecord(message['data'])) {
        this.#metadata.set(clientId, message['data']['supports_preview_metadata'] === true);
        socket.send(JSON.stringify({ type: 'feature_flags', data: this.#options.features() }));
      }
      first = false;
    });
  }
}

function eventNumber(event: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(event);
  return bytes;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
