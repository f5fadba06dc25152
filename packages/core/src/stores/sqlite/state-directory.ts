import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Environment } from '../../contract/environment.ts';

/** The absolute path in `HOLODECK_STATE_DIR`; undefined if it is not set. */
export function configuredStateDirectory(environment: Environment): string | undefined {
  const configured = environment['HOLODECK_STATE_DIR']?.trim();
  return configured ? resolve(configured) : undefined;
}

/**
 * The folder for state of this user on this machine: `HOLODECK_STATE_DIR`; else `$XDG_STATE_HOME/holodeck` or
 * `~/.local/state/holodeck` (https://specifications.freedesktop.org/basedir-spec/, where a relative path counts as unset),
 * `%LOCALAPPDATA%\holodeck` on Windows, `~/Library/Application Support/holodeck` on macOS.
 */
export function stateDirectory(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const configured = configuredStateDirectory(environment);
  if (configured !== undefined) return configured;
  const home = homedir();
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'holodeck');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'holodeck');
  const stateHome = environment['XDG_STATE_HOME'];
  return join(stateHome && isAbsolute(stateHome) ? stateHome : join(home, '.local', 'state'), 'holodeck');
}
