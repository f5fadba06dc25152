import { chmod } from 'node:fs/promises';
import { makeFolder } from '../internal/make-folder.ts';

/** Makes a folder that only this user may enter; one that exists is left as it is. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  const created = await makeFolder(directory, 0o700);
  // A strange umask may have taken the owner's own rights.
  if (created) await chmod(directory, 0o700);
}
