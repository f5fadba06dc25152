import { isDeepStrictEqual } from 'node:util';
import { ImageError, invalidRequest, probeReport } from '../contract/index.ts';
import type {
  BackendCapabilities,
  ImageBackend,
  JobHandle,
  Lane,
  ProbeContext,
  ProbeReport,
} from '../contract/index.ts';
import { findSentence, joinSentences } from '../messages/define-messages.ts';
import type { Message } from '../messages/message.ts';
import { say } from './client-messages.ts';

/**
 * Several accounts, regions or servers that draw alike, as one backend with the lanes of all members. A task goes to the healthy
 * lane with the least work; its job is collected and cancelled where it runs.
 *
 * ```ts
 * const client = new ImageClient(poolBackends([firstAccount, secondAccount]), { outputDir: 'pictures' });
 * ```
 * @throws {ImageError} kind `invalid-request`: no member; members with a different name, model, fingerprint or capabilities; or
 * two members for the same account or server.
 */
export function poolBackends(members: readonly ImageBackend[]): ImageBackend {
  const [first, ...others] = members;
  if (first === undefined) throw invalidRequest(say('pool-empty'));
  for (const member of others) checkAlike(first, member);
  const byLane = new Map<string, ImageBackend>();
  for (const member of members) {
    for (const { id, label } of member.lanes) {
      if (byLane.has(id)) throw invalidRequest(say('pool-same', { label }));
      byLane.set(id, member);
    }
  }
  if (others.length === 0) return first;
  const lanes: readonly Lane[] = members.flatMap((member) => member.lanes);
  const at = (lane: string, handle?: JobHandle): ImageBackend => {
    const member = byLane.get(lane);
    if (member === undefined) throw notHere(first.name, handle);
    return member;
  };
  return {
    name: first.name,
    model: first.model,
    fingerprint: first.fingerprint,
    capabilities: first.capabilities,
    lanes,
    probe: (context) => probeAll(members, context),
    // All members use the same SDK.
    makeReady: async () => first.makeReady?.(),
    submit: async (request, context) => at(context.lane.id).submit(request, context),
    collect: async (handle, context) => at(handle.lane, handle).collect(handle, context),
    ...(first.locate && { locate: async (key, context) => withLocate(at(context.lane.id)).locate(key, context) }),
    ...(first.handleFor && { handleFor: (key, context) => withLocate(at(context.lane.id)).handleFor(key, context) }),
    ...(first.cancel && {
      cancel: async (handle, context) => withCancel(at(handle.lane, handle)).cancel(handle, context),
    }),
    async close() {
      const ends = await Promise.allSettled(members.map((member) => member.close()));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}

function checkAlike(first: ImageBackend, member: ImageBackend): void {
  const [lane = '?', other = '?'] = [first.lanes[0]?.label, member.lanes[0]?.label];
  for (const field of ['name', 'model', 'fingerprint'] as const) {
    if (first[field] === member[field]) continue;
    const [one, another] = [JSON.stringify(first[field]), JSON.stringify(member[field])];
    throw invalidRequest(say('pool-differs', { field, first: one, lane, second: another, other }));
  }
  const methods = ['locate', 'handleFor', 'cancel'] as const;
  const sameMethods = methods.every((name) => (first[name] === undefined) === (member[name] === undefined));
  if (sameMethods && isDeepStrictEqual(asData(first.capabilities), asData(member.capabilities))) return;
  throw invalidRequest(say('pool-abilities', { backend: first.name, lane, other }));
}

function asData({ validate: _validate, ...data }: BackendCapabilities): Omit<BackendCapabilities, 'validate'> {
  return data;
}

// `checkAlike` has made sure of the methods.
function withLocate(member: ImageBackend): Required<Pick<ImageBackend, 'locate' | 'handleFor'>> {
  return member as Required<ImageBackend>;
}

function withCancel(member: ImageBackend): Required<Pick<ImageBackend, 'cancel'>> {
  return member as Required<ImageBackend>;
}

async function probeAll(members: readonly ImageBackend[], context: ProbeContext): Promise<ProbeReport> {
  const reports = await Promise.all(members.map((member) => member.probe(context)));
  const best =
    reports.find(({ status }) => status === 'ready') ??
    reports.find(({ status }) => status === 'unknown') ??
    (reports[0] as ProbeReport);
  const count = reports.length;
  const ready = reports.filter(({ status }) => status === 'ready').length;
  const said = (text: string): Message =>
    findSentence(
      text,
      reports.flatMap(({ sentences = [] }) => sentences),
    );
  const others = reports.flatMap(({ status, message }, index) => {
    const member = members[index]?.lanes.map(({ label }) => label).join(', ') ?? '';
    return status === 'ready' ? [] : [say('pool-member', { member, status, message: said(message) })];
  });
  const message =
    ready === count
      ? joinSentences(say('pool-ready', { count }), said(best.message))
      : joinSentences(say('pool-partly', { ready, count }), ...others);
  const remedy = ready === count ? best.remedy : reports.find(({ remedy: advice }) => advice !== undefined)?.remedy;
  return probeReport({
    ...best,
    message,
    proves: best.proves.map(said),
    doesNotProve: best.doesNotProve.map(said),
    remedy: remedy === undefined ? undefined : said(remedy),
  });
}

function notHere(backend: string, handle: JobHandle | undefined): ImageError {
  return new ImageError({
    kind: 'auth',
    outcome: handle === undefined ? 'not-submitted' : 'accepted',
    backend,
    ...(handle === undefined ? {} : { handle }),
    ...(handle === undefined ? say('pool-submission') : say('pool-job', { jobId: handle.jobId })),
  });
}
