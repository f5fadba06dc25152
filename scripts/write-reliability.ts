/**
 * `node --conditions=@holodeck/source scripts/write-reliability.ts`: writes the matrix of faults into docs/reliability.md, from
 * the rows that `test/faults` plays against every service.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withMatrix } from './support/reliability-matrix.ts';
import { root } from './support/run-command.ts';

const file = join(root, 'docs', 'reliability.md');
writeFileSync(file, withMatrix(readFileSync(file, 'utf8')));
console.log(`wrote ${file}`);
