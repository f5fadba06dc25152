import { it } from 'vitest';
import { checkSessionLock } from './support/check-session-lock.ts';

it('holds in any order of calls, faults, expiries, kills and restarts', async () => {
  await checkSessionLock(Number(process.env['PROPERTY_RUNS'] ?? 100));
});
