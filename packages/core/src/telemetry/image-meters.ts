import type { Counter, Histogram, Meter, ObservableResult, ObservableUpDownCounter } from '@opentelemetry/api';
import type { ClientStats } from '../client/client-stats.ts';
import type { LaneStats } from '../limits/lane-scheduler.ts';
import { attributes, instruments } from './attributes.ts';

/** Boundaries of `gen_ai.client.operation.duration` in seconds, from the conventions, plus two for images that take minutes. */
const durationBoundaries = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
];
/** Boundaries of `gen_ai.client.token.usage`, from the conventions. */
const tokenBoundaries = Array.from({ length: 14 }, (_, power) => 4 ** power);

interface Gauge {
  readonly instrument: ObservableUpDownCounter;
  readonly read: (lane: LaneStats) => number;
}

/** The instruments of one `openTelemetry()`. */
export class ImageMeters {
  readonly operationDuration: Histogram;
  readonly tokenUsage: Histogram;
  readonly queueDuration: Histogram;
  readonly submissions: Counter;
  readonly tasks: Counter;
  readonly cost: Counter;
  readonly #gauges: readonly Gauge[];

  constructor(meter: Meter) {
    this.operationDuration = meter.createHistogram(instruments.operationDuration, {
      description: 'Duration of a task, from its call to its end.',
      unit: 's',
      advice: { explicitBucketBoundaries: durationBoundaries },
    });
    this.tokenUsage = meter.createHistogram(instruments.tokenUsage, {
      description: 'Tokens that the provider counted.',
      unit: '{token}',
      advice: { explicitBucketBoundaries: tokenBoundaries },
    });
    this.queueDuration = meter.createHistogram(instruments.queueDuration, {
      description: 'How long a task waited for its turn.',
      unit: 's',
      advice: { explicitBucketBoundaries: durationBoundaries },
    });
    this.submissions = meter.createCounter(instruments.submissions, {
      description: 'Submissions by outcome.',
      unit: '{submission}',
    });
    this.tasks = meter.createCounter(instruments.tasks, { description: 'Tasks by outcome.', unit: '{task}' });
    this.cost = meter.createCounter(instruments.cost, {
      description: 'Estimated cost of finished tasks by the price list, in the currency of the attribute.',
    });
    const gauge = (name: string, description: string, unit: string, read: Gauge['read']): Gauge => ({
      instrument: meter.createObservableUpDownCounter(name, { description, unit }),
      read,
    });
    this.#gauges = [
      gauge(instruments.laneWaiting, 'Tasks that wait for a permit.', '{task}', ({ waiting }) => waiting),
      gauge(instruments.laneInFlight, 'Accepted jobs that have not ended.', '{job}', ({ inFlight }) => inFlight),
      gauge(instruments.laneLimit, 'Jobs that may run at once.', '{job}', ({ limit }) => limit),
    ];
  }

  /**
   * Reads a client's lanes at every collection until the returned function is called. The next collection then reports zeros
   * once, because an SDK may keep reporting the last value.
   */
  observe(stats: () => ClientStats): () => void {
    let last: ClientStats | undefined;
    for (const { instrument, read } of this.#gauges) {
      const observe = (result: ObservableResult): void => {
        const { backend, model, lanes } = last ?? stats();
        const common = { [attributes.provider]: backend, [attributes.model]: model };
        for (const lane of lanes) {
          result.observe(last === undefined ? read(lane) : 0, { ...common, [attributes.lane]: lane.label });
        }
        if (last !== undefined) queueMicrotask(() => instrument.removeCallback(observe));
      };
      instrument.addCallback(observe);
    }
    return () => {
      last ??= stats();
    };
  }
}
