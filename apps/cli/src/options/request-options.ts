import type { GenerationTask, ProviderOptions, ReferenceInput } from '@holodeck/core';
import type { BackendDefinition } from '@holodeck/core/backend';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import { messages } from '../messages/messages.ts';
import { CommandError } from '../run/command-error.ts';
import { numberOption } from './option-values.ts';

/** The options of `generate` and `batch` that go to the backend. */
export interface RequestOptions {
  readonly model?: string;
  readonly quality?: string;
  readonly option?: ProviderOptions;
  /** Inputs of a workflow's nodes, by path. */
  readonly input?: ProviderOptions;
  readonly ref?: readonly ReferenceInput[];
  /** In seconds. */
  readonly timeout?: number;
  readonly preview?: boolean;
}

/** Adds `--model`, `--quality`, `--option`, `--input`, `--ref`, `--timeout` and `--preview`. */
export function withRequestOptions(command: Command): Command {
  const { request: text } = messages().commands;
  return command
    .option('--model <name>', text.model)
    .option('--quality <level>', text.quality)
    .option('--option <key=value>', text.option, keyValueOption)
    .option('--input <node.input=value>', text.input, keyValueOption)
    .option('--ref <[role:]file>', text.ref, referenceOption)
    .option('--timeout <seconds>', text.timeout, numberOption(1, 86_400))
    .option('--preview', text.preview);
}

/** What `--option` takes, for each backend that has some. */
export function describeRequestOptions(definitions: readonly BackendDefinition[]): string {
  const lines = definitions.flatMap(({ name, requestOptions = [] }) =>
    requestOptions.length === 0 ? [] : [`  ${name}: ${requestOptions.join(', ')}`],
  );
  return ['', messages().commands.titles.requestOptions, ...lines].join('\n');
}

/** A task with the options of the command line; what the task says itself wins. */
export function withRequest(
  task: GenerationTask,
  { quality, option, input, ref, preview }: RequestOptions,
  { name, previewOptions }: Pick<BackendDefinition, 'name' | 'previewOptions'>,
): GenerationTask {
  const own = {
    ...(preview === true && previewOptions),
    ...(quality !== undefined && { quality }),
    ...(input !== undefined && { inputs: input }),
    ...option,
    ...task.providerOptions?.[name],
  };
  return {
    ...task,
    ...(task.references === undefined && ref !== undefined && { references: ref }),
    ...(Object.keys(own).length > 0 && { providerOptions: { ...task.providerOptions, [name]: own } }),
  };
}

/** @throws CommandError when `--preview` is given and the backend sends none. */
export function requirePreviews({ preview }: RequestOptions, { name, previewOptions }: BackendDefinition): void {
  if (preview === true && previewOptions === undefined) throw new CommandError(messages().errors.noPreviews(name));
}

/** `watermark=true`: a value that is JSON is taken as JSON, any other as text. */
function keyValueOption(text: string, previous: ProviderOptions | undefined): ProviderOptions {
  const [, key = '', value = ''] = /^\s*([^=]*[^\s=])\s*=(.*)$/s.exec(text) ?? [];
  if (key === '') throw new InvalidArgumentError(messages().errors.keyValue);
  return { ...previous, [key]: jsonOrText(value) };
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** `init:photo.png`; without a role it is a look to follow. */
function referenceOption(text: string, previous: readonly ReferenceInput[] = []): readonly ReferenceInput[] {
  const [, role, path] = /^(style|init):(.+)$/s.exec(text) ?? [];
  if (path === undefined) return [...previous, { path: text }];
  return [...previous, { path, role: role as 'style' | 'init' }];
}
