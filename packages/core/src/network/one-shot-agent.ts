import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { invalidRequest } from '../contract/index.ts';
import { createPolicyAgent } from './create-agent.ts';
import type { AgentOptions } from './create-agent.ts';
import { say } from './network-messages.ts';
import { openConnection } from './open-connection.ts';

/** A hook right before the first byte of the request. */
export interface BeforeSend {
  /** Awaited once the connection is open and before anything is written to it. If it throws, nothing is sent. */
  readonly beforeSend?: (() => void | Promise<void>) | undefined;
}

/** An agent for exactly one request, and the state of its connection. */
export interface OneShotAgent {
  readonly agent: Agent;
  /**
   * Whether a connection was made that can carry the request (TCP, plus TLS with `https:`, plus the tunnel behind a proxy), and
   * `beforeSend` allowed it. While it is false, the request cannot have arrived. With an injected agent this is unknown, so it is
   * true from the first request.
   */
  connectionMade(): boolean;
  /** Why the connection failed or `beforeSend` refused; undefined if neither happened. */
  connectionError(): unknown;
  /** Whether a second request was refused: a client followed a redirect. */
  redirected(): boolean;
  /** Closes the connection, also while it opens. */
  destroy(): void;
}

/**
 * An agent for one paid POST on a new connection, so that the reset of an idle connection cannot look like a lost answer. A
 * second request fails before it is sent, whatever its host and protocol, so a client that follows redirects cannot send a job
 * twice.
 */
export function createOneShotAgent(target: URL, options: AgentOptions & BeforeSend = {}): OneShotAgent {
  if (options.agent !== undefined) return limitToOneRequest(target, options.agent, options.beforeSend);
  const closing = new AbortController();
  let connections = 0;
  let made = false;
  let failure: unknown;
  const agent = createPolicyAgent(
    target,
    async (requested) => {
      connections += 1;
      if (connections > 1) throw refusal();
      let socket: Socket | undefined;
      try {
        socket = await openConnection(options.connectTo ?? requested, { ...options, signal: closing.signal });
        await options.beforeSend?.();
        closing.signal.throwIfAborted();
        made = true;
        return socket;
      } catch (error) {
        socket?.destroy();
        failure = error;
        throw error;
      }
    },
    { keepAlive: false },
  );
  // A redirect to the other protocol must reach `createConnection` too, which refuses it.
  Object.assign(agent, { protocol: undefined });
  return {
    agent,
    connectionMade: () => made,
    connectionError: () => failure,
    redirected: () => connections > 1,
    destroy() {
      // The agent closes an open connection; an abort would only create an error with a stack.
      if (!made) closing.abort();
      agent.destroy();
    },
  };
}

/** The method that `node:http` calls on agents; the type declarations lack it. */
interface RequestTaker {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

function takesRequests(agent: Agent): agent is Agent & RequestTaker {
  return 'addRequest' in agent && typeof agent.addRequest === 'function';
}

function limitToOneRequest(target: URL, injected: Agent, beforeSend: BeforeSend['beforeSend']): OneShotAgent {
  let reason: unknown = refusal();
  const refusing: Agent = createPolicyAgent(target, () => Promise.reject(reason), { keepAlive: false });
  if (!takesRequests(injected) || !takesRequests(refusing)) throw invalidRequest(say('agent'));
  let requests = 0;
  let made = false;
  const addFirst = async (request: ClientRequest, rest: unknown[]): Promise<void> => {
    try {
      await beforeSend?.();
      made = true;
      injected.addRequest(request, ...rest);
    } catch (error) {
      reason = error;
      refusing.addRequest(request, ...rest);
    }
  };
  const addRequest: RequestTaker['addRequest'] = (request, ...rest) => {
    requests += 1;
    if (requests > 1) refusing.addRequest(request, ...rest);
    else void addFirst(request, rest);
  };
  const agent: Agent = Object.create(injected, { addRequest: { value: addRequest } });
  return {
    agent,
    connectionMade: () => made,
    connectionError: () => undefined,
    redirected: () => requests > 1,
    // The injected agent and its connections belong to the caller.
    destroy: () => undefined,
  };
}

function refusal(): Error {
  return new Error('A second request for a job that may be sent only once was refused.');
}
