import { createHash } from 'node:crypto';
import { ResultCache } from '../../src/index.ts';

// Stores and reads entries of a shared cache as fast as it can, and says how often what it read was not what was stored.
const [directory = '', maxBytes = '', rounds = '', offset = ''] = process.argv.slice(2);
const cache = new ResultCache({ directory, maxBytes: Number(maxBytes) });
const names = 40;
let damaged = 0;
let found = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  const name = String((round * 7 + Number(offset)) % names);
  const bytes = Buffer.from(name.repeat(2000));
  const key = createHash('sha256').update(name).digest('hex');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry = await cache.open(key);
  if (entry === undefined) {
    const image = { sha256, byteLength: bytes.byteLength, width: 1, height: 1, mediaType: 'image/png', bytes };
    await cache.store({ key, backend: 'b', model: 'm', warnings: [] }, [image]);
    continue;
  }
  found += 1;
  const read = Buffer.concat(await Array.fromAsync(entry.read(0)));
  await entry.close();
  if (!read.equals(bytes)) damaged += 1;
}
process.stdout.write(JSON.stringify({ found, damaged }));
