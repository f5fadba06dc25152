/** Pictures behind addresses, for servers that answer with addresses. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';

export interface KeptPicture {
  readonly content: Buffer;
  readonly type: string;
  readonly requestId: string;
  readonly index: number;
  readonly signature: string;
  readonly expiresAtMs: number;
}

export class UrlStore {
  readonly #clock: Clock;
  readonly #pictures = new Map<string, KeptPicture>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The path and query under which the picture can be had. */
  add(picture: Pick<KeptPicture, 'content' | 'type' | 'requestId' | 'index'>, lifeMs: number): string {
    const name = `${picture.requestId}-${picture.index}`;
    const signature = randomBytes(12).toString('hex');
    this.#pictures.set(name, { ...picture, signature, expiresAtMs: this.#clock.now() + lifeMs });
    return `/generated-images/${name}?signature=${signature}`;
  }

  /** The picture; `expired` when its time is over or the signature is wrong; undefined when there is none. */
  get(url: URL): KeptPicture | 'expired' | undefined {
    const picture = this.#pictures.get(url.pathname.replace('/generated-images/', ''));
    if (picture === undefined) return undefined;
    const valid = url.searchParams.get('signature') === picture.signature && this.#clock.now() < picture.expiresAtMs;
    return valid ? picture : 'expired';
  }

  clear(): void {
    this.#pictures.clear();
  }
}
