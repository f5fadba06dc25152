import { ImageError } from '@holodeck/core';
import type { Message } from '@holodeck/core/backend';

/** Where finished images are kept for all machines: a folder they share, or a bucket. Names are paths with `/`. */
export interface ImageArchive {
  /** For display and errors, without keys and options. */
  readonly location: string;
  /**
   * Stores a whole file or nothing; it is safe once this resolves. Resolves with its address: a path or an `s3://` URL.
   */
  put(name: string, bytes: Uint8Array, mediaType: string): Promise<string>;
  /** The bytes of a file; undefined if it does not exist. */
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

/** The error for an archive that cannot fetch or keep an image. The job is retried at no cost. */
export function archiveError(outcome: 'not-submitted' | 'accepted', said: Message, cause: unknown): ImageError {
  return new ImageError({ kind: 'unavailable', outcome, retryable: true, ...said, cause });
}

/** Why a call of an archive failed: a code or a name, else the first words. */
export function archiveReason(cause: unknown): string {
  const { code, name, message = '' } = (cause ?? {}) as { code?: unknown; name?: unknown; message?: string };
  const named = [code, name].find((value): value is string => typeof value === 'string' && value !== 'Error');
  return named ?? message.slice(0, 120);
}
