import type { ImageError } from '@holodeck/core';
import { invalidRequest, joinSentences, type Message } from '@holodeck/core/backend';
import { say } from './connection-messages.ts';

/** Schemes of a Redis or Valkey address; a second `s` means TLS. */
const schemes: Readonly<Record<string, 'redis' | 'rediss'>> = {
  'redis:': 'redis',
  'valkey:': 'redis',
  'rediss:': 'rediss',
  'valkeys:': 'rediss',
};

/** An address of a server, checked. */
export interface RedisAddress {
  /** Includes user and password: never show it. */
  readonly url: string;
  /** For display and errors, without user, password and options. */
  readonly location: string;
  /** `?prefix=name`. */
  readonly prefix?: string;
}

/**
 * Checks `redis://[user:password@]host[:port][/database][?prefix=name]`, also with `rediss`, `valkey` and `valkeys`.
 * @throws {ImageError} kind `invalid-request`; the message never holds the password.
 */
export function parseRedisUrl(text: string): RedisAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid(say('address-not-url'));
  }
  const scheme = schemes[url.protocol];
  if (scheme === undefined) throw invalid(say('address-scheme', { scheme: url.protocol }));
  if (url.hostname === '') throw invalid(say('address-host'));
  // A question mark or a hash in a password puts part of the password here.
  const hasOthers = [...url.searchParams.keys()].some((name) => name !== 'prefix');
  if (hasOthers || url.hash !== '' || url.search.includes('@')) {
    throw invalid(say('address-extra'));
  }
  const database = url.pathname.replace(/^\//, '');
  // A slash in a password puts part of the password here.
  if (!/^\d*$/.test(database)) throw invalid(say('address-database'));
  const credentials = text.slice(text.indexOf('//') + 2, text.lastIndexOf('@') + 1);
  const place = `${url.hostname}:${url.port || '6379'}${database === '' ? '' : `/${database}`}`;
  const prefix = url.searchParams.get('prefix');
  return {
    ...(prefix === null ? {} : { prefix }),
    url: `${scheme}://${credentials}${place}`,
    location: `${scheme}://${place}`,
  };
}

function invalid(problem: Message): ImageError {
  return invalidRequest(joinSentences(problem, say('address-form')));
}
