import { styleText } from 'node:util';

import type { ProbeReport } from '@holodeck/core';

import { backendNames } from '../backend-options.ts';
import type { BackendName } from '../backend-options.ts';
import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { integerOption } from '../option-values.ts';
import { describeEnvironment } from '../describe-environment.ts';
import type { RegisterCommand } from './register.ts';

interface DoctorOptions extends CommonOptions {
  readonly timeoutMs: number;
}

export const registerDoctor: RegisterCommand = (program, finish) => {
  const command = program
    .command('doctor')
    .description('look at every backend, for free: what is missing and how to set it')
    .option('--timeout-ms <n>', 'the longest wait for one backend', integerOption(1), 5000);
  withCommonOptions(command).action(async (options: DoctorOptions) =>
    finish(await runCommandBody(options, (run) => doctor(options, run))),
  );
};

/** What is known of a backend after the look; a line of `--json`. */
type Finding =
  | (ProbeReport & { readonly configured: true })
  | {
      readonly backend: BackendName;
      readonly configured: boolean;
      readonly status: 'not-configured' | 'misconfigured';
      readonly message: string;
    };

async function doctor(options: DoctorOptions, run: CommandRun): Promise<ExitCode> {
  const findings = await Promise.all(backendNames.map((name) => examine(name, options.timeoutMs, run.signal)));
  for (const finding of findings) run.print(finding, describeFinding(finding));
  if (!run.json) run.print(undefined, describeEnvironment(process.env).join('\n'));
  const usable = findings.filter(({ status }) => status === 'ready' || status === 'unknown');
  if (usable.length > 0) return exitCodes.done;
  run.error('No backend is available. Copy .env.example to .env and fill in what you use, or try "emulate".');
  return exitCodes.noBackend;
}

async function examine(name: BackendName, timeoutMs: number, signal: AbortSignal): Promise<Finding> {
  const { readBackend } = await import('../backend-configuration.ts');
  const configuration = await readBackend(name, process.env);
  if (configuration.status === 'absent') {
    return { backend: name, configured: false, status: 'not-configured', message: configuration.reason };
  }
  const misconfigured = (message: string): Finding => ({
    backend: name,
    configured: true,
    status: 'misconfigured',
    message,
  });
  if (configuration.status === 'wrong') return misconfigured(configuration.problem);
  const { ImageClient } = await import('@holodeck/core');
  let client;
  try {
    client = new ImageClient(await configuration.create());
  } catch (error) {
    return misconfigured(error instanceof Error ? error.message : String(error));
  }
  try {
    return { ...(await client.probe({ timeoutMs, signal })), configured: true };
  } finally {
    await client.close();
  }
}

const colors = {
  ready: 'green',
  unknown: 'yellow',
  down: 'red',
  misconfigured: 'red',
  'not-configured': 'dim',
} as const;

function describeFinding(finding: Finding): string {
  const status = styleText(colors[finding.status], finding.status.replace('-', ' '));
  const lines = [`${finding.backend}: ${status}. ${finding.message}`];
  if ('proves' in finding) {
    lines[0] = `${finding.backend} (${finding.model}): ${status}. ${finding.message}`;
    if (finding.remedy !== undefined) lines.push(`  to do: ${finding.remedy}`);
    for (const fact of finding.proves) lines.push(`  shown: ${fact}`);
    for (const fact of finding.doesNotProve) lines.push(`  not shown: ${fact}`);
    for (const [key, value] of Object.entries(finding.details ?? {})) lines.push(`  ${key}: ${value}`);
  }
  return lines.join('\n');
}
