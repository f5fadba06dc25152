import { readTextFile } from '@holodeck/core/backend';
import { once } from 'node:events';

import { choiceArgument } from '../options/choice-option.ts';
import { CommandError } from '../run/command-error.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { integerOption } from '../options/option-values.ts';
import { reasonOf } from '../run/reason-of.ts';
import type { RegisterCommand } from './register.ts';

/** The services that have an emulator. */
const serviceNames = ['hunyuan', 'openai', 'comfyui'] as const;
type ServiceName = (typeof serviceNames)[number];

interface EmulateOptions extends CommonOptions {
  readonly port: number;
  readonly limit?: number;
  readonly jobMs?: number;
  readonly slotTailMs?: number;
  readonly faults?: string;
}

export const registerEmulate: RegisterCommand = (program, finish) => {
  const { emulate: text } = messages().commands;
  const command = program
    .command('emulate')
    .description(text.about)
    .addArgument(choiceArgument('[service...]', text.services, serviceNames).default(serviceNames))
    .option('--port <n>', text.port, integerOption(0, 65_535), 0)
    .option('--limit <n>', text.limit, integerOption(1))
    .option('--job-ms <n>', text.jobMs, integerOption(0))
    .option('--slot-tail-ms <n>', text.slotTailMs, integerOption(0))
    .option('--faults <file>', text.faults);
  withCommonOptions(command).action(async (services: readonly ServiceName[], options: EmulateOptions) =>
    finish(await runCommandBody(options, (run) => emulate([...new Set(services)], options, run))),
  );
};

interface RunningEmulator {
  readonly service: ServiceName;
  readonly url: string;
  /** The lines that point a client here. */
  readonly variables: Readonly<Record<string, string>>;
  ledger(): unknown;
  close(): Promise<void>;
}

async function emulate(services: readonly ServiceName[], options: EmulateOptions, run: CommandRun): Promise<ExitCode> {
  if (!services.includes('hunyuan') && (options.limit ?? options.slotTailMs) !== undefined) {
    throw new CommandError(messages().errors.emulate.onlyHunyuan);
  }
  const { emulate: reports } = messages().reports;
  const faults = readFaults(options.faults, services);
  const running: RunningEmulator[] = [];
  try {
    for (const [index, service] of services.entries()) {
      const port = options.port === 0 ? 0 : options.port + index;
      const emulator = await start(service, port, options, faults[service] ?? []);
      running.push(emulator);
      run.print(
        { emulator: service, url: emulator.url, variables: emulator.variables },
        [
          reports.isEmulator(service),
          ...Object.entries(emulator.variables).map(([name, value]) => `export ${name}=${value}`),
        ].join('\n'),
      );
    }
    run.view.note(reports.running);
    if (!run.signal.aborted) await once(run.signal, 'abort');
    for (const { service, ledger } of running) {
      const figures = ledger();
      run.print({ emulator: service, ledger: figures }, reports.ledger(service, JSON.stringify(figures)));
    }
  } finally {
    await Promise.all(running.map((emulator) => emulator.close()));
  }
  // Ctrl-C is how it is meant to end.
  return exitCodes.done;
}

type FaultsByService = Readonly<Partial<Record<ServiceName, readonly unknown[]>>>;

function readFaults(file: string | undefined, services: readonly ServiceName[]): FaultsByService {
  if (file === undefined) return {};
  const { emulate: errors } = messages().errors;
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file));
  } catch (error) {
    throw new CommandError(errors.cannotRead(file, reasonOf(error)));
  }
  if (Array.isArray(value)) {
    const [only] = services;
    if (services.length !== 1 || only === undefined) {
      throw new CommandError(errors.listForOne(file));
    }
    return { [only]: value };
  }
  if (typeof value !== 'object' || value === null) throw new CommandError(errors.notList(file));
  for (const [service, list] of Object.entries(value)) {
    if (!serviceNames.some((name) => name === service) || !Array.isArray(list)) {
      throw new CommandError(errors.unknownService(file, service, serviceNames.join(', ')));
    }
  }
  return value;
}

async function start(
  service: ServiceName,
  port: number,
  options: EmulateOptions,
  faults: readonly unknown[],
): Promise<RunningEmulator> {
  try {
    // The emulator checks what the file holds, and says what is wrong with it.
    return await starters[service](port, options, faults as readonly never[]);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const { emulate: errors } = messages().errors;
    if (code === 'EADDRINUSE' || code === 'EACCES') {
      throw new CommandError(errors.port(port, service, code));
    }
    throw new CommandError(errors.cannotStart(service, message));
  }
}

type Starter = (port: number, options: EmulateOptions, faults: readonly never[]) => Promise<RunningEmulator>;

const starters: Readonly<Record<ServiceName, Starter>> = {
  hunyuan: async (port, { limit, jobMs, slotTailMs }, faults) => {
    const { startHunyuanEmulator } = await import('@holodeck/emulators');
    const emulator = await startHunyuanEmulator({
      port,
      faults,
      ...(limit === undefined ? {} : { limit }),
      ...(jobMs === undefined ? {} : { jobMs }),
      ...(slotTailMs === undefined ? {} : { slotTailMs }),
    });
    const { secretId, secretKey } = emulator.credentials;
    const variables = {
      HUNYUAN_ENDPOINT: emulator.url,
      HUNYUAN_SECRET_ID: secretId,
      HUNYUAN_SECRET_KEY: secretKey,
    };
    return runningEmulator('hunyuan', emulator, variables);
  },
  openai: async (port, { jobMs }, faults) => {
    const { startOpenAIEmulator } = await import('@holodeck/emulators');
    const emulator = await startOpenAIEmulator({ port, faults, ...(jobMs === undefined ? {} : { imageMs: jobMs }) });
    return runningEmulator('openai', emulator, { OPENAI_BASE_URL: emulator.baseURL, OPENAI_API_KEY: emulator.apiKey });
  },
  comfyui: async (port, { jobMs }, faults) => {
    const { startComfyUIEmulator } = await import('@holodeck/emulators');
    const emulator = await startComfyUIEmulator({ port, faults, ...(jobMs === undefined ? {} : { jobMs }) });
    return runningEmulator('comfyui', emulator, { COMFYUI_URL: emulator.url });
  },
};

interface Emulator {
  readonly url: string;
  readonly ledger: { snapshot(): unknown };
  close(): Promise<void>;
}

function runningEmulator(
  service: ServiceName,
  emulator: Emulator,
  variables: Readonly<Record<string, string>>,
): RunningEmulator {
  return {
    service,
    url: emulator.url,
    variables,
    ledger: () => emulator.ledger.snapshot(),
    close: () => emulator.close(),
  };
}
