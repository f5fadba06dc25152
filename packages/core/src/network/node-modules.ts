import type * as Http from 'node:http';
import type * as Https from 'node:https';
import type * as Tls from 'node:tls';

/**
 * Node's own network modules, loaded when the first connection is made: together they cost more time than all the rest of
 * what an import of this package does.
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
