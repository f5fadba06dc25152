import { getConnInfo } from '@hono/node-server/conninfo';
import type { Language } from '@holodeck/core/messages';
import type { MiddlewareHandler } from 'hono';
import { localCaller } from '../jobs/open-job-service.ts';
import { say } from '../jobs/gateway-messages.ts';
import type { Caller } from '../keys/caller.ts';
import type { KeyFile } from '../keys/key-file.ts';
import { GatewayError } from './gateway-error.ts';
import { isSignedAddress } from './signed-address.ts';

/** Values that the handlers of a request share. */
export interface GatewayEnvironment {
  readonly Variables: { readonly caller: Caller; readonly language: Language };
}

/** Who may call. */
export interface AccessRules {
  /** Undefined = anybody on this machine. */
  readonly keys: KeyFile | undefined;
  readonly isLoopback: boolean;
  /** Origins of web pages that may call. */
  readonly cors: readonly string[];
}

/** Calls without a valid key that one address may make in a minute. */
const maxFailures = 20;
const failureWindowMs = 60_000;
/** More addresses are not remembered: the oldest goes. */
const maxAddresses = 10_000;

/**
 * Refuses names that were pointed at this machine (DNS rebinding), calls of foreign web pages, and calls without a key where
 * keys are used.
 */
export function guard({ keys, isLoopback, cors }: AccessRules): MiddlewareHandler<GatewayEnvironment> {
  const failures = new Map<string, { count: number; untilMs: number }>();
  return async (context, next) => {
    const { req } = context;
    const host = req.header('host') ?? '';
    if (isLoopback && !/^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host)) {
      throw new GatewayError(403, 'wrong-host', say('wrong-host'));
    }
    const origin = req.header('origin');
    const isForeign = origin !== undefined && origin.replace(/^https?:\/\//, '') !== host && !cors.includes(origin);
    const site = req.header('sec-fetch-site');
    const isForeignSite = origin === undefined && site !== undefined && !['same-origin', 'none'].includes(site);
    if (isForeign || isForeignSite) throw new GatewayError(403, 'foreign-origin', say('foreign-origin'));
    if (keys === undefined) {
      context.set('caller', localCaller);
      return next();
    }
    const given = /^Bearer\s+(\S+)$/i.exec(req.header('authorization') ?? '')?.[1];
    const caller = await (given === undefined ? signedCaller(keys, req.url) : keys.find(given)).catch(unreadable);
    if (caller !== undefined) {
      context.set('caller', caller);
      return next();
    }
    const address = getConnInfo(context).remote.address ?? '';
    const failed = failures.get(address);
    const now = Date.now();
    if (failed !== undefined && failed.untilMs > now && failed.count >= maxFailures) {
      throw new GatewayError(429, 'too-many-failures', say('too-many-failures'));
    }
    const counted =
      failed !== undefined && failed.untilMs > now ? failed : { count: 0, untilMs: now + failureWindowMs };
    failures.delete(address);
    failures.set(address, { ...counted, count: counted.count + 1 });
    if (failures.size > maxAddresses) failures.delete(failures.keys().next().value ?? '');
    throw new GatewayError(
      401,
      given === undefined ? 'no-key' : 'bad-key',
      say(given === undefined ? 'no-key' : 'bad-key'),
    );
  };
}

/** The caller is not told where the keys are; the terminal is. */
function unreadable(cause: unknown): never {
  throw new Error('The keys cannot be read.', { cause });
}

/** Whether an address to listen on is reached from this machine only. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** The caller whose secret signed the address of an image. */
async function signedCaller(keys: KeyFile, address: string): Promise<Caller | undefined> {
  const url = new URL(address);
  const name = url.searchParams.get('key');
  const caller = name === null ? undefined : await keys.findNamed(name);
  return caller !== undefined && isSignedAddress(caller, url) ? caller : undefined;
}
