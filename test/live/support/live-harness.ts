import { setTimeout as delay } from 'node:timers/promises';
import type { BackendHarness, ExpectedFailure, HarnessFault, SeenSubmission } from '@holodeck/conformance';
import { ImageError } from '@holodeck/core';
import type { GenerationTask, ImageBackend } from '@holodeck/core';
import type { RecordedExchange } from '../../conformance/support/recording-proxy.ts';
import { RecordingProxy } from '../../conformance/support/recording-proxy.ts';

/** A real service of the suite. */
export interface LiveService {
  /** The service's own origin. */
  readonly origin: string;
  /** A backend that reaches the service through another origin, that of a proxy; `wrong` breaks its credential. */
  create(origin: string, wrong?: boolean): ImageBackend;
  readonly hasCredential: boolean;
  /** Whether images are free: then everything that needs no fault runs. */
  readonly isFree: boolean;
  readonly expectedFailures?: readonly ExpectedFailure[];
  readonly request: Partial<Pick<GenerationTask, 'size' | 'providerOptions'>>;
  readonly secrets: readonly string[];
  isSubmission(exchange: RecordedExchange): boolean;
  readSubmission(proxy: RecordingProxy): SeenSubmission | string | Promise<SeenSubmission | string>;
}

const faults: readonly HarnessFault[] = [
  'refuse-for-load',
  'refuse-for-quota',
  'refuse-for-content',
  'lose-answer',
  'reset-submission',
  'fail-at-gateway',
  'answer-with-page',
  'hold-submission',
  'hold-job',
  'hold-image',
  'fail-query',
  'fail-job',
  'forget-job',
  'damage-image',
  'cut-image',
  'expire-image',
];
const noFault = 'a real service is not made to fail';

/** Between two tries of a submission that was refused for load, in milliseconds. */
const againMs = 3000;
/** Longer than a job and the release delay of its slot. */
const longestRefusalMs = 300_000;

/** Makes harnesses over a real service, behind a proxy on this machine that counts and records requests. */
export function liveHarnesses(service: LiveService): () => Promise<BackendHarness> {
  return async () => {
    const proxy = await RecordingProxy.start(service.origin);
    let refusals = 0;
    const create = (origin: string, wrong?: boolean): ImageBackend =>
      waitForSlot(service.create(origin, wrong), () => (refusals += 1));
    return {
      createBackend: () => create(proxy.url),
      variants: {
        'wrong-credential': service.hasCredential ? () => create(proxy.url, true) : 'there is no credential',
        'other-account': 'only one account is configured',
        unreachable: () => create('http://127.0.0.1:1'),
      },
      request: service.request,
      submissions: () => proxy.exchanges.filter((exchange) => service.isSubmission(exchange)).length - refusals,
      lastSubmission: () => service.readSubmission(proxy),
      imagesMade: () => 'what the service made is not known otherwise',
      faults: Object.fromEntries(faults.map((fault) => [fault, noFault])) as Record<HarnessFault, string>,
      calm: () => undefined,
      secrets: service.secrets,
      openConnections: () => proxy.connections,
      remote: 'it would make another image',
      dispose: () => proxy.close(),
    };
  };
}

/**
 * The backend with patience: an account has few slots, which stay taken for a while after their jobs. A refusal for load costs
 * nothing and does not count as a submission here.
 */
function waitForSlot(backend: ImageBackend, onRefusal: () => void): ImageBackend {
  const submit: ImageBackend['submit'] = async (request, context) => {
    const deadline = performance.now() + longestRefusalMs;
    for (;;) {
      try {
        return await backend.submit(request, context);
      } catch (error) {
        const isRefusal =
          ImageError.isInstance(error) &&
          error.outcome === 'rejected' &&
          (error.kind === 'concurrency-limit' || error.kind === 'rate-limit');
        if (!isRefusal || performance.now() > deadline) throw error;
        onRefusal();
        await delay(error.retryAfterMs ?? againMs, undefined, { signal: context.signal });
      }
    }
  };
  return new Proxy(backend, {
    get(target, name) {
      if (name === 'submit') return submit;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
