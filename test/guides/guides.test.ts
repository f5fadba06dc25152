import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { writeElectronStandIn } from './support/electron-stand-in.ts';
import { guideNames, readGuides, root } from './support/guide-blocks.ts';
import { readFromRoot, runGuide, typeScriptOf } from './support/run-guide.ts';

const guides = readGuides();

describe.each(guides.map((guide) => [guide.name, guide] as const))('%s', (_name, guide) => {
  it('works, command by command and snippet by snippet', () => runGuide(guide));

  it('has a Chinese twin', () => {
    expect(existsSync(join(root, 'docs', 'guides', guide.name.replace(/md$/, 'zh-CN.md')))).toBe(true);
  });
});

it('the TypeScript of all guides is typed', async () => {
  mkdirSync(join(root, 'test', '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(root, 'test', '.tmp', 'types-'));
  try {
    for (const guide of guides) {
      const own = join(folder, guide.name.replace('.md', ''));
      mkdirSync(own);
      writeElectronStandIn(own);
      writeFileSync(join(own, 'package.json'), '{"type": "module"}');
      for (const [file, code] of typeScriptOf(guide)) {
        mkdirSync(dirname(join(own, file)), { recursive: true });
        writeFileSync(join(own, file), code);
      }
    }
    const settings = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        noEmit: true,
        composite: false,
        incremental: false,
        declaration: false,
        declarationMap: false,
        isolatedDeclarations: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        customConditions: ['@holodeck/source'],
        skipLibCheck: true,
      },
      include: ['**/*.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const result = await promisify(execFile)(tsc, ['-p', folder], { cwd: folder }).catch((error: unknown) => error);
    expect((result as { stdout: string }).stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('the index lists every guide', () => {
  const index = readFromRoot('docs/README.md');
  for (const name of guideNames()) expect(index).toContain(`(guides/${name})`);
});
