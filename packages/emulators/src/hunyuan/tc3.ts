/**
 * TC3-HMAC-SHA256 as a verifier sees it: over the raw bytes of the request, with the list of headers taken from
 * the request itself.
 *
 * Rules: https://cloud.tencent.com/document/api/1668/88064 and the official SDKs, which differ: the Node SDK signs the
 * host without its port and takes the service from the first label of the endpoint; the Python SDK signs the Host
 * header as it is sent. Newer documentation signs `x-tc-action` too, with its value in lower case.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The parts of an `Authorization` header. */
export interface Authorization {
  readonly secretId: string;
  /** UTC day, `yyyy-mm-dd`. */
  readonly date: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** What is signed. */
export interface SignedRequest {
  method: string;
  /** The query string as sent, without `?`. */
  query: string;
  /** Headers by lower-case name. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
  /** Unix seconds, as sent. */
  timestamp: string;
}

const shape =
  /^TC3-HMAC-SHA256 Credential=([^/\s,]+)\/(\d{4}-\d{2}-\d{2})\/([^/\s,]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** `undefined` when the header does not have the form that the service asks for. */
export function parseAuthorization(header: string): Authorization | undefined {
  const match = shape.exec(header);
  if (match === null) return undefined;
  const [, secretId = '', date = '', service = '', signed = '', signature = ''] = match;
  const signedHeaders = signed.split(';');
  if (!signedHeaders.includes('content-type') || !signedHeaders.includes('host')) return undefined;
  return { secretId, date, service, signedHeaders, signature };
}

/** The hash of the canonical request, hexadecimal. `headers` holds the values as they are signed. */
export function hashCanonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const unsigned = request.headers['x-tc-content-sha256'] === 'UNSIGNED-PAYLOAD';
  const canonical = [
    request.method,
    '/',
    request.query,
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim()}`),
    '',
    signedHeaders.join(';'),
    createHash('sha256')
      .update(unsigned ? 'UNSIGNED-PAYLOAD' : request.body)
      .digest('hex'),
  ].join('\n');
  return createHash('sha256').update(canonical).digest('hex');
}

/** The signature over a canonical request's hash, hexadecimal. */
export function signHash(hash: string, secretKey: string, timestamp: string, date: string, service: string): string {
  const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const signing = hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request');
  const stringToSign = `TC3-HMAC-SHA256\n${timestamp}\n${date}/${service}/tc3_request\n${hash}`;
  return hmac(signing, stringToSign).toString('hex');
}

/** Is the signature right for any of the ways in which official clients write host and action? */
export function verifySignature(request: SignedRequest, authorization: Authorization, secretKey: string): boolean {
  const { date, service, signedHeaders } = authorization;
  const day = new Date(Number(request.timestamp) * 1000).toISOString().slice(0, 10);
  if (day !== date) return false;
  const host = request.headers['host'] ?? '';
  const action = request.headers['x-tc-action'] ?? '';
  for (const signedHost of new Set([host, host.replace(/:\d+$/, '')])) {
    for (const signedAction of new Set([action.toLowerCase(), action])) {
      const headers = { ...request.headers, host: signedHost, 'x-tc-action': signedAction };
      const hash = hashCanonicalRequest({ ...request, headers }, signedHeaders);
      const expected = signHash(hash, secretKey, request.timestamp, date, service);
      if (timingSafeEqual(Buffer.from(expected), Buffer.from(authorization.signature))) return true;
    }
  }
  return false;
}
