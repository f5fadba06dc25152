import { createMemoryPermits, openSqlitePermits } from '@holodeck/core/stores';
import type { PermitStore } from '@holodeck/core/stores';

import type { CommandRun } from './command-run.ts';
import { messages } from '../messages/messages.ts';
import { renderError } from '../messages/render.ts';

/**
 * Permits that all processes of this user and machine share. Where the state folder cannot be used (a read-only home), those
 * of this process alone, with a warning: limits are then kept by the service's refusals.
 */
export async function openPermits(run: CommandRun): Promise<PermitStore> {
  try {
    return await openSqlitePermits();
  } catch (error) {
    run.warn(messages().errors.permits(renderError(error)));
    return createMemoryPermits();
  }
}
