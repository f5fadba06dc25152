import { isRecord } from '@holodeck/core/backend';
import { textOf } from './comfyui-wire.ts';

/** A picture that came over the socket: a preview, or an image of a SaveImageWebsocket node. */
export interface ImageFrame {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Known where the frame carries metadata (event 4); event 1 carries none. */
  readonly promptId?: string;
  readonly nodeId?: string;
}

const previewImage = 1;
const previewImageWithMetadata = 4;

/**
 * Reads a binary message of ComfyUI's socket (big-endian 32-bit event number first): event 1, a picture; event 4, a picture
 * with metadata. Texts (event 3), unknown events and damaged frames give undefined.
 */
export function readImageFrame(message: Buffer): ImageFrame | undefined {
  if (message.length < 8) {
    return undefined;
  }
  const event = message.readUInt32BE(0);
  const second = message.readUInt32BE(4);
  if (event === previewImage) {
    const bytes = message.subarray(8);
    return { bytes, mediaType: mediaTypeOf(bytes, second === 2 ? 'image/png' : 'image/jpeg') };
  }
  if (event !== previewImageWithMetadata || message.length < 8 + second) {
    return undefined;
  }
  let metadata: unknown;
  try {
    metadata = JSON.parse(message.toString('utf8', 8, 8 + second));
  } catch {
    return undefined;
  }
  if (!isRecord(metadata)) {
    return undefined;
  }
  const bytes = message.subarray(8 + second);
  const node = metadata['display_node_id'] ?? metadata['node_id'];
  return {
    bytes,
    mediaType: mediaTypeOf(bytes, textOf(metadata['image_type'], 'image/jpeg')),
    ...(typeof metadata['prompt_id'] === 'string' ? { promptId: metadata['prompt_id'] } : {}),
    ...(typeof node === 'string' ? { nodeId: node } : {}),
  };
}

/** By the bytes where they are known; what the frame says else. */
function mediaTypeOf(bytes: Uint8Array, told: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    return 'image/jpeg';
  }
  if (bytes[0] === 0x89 && bytes[1] === 0x50) {
    return 'image/png';
  }
  return bytes[0] === 0x52 && bytes[1] === 0x49 ? 'image/webp' : told;
}
