import { isRecord } from '@holodeck/core/backend';
import { say } from '../openai-messages.ts';
import type { WireItem, WireUsage } from '../wire/openai-wire.ts';
import { EventStreamReader } from './event-stream-reader.ts';
import { JsonImageScanner, markedSlot } from './json-image-scanner.ts';
import type { ScannedJson } from './json-image-scanner.ts';
import { bodyForm } from './body-form.ts';
import type { BodyForm } from './body-form.ts';

/** One image of an answer, in the provider's order. */
export interface AnswerItem {
  /** Its place in the answer, from 0; the index of its sink. */
  readonly index: number;
  readonly content:
    | { readonly kind: 'inline'; readonly slot: number }
    | { readonly kind: 'url'; readonly url: string }
    /** No picture; `reason` is the item's own error, where it has one. */
    | { readonly kind: 'none'; readonly reason?: unknown };
  readonly revisedPrompt?: string;
}

/** What an answer turned out to be. */
export interface Answer {
  readonly form: BodyForm;
  /** False when a JSON text or a stream ended before its end. */
  readonly complete: boolean;
  readonly items: readonly AnswerItem[];
  /** The `error` of the body, or of an event. */
  readonly error?: unknown;
  readonly usage?: WireUsage;
  /** The first characters of a body that is not a picture, with its pictures replaced. */
  readonly excerpt: string;
}

/** Receives the pictures of an answer as they arrive. Slots count up from 0. */
export interface AnswerHandler {
  /**
   * A picture begins. `preview`: whether it is one, where that is known yet. `index`: its place in the answer. Returns
   * whether the bytes are wanted.
   */
  imageStart(picture: {
    readonly slot: number;
    readonly index: number;
    readonly preview: boolean | undefined;
  }): boolean;
  /** The next bytes of a picture. Copy them to keep them after the decoder's next `write`. */
  imageData(slot: number, bytes: Buffer): void;
  imageEnd(slot: number): void;
  /** A picture of a stream was only a preview. */
  preview(slot: number): void;
}

const previewEvent = /\.partial_image$/;
const finalEvent = /\.completed$/;
const sniffBytes = 64;
const maxExcerpt = 2000;

/**
 * Reads an answer in pieces: JSON, an event stream, or a bare picture, whatever its headers say. Memory use does not depend on
 * the size of the pictures.
 */
export class AnswerDecoder {
  readonly #handler: AnswerHandler;
  readonly #characters = new Map<number, number>();
  /** The places of the pictures of a JSON text, by slot. */
  readonly #places = new Map<number, number>();
  readonly #items: AnswerItem[] = [];
  #head: Buffer = Buffer.alloc(0);
  #form: BodyForm = 'empty';
  #scanner: JsonImageScanner;
  #events: EventStreamReader | undefined;
  #eventSlot = 0;
  #completedEvents = 0;
  #error: unknown;
  #usage: WireUsage | undefined;
  #lastEvent = '';
  #bareStarted = false;
  /** The event that is being read: its name, and whether it was used before its end. */
  #event: { readonly name: string | undefined; taken: boolean } = { name: undefined, taken: false };

  constructor(handler: AnswerHandler) {
    this.#handler = handler;
    this.#scanner = this.#newScanner(0, undefined);
  }

  /** Nothing more needs to be read: the JSON text is closed, or the stream has brought its image. */
  get done(): boolean {
    if (this.#form === 'json') return this.#scanner.closed;
    return this.#form === 'events' && (this.#items.length > 0 || this.#error !== undefined);
  }

  /** Whether a JSON text already holds a whole picture, so that the rest is not needed. */
  get hasPicture(): boolean {
    return this.#form === 'json' && [...this.#characters.values()].some((characters) => characters > 0);
  }

  write(chunk: Uint8Array): void {
    this.#scanner.reuse();
    if (this.#form !== 'empty') {
      this.#feed(chunk);
      return;
    }
    const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const form = bodyForm(head, head.length >= sniffBytes);
    if (form === undefined) this.#head = Buffer.from(head);
    else this.#begin(form, head);
  }

  /** The body is over. */
  end(): Answer {
    if (this.#form === 'empty' && this.#head.length > 0) this.#begin(bodyForm(this.#head, true) ?? 'other', this.#head);
    if (this.#form === 'json') return this.#jsonAnswer(this.#scanner.end());
    if (this.#form === 'events') this.#events?.end();
    if (this.#form === 'picture') {
      this.#handler.imageEnd(0);
      this.#items.push({ index: 0, content: { kind: 'inline', slot: 0 } });
    }
    return this.#answer(this.#form !== 'events' || this.#items.length > 0, this.#excerpt());
  }

  #begin(form: BodyForm, head: Uint8Array): void {
    this.#form = form;
    if (form === 'events') this.#events = new EventStreamReader(this.#eventHandler());
    this.#head = Buffer.alloc(0);
    this.#feed(head);
  }

  #feed(chunk: Uint8Array): void {
    if (this.#form === 'json') this.#scanner.write(chunk);
    else if (this.#form === 'events') this.#events?.write(chunk);
    else if (this.#form === 'picture') {
      if (!this.#bareStarted) this.#handler.imageStart({ slot: 0, index: 0, preview: false });
      this.#bareStarted = true;
      this.#handler.imageData(0, Buffer.from(chunk));
    } else if (this.#head.length < maxExcerpt) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, maxExcerpt)]);
    }
  }

  #newScanner(firstSlot: number, eventName: string | undefined): JsonImageScanner {
    const preview = previewEvent.test(eventName ?? '') ? true : finalEvent.test(eventName ?? '') ? false : undefined;
    return new JsonImageScanner(
      {
        imageStart: (slot, item) => {
          const isEvent = this.#form === 'events';
          const index = isEvent ? this.#completedEvents + item : item;
          if (!isEvent) this.#places.set(slot, index);
          return this.#handler.imageStart({ slot, index, preview: isEvent ? preview : false });
        },
        imageData: (slot, bytes) => this.#handler.imageData(slot, bytes),
        imageEnd: (slot, characters) => {
          this.#characters.set(slot, characters);
          this.#handler.imageEnd(slot);
        },
      },
      firstSlot,
    );
  }

  #eventHandler(): ConstructorParameters<typeof EventStreamReader>[0] {
    return {
      dataStart: (name) => {
        this.#scanner = this.#newScanner(this.#eventSlot, name);
        this.#event = { name, taken: false };
      },
      data: (bytes) => {
        this.#scanner.write(bytes);
        if (this.#scanner.closed) this.#takeFinalEvent();
      },
      dispatch: (name) => {
        if (!this.#event.taken) this.#takeEvent(name, this.#scanner.end());
      },
    };
  }

  /** The finished image is here, so the end of its event is not awaited: the connection may break instead. */
  #takeFinalEvent(): void {
    const { name, taken } = this.#event;
    if (taken) return;
    const json = this.#scanner.end();
    if (!isRecord(json.value) || !finalEvent.test(typeOf(json.value, name))) return;
    this.#event.taken = true;
    this.#takeEvent(name, json);
  }

  #takeEvent(name: string | undefined, json: ScannedJson): void {
    const firstSlot = this.#eventSlot;
    this.#eventSlot = this.#scanner.nextSlot;
    if (json.excerpt.trim() === '[DONE]') return;
    this.#lastEvent = `${name ?? 'data'}: ${json.excerpt}`.slice(0, maxExcerpt);
    if (!json.complete) return;
    const value = isRecord(json.value) ? json.value : {};
    const type = typeOf(value, name);
    if (name === 'error' || type === 'error' || Boolean(value['error'])) {
      this.#error ??= value['error'] ?? value;
      return;
    }
    const list = value['data'] ?? value['images'];
    if (finalEvent.test(type) || (!previewEvent.test(type) && Array.isArray(list))) {
      const items = readItems(value, this.#characters, this.#completedEvents);
      this.#items.push(...items);
      this.#completedEvents += items.length;
      this.#usage = isRecord(value['usage']) ? value['usage'] : this.#usage;
      return;
    }
    for (let slot = firstSlot; slot < this.#eventSlot; slot += 1) this.#handler.preview(slot);
  }

  #jsonAnswer(json: ScannedJson): Answer {
    if (!json.complete) {
      // The pictures before the break or the damage are whole.
      for (const [slot, characters] of this.#characters) {
        if (characters > 0) {
          this.#items.push({ index: this.#places.get(slot) ?? 0, content: { kind: 'inline', slot } });
        }
      }
      return this.#answer(false, json.excerpt);
    }
    if (!isRecord(json.value)) return this.#answer(true, json.excerpt);
    const { value } = json;
    this.#items.push(...readItems(value, this.#characters, 0));
    this.#error = value['error'] ? value['error'] : undefined;
    this.#usage = isRecord(value['usage']) ? value['usage'] : undefined;
    return this.#answer(true, json.excerpt);
  }

  #excerpt(): string {
    return this.#form === 'events' ? this.#lastEvent : this.#head.toString('utf8').slice(0, maxExcerpt);
  }

  #answer(complete: boolean, excerpt: string): Answer {
    return {
      form: this.#form,
      complete,
      items: this.#items,
      excerpt,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    };
  }
}

/** The items of a JSON value: `data`, with some servers `images`, with events the value itself. */
export function readItems(
  value: Record<string, unknown>,
  characters: ReadonlyMap<number, number>,
  firstIndex: number,
): AnswerItem[] {
  const list = value['data'] ?? value['images'] ?? ('b64_json' in value || 'url' in value ? value : []);
  const raw: unknown[] = Array.isArray(list) ? list : [list];
  return raw.map((item, offset) => readItem(item, characters, firstIndex + offset));
}

function readItem(raw: unknown, characters: ReadonlyMap<number, number>, index: number): AnswerItem {
  if (typeof raw === 'string') return { index, content: urlContent(raw) };
  if (!isRecord(raw)) return { index, content: { kind: 'none' } };
  const item: WireItem = raw;
  const revised = item.revised_prompt;
  const words = typeof revised === 'string' && revised !== '' ? { revisedPrompt: revised } : {};
  for (const text of [item.b64_json, item.url]) {
    const slot = markedSlot(text);
    if (slot !== undefined && (characters.get(slot) ?? 0) > 0)
      return { index, content: { kind: 'inline', slot }, ...words };
  }
  if (typeof item.url === 'string' && item.url.trim() !== '' && markedSlot(item.url) === undefined)
    return { index, content: urlContent(item.url), ...words };
  const refused =
    item.respect_moderation === false
      ? { code: 'moderation_blocked', message: say('answer-withheld').message }
      : undefined;
  const reason = item.error ?? refused;
  return { index, content: { kind: 'none', ...(reason === undefined || reason === null ? {} : { reason }) }, ...words };
}

/** The type of an event: what it says itself, else the name that it goes by. */
function typeOf(value: Record<string, unknown>, name: string | undefined): string {
  return typeof value['type'] === 'string' ? value['type'] : (name ?? '');
}

function urlContent(url: string): AnswerItem['content'] {
  return url.trim() === '' ? { kind: 'none' } : { kind: 'url', url: url.trim() };
}
