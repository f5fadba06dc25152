import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { say } from './demo-messages.ts';
import { HttpError } from './http-error.ts';

/** Access rules of the server. */
export interface AccessRules {
  /** Required from all clients if other machines can reach the server. */
  readonly token: string | undefined;
  /** Whether only this machine can reach it. */
  readonly isLoopback: boolean;
}

const cookieName = 'holodeck_demo';

/**
 * Refuses requests from foreign pages, foreign host names that point at this machine (DNS rebinding), and, if a token is needed,
 * requests without it. `/?token=...` turns the token into a cookie.
 */
export function guard({ token, isLoopback }: AccessRules): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const host = req.header('host') ?? '';
    if (isLoopback && !isLoopbackHost(host)) {
      throw new HttpError(403, 'wrong-host', say('wrong-host'));
    }
    assertSameOrigin(
      req.method,
      host,
      req.header('sec-fetch-site'),
      req.header('sec-fetch-mode'),
      req.header('origin'),
    );
    if (token === undefined) return next();
    const given = req.query('token');
    if (given !== undefined && req.path === '/' && isEqual(given, token)) {
      setCookie(context, cookieName, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      // The address bar and the history should not keep the token.
      return context.redirect('/');
    }
    if (!isEqual(getCookie(context, cookieName) ?? '', token)) {
      throw new HttpError(401, 'token-needed', say('token-needed'));
    }
    return next();
  };
}

/** @throws HttpError 403 */
function assertSameOrigin(
  method: string,
  host: string,
  site: string | undefined,
  mode: string | undefined,
  origin: string | undefined,
): void {
  const isSafe = method === 'GET' || method === 'HEAD';
  // A link from another page may lead here; another page may not fetch or embed.
  const isNavigation = isSafe && mode === 'navigate';
  const isForeignSite = site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation;
  const isForeignOrigin = origin !== undefined && origin.replace(/^https?:\/\//, '') !== host;
  if (isForeignSite || (isForeignOrigin && !isNavigation)) {
    throw new HttpError(403, 'foreign-origin', say('foreign-origin'));
  }
}

function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host);
}

/** Whether an address to listen on is reached from this machine only. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** In constant time. */
function isEqual(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
