import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';

import { maxPictureBytes, readRegularFileNow } from '@holodeck/core/backend';
import type { GenerationTask, ImageRequestInput, TaskEvent } from '@holodeck/core';

import { useComfyUIFlags, withComfyUIOptions } from '../options/comfyui-options.ts';
import type { ComfyUIFlags } from '../options/comfyui-options.ts';
import { withBackendOption } from '../options/backend-options.ts';
import { choiceOption } from '../options/choice-option.ts';
import { CommandError } from '../run/command-error.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { costSettings, withCostOptions } from '../options/cost-options.ts';
import type { CostOptions } from '../options/cost-options.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { integerOption, sizeOption } from '../options/option-values.ts';
import { requirePreviews, withRequest, withRequestOptions } from '../options/request-options.ts';
import type { RequestOptions } from '../options/request-options.ts';
import { PlanReport } from '../reports/plan-report.ts';
import { ResultReport } from '../reports/result-report.ts';
import { sessionIdFromText } from '../options/session-id.ts';
import { namesPicture, pictureNameProblem } from '../input/picture-name.ts';
import { chooseModel } from '../run/backends.ts';
import { keepPreviews } from '../run/preview-files.ts';
import type { RegisterCommand } from './register.ts';

interface GenerateOptions extends CommonOptions, CostOptions, RequestOptions, ComfyUIFlags {
  readonly backend: string;
  readonly size?: string;
  readonly seed?: number;
  readonly style?: string;
  readonly negativePrompt?: string;
  readonly count?: number;
  readonly background?: 'transparent' | 'opaque';
  readonly format?: 'png' | 'jpeg' | 'webp';
  readonly out: string;
  readonly overwrite?: boolean;
  readonly resubmitUnknown?: boolean;
  /** Of `--no-repay`. */
  readonly repay?: boolean;
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
    .option('--count <n>', text.count, integerOption(1))
    .addOption(choiceOption('--background <kind>', text.background, ['transparent', 'opaque']))
    .addOption(choiceOption('--format <format>', text.format, ['png', 'jpeg', 'webp']))
    .option('--out <path>', text.out, 'output')
    .option('--overwrite', common.overwrite)
    .option('--resubmit-unknown', common.resubmitUnknown)
    .option('--no-repay', common.noRepay);
  withCommonOptions(withCostOptions(withComfyUIOptions(withRequestOptions(withBackendOption(command))))).action(
    async (prompt: string, options: GenerateOptions) =>
      finish(await runCommandBody(options, (run) => generate(prompt, options, run))),
  );
};

async function generate(prompt: string, options: GenerateOptions, run: CommandRun): Promise<ExitCode> {
  const { out } = options;
  const request = requestOf(prompt, options);
  const isFile = namesPicture(out);
  const problem = isFile ? pictureNameProblem(out, options.format) : undefined;
  if (problem !== undefined) throw new CommandError(problem);
  const task: GenerationTask = isFile
    ? { ...request, outputPath: basename(out) }
    : { ...request, taskId: taskIdOf(request, options) };
  await chooseModel(options.backend, options.model);
  useComfyUIFlags(options.backend, options);
  const folder = isFile ? dirname(out) : out;
  const { openImageClient } = await import('../run/image-clients.ts');
  const { client, definition, close } = await openImageClient(run, {
    backend: options.backend,
    outputDir: folder,
    resubmitUnknown: options.resubmitUnknown ?? false,
    noRepay: options.repay === false,
    cost: await costSettings(options),
    planning: options.dryRun ?? false,
    ...(options.timeout !== undefined && { timeoutMs: options.timeout * 1000 }),
  });
  try {
    requirePreviews(options, definition);
    const asked = { ...withRequest(task, options, definition), ...(options.overwrite === true && { overwrite: true }) };
    if (options.dryRun === true) {
      const plans = new PlanReport(run, options.maxCost);
      const plan = await client.plan(asked);
      plans.add(plan, plan.taskId);
      plans.finish();
      return plans.exitCodeOfOne();
    }
    const report = new ResultReport(run);
    run.view.expect(1);
    run.view.nameTasks(({ file }) => file);
    const keep = keepPreviews(run, folder);
    const onProgress = (event: TaskEvent): void => {
      keep(event);
      run.view.onEvent(event);
    };
    report.add(await client.generate(asked, { signal: run.signal, onProgress }), '');
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
    ...(options.ref === undefined ? {} : { references: options.ref }),
  };
}

/** A readable name, unique for each request; the file has it too. */
function taskIdOf(request: ImageRequestInput, options: RequestOptions & ComfyUIFlags): string {
  const { prompt, references = [], ...rest } = request;
  const { model, quality, option, preview, input, workflow, checkpoint, lora } = options;
  const chosen = { model, quality, option, preview, input, workflow, checkpoint, lora };
  const hash = createHash('sha256').update(JSON.stringify({ ...rest, ...chosen }));
  for (const { path, role } of references) {
    if (role === 'init') hash.update(role);
    try {
      hash.update(readRegularFileNow(path as string, maxPictureBytes));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new CommandError(messages().errors.reference(String(path), String(code)));
    }
  }
  return `${sessionIdFromText(prompt)}${hash.digest('hex').slice(0, 4)}`;
}
