import { createHash, randomBytes } from 'node:crypto';
import { rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectImage, makeFolder } from '@holodeck/core/backend';
import { say } from '../jobs/gateway-messages.ts';
import type { JobReference } from '../jobs/job-record.ts';
import { GatewayError } from './gateway-error.ts';

const folder = '.holodeck/uploads';
const dataUrl = /^data:image\/[\w.+-]+;base64,/i;

/** Keeps a picture that a caller sent; the same bytes are kept once. @throws GatewayError 400 if it is not a picture. */
export async function keepUpload(outputDir: string, bytes: Uint8Array, number: number): Promise<JobReference> {
  const info = inspectImage(bytes);
  if (info === undefined) throw new GatewayError(400, 'not-a-picture', say('not-a-reference', { number }), 'image');
  const path = `${folder}/${createHash('sha256').update(bytes).digest('hex')}.${info.mediaType.replace('image/', '')}`;
  const file = join(outputDir, ...path.split('/'));
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  if (exists) return { path };
  await makeFolder(join(outputDir, ...folder.split('/')));
  const temporary = `${file}.${randomBytes(6).toString('hex')}.part`;
  await writeFile(temporary, bytes, { flush: true });
  await rename(temporary, file);
  return { path };
}

/** The bytes of a `data:` address. @throws GatewayError 400 for any other address. */
export function bytesOfDataUrl(address: string): Uint8Array {
  if (!dataUrl.test(address)) throw new GatewayError(400, 'remote-reference', say('remote-reference'), 'image');
  return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
}
