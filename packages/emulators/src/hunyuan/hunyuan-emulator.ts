/** The emulator of Tencent Hunyuan Image. */
import type { BaseServer } from '../base/base-server.ts';
import { startBaseServer } from '../base/base-server.ts';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { Exchange } from '../base/exchange.ts';
import type { FaultInput } from '../base/fault.ts';
import { commonFaultKinds } from '../base/fault.ts';
import { FaultPlan } from '../base/fault-plan.ts';
import { Ledger } from '../base/ledger.ts';
import { createRandom } from '../base/random.ts';
import { Gateway } from './gateway.ts';
import type { HunyuanApi, HunyuanSettings } from './hunyuan-settings.ts';
import { defaultSettings, hunyuanRules } from './hunyuan-settings.ts';
import { changeSettings } from '../base/settings.ts';
import { HyImage35, hyImage35Path } from './hy-image-35.ts';
import { image3Actions } from './image-3-api.ts';
import type { Account } from './job-board.ts';
import { JobBoard } from './job-board.ts';
import { legacyActions } from './legacy-api.ts';
import { RateWindow } from './rate-window.ts';
import { ResultStore } from './result-store.ts';
import { Tc3Service } from './tc3-service.ts';
import { TokenHub } from './token-hub.ts';

/** What `startHunyuanEmulator` takes. */
export interface HunyuanEmulatorOptions extends Partial<HunyuanSettings> {
  /** Default: any free port. */
  port?: number;
  /** Default `AKIDEMULATOREMULATOREMULATOR`. */
  secretId?: string;
  /** Default `emulator-secret-key-not-a-real-one`. */
  secretKey?: string;
  /** Further credentials. Those with the same `account` share its slots. */
  accounts?: readonly Account[];
  /** The TokenHub key; it belongs to the account of `secretId`. Default `sk-emulator-tokenhub-key`. */
  apiKey?: string;
  /** Default: all. */
  apis?: readonly HunyuanApi[];
  /** Regions that may be asked. Default: those of each API's documentation. */
  regions?: readonly string[];
  /** Faults from the start. */
  faults?: readonly FaultInput[];
  /** Seeds durations, faults by rate and random seeds of pictures. Default 1. */
  randomSeed?: number;
  /** Time of jobs, slots, rates and links. Signatures follow the machine's clock. Default: the machine's clock. */
  clock?: Clock;
}

/** A running emulator of Tencent Hunyuan Image. */
export interface HunyuanEmulator {
  /** `http://127.0.0.1:PORT`: the API's endpoint, and where the pictures are. */
  readonly url: string;
  readonly port: number;
  readonly credentials: { readonly secretId: string; readonly secretKey: string; readonly apiKey: string };
  readonly ledger: Ledger;
  /** The settings in force. */
  readonly settings: HunyuanSettings;
  /** Replaces all faults. Operations: `submit`, `query`, `download`. */
  setFaults(faults: readonly FaultInput[]): void;
  /** Changes settings. @throws {TypeError} */
  set(settings: Partial<HunyuanSettings>): void;
  /** Forgets every job and drops every connection, as a crash would; pictures stay where they are. */
  restart(): void;
  /** Forgets jobs, pictures, faults and figures; settings stay. */
  reset(): void;
  close(): Promise<void>;
}

/**
 * Starts Tencent Hunyuan Image on 127.0.0.1: Image 3.0 (TC3, aiart 2022-12-29), the API of 2023-09-01, TokenHub and Hy-Image
 * 3.5, at one address. Prompts with `__illegal__` or 违禁 are refused by moderation; with `__illegal_output__` the finished
 * picture is.
 *
 * ```ts
 * const emulator = await startHunyuanEmulator({ limit: 2, jobMs: 300 });
 * // HUNYUAN_ENDPOINT=emulator.url, HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY from emulator.credentials
 * await emulator.close();
 * ```
 * @throws {TypeError} for a setting or fault that does not exist or has a wrong value.
 */
export async function startHunyuanEmulator(options: HunyuanEmulatorOptions = {}): Promise<HunyuanEmulator> {
  const {
    port = 0,
    secretId = 'AKIDEMULATOREMULATOREMULATOR',
    secretKey = 'emulator-secret-key-not-a-real-one',
    accounts = [],
    apiKey = 'sk-emulator-tokenhub-key',
    apis = ['image-3.0', '2023-09-01', 'tokenhub', 'hy-image-3.5'],
    regions,
    faults = [],
    randomSeed = 1,
    clock = systemClock,
    ...initial
  } = options;
  let settings = changeSettings(hunyuanRules, defaultSettings, initial);
  const owner: Account = { secretId, secretKey };
  const ledger = new Ledger();
  const plan = new FaultPlan({
    kinds: commonFaultKinds,
    operations: ['submit', 'query', 'download'],
    seed: randomSeed,
  });
  plan.set(faults);
  const currentSettings = (): HunyuanSettings => settings;
  const jobs = new JobBoard(clock, createRandom(randomSeed), ledger, currentSettings);
  const onDelivered = (jobId: string, image: number): void => ledger.deliver(jobId, image);
  const results = new ResultStore({ clock, settings: currentSettings, onDelivered });
  const rates = new RateWindow(clock);
  const gateway = new Gateway({
    accounts: [owner, ...accounts],
    actions: [...image3Actions, ...legacyActions].filter((action) => apis.includes(action.api)),
    regions,
    settings: currentSettings,
    rates,
    wallClock: systemClock,
  });
  let server: BaseServer | undefined;
  const restart = (except?: Parameters<BaseServer['dropConnections']>[0]): void => {
    jobs.loseAll();
    rates.clear();
    server?.dropConnections(except);
  };
  const parts = { ledger, plan, jobs, results, restart, settings: currentSettings };
  const tc3 = new Tc3Service({ ...parts, gateway });
  const tokenHub = new TokenHub({ ...parts, rates, apiKey, account: owner });
  const hyImage35 = new HyImage35({ ...parts, rates, apiKey, account: owner, clock });

  const handle = async (exchange: Exchange): Promise<void> => {
    const path = exchange.url.pathname;
    if (path.startsWith('/out/')) {
      const job = results.jobOf(path);
      const fault = plan.take('download', job === undefined ? path : `${job.id} ${job.request.prompt}`);
      if (fault !== undefined) ledger.strike(fault.kind);
      if (fault?.kind === 'restart') restart();
      else if (!(await exchange.strikeBefore(fault))) await results.serve(exchange, fault);
    } else if (path === '/') {
      await tc3.handle(exchange);
    } else if (apis.includes('tokenhub') && tokenHub.owns(path)) {
      await tokenHub.handle(exchange);
    } else if (apis.includes('hy-image-3.5') && path === hyImage35Path) {
      await hyImage35.handle(exchange);
    } else {
      await exchange.readBody(0);
      await exchange.reply({ status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' });
    }
  };
  const set = (changes: Readonly<Record<string, unknown>>): void => {
    settings = changeSettings(hunyuanRules, settings, changes);
  };
  const reset = (): void => {
    jobs.loseAll();
    results.clear();
    rates.clear();
    plan.set([]);
    ledger.reset();
  };
  const control = { ledger, faults: plan, settings: () => ({ ...settings }), set, restart, reset };
  const started = await startBaseServer({ port, clock, handle, control });
  server = started;
  return {
    url: started.url,
    port: started.port,
    credentials: { secretId, secretKey, apiKey },
    ledger,
    get settings() {
      return settings;
    },
    setFaults: (input) => plan.set(input),
    set: (changes) => set({ ...changes }),
    restart: () => restart(),
    reset,
    close: () => started.close(),
  };
}
