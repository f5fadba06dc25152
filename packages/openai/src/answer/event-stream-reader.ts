/** Receives the parts of a server-sent event stream. */
export interface EventStreamHandler {
  /** An event's data begins; `name` comes from an `event:` line before it. */
  dataStart(name: string | undefined): void;
  data(bytes: Uint8Array): void;
  /** The event is over: a blank line came. `name` may have come after the data. */
  dispatch(name: string | undefined): void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const maxFieldBytes = 256;
const newline = Uint8Array.of(lineFeed);

/**
 * Reads `text/event-stream` in pieces (https://html.spec.whatwg.org/multipage/server-sent-events.html): any line end, any
 * chunk borders, comments, data of any length without holding it.
 */
export class EventStreamReader {
  readonly #handler: EventStreamHandler;
  #state: 'field' | 'space' | 'data' | 'value' | 'ignore' = 'field';
  #field = '';
  #value = '';
  #name: string | undefined;
  #hasData = false;
  #afterReturn = false;

  constructor(handler: EventStreamHandler) {
    this.#handler = handler;
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at);
  }

  /** The stream is over. An event without its blank line is dispatched all the same: its data shows whether it is whole. */
  end(): void {
    if (this.#state !== 'field' || this.#field !== '') this.#endLine();
    this.#dispatch();
  }

  #step(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] as number;
    if (this.#afterReturn) {
      this.#afterReturn = false;
      if (byte === lineFeed) return at + 1;
    }
    if (byte === lineFeed || byte === carriageReturn) {
      this.#afterReturn = byte === carriageReturn;
      this.#endLine();
      return at + 1;
    }
    if (this.#state === 'space') {
      this.#beginValue();
      if (byte === 0x20) return at + 1;
    }
    if (this.#state === 'data' || this.#state === 'ignore') {
      const end = lineEnd(chunk, at);
      if (this.#state === 'data') this.#handler.data(chunk.subarray(at, end));
      return end;
    }
    const character = String.fromCharCode(byte);
    if (this.#state === 'value') {
      if (this.#value.length < maxFieldBytes) this.#value += character;
    } else if (character === ':') {
      this.#state = 'space';
    } else if (this.#field.length < maxFieldBytes) {
      this.#field += character;
    }
    return at + 1;
  }

  #beginValue(): void {
    this.#value = '';
    if (this.#field === 'data') {
      this.#state = 'data';
      if (this.#hasData) this.#handler.data(newline);
      else this.#handler.dataStart(this.#name);
      this.#hasData = true;
    } else {
      this.#state = this.#field === 'event' ? 'value' : 'ignore';
    }
  }

  #endLine(): void {
    if (this.#state === 'field' && this.#field === '') {
      this.#dispatch();
      return;
    }
    if (this.#state === 'space') this.#beginValue();
    if (this.#state === 'value' && this.#field === 'event') this.#name = this.#value;
    this.#state = 'field';
    this.#field = '';
  }

  #dispatch(): void {
    if (this.#hasData) this.#handler.dispatch(this.#name);
    this.#name = undefined;
    this.#hasData = false;
  }
}

function lineEnd(chunk: Uint8Array, from: number): number {
  const feed = chunk.indexOf(lineFeed, from);
  const limit = feed === -1 ? chunk.length : feed;
  const back = chunk.subarray(from, limit).indexOf(carriageReturn);
  return back === -1 ? limit : from + back;
}
