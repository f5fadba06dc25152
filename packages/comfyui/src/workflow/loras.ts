import { say } from '../comfyui-messages.ts';
import { invalidOptions } from '../comfyui-errors.ts';
import { listNames } from '../list-names.ts';
import { findFile } from './model-choice.ts';
import type { LoraOption } from '../comfyui-options.ts';
import type { ServerModels } from './server-models.ts';

/** The LoRAs of the options, by the names under which a server lists them. @throws ImageError `invalid-request` when it lacks one. */
export function findLoras(models: ServerModels, loras: readonly LoraOption[], label: string): readonly LoraOption[] {
  const files = models.files.loras;
  return loras.map(({ name, ...strength }) => {
    const found = findFile(files, name);
    if (found === undefined) {
      const place = { name: JSON.stringify(name), server: label };
      throw invalidOptions(
        files.length === 0
          ? say('lora-unknown-none', place)
          : say('lora-unknown', { ...place, files: listNames(files) }),
      );
    }
    return { name: found, ...strength };
  });
}
