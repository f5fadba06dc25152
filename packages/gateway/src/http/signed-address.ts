import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../keys/caller.ts';

/** OpenAI's image addresses live for one hour; so do these. */
const lifeMs = 3_600_000;

/** The address of an image for clients that send no key with it, such as a browser. It expires after one hour. */
export function signedAddress({ key, secret }: Caller, origin: string, path: string): string {
  const url = new URL(path, origin);
  if (secret === undefined) return url.href;
  const expires = String(Date.now() + lifeMs);
  url.search = new URLSearchParams({ key, expires, signature: sign(secret, path, expires) }).toString();
  return url.href;
}

/** Whether an address was signed for this caller and has not expired. */
export function isSignedAddress({ secret }: Caller, { pathname, searchParams }: URL): boolean {
  const expires = searchParams.get('expires') ?? '';
  const signature = searchParams.get('signature') ?? '';
  if (secret === undefined || !(Number(expires) > Date.now())) return false;
  const wanted = Buffer.from(sign(secret, pathname, expires));
  const given = Buffer.from(signature);
  return wanted.byteLength === given.byteLength && timingSafeEqual(wanted, given);
}

function sign(secret: string, path: string, expires: string): string {
  return createHmac('sha256', secret).update(`${path}\n${expires}`).digest('base64url');
}
