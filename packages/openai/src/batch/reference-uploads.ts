import { createHash } from 'node:crypto';
import type { BatchApi } from './batch-api.ts';

/** How long an upload is used without looking again, in milliseconds. References live for three days, a batch for one. */
const trustedMs = 24 * 3600 * 1000;

/** Uploads each reference picture once: its name tells what it is, so that other sessions find it too. */
export class ReferenceUploads {
  readonly #api: BatchApi;
  readonly #signal: AbortSignal;
  readonly #uploads = new Map<string, { readonly id: Promise<string>; readonly atMs: number }>();
  #known: Promise<Map<string, string>> | undefined;

  /** @param signal Aborted when the backend closes: tasks share an upload, so none of them ends it. */
  constructor(api: BatchApi, signal: AbortSignal) {
    this.#api = api;
    this.#signal = signal;
  }

  /** The id of the uploaded picture. @throws {ImageError} `rejected` or `not-submitted`. */
  async idOf(file: File): Promise<string> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const extension = /\.\w+$/.exec(file.name)?.[0] ?? '';
    const name = `holodeck-${createHash('sha256').update(bytes).digest('hex')}${extension}`;
    const earlier = this.#uploads.get(name);
    if (earlier !== undefined && Date.now() - earlier.atMs < trustedMs) return await earlier.id;
    const id = this.#upload(new File([bytes], name, { type: file.type }), earlier === undefined);
    this.#uploads.set(name, { id, atMs: Date.now() });
    id.catch(() => this.#uploads.delete(name));
    return await id;
  }

  async #upload(file: File, mayBeKnown: boolean): Promise<string> {
    const known = mayBeKnown ? (await this.#list()).get(file.name) : undefined;
    return known ?? (await this.#api.upload(file, 'vision', this.#signal));
  }

  /** Without the list a picture is only uploaded once more. */
  async #list(): Promise<Map<string, string>> {
    this.#known ??= this.#api.references(this.#signal).catch(() => new Map<string, string>());
    return await this.#known;
  }
}
