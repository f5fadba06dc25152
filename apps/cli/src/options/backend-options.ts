import type { Command } from 'commander';

import { choiceOption } from './choice-option.ts';
import { messages } from '../messages/messages.ts';

/** The backends that the command line knows, in the order in which `auto` tries them. */
export const backendNames = ['hunyuan', 'openai', 'comfyui'] as const;

/** One of `backendNames`. */
export type BackendName = (typeof backendNames)[number];

/** Adds `--backend`. */
export function withBackendOption(command: Command): Command {
  return command.addOption(
    choiceOption('--backend <name>', messages().commands.common.backend, ['auto', ...backendNames]).default('auto'),
  );
}
