import { chmod, mkdir } from 'node:fs/promises';

/** Makes a folder that only this user may enter; one that exists is left as it is. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  const created = await mkdir(directory, { recursive: true, mode: 0o700 });
  // A strange umask may have taken the owner's own rights.
  if (created !== undefined) await chmod(directory, 0o700);
}
