import { invalidRequest } from '@holodeck/core/backend';
import { backendName, configurationError, keyPage } from '../hunyuan-options.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import { say } from '../request-messages.ts';

/** The limit of a request signed with TC3, in bytes: 10 MB, read in the narrower sense. */
export const maxBodyBytes = 10_000_000;

/** Each API has one model: the option may be left out, or must name it. */
export function checkModel({ model: given, api }: ResolvedOptions, model: string): void {
  if (given === undefined || given === model) return;
  const names = { given: JSON.stringify(given), api, model };
  throw configurationError(given === 'hunyuan-pro' ? say('model-old', names) : say('model-unknown', names));
}

/** SecretId and SecretKey, or an error that says what is missing. */
export function keyPair({ secretId, secretKey }: ResolvedOptions): readonly [string, string] {
  if (secretId !== undefined && secretKey !== undefined) return [secretId, secretKey];
  const page = keyPage;
  if (secretId === undefined && secretKey === undefined)
    throw configurationError(say('pair-missing', { page }), 'auth');
  const name = secretId === undefined ? 'SecretId' : 'SecretKey';
  throw configurationError(say('secret-missing', { name, page }), 'auth');
}

/** Refuses a body that the gateway would refuse. */
export function checkBodySize(body: object): void {
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes <= maxBodyBytes) return;
  throw invalidRequest(say('body-size', { bytes }), { backend: backendName });
}
