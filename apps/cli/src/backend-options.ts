import { Option } from 'commander';
import type { Command } from 'commander';

/** The backends that the command line knows, in the order in which `auto` tries them. */
export const backendNames = ['hunyuan', 'openai', 'comfyui'] as const;

/** One of `backendNames`. */
export type BackendName = (typeof backendNames)[number];

/** Adds `--backend`. */
export function withBackendOption(command: Command): Command {
  return command.addOption(
    new Option('--backend <name>', 'which service makes the images; auto = the first that is configured and up')
      .choices(['auto', ...backendNames])
      .default('auto'),
  );
}
