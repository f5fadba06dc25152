import { builtinBackendNames } from '@holodeck/hybrid/registry';
import { Option } from 'commander';
import type { Command } from 'commander';

import { messages } from '../messages/messages.ts';

/**
 * Adds `--backend`. The help shows the built-in backends. Those in `HOLODECK_BACKENDS` are known only after the environment
 * file was read, so the name is checked then.
 */
export function withBackendOption(command: Command): Command {
  const { backend } = messages().commands.common;
  return command.addOption(backendOption(backend, ['auto', ...builtinBackendNames]).default('auto'));
}

/** `--backend`, which suggests some names and accepts any. */
export function backendOption(description: string, names: readonly string[] = builtinBackendNames): Option {
  return new Option('--backend <name>', description).choices(names).argParser((text) => text);
}
