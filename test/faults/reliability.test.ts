import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withMatrix } from '../../scripts/support/reliability-matrix.ts';

it('docs/reliability.md has the matrix that is played here', () => {
  const document = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
  expect(document, 'Run node --conditions=@holodeck/source scripts/write-reliability.ts').toBe(withMatrix(document));
});
