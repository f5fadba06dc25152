import type { Agent, AgentOptions as HttpAgentOptions, ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { plainHost } from './host-kinds.ts';
import type { NetworkOptions } from './network-options.ts';
import { nodeHttp } from './node-modules.ts';
import { openConnection } from './open-connection.ts';
import type { Endpoint } from './proxy-rule.ts';

/** Options of `createAgent` and `createOneShotAgent`. An injected `agent` overrides all others. */
export interface AgentOptions extends NetworkOptions {
  /**
   * Connects to this address although the URL names another host, for vendors that sign the host name. The URL and the `Host`
   * header stay the same. TLS is used only if `secure`, with this host's name.
   */
  readonly connectTo?: { readonly host: string; readonly port: number; readonly secure: boolean } | undefined;
}

export type Connect = (requested: Endpoint) => Promise<Socket>;

/** Makes a `node:http` agent whose connections are opened by `connect`. Works for `http:` and `https:` requests alike. */
export function createPolicyAgent(target: URL, connect: Connect, options: HttpAgentOptions): Agent {
  const secure = isSecure(target);
  const open = async (wanted: ClientRequestArgs, callback: ConnectionCallback): Promise<void> => {
    const port = Number(wanted.port ?? (secure ? 443 : 80));
    let socket: Socket;
    try {
      socket = await connect({ host: plainHost(wanted.host ?? 'localhost'), port, secure });
    } catch (error) {
      // The type requires a socket, but an error has none.
      Reflect.apply(callback, undefined, [error]);
      return;
    }
    callback(null, socket);
  };
  const agent = new (nodeHttp().Agent)(options);
  return Object.assign(agent, {
    // `node:http` checks `protocol` against the request; undefined accepts any.
    defaultPort: secure ? 443 : 80,
    protocol: secure ? 'https:' : 'http:',
    createConnection(wanted: ClientRequestArgs, callback?: ConnectionCallback): undefined {
      void open(wanted, callback ?? (() => undefined));
    },
  });
}

type ConnectionCallback = (error: Error | null, socket: Duplex) => void;

/**
 * A keep-alive agent for `node:http` and `node:https` that follows the network policy: proxies from the environment, this
 * machine always directly, certificates of `NODE_EXTRA_CA_CERTS` trusted.
 * @param target A URL of the server; its protocol decides whether TLS is used. `ws:` and `wss:` work too.
 */
export function createAgent(target: URL, options: AgentOptions = {}): Agent {
  if (options.agent !== undefined) return options.agent;
  return createPolicyAgent(target, (requested) => openConnection(options.connectTo ?? requested, options), {
    keepAlive: true,
  });
}

function isSecure(target: URL): boolean {
  return target.protocol === 'https:' || target.protocol === 'wss:';
}
