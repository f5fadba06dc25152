import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runWorker } from '../support/run-worker.ts';
import type { Measurement, Plan, ServiceAddress } from './plan.ts';

/** The emulated services. */
export type ServiceName = 'openai' | 'hunyuan' | 'comfyui';

/** An emulator in its own process. */
export interface ServiceProcess {
  readonly address: ServiceAddress;
  /** Changes settings. */
  set(settings: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): void;
}

/** Starts an emulator. @throws {Error} if its process ends instead. */
export function startService(
  service: ServiceName,
  settings: Readonly<Record<string, unknown>>,
): Promise<ServiceProcess> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('services.ts', import.meta.url)), [service, JSON.stringify(settings)], {
      execArgv: [],
    });
    child.once('message', (address) => {
      resolve({
        address: address as ServiceAddress,
        set: (changed) =>
          new Promise((changedNow) => {
            child.once('message', () => changedNow());
            child.send(changed);
          }),
        stop: () => child.disconnect(),
      });
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The ${service} emulator ended with code ${code}.`)));
  });
}

/**
 * Runs a contestant in a new process.
 * @param onWarm Runs between the warm-up and the tasks that count.
 * @throws {Error} as `runWorker` does.
 */
export function measure(
  service: ServiceName,
  contestant: string,
  plan: Plan,
  onWarm?: () => Promise<void>,
): Promise<Measurement> {
  return runWorker('peers/run-contestant.ts', [service, contestant, JSON.stringify(plan)], onWarm);
}
