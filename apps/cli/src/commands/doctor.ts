import { readVariable } from '@holodeck/core/backend';
import type { BackendDefinition } from '@holodeck/core/backend';

import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { describeEnvironment } from '../doctor/describe-environment.ts';
import { describeFinding } from '../doctor/describe-finding.ts';
import type { Finding, LabelFinding } from '../doctor/finding.ts';
import { routeOf } from '../doctor/route.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { currentLanguage, messages } from '../messages/messages.ts';
import { renderError } from '../messages/render.ts';
import { integerOption } from '../options/option-values.ts';
import type { RegisterCommand } from './register.ts';

interface DoctorOptions extends CommonOptions {
  readonly timeoutMs: number;
}

export const registerDoctor: RegisterCommand = (program, finish) => {
  const { doctor: text } = messages().commands;
  const command = program
    .command('doctor')
    .description(text.about)
    .option('--timeout-ms <n>', text.timeoutMs, integerOption(1), 5000);
  withCommonOptions(command).action(async (options: DoctorOptions) =>
    finish(await runCommandBody(options, (run) => doctor(options, run))),
  );
};

async function doctor(options: DoctorOptions, run: CommandRun): Promise<ExitCode> {
  const { loadRegistry } = await import('@holodeck/hybrid/registry');
  const { describeProblem } = await import('../run/backends.ts');
  const registry = await loadRegistry(process.env);
  const findings = await Promise.all(
    registry.definitions.map(async (definition) => {
      const finding = await examine(definition, options.timeoutMs, run.signal);
      return { finding, text: describeFinding(finding, definition.beforeFirstUse?.[currentLanguage()]) };
    }),
  );
  const unusable = registry.problems.map((problem) => {
    const finding = misconfigured(problem.entry, describeProblem(problem, registry));
    return { finding, text: describeFinding(finding) };
  });
  if (run.json) {
    const producer = readVariable(process.env, 'HOLODECK_LABEL_PRODUCER') ?? null;
    run.print({ labels: { producer } } satisfies LabelFinding, '');
  }
  for (const { finding, text } of [...findings, ...unusable]) run.print(finding, text);
  if (!run.json) run.print(undefined, describeEnvironment(process.env, Date.now()).join('\n'));
  // Every other command refuses to run until the list is corrected.
  if (unusable.length > 0) return exitCodes.usage;
  if (findings.some(({ finding: { status } }) => status === 'ready' || status === 'unknown')) return exitCodes.done;
  const { noneAvailable, noneConfigured } = messages().doctor;
  run.error(findings.some(({ finding }) => finding.configured) ? noneAvailable : noneConfigured);
  return exitCodes.noBackend;
}

function misconfigured(backend: string, message: string): Finding {
  return { backend, configured: true, status: 'misconfigured', message };
}

async function examine(definition: BackendDefinition, timeoutMs: number, signal: AbortSignal): Promise<Finding> {
  const { name } = definition;
  const { readBackend } = await import('@holodeck/hybrid/registry');
  const { describeReading } = await import('../run/backends.ts');
  const reading = await readBackend(definition, process.env);
  if (reading.status === 'absent') {
    return { backend: name, configured: false, status: 'not-configured', message: describeReading(reading) };
  }
  if (reading.status === 'wrong') return misconfigured(name, describeReading(reading));
  const { ImageClient } = await import('@holodeck/core');
  const { setup } = reading;
  let client;
  try {
    client = new ImageClient(await setup.create());
  } catch (error) {
    return misconfigured(name, renderError(error));
  }
  try {
    const report = await client.probe({ timeoutMs, signal });
    // People with a proxy ask first how the host is reached.
    const route = routeOf(report, setup.address, process.env);
    return { ...report, configured: true, ...(route === undefined ? {} : { route }) };
  } finally {
    await client.close();
  }
}
