import { ImageError } from '@holodeck/core';
import type { Message } from '@holodeck/core/backend';

/** Where finished images are kept for all machines: a folder they share, or a bucket. Names are paths with `/`. */
export interface ImageArchive {
  /** For people and errors: without keys and options. */
  readonly location: string;
  /**
   * Puts a file there, whole or not at all; it is safe once this resolves. Resolves with its address: a path or an
   * `s3://` URL.
   */
  put(name: string, bytes: Uint8Array, mediaType: string): Promise<string>;
  /** The bytes of a file; undefined where there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Frees sockets. */
  close(): Promise<void>;
}

/** The place of an archive, from its URL. */
export type ArchivePlace =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'bucket';
      readonly bucket: string;
      /** Before every name; empty or with a `/` at its end. */
      readonly prefix: string;
      readonly region: string | undefined;
      readonly endpoint: string | undefined;
      readonly pathStyle: boolean;
    };

/** What fails at an archive while an image is fetched or kept; nothing was sent for it, and it is tried again. */
export function archiveError(outcome: 'not-submitted' | 'accepted', said: Message, cause: unknown): ImageError {
  return new ImageError({ kind: 'unavailable', outcome, retryable: true, ...said, cause });
}

/** Why a call of an archive failed: a code or a name, else the first words. */
export function archiveReason(cause: unknown): string {
  const { code, name, message = '' } = (cause ?? {}) as { code?: unknown; name?: unknown; message?: string };
  const named = [code, name].find((value): value is string => typeof value === 'string' && value !== 'Error');
  return named ?? message.slice(0, 120);
}
