import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { BackgroundRemover } from './background-remover.ts';
import { say } from '../card-messages.ts';
import { invalidRequest } from '../invalid-request.ts';

/** What is used of the peer, as version 1.4 has it. */
interface Imgly {
  removeBackground(image: Blob, config: { readonly publicPath: string; readonly model: string }): Promise<Blob>;
}

const peer = '@imgly/background-removal-node';

/**
 * The remover of the optional peer `@imgly/background-removal-node` 1.4, which runs the model ISNet on this machine and sends
 * nothing. The peer has the licence AGPL-3.0, the model MIT; its weights are part of the peer. It is loaded with the first picture.
 *
 * @param model Size of the weights: `medium` (about 80 MB, default) or `small` (about 40 MB).
 * @throws ImageError of kind `invalid-request` when the peer is not installed.
 */
export function imglyBackgroundRemover(model: 'small' | 'medium' = 'medium'): BackgroundRemover {
  const file = locatePeer();
  return {
    name: `imgly ${model}`,
    async removeBackground(png) {
      const { removeBackground } = (await import(pathToFileURL(file).href)) as Imgly;
      // The peer would look for its weights below the current folder.
      const publicPath = pathToFileURL(join(dirname(file), '/')).href;
      const cut = await removeBackground(new Blob([png], { type: 'image/png' }), { publicPath, model });
      return new Uint8Array(await cut.arrayBuffer());
    },
  };
}

function locatePeer(): string {
  try {
    return createRequire(import.meta.url).resolve(peer);
  } catch {
    throw invalidRequest(say('remover-missing', { peer }));
  }
}
