import { builtinDefinitions } from '@holodeck/hybrid/registry';

import { currentLanguage } from './messages.ts';

/** Loads the messages of a backend, or of all, so that messages from a store can be translated. */
export async function loadMessages(backend?: string): Promise<void> {
  if (currentLanguage() === 'en') return;
  for (const { name, loadMessages: load } of await builtinDefinitions()) if (backend === undefined || name === backend) await load?.();
}
