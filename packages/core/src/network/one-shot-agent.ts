import type { Agent, ClientRequest } from 'node:http';
import { invalidRequest } from '../contract/index.ts';
import { createPolicyAgent } from './create-agent.ts';
import type { AgentOptions } from './create-agent.ts';
import { say } from './network-messages.ts';
import { openConnection } from './open-connection.ts';

/** An agent for exactly one request, and what became of its connection. */
export interface OneShotAgent {
  readonly agent: Agent;
  /**
   * Whether a connection that can carry the request was ever made: TCP, with `https:` also TLS, behind a proxy also the
   * tunnel. While it is false, the request cannot have arrived. With an injected agent it is true from the first request on,
   * because nobody can tell.
   */
  connectionMade(): boolean;
  /** Why no connection was made; undefined where one was, or where none was tried. */
  connectionError(): unknown;
  /** Whether a second request was tried (a client followed a redirect) and refused. */
  redirected(): boolean;
  /** Closes the connection, also one that is being opened. */
  destroy(): void;
}

/**
 * An agent for one paid POST: a fresh connection that serves nothing else, so that the reset of an idle connection cannot
 * be mistaken for a lost answer. A second request fails before it is sent, whatever its host and protocol, so that a client
 * which follows redirects cannot send a job twice.
 */
export function createOneShotAgent(target: URL, options: AgentOptions = {}): OneShotAgent {
  if (options.agent !== undefined) return limitToOneRequest(target, options.agent);
  const closing = new AbortController();
  let connections = 0;
  let made = false;
  let failure: unknown;
  const agent = createPolicyAgent(
    target,
    async (requested) => {
      connections += 1;
      if (connections > 1) throw refusal();
      try {
        const socket = await openConnection(options.connectTo ?? requested, { ...options, signal: closing.signal });
        made = true;
        return socket;
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    { keepAlive: false },
  );
  // A redirect to the other protocol must reach `createConnection` too, to be refused and seen there.
  Object.assign(agent, { protocol: undefined });
  return {
    agent,
    connectionMade: () => made,
    connectionError: () => failure,
    redirected: () => connections > 1,
    destroy() {
      // Once it is made, the agent closes it; an abort makes an error with a stack, for nobody.
      if (!made) closing.abort();
      agent.destroy();
    },
  };
}

/** The method that `node:http` calls on agents; it is missing in the type declarations. */
interface RequestTaker {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

function takesRequests(agent: Agent): agent is Agent & RequestTaker {
  return 'addRequest' in agent && typeof agent.addRequest === 'function';
}

function limitToOneRequest(target: URL, injected: Agent): OneShotAgent {
  const refusing: Agent = createPolicyAgent(target, () => Promise.reject(refusal()), { keepAlive: false });
  if (!takesRequests(injected) || !takesRequests(refusing)) {
    throw invalidRequest(say('agent'));
  }
  let requests = 0;
  const addRequest: RequestTaker['addRequest'] = (request, ...rest) => {
    requests += 1;
    if (requests > 1) refusing.addRequest(request, ...rest);
    else injected.addRequest(request, ...rest);
  };
  const agent: Agent = Object.create(injected, { addRequest: { value: addRequest } });
  return {
    agent,
    connectionMade: () => requests > 0,
    connectionError: () => undefined,
    redirected: () => requests > 1,
    // The injected agent is the caller's; its connections stay.
    destroy: () => undefined,
  };
}

function refusal(): Error {
  return new Error('A second request for a job that may be sent only once was refused.');
}
