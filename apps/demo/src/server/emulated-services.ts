import { createComfyUIBackend } from '@holodeck/comfyui';
import { createMemoryPermits } from '@holodeck/core/stores';
import type { LedgerSnapshot } from '@holodeck/emulators';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { BackendDescriptor } from '@holodeck/hybrid';
import { builtinDefinitions } from '@holodeck/hybrid/registry';
import { createOpenAIBackend } from '@holodeck/openai';
import type { ServiceLedger, ServiceSwitches } from '../shared/demo-api.ts';
import type { OutageGate } from './outage-gate.ts';
import { openOutageGate } from './outage-gate.ts';
import type { DemoServices } from './services.ts';
import { labelsOf } from './services.ts';

/** How long emulated jobs take. */
export interface EmulatedServicesOptions {
  /** In milliseconds. Default 1800. */
  readonly jobMs?: number;
}

/** One emulated service behind its gate. */
interface EmulatedService {
  readonly gate: OutageGate;
  readonly descriptor: BackendDescriptor;
  readonly ledger: () => LedgerSnapshot;
  switches: ServiceSwitches;
  /** Applies everything but `down`. */
  readonly apply: (switches: ServiceSwitches) => void;
  readonly stop: () => Promise<void>;
}

const none: ServiceSwitches = { down: false, slow: false, refusing: false, limited: false };
const slowFactor = 5;
/** Short, so that the demo stays lively. */
const briefRetries = { retryBaseMs: 300, retryMaxMs: 1500 };

/** Starts the three services on this machine, each behind a gate that can be shut. Nothing is paid. */
export async function startEmulatedServices({ jobMs = 1800 }: EmulatedServicesOptions = {}): Promise<DemoServices> {
  const services = await Promise.all([startHunyuan(jobMs), startOpenAI(jobMs), startComfyUI(jobMs)]);
  const byName = new Map(services.map((service) => [service.descriptor.name, service]));
  const permits = createMemoryPermits();
  return {
    mode: 'emulators',
    backends: services.map(({ descriptor }) => descriptor),
    absent: [],
    labels: labelsOf(await builtinDefinitions()),
    permits,
    // They share this machine's processor with the page, so probes may be slow; a closed port answers at once anyway.
    probeTimeoutMs: 20_000,
    // Two previews of each image. A quality is set because otherwise the estimate assumes the highest one.
    providerOptions: { openai: { partialImages: 2, quality: 'medium' } },
    faults: {
      state: () =>
        Object.fromEntries(
          [...byName].map(([name, { switches, ledger }]) => [name, { switches, ledger: ledgerView(ledger()) }]),
        ),
      async set(backend, changes) {
        const service = byName.get(backend);
        if (service === undefined) throw new TypeError(`There is no emulated service "${backend}".`);
        service.switches = { ...service.switches, ...changes };
        service.apply(service.switches);
        await (service.switches.down ? service.gate.shut() : service.gate.open());
      },
    },
    async close() {
      await Promise.all(services.map(({ stop }) => stop()));
      await permits.close();
    },
  };
}

function ledgerView({ submissions, accepted, refusals, delivered, maxConcurrent }: LedgerSnapshot): ServiceLedger {
  return { submissions, accepted, refusals, delivered, maxConcurrent };
}

async function startHunyuan(jobMs: number): Promise<EmulatedService> {
  const emulator = await startHunyuanEmulator({ jobMs: spread(jobMs), limit: 3 });
  const gate = await openOutageGate(emulator.port);
  const { secretId, secretKey } = emulator.credentials;
  return {
    gate,
    descriptor: {
      name: 'hunyuan',
      load: async () => createHunyuanBackend({ secretId, secretKey, endpoint: gate.url }),
      client: { ...briefRetries, maxConcurrent: 'auto' },
    },
    ledger: () => emulator.ledger.snapshot(),
    switches: none,
    apply({ slow, refusing, limited }) {
      emulator.set({ jobMs: spread(slow ? jobMs * slowFactor : jobMs), limit: limited ? 1 : 3 });
      emulator.setFaults(
        refusing ? [{ kind: 'refuse', operation: 'submit', code: 'ResourceUnavailable.InArrears' }] : [],
      );
    },
    async stop() {
      await gate.close();
      await emulator.close();
    },
  };
}

async function startOpenAI(jobMs: number): Promise<EmulatedService> {
  const emulator = await startOpenAIEmulator({ imageMs: spread(jobMs) });
  const gate = await openOutageGate(emulator.port);
  const { apiKey } = emulator;
  return {
    gate,
    descriptor: {
      name: 'openai',
      load: async () => createOpenAIBackend({ apiKey, baseURL: `${gate.url}/v1` }),
      client: briefRetries,
    },
    ledger: () => emulator.ledger.snapshot(),
    switches: none,
    apply({ slow, refusing, limited }) {
      emulator.set({
        imageMs: spread(slow ? jobMs * slowFactor : jobMs),
        imagesPerMinute: limited ? 6 : 'off',
        credit: refusing ? 0 : undefined,
      });
    },
    async stop() {
      await gate.close();
      await emulator.close();
    },
  };
}

async function startComfyUI(jobMs: number): Promise<EmulatedService> {
  const emulator = await startComfyUIEmulator({ jobMs: spread(jobMs), previewMethod: 'latent2rgb' });
  const gate = await openOutageGate(emulator.port);
  return {
    gate,
    descriptor: {
      name: 'comfyui',
      load: async () => createComfyUIBackend({ url: gate.url }),
      client: briefRetries,
    },
    ledger: () => emulator.ledger.snapshot(),
    switches: none,
    apply({ slow, refusing, limited }) {
      emulator.set({ jobMs: spread(slow ? jobMs * slowFactor : jobMs), paused: limited });
      emulator.setFaults(refusing ? [{ kind: 'http-status', operation: 'submit', status: 503 }] : []);
    },
    async stop() {
      await gate.close();
      await emulator.close();
    },
  };
}

/** Durations that vary as in real services. */
function spread(medianMs: number): { medianMs: number; sigma: number } {
  return { medianMs, sigma: 0.3 };
}
