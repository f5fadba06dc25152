import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Environment } from '../contract/environment.ts';
import type { Message } from '../messages/message.ts';
import { ConnectionError } from './connection-error.ts';
import { say } from './network-messages.ts';
import { nodeHttp, nodeTls } from './node-modules.ts';
import { proxyFor } from './proxy-rule.ts';
import type { Endpoint, ProxyServer } from './proxy-rule.ts';

const defaultConnectTimeoutMs = 20_000;
// An answer may take minutes without a byte; this keeps NAT tables and firewalls from dropping the connection.
const tcpKeepAliveDelayMs = 30_000;

/** TLS sessions of the servers that were last connected to: a new connection to one of them needs no full handshake. */
const sessions = new Map<string, Buffer>();
const mostSessions = 100;

export interface OpenConnectionOptions {
  readonly environment?: Environment | undefined;
  /** Until the connection is open, in milliseconds. Default 20 000; 0 = no bound. */
  readonly connectTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens one connection, directly or through the environment's proxy (always with a CONNECT tunnel). Resolves when it can carry a
 * request: with TLS after the handshake. Trusts what Node trusts, including `NODE_EXTRA_CA_CERTS`.
 * @throws {ConnectionError} No request can have been sent.
 */
export async function openConnection(endpoint: Endpoint, options: OpenConnectionOptions = {}): Promise<Socket> {
  const proxy = proxyFor(endpoint, options.environment ?? process.env);
  const timeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
  const { signal } = options;
  const opened: Socket[] = [];
  let stopped: 'late' | 'aborted' | undefined;
  const stop = (why: 'late' | 'aborted' | undefined): void => {
    stopped ??= why;
    for (const socket of opened) socket.destroy();
  };
  const onAbort = (): void => stop('aborted');
  const timer = timeoutMs === 0 ? undefined : setTimeout(() => stop('late'), timeoutMs);
  const refuseIfStopped = (): void => {
    if (stopped !== undefined) throw new Error('It was stopped.');
  };
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  try {
    refuseIfStopped();
    const socket = await connectBy(endpoint, proxy, (each) => {
      opened.push(each);
      // An error while no one owns the socket must not crash the process.
      each.on('error', () => undefined);
    });
    refuseIfStopped();
    return socket;
  } catch (error) {
    stop(undefined);
    if (signal?.aborted === true) {
      throw new ConnectionError('ABORT_ERR', say('connection-given-up', { target: label(endpoint) }), signal.reason);
    }
    if (stopped === 'late') {
      const target = proxy === undefined ? label(endpoint) : throughProxy(endpoint, proxy);
      throw new ConnectionError('ETIMEDOUT', say('connection-late', { target, ms: timeoutMs }));
    }
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function connectBy(
  endpoint: Endpoint,
  proxy: ProxyServer | undefined,
  onSocket: (socket: Socket) => void,
): Promise<Socket> {
  if (proxy === undefined) return await connectDirectly(endpoint, undefined, onSocket, label(endpoint));
  const toProxy = await connectDirectly(proxy, undefined, onSocket, say('the-proxy', { proxy: label(proxy) }));
  const tunnel = await openTunnel(toProxy, endpoint, proxy);
  if (!endpoint.secure) return tunnel;
  return await connectDirectly(endpoint, tunnel, onSocket, throughProxy(endpoint, proxy));
}

function connectDirectly(
  endpoint: Endpoint,
  tunnel: Socket | undefined,
  onSocket: (socket: Socket) => void,
  target: string | Message,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port, secure } = endpoint;
    const server = label(endpoint);
    const session = secure ? sessions.get(server) : undefined;
    const socket = secure
      ? nodeTls().connect({
          host,
          port,
          ALPNProtocols: ['http/1.1'],
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(tunnel === undefined ? {} : { socket: tunnel }),
          ...(session === undefined ? {} : { session }),
        })
      : connectTcp({ host, port });
    onSocket(socket);
    if (secure) socket.on('session', (newest: Buffer) => keepSession(server, newest));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, tcpKeepAliveDelayMs);
    const settle = (error?: NodeJS.ErrnoException): void => {
      socket.removeListener('error', settle);
      socket.removeListener('close', closed);
      if (error === undefined) return resolve(socket);
      // The next try needs nothing of this one.
      sessions.delete(server);
      reject(new ConnectionError(error.code ?? 'ECONNRESET', connectionFailed(error, target), error));
    };
    const closed = (): void => settle(new ConnectionError('ECONNRESET', say('connection-closed')));
    socket.once(secure ? 'secureConnect' : 'connect', () => settle());
    socket.once('error', settle);
    socket.once('close', closed);
  });
}

function keepSession(server: string, session: Buffer): void {
  sessions.delete(server);
  sessions.set(server, session);
  const [oldest] = sessions.keys();
  if (sessions.size > mostSessions && oldest !== undefined) sessions.delete(oldest);
}

function openTunnel(toProxy: Socket, endpoint: Endpoint, proxy: ProxyServer): Promise<Socket> {
  const authority = label(endpoint);
  return new Promise((resolve, reject) => {
    const attempt = nodeHttp().request({
      method: 'CONNECT',
      path: authority,
      createConnection: () => toProxy,
      headers: {
        host: authority,
        ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
      },
    });
    attempt.once('connect', (answer, socket: Socket, head) => {
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        if (head.byteLength > 0) socket.unshift(head);
        resolve(socket);
        return;
      }
      socket.destroy();
      const refusal = { proxy: label(proxy), target: authority, status };
      const said = status === 407 ? say('proxy-login', refusal) : say('proxy-refused', refusal);
      reject(new ConnectionError('ERR_PROXY_REFUSED', said));
    });
    attempt.on('error', (error: NodeJS.ErrnoException) => {
      const said = say('proxy-no-tunnel', { proxy: label(proxy), target: authority, reason: reasonOf(error) });
      reject(new ConnectionError(error.code ?? 'ECONNRESET', said, error));
    });
    attempt.end();
  });
}

function label({ host, port }: Endpoint): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function throughProxy(endpoint: Endpoint, proxy: Endpoint): Message {
  return say('through-proxy', { endpoint: label(endpoint), proxy: label(proxy) });
}

/** Node's message without the verb and address, which the sentence already contains. */
function connectionFailed(error: NodeJS.ErrnoException, target: string | Message): Message {
  const [, code, address] = /^(?:connect|getaddrinfo) (E[A-Z_]+)(?: (\S+))?$/.exec(error.message) ?? [];
  if (code === undefined && error.message !== '') {
    return say('connection-failed-because', { target, reason: reasonOf(error) });
  }
  const known = address === undefined || JSON.stringify(target).includes(address);
  const detail = code === undefined ? reasonOf(error) : known ? code : `${code} ${address}`;
  return say('connection-failed', { target, detail });
}

function reasonOf(error: NodeJS.ErrnoException): string | Message {
  if (error instanceof ConnectionError) return error;
  return error.message === '' ? (error.code ?? say('no-reason')) : error.message.replace(/\.$/, '');
}
