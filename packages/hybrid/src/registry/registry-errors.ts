import type { ImageError } from '@holodeck/core';
import { invalidRequest } from '@holodeck/core/backend';
import type { BackendDefinition, ImageErrorFields, Message } from '@holodeck/core/backend';
import { defineMessages } from '@holodeck/core/messages';

import { say } from './registry-messages.ts';

/** Code of the error for an unknown name in `HOLODECK_BACKENDS`. */
export const unknownBackendCode = 'unknown-backend';

export function unknownBackend(entry: string, known: readonly string[]): ImageError {
  return refused(say('unknown', { entry, known: known.join(', ') }), { code: unknownBackendCode });
}

export function badModule(entry: string, problem: Message, cause?: unknown): ImageError {
  return refused(say('module', { entry, problem }), cause === undefined ? {} : { cause });
}

/** A backend is named, and its variables are not set. */
export function notConfigured({ name, whenAbsent }: BackendDefinition): ImageError {
  const reason = defineMessages('absent', { [name]: whenAbsent })(name);
  return refused(say('not-configured', { name, reason }), { kind: 'auth' });
}

/** The variables of a built-in backend are set, and its package, an optional peer, is not there. */
export function notInstalled(name: string, cause: unknown): ImageError {
  return refused(say('not-installed', { name, package: `@holodeck/${name}` }), { kind: 'unsupported', cause });
}

/** `HOLODECK_BACKGROUND_REMOVER` has another value than the known ones. */
export function unknownRemover(name: string): ImageError {
  return refused(say('unknown-remover', { name }), {});
}

function refused(message: Message, fields: Partial<ImageErrorFields>): ImageError {
  return invalidRequest(message, { backend: 'hybrid', ...fields });
}
