import { createHash, createHmac } from 'node:crypto';

export interface CallOptions {
  /** Fields, or the raw body. */
  body?: unknown;
  action?: string;
  version?: string;
  region?: string;
  secretId?: string;
  secretKey?: string;
  token?: string;
  service?: string;
  timestamp?: number;
  /** Sign the host with its port, as the Python SDK does. */
  hostWithPort?: boolean;
  signAction?: boolean;
  /** What replaces or (undefined) removes a header after signing. */
  headers?: Record<string, string | undefined>;
  method?: string;
  signal?: AbortSignal;
}

export interface ServiceResponse {
  status: number;
  headers: Headers;
  response: Record<string, unknown> & { Error?: { Code: string; Message: string } };
}

interface Target {
  url: string;
  credentials: { secretId: string; secretKey: string };
}

/** Calls the emulator with a signature made here, after the vendor's description and not by the emulator's code. */
export async function signedCall(target: Target, options: CallOptions): Promise<ServiceResponse> {
  const raw = options.body ?? {};
  const body =
    typeof raw === 'string' || raw instanceof Uint8Array ? Buffer.from(raw) : Buffer.from(JSON.stringify(raw));
  const {
    action = 'SubmitTextToImageJob',
    version = '2022-12-29',
    region = 'ap-guangzhou',
    secretId = target.credentials.secretId,
    secretKey = target.credentials.secretKey,
    service = 'aiart',
    timestamp = Math.floor(Date.now() / 1000),
    method = 'POST',
  } = options;
  const url = new URL(target.url);
  const host = options.hostWithPort === true ? url.host : url.hostname;
  const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
  const lines = [`content-type:application/json`, `host:${host}`];
  if (options.signAction === true) lines.push(`x-tc-action:${action.toLowerCase()}`);
  const names = lines.map((line) => line.split(':')[0]).join(';');
  const canonical = [method, '/', url.search.slice(1), ...lines, '', names, sha256(body)].join('\n');
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const key = [date, service, 'tc3_request'].reduce<string | Buffer>(
    (previous, text) => createHmac('sha256', previous).update(text).digest(),
    `TC3${secretKey}`,
  );
  const signature = createHmac('sha256', key)
    .update(['TC3-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n'))
    .digest('hex');
  const headers: Record<string, string | undefined> = {
    'Content-Type': 'application/json',
    'X-TC-Action': action,
    'X-TC-Version': version,
    'X-TC-Region': region,
    'X-TC-Timestamp': String(timestamp),
    'X-TC-Token': options.token,
    Authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    ...options.headers,
  };
  const present = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const answer = await fetch(url, {
    method,
    headers: Object.fromEntries(present),
    ...(method === 'GET' ? {} : { body }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const content = (await answer.json()) as { Response: ServiceResponse['response'] };
  return { status: answer.status, headers: answer.headers, response: content.Response };
}

export async function submit(
  target: Target,
  fields: Record<string, unknown>,
  options: CallOptions = {},
): Promise<ServiceResponse> {
  return signedCall(target, { ...options, body: { Prompt: '雨夜的面馆', Revise: 0, ...fields } });
}

export async function query(target: Target, jobId: unknown, options: CallOptions = {}): Promise<ServiceResponse> {
  return signedCall(target, { ...options, action: 'QueryTextToImageJob', body: { JobId: jobId } });
}

/** Submits and returns the job's id; fails loudly when refused. */
export async function accept(target: Target, fields: Record<string, unknown> = {}): Promise<string> {
  const { response } = await submit(target, fields);
  if (typeof response['JobId'] !== 'string') throw new Error(`refused: ${JSON.stringify(response)}`);
  return response['JobId'];
}
