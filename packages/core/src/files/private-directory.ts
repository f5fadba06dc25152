import { chmod } from 'node:fs/promises';
import { makeFolder } from '../internal/make-folder.ts';

/** Creates a folder that only this user may enter; leaves an existing one alone. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  const created = await makeFolder(directory, 0o700);
  // An unusual umask may remove the owner's rights.
  if (created) await chmod(directory, 0o700);
}
