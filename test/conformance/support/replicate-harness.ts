import type { BackendHarness, SeenReference } from '@holodeck/conformance';

import { ReplicateServer } from '../../support/replicate-server.ts';
import type { ReplicateFault } from '../../support/replicate-server.ts';
import { openBackendsUrl, openReplicate } from './open-backends.ts';
import { present, readSize, sha256 } from './seen-values.ts';

const noJob = 'the AI SDK polls inside one call: there is no handle before the image, and nothing to ask about after';
const inAnswer = 'images come within the answer to the submission, whole or not at all';

/** The provider package `@ai-sdk/replicate` as a backend, over a small Replicate. */
export async function createReplicateHarness(): Promise<BackendHarness> {
  const server = await new ReplicateServer().start();
  const options = { apiToken: server.token, baseURL: server.url };
  const fault = (next: ReplicateFault) => (): void => server.setFault(next);
  return {
    createBackend: () => openReplicate(options),
    variants: {
      'wrong-credential': () => openReplicate({ ...options, apiToken: 'r8_wrong0123456789wrong' }),
      'other-account': () => openReplicate({ ...options, apiToken: 'r8_other0123456789other' }),
      unreachable: () => openReplicate({ ...options, baseURL: 'http://127.0.0.1:2' }),
    },
    request: { size: '64x64' },
    submissions: () => server.posts,
    lastSubmission() {
      const input = server.predictions.at(-1) ?? {};
      const references = Object.entries(input).flatMap(([name, value]): SeenReference[] =>
        /^image$|^input_image/.test(name) ? [{ bytes: Buffer.from(String(value).split(',')[1] ?? '', 'base64') }] : [],
      );
      return present({
        prompt: input['prompt'] as string | undefined,
        size: readSize(input['size']),
        seed: input['seed'] as number | undefined,
        count: input['num_outputs'] as number | undefined,
        references: references.length === 0 ? undefined : references,
      });
    },
    imagesMade: () => server.pictures.map((picture) => sha256(picture)),
    faults: {
      'refuse-for-load': fault({ kind: 'refuse', status: 429, detail: 'Request was throttled.' }),
      'refuse-for-quota': fault({ kind: 'refuse', status: 402, detail: 'You have insufficient credit.' }),
      'refuse-for-content': fault({ kind: 'refuse', status: 422, detail: 'NSFW content detected.' }),
      'lose-answer': fault({ kind: 'lose-answer' }),
      'reset-submission': fault({ kind: 'reset' }),
      'fail-at-gateway': fault({ kind: 'page', status: 502 }),
      'answer-with-page': fault({ kind: 'page', status: 200 }),
      'hold-submission': fault({ kind: 'hold' }),
      'hold-job': noJob,
      'hold-image': inAnswer,
      'fail-query': noJob,
      'fail-job': 'a prediction that fails cannot be told from one whose files are lost',
      'forget-job': noJob,
      'damage-image': fault({ kind: 'text-file' }),
      'cut-image': fault({ kind: 'cut-file' }),
      'expire-image': inAnswer,
    },
    calm: () => server.setFault(),
    secrets: [server.token, 'r8_wrong0123456789wrong', 'r8_other0123456789other'],
    openConnections: () => server.connections,
    remote: { module: openBackendsUrl, open: 'openReplicate', argument: options },
    dispose: () => server.close(),
  };
}
