import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inspectImage } from '@holodeck/core/backend';
import { expect, it } from 'vitest';
import { compileCache } from '../../../test/support/compile-cache.ts';
import { outputFolder } from './support/output-folder.ts';
import { hunyuan, hunyuanEnvironment } from './support/services.ts';

const packageFolder = resolve(import.meta.dirname, '..');
const example = join(packageFolder, 'examples/pipeline.ts');

it('shows the example that is run here', async () => {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${await readFile(example, 'utf8')}\`\`\``);
});

it('the example makes a scene and its cards, and nothing twice', async () => {
  const cloud = await hunyuan();
  const outputDir = await outputFolder();
  const run = async (): Promise<string[]> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@holodeck/source', example, outputDir],
      {
        env: { PATH: process.env['PATH'] ?? '', ...compileCache, ...hunyuanEnvironment(cloud) },
      },
    );
    return stdout.trim().split('\n');
  };
  const folder = join(outputDir, 'noodle-bar');
  const lines = (source: string): unknown[] => [
    `${join(folder, 'scene-ref.png')} by hunyuan, ${source}`,
    `${join(folder, 'cards', '面碗.png')}, gate: passed`,
    `${join(folder, 'cards', 'paper-lantern.png')}, gate: passed`,
    expect.stringMatching(/^to 3D: cards\/paper-lantern\.png [0-9a-f]{8}$/),
    expect.stringMatching(/^to 3D: cards\/面碗\.png [0-9a-f]{8}$/),
  ];
  expect(await run()).toEqual(lines('generated'));
  expect(await run()).toEqual(lines('resumed'));
  expect(cloud.ledger.snapshot()).toMatchObject({ accepted: 3 });
  const card = inspectImage(await readFile(join(folder, 'cards', '面碗.png')));
  expect(card).toMatchObject({ mediaType: 'image/png', width: 1024, height: 1024, hasAlpha: true, complete: true });
});
