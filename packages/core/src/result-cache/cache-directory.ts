import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Environment } from '../contract/environment.ts';

/**
 * The default folder of the result cache: `HOLODECK_CACHE_DIR`; else `$XDG_CACHE_HOME/holodeck` or
 * `~/.cache/holodeck` (https://specifications.freedesktop.org/basedir-spec/, where a relative path counts as unset),
 * `%LOCALAPPDATA%\holodeck\Cache` on Windows, `~/Library/Caches/holodeck` on macOS.
 */
export function cacheDirectory(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const configured = environment['HOLODECK_CACHE_DIR']?.trim();
  if (configured) return resolve(configured);
  const home = homedir();
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'holodeck', 'Cache');
  }
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'holodeck');
  const cacheHome = environment['XDG_CACHE_HOME'];
  return join(cacheHome && isAbsolute(cacheHome) ? cacheHome : join(home, '.cache'), 'holodeck');
}
