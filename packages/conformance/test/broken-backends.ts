import { ImageError } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';

/** What replaces parts of a backend that works. `secret` is its key. */
export type Break = (whole: ImageBackend, secret: string) => Partial<ImageBackend>;

function wrapError(error: unknown, changes: Partial<ImageError>): unknown {
  return ImageError.isInstance(error) ? ImageError.with(error, changes as object) : error;
}

export interface BrokenBackend {
  readonly flaw: string;
  readonly topics: readonly string[];
  readonly breakIt: Break;
  /** Beginnings of the assertions that must fail; all others of the topics must pass. */
  readonly failures: readonly string[];
  /** Where what is wrong mends itself after a while, or fails by waiting. */
  readonly patienceMs?: number;
}

const ambiguous = [
  'submission: leaves a submission whose answer is lost',
  'submission: leaves a submission whose connection is reset',
  'submission: leaves a submission that a gateway answers with 502',
];
const refusals = [
  'submission: reports a refusal for load',
  'submission: reports a refusal for lack of money',
  'submission: reports a refusal of the words',
];

export const brokenBackends: readonly BrokenBackend[] = [
  {
    flaw: 'sends again when a submission fails',
    topics: ['submission'],
    breakIt: (whole) => ({
      submit: async (request, context) =>
        whole.submit(request, context).catch(async () => whole.submit(request, context)),
    }),
    failures: [...ambiguous, ...refusals, 'submission: reports a refused credential', 'submission: believes no page'],
  },
  {
    flaw: 'takes a lost answer for a submission that never left',
    topics: ['submission'],
    breakIt: (whole) => ({
      submit: async (request, context) =>
        whole.submit(request, context).catch((error: unknown) => {
          const isUnknown = ImageError.isInstance(error) && error.outcome === 'unknown' && error.kind === 'unavailable';
          throw isUnknown ? wrapError(error, { outcome: 'not-submitted' }) : error;
        }),
    }),
    failures: ambiguous.slice(0, 2),
  },
  {
    flaw: 'throws an outcome that submit does not have',
    topics: ['submission'],
    breakIt: (whole) => ({
      submit: async (request, context) =>
        whole.submit(request, context).catch((error: unknown) => {
          throw wrapError(error, { kind: 'unavailable', outcome: 'accepted' });
        }),
    }),
    failures: [
      ...refusals,
      ...ambiguous,
      'submission: reports a refused credential',
      'submission: reports a server that is not reached',
      'submission: believes no page',
    ],
  },
  {
    flaw: 'pairs a kind with an outcome that cannot be',
    topics: ['faults'],
    breakIt: (whole) => ({
      collect: async (handle, context) =>
        whole.collect(handle, context).catch((error: unknown) => {
          throw wrapError(error, { kind: 'content-policy', outcome: 'lost' });
        }),
    }),
    failures: ['faults: a job that', 'faults: bytes', 'faults: an image that', 'faults: questions'],
  },
  {
    flaw: 'drops an option that it declares',
    topics: ['options'],
    breakIt: (whole) => ({
      submit: async ({ seed: _dropped, ...request }, context) => whole.submit(request, context),
    }),
    failures: ['options: seed'],
  },
  {
    flaw: 'declares an option that it does not have',
    topics: ['options'],
    breakIt: ({ capabilities }) => ({ capabilities: { ...capabilities, style: true, transparentBackground: true } }),
    failures: ['options: style', 'options: transparent background'],
  },
  {
    flaw: 'takes provider options that it does not know',
    topics: ['options'],
    breakIt: ({ capabilities: { validate: _none, ...capabilities } }) => ({ capabilities }),
    failures: ['options: provider options: refuses unknown ones'],
  },
  {
    flaw: 'declares an ability that it has no method for',
    topics: ['identity'],
    breakIt: ({ capabilities }) => ({ capabilities: { ...capabilities, locatable: true, cancellable: true } }),
    failures: ['identity: has a method'],
  },
  {
    flaw: 'probes with a paid job',
    topics: ['probe'],
    breakIt: (whole) => ({
      async probe(context) {
        const request = {
          prompt: 'a test',
          size: { width: 64, height: 64 },
          count: 1,
          references: [],
          providerOptions: {},
        };
        const [lane] = whole.lanes;
        if (lane !== undefined && !context.signal.aborted) {
          const openImage = async (): Promise<never> => Promise.reject(new Error('not collected'));
          await whole.submit(request, { key: 'probe', lane, signal: context.signal, openImage }).catch(() => undefined);
        }
        return whole.probe(context);
      },
    }),
    failures: ['probe: reports a healthy server', 'probe: takes no job slot', 'probe: says that a credential'],
  },
  {
    flaw: 'probes with an exception',
    topics: ['probe'],
    breakIt: () => ({ probe: async () => Promise.reject(new Error('no answer')) }),
    failures: [
      'probe: reports a healthy server',
      'probe: takes',
      'probe: says that a credential',
      'probe: says that a server',
    ],
  },
  {
    flaw: 'brings the images once only',
    topics: ['collection', 'handles'],
    breakIt(whole) {
      const collected = new Set<string>();
      return {
        async collect(handle, context) {
          if (collected.has(handle.jobId))
            throw new ImageError({ kind: 'job-failed', outcome: 'lost', backend: whole.name, message: 'It is gone.' });
          const result = await whole.collect(handle, context);
          collected.add(handle.jobId);
          return result;
        },
      };
    },
    failures: ['collection: brings the same images each time'],
  },
  {
    flaw: 'turns the order of images round',
    topics: ['collection'],
    breakIt: (whole) => ({
      async collect(handle, context) {
        const last = 2;
        const openImage = async (index: number) => context.openImage(last - index);
        return whole.collect(handle, { ...contextOf(context), openImage });
      },
    }),
    failures: ['collection: brings whole images', 'collection: keeps the images', 'collection: brings the same images'],
  },
  {
    flaw: 'never says that a job has ended',
    topics: ['collection'],
    breakIt: (whole) => ({
      collect: async (handle, context) => whole.collect(handle, { ...contextOf(context), onEnded: () => undefined }),
    }),
    failures: ['collection: says once that the job has ended'],
  },
  {
    flaw: 'ignores an abort',
    topics: ['abort'],
    breakIt(whole) {
      const { signal } = new AbortController();
      return {
        submit: async (request, context) => whole.submit(request, { ...contextOf(context), signal }),
        collect: async (handle, context) => whole.collect(handle, { ...contextOf(context), signal }),
      };
    },
    failures: [
      'abort: before the submission',
      'abort: right before the submission leaves',
      'abort: the first byte waits for the driver',
      'abort: while a submission is on the wire',
      'abort: by a deadline while a submission',
      'abort: before a collection',
      'abort: while the job runs',
      'abort: by a deadline while the job runs',
      'abort: while an image arrives',
    ],
    // All of the topic fail, so none can fail for want of patience.
    patienceMs: 2000,
  },
  {
    flaw: 'sends although the caller has gone while the request was prepared',
    topics: ['abort'],
    breakIt: (whole) => ({
      submit: async (request, context) => {
        const { beforeSend: _beforeSend, ...rest } = contextOf(context);
        return whole.submit(request, rest);
      },
    }),
    failures: ['abort: right before the submission leaves', 'abort: the first byte waits for the driver'],
  },
  {
    flaw: 'sends before the driver has written its row',
    topics: ['abort'],
    breakIt: (whole) => ({
      submit: async (request, context) => {
        const { beforeSend, ...rest } = contextOf(context);
        const handle = await whole.submit(request, rest);
        await beforeSend?.();
        return handle;
      },
    }),
    failures: ['abort: right before the submission leaves', 'abort: the first byte waits for the driver'],
  },
  {
    flaw: 'throws the reason of an abort as it is',
    topics: ['abort'],
    breakIt: (whole) => ({
      collect: async (handle, context) =>
        whole.collect(handle, context).catch((error: unknown) => {
          throw context.signal.aborted ? context.signal.reason : error;
        }),
    }),
    failures: [
      'abort: before a collection',
      'abort: while the job runs',
      'abort: by a deadline while the job',
      'abort: while an image',
    ],
  },
  {
    flaw: 'collects the jobs of other accounts',
    topics: ['handles'],
    breakIt: (whole) => ({
      async collect(handle, context) {
        const [lane] = whole.lanes;
        const isMine = handle.lane === lane?.id;
        if (!isMine)
          throw new ImageError({ kind: 'job-failed', outcome: 'lost', backend: whole.name, message: 'It is gone.' });
        return whole.collect(handle, context);
      },
    }),
    failures: ['handles: of another account', 'handles: of another backend or version'],
  },
  {
    flaw: 'puts its key into the handle',
    topics: ['submission'],
    breakIt: (whole, secret) => ({
      submit: async (request, context) => ({ ...(await whole.submit(request, context)), data: { key: secret } }),
    }),
    failures: ['submission: sends once'],
  },
  {
    flaw: 'shows its key in errors',
    topics: ['secrecy'],
    breakIt: (whole, secret) => ({
      submit: async (request, context) =>
        whole.submit(request, context).catch((error: unknown) => {
          throw ImageError.isInstance(error)
            ? ImageError.with(error, { message: `${error.message} (x-key: ${secret})` })
            : error;
        }),
    }),
    failures: ['secrecy: shows none in errors', 'secrecy: shows none when it is configured wrongly'],
  },
  {
    flaw: 'keeps its key in the cause of errors',
    topics: ['secrecy'],
    breakIt: (whole, secret) => ({
      submit: async (request, context) =>
        whole.submit(request, context).catch((error: unknown) => {
          const cause = Object.assign(new Error('refused'), { headers: { 'x-key': secret } });
          throw ImageError.isInstance(error) ? ImageError.with(error, { cause }) : error;
        }),
    }),
    failures: ['secrecy: shows none in errors', 'secrecy: shows none when it is configured wrongly'],
  },
  {
    flaw: 'logs signed addresses',
    topics: ['secrecy'],
    breakIt: (whole) => ({
      async collect(handle, context) {
        context.logger?.info({ url: 'http://127.0.0.1/pictures/1?signature=5ec2e7' }, 'fetching');
        return whole.collect(handle, context);
      },
    }),
    failures: ['secrecy: shows none when all goes well', 'secrecy: shows none in errors'],
  },
  {
    flaw: 'takes any bytes for an image',
    topics: ['faults'],
    breakIt: (whole) => ({
      collect: async (handle, context) =>
        whole.collect(handle, context).catch(async (error: unknown) => {
          if (!ImageError.isInstance(error) || error.kind !== 'bad-response') throw error;
          return { images: [{ index: 0 }] };
        }),
    }),
    failures: ['faults: bytes that are not an image'],
  },
  {
    flaw: 'keeps its connections when it is closed',
    topics: ['closing'],
    breakIt: () => ({ close: async () => undefined }),
    failures: ['closing: frees its connections'],
    // An idle connection ends by itself after 4 s.
    patienceMs: 2000,
  },
];

/** A context as plain object, bound to the one it comes from. */
function contextOf<Context extends object>(context: Context): Context {
  const fields = ['key', 'lane', 'signal', 'onProgress', 'onEnded', 'openImage', 'nextPoll', 'logger', 'onWarning'];
  return Object.fromEntries(fields.map((name) => [name, Reflect.get(context, name, context) as unknown])) as Context;
}
