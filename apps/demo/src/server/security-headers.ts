import type { MiddlewareHandler } from 'hono';

/** No inline script, no foreign source, no frame; strings never become markup. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Headers for every answer. */
export const securityHeaders: MiddlewareHandler = async ({ header }, next) => {
  header('content-security-policy', policy);
  header('x-content-type-options', 'nosniff');
  header('referrer-policy', 'no-referrer');
  header('cross-origin-opener-policy', 'same-origin');
  header('cross-origin-resource-policy', 'same-origin');
  await next();
};
