import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';

import type { GenerationTask, ImageRequestInput } from '@holodeck/core';

import { withBackendOption } from '../options/backend-options.ts';
import { choiceOption } from '../options/choice-option.ts';
import { CommandError } from '../run/command-error.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { costSettings, withCostOptions } from '../options/cost-options.ts';
import type { CostOptions } from '../options/cost-options.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { integerOption, repeatedOption, sizeOption } from '../options/option-values.ts';
import { PlanReport } from '../reports/plan-report.ts';
import { ResultReport } from '../reports/result-report.ts';
import { sessionIdFromText } from '../options/session-id.ts';
import type { RegisterCommand } from './register.ts';

interface GenerateOptions extends CommonOptions, CostOptions {
  readonly backend: string;
  readonly size?: string;
  readonly seed?: number;
  readonly style?: string;
  readonly negativePrompt?: string;
  readonly ref?: readonly string[];
  readonly count?: number;
  readonly background?: 'transparent' | 'opaque';
  readonly format?: 'png' | 'jpeg' | 'webp';
  readonly out: string;
  readonly resubmitUnknown?: boolean;
}

export const registerGenerate: RegisterCommand = (program, finish) => {
  const { generate: text, common } = messages().commands;
  const command = program
    .command('generate')
    .description(text.about)
    .argument('<prompt>', text.prompt)
    .option('--size <WxH>', text.size, sizeOption)
    .option('--seed <integer>', text.seed, integerOption(0))
    .option('--style <words>', text.style)
    .option('--negative-prompt <words>', text.negativePrompt)
    .option('--ref <file>', text.ref, repeatedOption)
    .option('--count <n>', text.count, integerOption(1))
    .addOption(choiceOption('--background <kind>', text.background, ['transparent', 'opaque']))
    .addOption(choiceOption('--format <format>', text.format, ['png', 'jpeg', 'webp']))
    .option('--out <path>', text.out, 'output')
    .option('--resubmit-unknown', common.resubmitUnknown);
  withCommonOptions(withCostOptions(withBackendOption(command))).action(
    async (prompt: string, options: GenerateOptions) =>
      finish(await runCommandBody(options, (run) => generate(prompt, options, run))),
  );
};

async function generate(prompt: string, options: GenerateOptions, run: CommandRun): Promise<ExitCode> {
  const request = requestOf(prompt, options);
  const isFile = ['.png', '.jpg', '.jpeg', '.webp'].includes(extname(options.out).toLowerCase());
  const task: GenerationTask = isFile
    ? { ...request, outputPath: basename(options.out) }
    : { ...request, taskId: taskIdOf(request) };
  const { openImageClient } = await import('../run/image-clients.ts');
  const { client, close } = await openImageClient(run, {
    backend: options.backend,
    outputDir: isFile ? dirname(options.out) : options.out,
    resubmitUnknown: options.resubmitUnknown ?? false,
    cost: await costSettings(options),
    planning: options.dryRun ?? false,
  });
  try {
    if (options.dryRun === true) {
      const plans = new PlanReport(run, options.maxCost);
      const plan = await client.plan(task);
      plans.add(plan, plan.taskId);
      plans.finish();
      return plans.exitCodeOfOne();
    }
    const report = new ResultReport(run);
    const onProgress = run.view.onEvent.bind(run.view);
    report.add(await client.generate(task, { signal: run.signal, onProgress }), '');
    report.spent(client.stats().spending);
    return report.exitCodeOfOne();
  } finally {
    await close();
  }
}

function requestOf(prompt: string, options: GenerateOptions): ImageRequestInput {
  const { size, seed, style, negativePrompt, count, background, format } = options;
  return {
    prompt,
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
    ...(style === undefined ? {} : { style }),
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
    ...(count === undefined ? {} : { count }),
    ...(background === undefined ? {} : { background }),
    ...(format === undefined ? {} : { format }),
    ...(options.ref === undefined ? {} : { references: options.ref.map((path) => ({ path })) }),
  };
}

/** A name that tells the picture, and another one for every other request: it is also the file's. */
function taskIdOf(request: ImageRequestInput): string {
  const { prompt, references = [], ...rest } = request;
  const hash = createHash('sha256').update(JSON.stringify(rest));
  for (const { path } of references) {
    try {
      hash.update(readFileSync(path as string));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new CommandError(messages().errors.reference(String(path), String(code)));
    }
  }
  return `${sessionIdFromText(prompt)}${hash.digest('hex').slice(0, 4)}`;
}
