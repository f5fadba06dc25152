import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const packageFolder = resolve(import.meta.dirname, '..');

// The example's own test, brought to where the tests of this package are looked for.
await import('../examples/postcard.test.ts');

it.each(['postcard.test.ts', 'postcard-harness.ts'])('the README shows %s as it runs here', async (name) => {
  const readme = await readFile(resolve(packageFolder, 'README.md'), 'utf8');
  const code = await readFile(resolve(packageFolder, 'examples', name), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${code}\`\`\``);
});
