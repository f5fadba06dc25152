import { readVariable } from '@holodeck/core/backend';
import type { Environment } from '@holodeck/core/backend';

/** What derived pictures say besides their kind of source, backend, model and job. */
export interface LabelOptions {
  /**
   * `ContentProducer` of the AIGC block of GB 45438-2025: the name or code of the provider that generates the content. At most
   * 256 characters.
   */
  readonly producer: string;
}

/** Longer names are refused. */
export const mostProducerCharacters = 256;

/** The settings, with the label that the environment names where they have none. */
export function withLabel<Settings extends { readonly label?: LabelOptions }>(
  settings: Settings,
  environment: Environment,
): Settings {
  const producer = readVariable(environment, 'HOLODECK_LABEL_PRODUCER');
  return settings.label !== undefined || producer === undefined ? settings : { ...settings, label: { producer } };
}
