import { backendNames } from '../options/backend-options.ts';
import type { BackendName } from '../options/backend-options.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { describeEnvironment } from '../doctor/describe-environment.ts';
import { describeFinding } from '../doctor/describe-finding.ts';
import type { Finding } from '../doctor/finding.ts';
import { routeOf } from '../doctor/route.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
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
  const findings = await Promise.all(backendNames.map((name) => examine(name, options.timeoutMs, run.signal)));
  for (const finding of findings) run.print(finding, describeFinding(finding));
  if (!run.json) run.print(undefined, describeEnvironment(process.env).join('\n'));
  const usable = findings.filter(({ status }) => status === 'ready' || status === 'unknown');
  if (usable.length > 0) return exitCodes.done;
  const { noneAvailable, noneConfigured } = messages().doctor;
  run.error(findings.some(({ configured }) => configured) ? noneAvailable : noneConfigured);
  return exitCodes.noBackend;
}

async function examine(name: BackendName, timeoutMs: number, signal: AbortSignal): Promise<Finding> {
  const { readBackend } = await import('../run/backend-configuration.ts');
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
    const report = await client.probe({ timeoutMs, signal });
    // How the host is reached is what people with a proxy ask first.
    const route = routeOf(report, process.env);
    return { ...report, configured: true, ...(route === undefined ? {} : { route }) };
  } finally {
    await client.close();
  }
}
