import type * as Http from 'node:http';
import type * as Https from 'node:https';
import type * as Tls from 'node:tls';

/**
 * Node's network modules, loaded at the first connection: they take longer to load than the rest of this package.
 */
export function nodeHttp(): typeof Http {
  return process.getBuiltinModule('node:http');
}

export function nodeHttps(): typeof Https {
  return process.getBuiltinModule('node:https');
}

export function nodeTls(): typeof Tls {
  return process.getBuiltinModule('node:tls');
}
