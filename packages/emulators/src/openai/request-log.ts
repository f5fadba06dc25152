/** What clients sent, for tests to look at. Keys are never kept. */
import type { IncomingHttpHeaders } from 'node:http';
import type { UploadedPicture } from './image-call.ts';

/** A request as it arrived, without its keys. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** Without `authorization`, `api-key` and `cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether any key was sent. */
  readonly hasKey: boolean;
  /** The body's parameters, for the image endpoints. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The pictures that were uploaded, in their order. */
  readonly pictures?: readonly UploadedPicture[];
}

const maxRequests = 10_000;
const secretHeaders = new Set(['authorization', 'api-key', 'cookie']);

export class RequestLog {
  readonly requests: LoggedRequest[] = [];

  add(
    method: string,
    path: string,
    headers: IncomingHttpHeaders,
    more: Pick<LoggedRequest, 'parameters' | 'pictures'> = {},
  ): void {
    const open = Object.entries(headers)
      .filter(([name]) => !secretHeaders.has(name))
      .map(([name, value]) => [name, String(value)]);
    const hasKey = headers.authorization !== undefined || headers['api-key'] !== undefined;
    this.requests.push({ method, path, headers: Object.fromEntries(open), hasKey, ...more });
    if (this.requests.length > maxRequests) this.requests.shift();
  }
}
