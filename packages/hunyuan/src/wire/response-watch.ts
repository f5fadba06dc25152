import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

const channel = 'http.client.response.finish';
const traceHeader = 'X-TC-TraceId';

/** What was seen of the first response to a request. */
export interface WatchedResponse {
  readonly status: number | undefined;
  /** Aborted when the connection ends in the middle of the body, for which the SDK would wait in vain. */
  readonly cutShort: AbortSignal;
  /** Forgets the request. */
  release(): void;
}

/**
 * Sees two things that the SDK hides: the status of a redirect that it followed, and a body that is cut short. It listens on
 * Node's own diagnostics channel and finds its requests by their trace id, so nothing is patched.
 * See https://nodejs.org/api/diagnostics_channel.html#event-httpclientresponsefinish.
 */
export class ResponseWatch {
  readonly #watched = new Map<string, (response: IncomingMessage) => void>();
  readonly #listener = (message: unknown): void => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    this.#watched.get(String(request.getHeader(traceHeader) ?? ''))?.(response);
  };

  constructor() {
    subscribe(channel, this.#listener);
  }

  watch(traceId: string): WatchedResponse {
    const cutShort = new AbortController();
    let first: IncomingMessage | undefined;
    this.#watched.set(traceId, (response) => {
      if (first !== undefined) return;
      first = response;
      response.once('close', () => {
        if (!response.complete) cutShort.abort();
      });
    });
    return {
      get status() {
        return first?.statusCode;
      },
      cutShort: cutShort.signal,
      release: () => void this.#watched.delete(traceId),
    };
  }

  close(): void {
    unsubscribe(channel, this.#listener);
    this.#watched.clear();
  }
}
