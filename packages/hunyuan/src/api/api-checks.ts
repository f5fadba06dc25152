import { ImageError } from '@holodeck/core';
import { backendName, configurationError, keyPage } from '../hunyuan-options.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';

/** The limit of a request signed with TC3, in bytes: 10 MB, read in the narrower sense. */
export const maxBodyBytes = 10_000_000;

/** Each API has one model: the option may be left out, or must name it. */
export function checkModel({ model: given, api }: ResolvedOptions, model: string): void {
  if (given === undefined || given === model) return;
  const hint =
    given === 'hunyuan-pro'
      ? 'It is a name of the older client, and no request of the service ever had such a field. '
      : '';
  throw configurationError(
    `The model ${JSON.stringify(given)} does not exist here. ${hint}Leave the option model out: api "${api}" always draws with ${model}.`,
  );
}

/** SecretId and SecretKey, or an error that says what is missing. */
export function keyPair({ secretId, secretKey }: ResolvedOptions): readonly [string, string] {
  if (secretId !== undefined && secretKey !== undefined) return [secretId, secretKey];
  const missing =
    secretId === undefined && secretKey === undefined
      ? 'SecretId and SecretKey are'
      : `${secretId === undefined ? 'SecretId' : 'SecretKey'} is`;
  throw configurationError(
    `${missing} missing (blank values and placeholders count as missing). Set HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY, or secretId and secretKey, to a key pair from ${keyPage}.`,
    'auth',
  );
}

/** Refuses a body that the gateway would refuse. */
export function checkBodySize(body: object): void {
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes <= maxBodyBytes) return;
  throw new ImageError({
    kind: 'invalid-request',
    outcome: 'not-submitted',
    backend: backendName,
    message: `The request has ${bytes} bytes; the service takes at most 10 MB. Use a smaller LogoImage, or LogoUrl.`,
  });
}
