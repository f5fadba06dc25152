import type { FaultRow, Play } from '../../test/faults/support/fault-row.ts';
import { faultRows } from '../../test/faults/support/fault-rows.ts';
import { serviceNames } from '../../test/faults/support/services.ts';

/** `scripts/write-reliability.ts` writes what is between these lines of docs/reliability.md. */
export const matrixBegin = '<!-- matrix: written by scripts/write-reliability.ts -->';
export const matrixEnd = '<!-- end of the matrix -->';

/** What each word of a cell means. A word without an entry is an error. */
const ends: Readonly<Record<string, string>> = {
  image: 'the whole image is in its place',
  'not-submitted': 'nothing was sent',
  rejected: 'the service refused; nothing is owed',
  accepted: 'the service has the job or the answer is kept; the image can be fetched at no cost',
  failed: 'the service accepted the job and reports that it ended without an image',
  lost: 'accepted, but no longer available; generating it again costs again',
  unknown:
    'we cannot know whether it was accepted; it is sent again only if you say so (`--resubmit-unknown`, `jobs pay-again`)',
};

const rowStates: Readonly<Record<string, string>> = {
  '-': 'no record: nothing was started',
  submitting: 'the record is from before the answer; the next run asks the service',
  accepted: 'the job’s handle is on disk',
  ended: 'the job is over at the service, and its image is not fetched yet',
  received: 'the image is on disk under a temporary name',
  done: 'finished',
  rejected: 'may be sent again',
  failed: 'may be sent again',
  lost: 'may be sent again',
  unknown: 'stays until the user decides',
};

/** The matrix as Markdown: a table for each group of faults, then the reasons for empty cells, and the words. */
export function reliabilityMatrix(): string {
  const reasons: string[] = [];
  const groups = Map.groupBy(faultRows, ({ group }) => group);
  const tables = [...groups].map(([group, rows]) => `### ${group}\n\n${table(rows, reasons)}`);
  return [
    ...tables,
    `Faults that cannot happen:\n\n${reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n')}`,
    `How a run ends:\n\n${definitions(ends)}`,
    `The row in the store then:\n\n${definitions(rowStates)}`,
  ].join('\n\n');
}

function table(rows: readonly FaultRow[], reasons: string[]): string {
  return [
    `| fault | ${serviceNames.join(' | ')} |`,
    `|---|${serviceNames.map(() => '---|').join('')}`,
    ...rows.map(
      ({ fault, plays }) => `| ${fault} | ${serviceNames.map((name) => cell(plays[name], reasons)).join(' | ')} |`,
    ),
  ].join('\n');
}

function cell(play: Play | string, reasons: string[]): string {
  if (typeof play !== 'string') return `${words(play.ends)}<br>again: ${words(play.again)}`;
  if (!reasons.includes(play)) reasons.push(play);
  return `– (${reasons.indexOf(play) + 1})`;
}

/** `quota:rejected rejected 1/0` in the words of the documentation. */
function words(text: string): string {
  const [end = '', row = '', count = ''] = text.split(' ');
  const [kind = '', outcome = kind] = end.split(':');
  explain(ends, outcome);
  explain(rowStates, row);
  const cause = kind === outcome ? '' : ` (${kind})`;
  return `**${outcome}**${cause}, \`${row}\`, ${count}`;
}

function explain(meanings: Readonly<Record<string, string>>, word: string): void {
  if (meanings[word] === undefined) throw new Error(`The matrix has the word ${word}, which is not explained.`);
}

function definitions(meanings: Readonly<Record<string, string>>): string {
  return Object.entries(meanings)
    .map(([word, meaning]) => `- \`${word}\`: ${meaning}.`)
    .join('\n');
}

/** The document with the matrix between its two lines. @throws {Error} when the lines are missing. */
export function withMatrix(document: string): string {
  const [before, rest] = document.split(matrixBegin);
  const after = rest?.split(matrixEnd)[1];
  if (before === undefined || after === undefined)
    throw new Error(`The document lacks the lines ${matrixBegin} and ${matrixEnd}.`);
  return `${before}${matrixBegin}\n\n${reliabilityMatrix()}\n\n${matrixEnd}${after}`;
}
