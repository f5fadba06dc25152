import { sumAmounts } from '@holodeck/core/backend';
import type { Money } from '@holodeck/core';
import { findSentence, joinSentences, renderMessage, renderSentence } from '@holodeck/core/messages';
import type { Language, Message } from '@holodeck/core/messages';
import type { GateVerdict } from '../assets/asset.ts';
import type { Manifest, ManifestAsset } from '../manifest/manifest.ts';
import { languageOfScene, reportWords, titleOf } from './report-words.ts';
import type { ReportWords } from './report-words.ts';

/** Name of the report in a session's folder. */
export const reportFileName = 'session.html';

/**
 * A session as one self-contained web page: pictures, where they come from, what they cost. In the language of the scene. Pure.
 *
 * @param pictures Small pictures by path, as data URIs.
 */
export function renderSessionHtml(manifest: Manifest, pictures: ReadonlyMap<string, string>): string {
  const { sessionId, sceneText, style, state, backend, model, epoch, reason, sentences, cost, revision, updatedAt } =
    manifest;
  const language = languageOfScene(sceneText);
  const words = reportWords(sceneText);
  const facts: readonly (readonly [string, string | null])[] = [
    [words.scene, sceneText],
    [words.style, style],
    [words.state, words.states[state] ?? state],
    [words.backend, backend === null ? null : `${backend}, ${model ?? ''}`],
    [words.reason, reason === null ? null : renderSentence(reason, sentences, { language })],
    [words.epoch, String(epoch)],
    [words.paid, String(cost.paidSubmissions)],
    [words.listCost, describeMoney(cost.amounts)],
    [words.manifest, `${words.revision(revision)}${words.separator}${updatedAt}`],
  ];
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${text(sessionId)}</title>
<style>${styles}</style>
</head>
<body>
<h1>${text(sessionId)}</h1>
${factList(facts)}
<main>
${manifest.assets.map((asset) => assetFigure(asset, pictures, language, words)).join('\n')}
</main>
</body>
</html>
`;
}

function assetFigure(
  asset: ManifestAsset,
  pictures: ReadonlyMap<string, string>,
  language: Language,
  words: ReportWords,
): string {
  const said = (message: Message): string => renderMessage(message, { language });
  const { path, kind, state, gate, size, seed, jobId, cost, warnings, fits = [] } = asset;
  const source = path === null ? undefined : pictures.get(path);
  const stateName = words.states[state] ?? state;
  const title = titleOf(asset, words);
  const picture =
    source === undefined
      ? `<div class="none">${text(stateName)}</div>`
      : `<img src="${text(source)}" alt="${text(title)}" loading="lazy">`;
  const facts: readonly (readonly [string, string | null])[] = [
    [
      words.state,
      asset.staleReason === undefined
        ? stateName
        : words.labelled(stateName, renderSentence(asset.staleReason, asset.sentences, { language })),
    ],
    [words.gate, gate === null ? null : describeGate(gate, words, language)],
    [
      words.error,
      asset.error === undefined
        ? null
        : words.labelled(`${asset.error.kind}, ${asset.error.outcome}`, said(asset.error)),
    ],
    [words.file, path],
    [words.size, size === null ? null : `${size.width}x${size.height}`],
    [words.backend, asset.backend === null ? null : `${asset.backend}, ${asset.model ?? ''}`],
    [words.job, jobId],
    [words.seed, seed === null ? null : String(seed)],
    [words.look, asset.look === undefined ? null : words.looks[asset.look]],
    [words.judge, describeJudgement(asset, words)],
    [
      words.mirror,
      fits
        .flatMap(({ view, mirror }) =>
          mirror === undefined ? [] : [words.mirrored(words.views[view], Math.round(mirror * 100))],
        )
        .join(words.separator),
    ],
    [words.prompt, asset.prompt],
    [words.revisedPrompt, asset.revisedPrompt],
    [words.paid, cost.paidSubmissions === 0 ? null : String(cost.paidSubmissions)],
    [words.cost, describeMoney(sumAmounts([cost, ...(cost.earlier ?? [])]))],
    [words.warnings, warnings.map(said).join(' ') || null],
    ['SHA-256', asset.sha256],
  ];
  return `<figure class="${text(kind)} ${text(state)}">
${path === null ? picture : `<a href="${text(encodePath(path))}">${picture}</a>`}
<figcaption><h2>${text(title)}</h2>
<details><summary>${text([stateName, ...(gate === null ? [] : [words.gates[gate.status]])].join(words.separator))}</summary>${factList(facts)}</details></figcaption>
</figure>`;
}

/** The verdict, why the card failed, and what was not measured. */
function describeGate(
  { status, reasons, sentences, measures: { notMeasured } }: GateVerdict,
  words: ReportWords,
  language: Language,
): string {
  // Manifests of earlier versions do not say it.
  const uncovered: readonly Message[] = Array.isArray(notMeasured) ? notMeasured : [];
  const said = joinSentences(...reasons.map((reason) => findSentence(reason, sentences)), ...uncovered);
  const verdict = words.gates[status];
  return said.message === '' ? verdict : words.labelled(verdict, renderMessage(said, { language }));
}

function describeJudgement({ judgement }: ManifestAsset, words: ReportWords): string | null {
  if (judgement === undefined) return null;
  const { showsObject, oneObject, textOrMarks, look, reason } = judgement;
  return words.judged(look, showsObject === true && oneObject === true && textOrMarks === false, reason);
}

function factList(facts: readonly (readonly [string, string | null])[]): string {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== '');
  return `<dl>${known.map(([term, value]) => `<dt>${text(term)}</dt><dd>${text(value)}</dd>`).join('')}</dl>`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Text that stays text, in elements and in attributes. */
function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const styles = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); }
figure { margin: 0; border: 1px solid #8886; border-radius: .5rem; overflow: hidden; }
figure.scene-reference { grid-column: 1 / -1; max-width: 36rem; }
figure.stale, figure.superseded { opacity: .6; }
figure.failed { border-color: #c33; }
img { display: block; width: 100%; background: repeating-conic-gradient(#8883 0 25%, transparent 0 50%) 0 0 / 1rem 1rem; }
.none { padding: 4rem 1rem; text-align: center; }
figcaption { padding: .5rem 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; font-size: .85rem; }
dt { opacity: .7; }
dd { margin: 0; }
`;

/** Null where there is nothing to show. */
function describeMoney(amounts: readonly Money[]): string | null {
  return amounts.map(({ amount, currency }) => `${amount} ${currency}`).join(', ') || null;
}
