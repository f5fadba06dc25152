import type { ImageBackend } from '@holodeck/core';
import type { ResolvedLook } from '@holodeck/core/backend';

/** The look that a backend gives to one session: what its pictures come from, and what it can do. */
export interface BackendLook extends ResolvedLook {
  /** Of the backend. */
  readonly name: string;
}

/**
 * The look of a new session.
 *
 * @throws ImageError when the backend cannot decide it.
 */
export async function decideLook(
  backend: ImageBackend,
  signal: AbortSignal = new AbortController().signal,
): Promise<BackendLook> {
  const look = await backend.resolve?.({ signal });
  return { ...(look ?? ownLook(backend)), name: backend.name };
}

/** The look that a session is locked to; undefined where the backend cannot give it any more. */
export async function lockedLook(
  backend: ImageBackend,
  locked: { readonly model?: string; readonly fingerprint?: string },
): Promise<BackendLook | undefined> {
  const { model, fingerprint } = locked;
  if (model === undefined || fingerprint === undefined) return undefined;
  const { signal } = new AbortController();
  const look = backend.resolve === undefined ? ownLook(backend) : await backend.resolve({ signal, fingerprint });
  return look?.fingerprint === fingerprint && look.model === model ? { ...look, name: backend.name } : undefined;
}

function ownLook({ model, fingerprint, capabilities }: ImageBackend): ResolvedLook {
  return { model, fingerprint, capabilities, providerOptions: {} };
}
