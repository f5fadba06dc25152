import type { Command } from 'commander';

import { messages } from '../messages/messages.ts';
import { CommandError } from '../run/command-error.ts';
import { repeatedOption } from './option-values.ts';
import { setVariable } from './set-variable.ts';

/** The options that choose what ComfyUI runs. */
export interface ComfyUIFlags {
  readonly workflow?: string;
  readonly checkpoint?: string;
  /** Each a name, or `name:strength`. */
  readonly lora?: readonly string[];
}

/** Adds `--workflow`, `--checkpoint` and `--lora`. */
export function withComfyUIOptions(command: Command): Command {
  const { comfyui: text } = messages().commands;
  return command
    .option('--workflow <file.json>', text.workflow)
    .option('--checkpoint <name>', text.checkpoint)
    .option('--lora <name[:strength]>', text.lora, repeatedOption);
}

/**
 * Sets the variables that the flags stand for.
 *
 * @throws CommandError exit 2 when a flag is given, and ComfyUI is not the named backend, or the flag is empty.
 */
export function useComfyUIFlags(backend: string, { workflow, checkpoint, lora }: ComfyUIFlags): void {
  const given = { workflow, checkpoint, lora: lora?.join(',') };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (backend !== 'comfyui') throw new CommandError(messages().errors.onlyComfyUI(name));
    setVariable(variables[name as keyof typeof given], value, `--${name}`);
  }
}

const variables = { workflow: 'COMFYUI_WORKFLOW', checkpoint: 'COMFYUI_CHECKPOINT', lora: 'COMFYUI_LORAS' } as const;
