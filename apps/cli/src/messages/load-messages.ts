import { builtinDefinitions } from '@holodeck/hybrid/registry';

import { currentLanguage } from './messages.ts';

/** Loads what a backend says: an error that comes from a store can be said in another language only then. */
export async function loadMessages(backend: string): Promise<void> {
  if (currentLanguage() === 'en') return;
  const definition = (await builtinDefinitions()).find(({ name }) => name === backend);
  await definition?.loadMessages?.();
}
