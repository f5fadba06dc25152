/** No connection was made: nothing has been sent. */
export class ConnectionError extends Error {
  /** Such as `ECONNREFUSED`, `ENOTFOUND`, `ETIMEDOUT`, `CERT_HAS_EXPIRED`, `ERR_PROXY_REFUSED`, `ERR_PROXY_SETTING`. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ConnectionError';
    this.code = code;
  }
}
