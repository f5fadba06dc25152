import { closeSync, fsync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const syncFile = promisify(fsync);
/** What is known of one image. */
export interface ImageDetails {
  readonly revisedPrompt?: string;
  readonly seed?: number;
  /** What else the provider says, by its name. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
}

/** The first line of a kept answer: what is known of its images, and how long they are. */
export interface AnswerHeader {
  readonly lengths: readonly number[];
  readonly warnings: readonly string[];
  /** What the provider's metadata says of each image. */
  readonly details?: readonly ImageDetails[];
  readonly requestId?: string;
  readonly usage?: { readonly inputTokens?: number; readonly outputTokens?: number; readonly totalTokens?: number };
}

/** An answer: its header, and the bytes of its images. */
export interface KeptAnswer {
  readonly header: AnswerHeader;
  readonly images: readonly Uint8Array[];
}

const maxHeaderBytes = 1024 * 1024;

/** Name of a kept answer inside the driver's folder. */
export function answerFileName(key: string): string {
  return `${key}.answer`;
}

/** A file for an answer, opened before anything is sent so that a full or missing disk costs nothing. */
export class AnswerFile {
  readonly #folder: string;
  readonly #key: string;
  readonly #file: number;

  /** @throws the file system's error. */
  constructor(folder: string, key: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#key = key;
    this.#file = openSync(this.#part, 'w', 0o600);
  }

  /** Everything is on disk, under its final name, when it resolves. @throws the file system's error. */
  async keep({ header, images }: KeptAnswer): Promise<void> {
    for (const bytes of [Buffer.from(`${JSON.stringify(header)}\n`), ...images]) {
      for (let at = 0; at < bytes.byteLength;) at += writeSync(this.#file, bytes, at, bytes.byteLength - at);
    }
    await syncFile(this.#file);
    closeSync(this.#file);
    renameSync(this.#part, join(this.#folder, answerFileName(this.#key)));
    if (process.platform === 'win32') return;
    const folder = openSync(this.#folder, 'r');
    await syncFile(folder).finally(() => closeSync(folder));
  }

  /** There is no answer to keep. */
  discard(): void {
    closeSync(this.#file);
    rmSync(this.#part, { force: true });
  }

  get #part(): string {
    return join(this.#folder, `${this.#key}.part`);
  }
}

/** Reads a kept answer. @throws when it is missing, too large or damaged. */
export async function readAnswer(folder: string, key: string, maxBytes: number): Promise<KeptAnswer> {
  const file = await open(join(folder, answerFileName(key)), 'r');
  try {
    const { size } = await file.stat();
    if (size > maxBytes + maxHeaderBytes) throw new Error(`it has ${size} bytes`);
    const bytes = await file.readFile();
    const end = bytes.subarray(0, maxHeaderBytes).indexOf(0x0a);
    if (end === -1) throw new Error('it has no header');
    const header = JSON.parse(bytes.toString('utf8', 0, end)) as AnswerHeader;
    let at = end + 1;
    const images = header.lengths.map((length) => bytes.subarray(at, (at += length)));
    if (at !== size) throw new Error('its length is wrong');
    return { header, images };
  } finally {
    await file.close();
  }
}

/** Whether an answer is kept. */
export async function hasAnswer(folder: string | undefined, key: string): Promise<boolean> {
  if (folder === undefined) return false;
  return stat(join(folder, answerFileName(key))).then(
    () => true,
    () => false,
  );
}
