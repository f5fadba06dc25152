import { assertCardOptions } from '@holodeck/cards';
import type { PrepareCardOptions } from '@holodeck/cards';
import { assertCostLimits } from '@holodeck/core/backend';
import type { ClientTelemetry, CostGate, CostLimits, ImageBackend, Logger, ResultCache } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import type { PermitStore, Store } from '@holodeck/core/stores';
import type { BackendClientOptions, BackendDescriptor } from './backends/backend-descriptor.ts';
import { invalidRequest } from './internal/errors.ts';
import { mostProducerCharacters } from './label-options.ts';
import type { LabelOptions } from './label-options.ts';
import type { LockedBackendDownPolicy } from './internal/hybrid-context.ts';
import type { CardJudge } from './judge/card-judge.ts';
import type { PromptOptions } from './prompts/prompt-builder.ts';
import { say } from './request-messages.ts';

/** What `HybridClient` takes besides its backends. Durations are in milliseconds. */
export interface HybridSettings extends CostLimits {
  /** Shares one gate among clients; replaces `maxSubmissions`, `maxCost` and `prices`. Default: a gate of its own. */
  readonly costGate?: CostGate;
  /** Folder of the sessions' folders and of the store. Default `"output"`. */
  readonly outputDir?: string;
  /** Replaces the store of the output folder. It is not closed with the client. */
  readonly store?: Store;
  /** Moves the SQLite file away from the output folder. Default: `HOLODECK_STATE_DIR`, else the output folder. */
  readonly stateDir?: string;
  /** Shares permits with other clients or machines. Default: in memory, for this client. It is not closed with the client. */
  readonly permits?: PermitStore;
  /** What happens when the backend of a locked session cannot be used. Default `"fail"`. */
  readonly onLockedBackendDown?: LockedBackendDownPolicy;
  /** How long `onLockedBackendDown: "wait"` waits, per call. Default 600 000. */
  readonly waitMs?: number;
  /** Replaces the wording around texts and descriptions. */
  readonly prompts?: PromptOptions;
  /**
   * Limits of the gate, how cards are normalised, and what cuts them out where the ground is not plain. `false` = cards are delivered unchanged, and their `gate` stays
   * null. Default: every card is cut out, recentred and measured.
   */
  readonly cards?: PrepareCardOptions | false;
  /** Looks at what cards show, at a cost; see `createChatJudge`. Default: nothing does. */
  readonly judge?: CardJudge;
  /** How often a card that fails the gate is made, and paid for, again. Default 1. */
  readonly gateAttempts?: number;
  /** Whether each call ends by bringing `session.html` and `contact-sheet.png` up to date. Default true. */
  readonly report?: boolean;
  /** `"holodeck"` also writes the original project's file names. Default `"default"`. */
  readonly layout?: 'default' | 'holodeck';
  /**
   * Who is named in the AIGC block of pictures that are derived from others. Default: `HOLODECK_LABEL_PRODUCER`, else no block
   * is written; what the sources say goes along anyway.
   */
  readonly label?: LabelOptions;
  /** Deadline of a probe. Default 3000. */
  readonly probeTimeoutMs?: number;
  /** Options of the driver, for all backends; a descriptor's own win. */
  readonly client?: BackendClientOptions;
  /** Keeps the images of seeded requests; see `ImageClientOptions`. Default: none. */
  readonly cache?: ResultCache;
  /** Receives what the drivers do, for traces and metrics; see `ImageClientOptions`. Default: none. */
  readonly telemetry?: ClientTelemetry;
  /** Default: silent. */
  readonly logger?: Logger;
  /** For tests: a clock, a source of randomness, how long a claim lasts without renewal (default 30 000). */
  readonly internal?: { readonly clock?: Clock; readonly random?: () => number; readonly claimLeaseMs?: number };
}

/** What `createHybridClient` takes. */
export interface HybridOptions extends HybridSettings {
  /** In order of priority. Backends that are handed over are closed with the client. */
  readonly backends: readonly (ImageBackend | BackendDescriptor)[];
}

const settings = new Set<string>([
  'outputDir',
  'store',
  'stateDir',
  'permits',
  'onLockedBackendDown',
  'waitMs',
  'prompts',
  'prices',
  'layout',
  'cards',
  'judge',
  'gateAttempts',
  'label',
  'report',
  'probeTimeoutMs',
  'client',
  'logger',
  'internal',
  'cache',
  'telemetry',
  'costGate',
  'maxSubmissions',
  'maxCost',
]);

/**
 * Checks settings before anything is opened.
 *
 * @throws ImageError of kind `invalid-request` that names the option, its value and its type.
 */
export function assertSettings(options: HybridSettings, further: readonly string[] = []): void {
  for (const name of Object.keys(options)) {
    if (!settings.has(name) && !further.includes(name)) {
      throw invalidRequest(say('option-unknown', { name, known: [...further, ...settings].join(', ') }));
    }
  }
  const { outputDir, onLockedBackendDown, layout, gateAttempts } = options;
  if (outputDir !== undefined && (typeof outputDir !== 'string' || outputDir.trim() === '')) {
    throw wrong('outputDir', outputDir, say('a-path'));
  }
  assertPolicy(onLockedBackendDown);
  if (layout !== undefined && !['default', 'holodeck'].includes(layout)) throw wrong('layout', layout, say('a-layout'));
  for (const name of ['waitMs', 'probeTimeoutMs'] as const) {
    const value = options[name];
    if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value) && value >= 0)) {
      throw wrong(name, value, say('a-number'));
    }
  }
  const { cards, judge, label, report } = options;
  if (judge !== undefined && typeof judge !== 'function') throw wrong('judge', judge, say('a-function'));
  if (label !== undefined) assertLabel(label);
  if (report !== undefined && typeof report !== 'boolean') throw wrong('report', report, say('a-boolean'));
  if (cards !== undefined && cards !== false) assertCards(cards);
  if (gateAttempts !== undefined && !(Number.isSafeInteger(gateAttempts) && gateAttempts >= 0)) {
    throw wrong('gateAttempts', gateAttempts, say('a-whole-number'));
  }
  assertCostLimits(options);
  const limit = (['maxSubmissions', 'maxCost', 'prices'] as const).find((name) => options[name] !== undefined);
  if (options.costGate !== undefined && limit !== undefined) throw invalidRequest(say('option-gate', { name: limit }));
}

/** @throws {ImageError} kind `invalid-request` */
export function assertPolicy(policy: LockedBackendDownPolicy | undefined): void {
  if (policy !== undefined && !['fail', 'wait', 'restart'].includes(policy)) {
    throw wrong('onLockedBackendDown', policy, say('a-policy'));
  }
}

function assertCards(cards: PrepareCardOptions): void {
  if (typeof cards !== 'object' || cards === null) throw wrong('cards', cards, say('card-limits'));
  const { normalise, side: _side, share: _share, gate: _gate, remover: _remover, ...unknown } = cards;
  const [name] = Object.keys(unknown);
  if (name !== undefined)
    throw invalidRequest(
      say('option-unknown', { name: `cards.${name}`, known: 'normalise, side, share, gate, remover' }),
    );
  if (normalise !== undefined && typeof normalise !== 'boolean')
    throw wrong('cards.normalise', normalise, say('a-boolean'));
  assertCardOptions(cards);
}

function assertLabel(label: LabelOptions): void {
  if (typeof label !== 'object' || label === null) throw wrong('label', label, say('a-label'));
  const { producer, ...unknown } = label;
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw invalidRequest(say('option-unknown', { name: `label.${name}`, known: 'producer' }));
  if (typeof producer !== 'string' || producer.trim() === '' || producer.length > mostProducerCharacters)
    throw wrong('label.producer', producer, say('a-producer', { most: mostProducerCharacters }));
}

function wrong(name: string, value: unknown, needed: Message): Error {
  return invalidRequest(say('option', { name, value: JSON.stringify(value), type: typeof value, needed }));
}
