import type { Environment } from '@holodeck/core/backend';
import { HybridClient } from './hybrid-client.ts';
import type { HybridSettings } from './hybrid-options.ts';
import { assertSettings } from './hybrid-options.ts';
import { withLabel } from './label-options.ts';
import { judgeFromEnvironment } from './judge/chat-judge.ts';
import { createPromptBuilder } from './prompts/prompt-builder.ts';
import { cardsWithRemover } from './registry/cards-with-remover.ts';
import { assertKnownNames, environmentDescriptors } from './registry/environment-descriptors.ts';

/** Options of `createHybridClientFromEnv`: settings, and the environment to read. */
export interface HybridEnvironmentOptions extends HybridSettings {
  /** Default `process.env`. */
  readonly environment?: Environment;
}

/**
 * A client over the backends that the environment configures, in the order Hunyuan, OpenAI, ComfyUI;
 * `HOLODECK_BACKENDS` (such as `"comfyui,hunyuan"`) selects backends and their order; it may also name modules
 * that define a backend (`"hunyuan,./my-backend.ts"`), whose code is run. A backend's package is loaded only when its
 * variables are set. `HOLODECK_JUDGE_URL` turns on a judge of cards; see `judgeFromEnvironment`.
 *
 * ```ts
 * const client = createHybridClientFromEnv({ outputDir: 'output' });
 * for (const report of await client.availability()) console.log(report.backend, report.status, report.message);
 * await client.close();
 * ```
 *
 * @throws ImageError of kind `invalid-request` for settings that cannot be used, or an unknown name in `HOLODECK_BACKENDS`.
 * The first call rejects in the same way for a module that cannot be loaded.
 */
export function createHybridClientFromEnv(options: HybridEnvironmentOptions = {}): HybridClient {
  const { environment = process.env, ...given } = options;
  const settings = withLabel(given, environment);
  const judge = settings.judge ?? judgeFromEnvironment(environment);
  assertSettings(settings, ['environment']);
  createPromptBuilder(settings.prompts);
  assertKnownNames(environment);
  const cards = cardsWithRemover(settings.cards, environment);
  return new HybridClient({ ...settings, cards, ...(judge && { judge }) }, () => environmentDescriptors(environment));
}
