import { sumAmounts } from '@holodeck/core/backend';
import type { Money } from '@holodeck/core';
import { findSentence, joinSentences, renderMessage, renderSentence } from '@holodeck/core/messages';
import type { Language, Message } from '@holodeck/core/messages';
import type { GateVerdict } from '../assets/asset.ts';
import type { Manifest, ManifestAsset } from '../manifest/manifest.ts';
import { manifestFileName } from '../manifest/manifest.ts';
import { contactSheetFileName } from './report-files.ts';
import { languageOfScene, reportWords, titleOf } from './report-words.ts';
import type { ReportWords } from './report-words.ts';
import { fitText } from './sheet-text.ts';
import { sessionStyles } from './session-styles.ts';

/** Of the heading, in multiples of its font's size. A longer scene is there as a whole, on demand. */
const headingWidth = 72;

/** Terms and what is known of them; those of which nothing is known are not shown. */
type Facts = readonly (readonly [term: string, value: string | null])[];

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
  const heading = fitText(sceneText ?? sessionId, headingWidth);
  const scene =
    sceneText === null || heading === sceneText
      ? ''
      : `<details><summary>${text(words.wholeScene)}</summary><p class="scene">${text(sceneText)}</p></details>\n`;
  const atAGlance: Facts = [
    [words.backend, backend === null ? null : `${backend}, ${model ?? ''}`],
    [words.style, style],
    [words.state, words.states[state] ?? state],
    [words.listCost, describeMoney(cost.amounts)],
    [words.paid, String(cost.paidSubmissions)],
  ];
  const onDemand: Facts = [
    [words.reason, reason === null ? null : renderSentence(reason, sentences, { language })],
    [words.epoch, String(epoch)],
    [words.manifest, `${words.revision(revision)}${words.separator}${updatedAt}`],
  ];
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${text(sessionId)}</title>
<style>${sessionStyles}</style>
</head>
<body>
<header>
<p class="id">${text(sessionId)}</p>
<h1>${text(heading)}</h1>
${scene}${factList(atAGlance, 'facts')}
<p class="links"><a href="${contactSheetFileName}">${text(words.sheet)}</a><a href="${manifestFileName}">${text(words.manifest)}</a></p>
<details><summary>${text(words.about)}</summary>${factList(onDemand)}</details>
</header>
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
  const { path, kind, state, error, gate } = asset;
  const source = path === null ? undefined : pictures.get(path);
  const title = titleOf(asset, words);
  const picture =
    source === undefined
      ? `<div class="none">${text(words.noPicture)}</div>`
      : `<img src="${text(source)}" alt="${text(title)}" loading="lazy">`;
  const money = moneyOf(asset);
  const failure = error === undefined ? '' : `<p class="small">${text(renderMessage(error, { language }))}</p>`;
  const verdict = gate?.status === 'failed' ? `<p class="small">${text(describeGate(gate, words, language))}</p>` : '';
  return `<figure class="${text(kind)} ${text(state)}">
${path === null ? picture : `<a href="${text(encodePath(path))}">${picture}</a>`}
<figcaption><h2>${text(title)}</h2>
<div class="badges">${badges(asset, words)}</div>
${failure}${verdict}${money === null ? '' : `<p class="small">${text(money)}</p>`}
<details><summary>${text(words.details)}</summary>${factList(assetFacts(asset, language, words))}</details></figcaption>
</figure>`;
}

function badges({ kind, state, gate, look }: ManifestAsset, words: ReportWords): string {
  const stateTone = state === 'failed' ? 'bad' : state === 'current' ? 'ok' : 'warn';
  const shown: (readonly [tone: string, label: string])[] = [[stateTone, words.states[state] ?? state]];
  if (gate !== null) shown.push([gate.status === 'passed' ? 'ok' : 'bad', words.gates[gate.status]]);
  if (look !== undefined && kind !== 'scene-reference') shown.push(['', words.labelled(words.look, words.looks[look])]);
  return shown.map(([tone, label]) => `<span class="badge ${tone}">${text(label)}</span>`).join('');
}

/** All that is known of one picture. */
function assetFacts(asset: ManifestAsset, language: Language, words: ReportWords): Facts {
  const said = (message: Message): string => renderMessage(message, { language });
  const { path, state, gate, size, seed, jobId, cost, warnings, fits = [] } = asset;
  const stateName = words.states[state] ?? state;
  const mirrors = fits.flatMap(({ view, mirror }) =>
    mirror === undefined ? [] : [words.mirrored(words.views[view], Math.round(mirror * 100))],
  );
  return [
    [words.prompt, asset.prompt],
    [words.revisedPrompt, asset.revisedPrompt],
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
    [words.backend, asset.backend === null ? null : `${asset.backend}, ${asset.model ?? ''}`],
    [words.look, asset.look === undefined ? null : words.looks[asset.look]],
    [words.judge, describeJudgement(asset, words)],
    [words.mirror, mirrors.join(words.separator)],
    [words.warnings, said(joinSentences(...warnings))],
    [words.paid, cost.paidSubmissions === 0 ? null : String(cost.paidSubmissions)],
    [words.cost, moneyOf(asset)],
    [words.labels, describeLabels(asset)],
    [words.file, path],
    [words.size, size === null ? null : `${size.width}x${size.height}`],
    [words.job, jobId],
    [words.seed, seed === null ? null : String(seed)],
    ['SHA-256', asset.sha256],
  ];
}

/** What the file says about its making, by the names that its metadata have for it. */
function describeLabels({ labels }: ManifestAsset): string | null {
  if (labels === undefined) return null;
  const { aigc, digitalSourceType, c2pa } = labels.file;
  const aigcText = aigc === undefined ? [] : [`AIGC ${JSON.stringify(aigc)}`];
  const kind = digitalSourceType === undefined ? [] : [digitalSourceType.split('/').at(-1)!];
  return [...kind, ...aigcText, ...(c2pa === true ? ['C2PA'] : [])].join(' · ') || null;
}

function moneyOf({ cost }: ManifestAsset): string | null {
  return describeMoney(sumAmounts([cost, ...(cost.earlier ?? [])]));
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

function factList(facts: Facts, className?: string): string {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== '');
  const opening = className === undefined ? '<dl>' : `<dl class="${className}">`;
  return `${opening}${known.map(([term, value]) => `<div><dt>${text(term)}</dt><dd>${text(value)}</dd></div>`).join('')}</dl>`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Text that stays text, in elements and in attributes. */
function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Null where there is nothing to show. */
function describeMoney(amounts: readonly Money[]): string | null {
  const paid = amounts.filter(({ amount }) => amount > 0);
  return paid.map(({ amount, currency }) => `${amount} ${currency}`).join(', ') || null;
}
