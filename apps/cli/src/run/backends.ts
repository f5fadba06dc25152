import { loadRegistry, readBackend } from '@holodeck/hybrid/registry';
import type { BackendReading, BackendRegistry, RegistryProblem } from '@holodeck/hybrid/registry';

import { currentLanguage, messages } from '../messages/messages.ts';
import { render, renderError } from '../messages/render.ts';
import { setVariable } from '../options/set-variable.ts';
import { suggest } from '../options/suggest.ts';
import { CommandError } from './command-error.ts';
import type { CommandRun } from './command-run.ts';

/** A backend that the environment configures. */
export type ConfiguredBackend = Extract<BackendReading, { readonly status: 'configured' }>;

/**
 * The backends that this command may use.
 *
 * @throws CommandError for an entry of `HOLODECK_BACKENDS` without a backend.
 */
export async function openRegistry(): Promise<BackendRegistry> {
  const registry = await loadRegistry(process.env);
  const [problem] = registry.problems;
  if (problem !== undefined) throw new CommandError(describeProblem(problem, registry));
  return registry;
}

/** The backends that can be used: for commands that send nothing new. Entries without a backend are warnings. */
export async function openUsableRegistry(run: Pick<CommandRun, 'warn'>): Promise<BackendRegistry> {
  const registry = await loadRegistry(process.env);
  for (const problem of registry.problems) run.warn(describeProblem(problem, registry));
  return registry;
}

/**
 * The configuration of a backend named on the command line, whether or not `HOLODECK_BACKENDS` selects it.
 *
 * @throws CommandError for an unknown name.
 */
export async function readNamedBackend(name: string): Promise<BackendReading> {
  const { definitions } = await openRegistry();
  const definition = definitions.find((one) => one.name === name);
  if (definition !== undefined) return readBackend(definition, process.env);
  const { choices, invalidOptionValue } = messages().errors;
  const names = ['auto', ...definitions.map((one) => one.name)];
  const text = invalidOptionValue('--backend <name>', name, choices(names.join(', ')));
  throw new CommandError(withSuggestion(text, name, names));
}

/**
 * Sets the variable that chooses a backend's model.
 *
 * @throws CommandError when no backend is named, its model cannot be chosen, or the name is empty.
 */
export async function chooseModel(backend: string, model: string | undefined): Promise<void> {
  if (model === undefined) return;
  const { errors } = messages();
  if (backend === 'auto') throw new CommandError(errors.modelOfAuto);
  const { definition } = await readNamedBackend(backend);
  if (definition.modelVariable === undefined) throw new CommandError(errors.noModelChoice(backend));
  setVariable(definition.modelVariable, model, '--model');
}

/**
 * The backend that can be cheaper and slower: the named one, or of `auto` the first selected one that can.
 *
 * @returns Its name, and what makes it so from the next reading of the environment on.
 * @throws CommandError when it cannot.
 */
export async function findEconomy(backend: string): Promise<{ readonly name: string; use(): void }> {
  const readings = backend === 'auto' ? await readSelectedBackends() : [await readNamedBackend(backend)];
  const able = readings.filter(({ definition }) => definition.economy !== undefined);
  const { definition } = able.find(({ status }) => status === 'configured') ?? able[0] ?? {};
  if (definition?.economy === undefined) throw new CommandError(messages().errors.noEconomy(backend));
  const { name, economy } = definition;
  return {
    name,
    use: () => {
      process.env[economy.variable] = economy.value;
    },
  };
}

/** The configuration of the selected backends, in order of priority. */
export async function readSelectedBackends(): Promise<readonly BackendReading[]> {
  const { selected } = await openRegistry();
  return Promise.all(selected.map((definition) => readBackend(definition, process.env)));
}

/** What is wrong with an entry of `HOLODECK_BACKENDS`, with the name that was most likely meant. */
export function describeProblem({ entry, error }: RegistryProblem, { definitions }: BackendRegistry): string {
  return withSuggestion(
    render(error),
    entry,
    definitions.map(({ name }) => name),
  );
}

/** Why a backend cannot be made from the environment, and what to do. */
export function describeReading(reading: Exclude<BackendReading, ConfiguredBackend>): string {
  if (reading.status === 'absent') return reading.definition.whenAbsent[currentLanguage()];
  return renderError(reading.error);
}

function withSuggestion(text: string, word: string, names: readonly string[]): string {
  const near = suggest(word, names);
  return near === undefined ? text : `${text}\n(${messages().errors.didYouMean(near)})`;
}
