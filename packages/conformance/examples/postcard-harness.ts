import { createHash } from 'node:crypto';
import type { BackendHarness, HarnessFault } from '@holodeck/conformance';
import { PostcardBackend } from './postcard-backend.ts';
import { PostcardServer } from './postcard-server.ts';

/** A fresh server for one assertion, and how the suite sees and disturbs it. */
export async function createPostcardHarness(): Promise<BackendHarness> {
  const server = await new PostcardServer().start();
  const options = { url: server.url, key: server.key };
  const fault = (name: HarnessFault) => () => void server.faults.add(name);
  return {
    createBackend: () => new PostcardBackend(options),
    variants: {
      'wrong-credential': () => new PostcardBackend({ ...options, key: 'postcard-key-wrong' }),
      'other-account': () => new PostcardBackend({ ...options, key: 'postcard-key-other' }),
      unreachable: () => new PostcardBackend({ ...options, url: 'http://127.0.0.1:1' }),
    },
    request: { size: '64x64' },
    submissions: () => server.posts,
    lastSubmission() {
      const { width = 0, height = 0, pictures = [], ...order } = server.orders.at(-1) ?? {};
      const references = pictures.map((picture) => ({ bytes: Buffer.from(picture, 'base64') }));
      return { ...order, size: { width, height }, references };
    },
    imagesMade: () => server.pictures.map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    faults: {
      'refuse-for-load': fault('refuse-for-load'),
      'refuse-for-quota': fault('refuse-for-quota'),
      'refuse-for-content': fault('refuse-for-content'),
      'lose-answer': fault('lose-answer'),
      'reset-submission': fault('reset-submission'),
      'fail-at-gateway': fault('fail-at-gateway'),
      'answer-with-page': fault('answer-with-page'),
      'hold-submission': fault('hold-submission'),
      'hold-job': fault('hold-job'),
      'hold-image': fault('hold-image'),
      'fail-query': fault('fail-query'),
      'fail-job': fault('fail-job'),
      'forget-job': fault('forget-job'),
      'damage-image': fault('damage-image'),
      'cut-image': fault('cut-image'),
      'expire-image': fault('expire-image'),
    },
    calm: () => server.calm(),
    secrets: [server.key, 'postcard-key-wrong', 'postcard-key-other', 'signature=', '5ec2e7'],
    openConnections: () => server.connections,
    remote: {
      module: new URL('./postcard-backend.ts', import.meta.url).href,
      open: 'openPostcardBackend',
      argument: options,
    },
    dispose: () => server.close(),
  };
}
