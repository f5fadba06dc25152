import type { Message, MessageParams } from '../messages/message.ts';

/** No connection was made: nothing has been sent. */
export class ConnectionError extends Error implements Message {
  /** Such as `ECONNREFUSED`, `ENOTFOUND`, `ETIMEDOUT`, `CERT_HAS_EXPIRED`, `ERR_PROXY_REFUSED`, `ERR_PROXY_SETTING`. */
  readonly code: string;
  readonly messageId: string | undefined;
  readonly params: MessageParams | undefined;

  constructor(code: string, { message, messageId, params }: Message, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ConnectionError';
    this.code = code;
    this.messageId = messageId;
    this.params = params;
  }
}
