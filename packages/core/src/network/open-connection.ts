import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Environment } from '../contract/environment.ts';
import { ConnectionError } from './connection-error.ts';
import { nodeHttp, nodeTls } from './node-modules.ts';
import { proxyFor } from './proxy-rule.ts';
import type { Endpoint, ProxyServer } from './proxy-rule.ts';

const defaultConnectTimeoutMs = 20_000;
// Answers may take minutes without a byte; this keeps NAT tables and firewalls from forgetting the connection.
const tcpKeepAliveDelayMs = 30_000;

export interface OpenConnectionOptions {
  readonly environment?: Environment | undefined;
  /** For the whole way to an open connection, in milliseconds. Default 20 000; 0 = no bound. */
  readonly connectTimeoutMs?: number | undefined;
  /** Ends an attempt that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens one connection: directly, or through the proxy that the environment asks for (always as a tunnel by CONNECT).
 * Resolves once it can carry a request, which with TLS means after the handshake. Trust is Node's own, `NODE_EXTRA_CA_CERTS`
 * included.
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
      // A fault between two owners of the socket must not end the process.
      each.on('error', () => undefined);
    });
    refuseIfStopped();
    return socket;
  } catch (error) {
    stop(undefined);
    if (signal?.aborted === true) {
      throw new ConnectionError('ABORT_ERR', `Connecting to ${label(endpoint)} was given up.`, signal.reason);
    }
    if (stopped === 'late') {
      const way = proxy === undefined ? '' : ` through the proxy ${label(proxy)}`;
      throw new ConnectionError('ETIMEDOUT', `No connection to ${label(endpoint)}${way} within ${timeoutMs} ms.`);
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
  const toProxy = await connectDirectly(proxy, undefined, onSocket, `the proxy ${label(proxy)}`);
  const tunnel = await openTunnel(toProxy, endpoint, proxy);
  if (!endpoint.secure) return tunnel;
  return await connectDirectly(endpoint, tunnel, onSocket, `${label(endpoint)} through the proxy ${label(proxy)}`);
}

function connectDirectly(
  endpoint: Endpoint,
  tunnel: Socket | undefined,
  onSocket: (socket: Socket) => void,
  what: string,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port, secure } = endpoint;
    const socket = secure
      ? nodeTls().connect({
          host,
          port,
          ALPNProtocols: ['http/1.1'],
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(tunnel === undefined ? {} : { socket: tunnel }),
        })
      : connectTcp({ host, port });
    onSocket(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, tcpKeepAliveDelayMs);
    const settle = (error?: NodeJS.ErrnoException): void => {
      socket.removeListener('error', settle);
      socket.removeListener('close', closed);
      if (error === undefined) resolve(socket);
      else
        reject(
          new ConnectionError(error.code ?? 'ECONNRESET', `Could not connect to ${what}${detail(error, what)}.`, error),
        );
    };
    const closed = (): void => settle(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    socket.once(secure ? 'secureConnect' : 'connect', () => settle());
    socket.once('error', settle);
    socket.once('close', closed);
  });
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
      const hint =
        status === 407 ? 'Check the user and password of the proxy' : 'Check the proxy, or list the host in NO_PROXY';
      reject(
        new ConnectionError(
          'ERR_PROXY_REFUSED',
          `The proxy ${label(proxy)} refused a tunnel to ${authority} with status ${status}. ${hint}.`,
        ),
      );
    });
    attempt.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        new ConnectionError(
          error.code ?? 'ECONNRESET',
          `The proxy ${label(proxy)} gave no tunnel to ${authority}: ${reason(error)}.`,
          error,
        ),
      );
    });
    attempt.end();
  });
}

function label({ host, port }: Endpoint): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What Node says of a failed connection, without what the sentence says already: Node repeats verb and address. */
function detail(error: NodeJS.ErrnoException, what: string): string {
  const [, code, address] = /^(?:connect|getaddrinfo) (E[A-Z_]+)(?: (\S+))?$/.exec(error.message) ?? [];
  if (code === undefined) return error.message === '' ? ` (${reason(error)})` : `: ${reason(error)}`;
  return address === undefined || what.includes(address) ? ` (${code})` : ` (${code} ${address})`;
}

function reason(error: NodeJS.ErrnoException): string {
  return error.message === '' ? (error.code ?? 'no reason given') : error.message.replace(/\.$/, '');
}
