import { say } from '../comfyui-messages.ts';
import { isRecord } from '@holodeck/core/backend';
import { ImageError } from '@holodeck/core';
import { abortedError, comfyuiError, networkReason } from '../comfyui-errors.ts';
import type { PreparedReference } from '@holodeck/core/backend';
import type { ComfyUIServer } from './comfyui-server.ts';

const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/bmp': 'bmp',
  'image/tiff': 'tiff',
};

/** A folder of its own within the server's input folder. */
const uploadFolder = 'holodeck';

/**
 * Uploads a reference picture and gives the name by which a LoadImage node finds it. The file is named by its hash, so that
 * doing it again changes nothing and two jobs never overwrite each other's picture; what counts is the name that the server
 * answers.
 *
 * @throws ImageError with outcome `not-submitted`: no job was posted yet.
 */
export async function uploadReference(
  server: ComfyUIServer,
  reference: PreparedReference,
  signal: AbortSignal,
): Promise<string> {
  const bytes = await reference.read();
  const form = new FormData();
  const name = `${reference.sha256.slice(0, 32)}.${extensions[reference.mediaType] ?? 'png'}`;
  form.set('image', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: reference.mediaType }), name);
  form.set('type', 'input');
  form.set('subfolder', uploadFolder);
  try {
    const { status, json } = await server.http.request('/upload/image', { signal, form });
    if (status === 200 && isRecord(json) && typeof json['name'] === 'string') {
      const folder = typeof json['subfolder'] === 'string' ? json['subfolder'] : '';
      const path = folder === '' ? json['name'] : `${folder}/${json['name']}`;
      const type = json['type'];
      return typeof type === 'string' && type !== 'input' ? `${path} [${type}]` : path;
    }
    throw refused(server.label, status, reference.byteLength);
  } catch (error) {
    if (ImageError.isInstance(error)) {
      throw error;
    }
    if (signal.aborted) {
      throw abortedError(signal, 'not-submitted');
    }
    throw comfyuiError({
      kind: 'unavailable',
      outcome: 'not-submitted',
      retryable: true,
      ...say('upload-failed', { server: server.label, reason: networkReason(error) }),
      cause: error,
    });
  }
}

function refused(label: string, status: number, byteLength: number): ImageError {
  if (status === 413) {
    return comfyuiError({
      kind: 'invalid-request',
      outcome: 'not-submitted',
      ...say('upload-large', { bytes: byteLength, server: label }),
    });
  }
  if (status === 401 || status === 403) {
    return comfyuiError({
      kind: 'auth',
      outcome: 'not-submitted',
      ...say('upload-forbidden', { server: label, status }),
    });
  }
  return comfyuiError({
    kind: 'unavailable',
    outcome: 'not-submitted',
    retryable: status >= 500,
    ...say('upload-refused', { server: label, status }),
  });
}
