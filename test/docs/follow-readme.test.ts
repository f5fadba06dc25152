import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/follow-readme.ts', import.meta.url));

it('README.md, followed to the letter on a clone of the last commit, keeps its promises', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script], { maxBuffer: 64 * 1024 * 1024 });
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  expect(result).toEqual({
    session: expect.stringMatching(/^sample-/),
    // One image from each emulator alone.
    images: ['noodle-bar.png', 'lantern.png', 'stool.png'],
    batch: { first: expect.any(Number), all: 3 },
    ledgers: {
      // An image, a session of a scene and two cards, a batch of three: all run twice, and paid for once.
      hunyuan: { accepted: 7, billed: 7, maxConcurrent: 1 },
      openai: { accepted: 1, billed: 1, maxConcurrent: 1 },
      comfyui: { accepted: 1, billed: 0, maxConcurrent: 1 },
    },
  });
});
