import { it } from 'vitest';
import { sized } from '../../../test/support/long-runs.ts';
import { checkSessionLock } from './support/check-session-lock.ts';

const runs = sized(50, 500);

it('holds in any order of calls, faults, expiries, kills and restarts', async () => {
  await checkSessionLock(runs);
});
