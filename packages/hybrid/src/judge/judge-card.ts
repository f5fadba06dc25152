import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { changeAsset, withFindings, withWarnings } from '../assets/card-gate.ts';
import { assetsOf, isMade, requireAsset } from '../assets/asset.ts';
import type { MadeAsset } from '../assets/asset.ts';
import { say } from '../assets/asset-messages.ts';
import type { AssetSuccess } from '../assets/asset-result.ts';
import { sceneReferenceId } from '../assets/asset-spec.ts';
import type { CardSpec } from '../assets/asset-spec.ts';
import { hashOf } from '../internal/canonical.ts';
import { toImageError } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import type { JudgeQuestion, JudgeVerdict } from './card-judge.ts';
import type { Judging } from './judging.ts';

/**
 * Asks the judge, if there is one, about a card that the gate has not failed, unless the same question has an answer. Whatever goes
 * wrong is a warning on the card, which stays as it is.
 */
export async function judgeCard(
  context: HybridContext,
  result: AssetSuccess,
  signal: AbortSignal | undefined,
): Promise<AssetSuccess> {
  const { judging } = context;
  if (judging === undefined) return result;
  try {
    const { sessionId, assetId } = result;
    const assets = (await assetsOf(context, sessionId)).filter(isMade);
    const asset = requireAsset(assets, sessionId, assetId) as MadeAsset;
    const { spec, state, made } = asset;
    if (spec.kind !== 'card' || state !== 'current' || made.gate?.status === 'failed') return result;
    const reference = assets.find((one) => one.assetId === sceneReferenceId && one.state === 'current');
    const question = await questionOf(context, asset, spec, reference);
    const key = keyOf(question, judging);
    if (asset.judgements?.some((verdict) => verdict.key === key) !== true) {
      const known = assets.flatMap(({ judgements = [] }) => judgements).find((verdict) => verdict.key === key);
      const verdict = known ?? (await newVerdict(judging, question, key, signal));
      const events = [{ type: 'judge', data: { assetId, ...verdict } }];
      // Kept beside the picture, so that the same bytes are not judged again after another version.
      const change = (stored: typeof asset): typeof asset => ({
        ...stored,
        judgements: [...(stored.judgements ?? []), verdict],
      });
      await changeAsset(context, asset, (stored) => (isMade(stored) ? change(stored) : undefined), events);
    }
    return await withFindings(context, result);
  } catch (error) {
    const said = say('not-judged', { reason: toImageError(error) });
    return withWarnings(result, { code: 'other', feature: 'judge', ...said });
  }
}

async function questionOf(
  context: HybridContext,
  { sessionId, made }: MadeAsset,
  { name, description, view }: CardSpec,
  reference: MadeAsset | undefined,
): Promise<Omit<JudgeQuestion, 'signal'>> {
  const folder = folderOf(context, sessionId);
  const read = ({ path }: { readonly path: string }): Promise<Uint8Array> => readFile(folder.absolute(path));
  const card = await read(made);
  return {
    sessionId,
    name,
    description,
    view: view ?? 'front',
    card,
    ...(reference && { reference: await read(reference.made) }),
  };
}

/** Version of the question: a changed one is asked again. */
const questionVersion = 1;

function keyOf(
  { card, reference, sessionId: _session, ...words }: Omit<JudgeQuestion, 'signal'>,
  { model }: Judging,
): string {
  const referenceSha256 = reference && sha256Of(reference);
  return hashOf({ questionVersion, ...words, model, sha256: sha256Of(card), referenceSha256 });
}

async function newVerdict(
  judging: Judging,
  question: Omit<JudgeQuestion, 'signal'>,
  key: string,
  signal: AbortSignal | undefined,
): Promise<JudgeVerdict> {
  const { model } = judging;
  const answer = await judging.ask(question, signal);
  return { ...answer, ...(model === undefined ? {} : { model }), sha256: sha256Of(question.card), key };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
