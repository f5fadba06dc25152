import { builtinBackendNames } from '@holodeck/hybrid/registry';
import { Option } from 'commander';
import type { Command } from 'commander';

import { messages } from '../messages/messages.ts';

/**
 * Adds `--backend`. The help shows the backends that come along; what `HOLODECK_BACKENDS` adds is known only when the
 * environment file has been read, and so the name is checked then.
 */
export function withBackendOption(command: Command): Command {
  const { backend } = messages().commands.common;
  return command.addOption(backendOption(backend, ['auto', ...builtinBackendNames]).default('auto'));
}

/** `--backend`, which offers some names and takes any. */
export function backendOption(description: string, names: readonly string[] = builtinBackendNames): Option {
  return new Option('--backend <name>', description).choices(names).argParser((text) => text);
}
