import type { MaxCost } from '@holodeck/core';

import { maxCostOption } from '../options/cost-options.ts';
import { integerOption, repeatedOption } from '../options/option-values.ts';
import { messages } from '../messages/messages.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import type { RegisterCommand } from './register.ts';

interface KeysOptions extends CommonOptions {
  readonly keys: string;
}

interface AddOptions extends KeysOptions {
  readonly maxCost?: MaxCost;
  readonly maxConcurrent?: number;
  readonly backend?: readonly string[];
}

export const registerKeys: RegisterCommand = (program, finish) => {
  const { keys: text } = messages().commands;
  const keys = program.command('keys').description(text.about);
  const add = (name: string, description: string) =>
    withCommonOptions(keys.command(name).description(description)).requiredOption('--keys <file>', text.file);
  add('add', text.add)
    .argument('<name>', text.name)
    .option('--max-cost <amount>', text.maxCost, maxCostOption)
    .option('--max-concurrent <n>', text.maxConcurrent, integerOption(1, 10_000))
    .option('--backend <name>', text.backend, repeatedOption)
    .action(async (name: string, options: AddOptions) =>
      finish(await runCommandBody(options, (run) => addOne(name, options, run))),
    );
  add('list', text.list).action(async (options: KeysOptions) =>
    finish(await runCommandBody(options, (run) => list(options, run))),
  );
  add('revoke', text.revoke)
    .argument('<name>', text.name)
    .action(async (name: string, options: KeysOptions) =>
      finish(await runCommandBody(options, (run) => revoke(name, options, run))),
    );
};

async function addOne(name: string, options: AddOptions, run: CommandRun): Promise<ExitCode> {
  const { addKey } = await import('@holodeck/gateway');
  const { maxCost, maxConcurrent, backend: backends } = options;
  const { key, secret } = await addKey(options.keys, name, {
    ...(maxCost === undefined ? {} : { maxCost }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(backends === undefined ? {} : { backends }),
  });
  run.view.note(messages().reports.keyShownOnce);
  run.print({ name, key, webhookSecret: secret }, key);
  return exitCodes.done;
}

async function list(options: KeysOptions, run: CommandRun): Promise<ExitCode> {
  const { readKeys } = await import('@holodeck/gateway');
  for (const { name, createdAt, maxCost, maxConcurrent, backends } of await readKeys(options.keys)) {
    const limits = [
      maxCost === undefined ? '' : `--max-cost ${JSON.stringify(maxCost)}`,
      maxConcurrent === undefined ? '' : `--max-concurrent ${maxConcurrent}`,
      ...(backends ?? []).map((backend) => `--backend ${backend}`),
    ];
    const line = [name, createdAt, ...limits].filter((part) => part !== '').join('  ');
    run.print({ name, createdAt, maxCost, maxConcurrent, backends }, line);
  }
  return exitCodes.done;
}

async function revoke(name: string, options: KeysOptions, run: CommandRun): Promise<ExitCode> {
  const { revokeKey } = await import('@holodeck/gateway');
  await revokeKey(options.keys, name);
  run.print({ name, revoked: true }, messages().reports.keyRevoked(name));
  return exitCodes.done;
}
