import { styleText } from 'node:util';

import type { ProbeReport } from '@holodeck/core';
import { findSentence } from '@holodeck/core/messages';

import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import type { Finding } from './finding.ts';
import { describeRoute } from './route.ts';

const colors = {
  ready: 'green',
  unknown: 'yellow',
  down: 'red',
  misconfigured: 'red',
  'not-configured': 'dim',
} as const;

/**
 * A finding for people: what is, what to do, what was verified and what was not.
 *
 * @param beforeFirstUse What is still to be checked although the backend is ready.
 */
export function describeFinding(finding: Finding, beforeFirstUse?: string): string {
  const { doctor } = messages();
  const status = styleText(colors[finding.status], doctor.status[finding.status]);
  const model = 'proves' in finding ? modelOf(finding) : undefined;
  const said = (text: string): string =>
    render(findSentence(text, 'sentences' in finding ? finding.sentences : undefined));
  const lines = [doctor.finding(finding.backend, model, status, said(finding.message))];
  if (!('proves' in finding)) return lines.join('\n');
  if (finding.remedy !== undefined) lines.push(doctor.toDo(said(finding.remedy)));
  for (const fact of finding.proves) lines.push(doctor.verified(said(fact)));
  for (const fact of finding.doesNotProve) lines.push(doctor.notVerified(said(fact)));
  if (beforeFirstUse !== undefined && finding.status === 'ready') lines.push(doctor.toDo(beforeFirstUse));
  for (const [name, value] of Object.entries(finding.details ?? {})) lines.push(describeDetail(name, value));
  if (finding.route !== undefined) lines.push(doctor.detail(doctor.route, describeRoute(finding.route)));
  return lines.join('\n');
}

/** Where the backend leaves the choice to its server, what the server would draw with now. */
function modelOf({ model, details }: ProbeReport): string {
  const checkpoint = details?.['checkpoint'];
  return model === 'auto' && typeof checkpoint === 'string' ? checkpoint : model;
}

/** Requests are dated and valid for 300 s (https://cloud.tencent.com/document/api/1668/55473); a minute off is a warning. */
const goodClockMs = 60_000;

function describeDetail(name: string, value: string | number | boolean): string {
  const { doctor } = messages();
  const names: Readonly<Record<string, string>> = doctor.details;
  const label = Object.hasOwn(names, name) ? (names[name] ?? name) : name;
  if (name === 'clockSkewMs' && typeof value === 'number') {
    const seconds = (Math.abs(value) / 1000).toFixed(0);
    const isGood = Math.abs(value) <= goodClockMs;
    return doctor.detail(label, isGood ? doctor.clockGood(seconds) : doctor.clockOff(seconds, value > 0));
  }
  if (name.endsWith('Bytes') && typeof value === 'number') {
    return doctor.detail(label, `${(value / 2 ** 30).toFixed(1)} GiB`);
  }
  if (name === 'typicalJobMs' && typeof value === 'number') {
    return doctor.detail(label, `${(value / 1000).toFixed(1)} s`);
  }
  if (typeof value === 'boolean') return doctor.detail(label, value ? doctor.yes : doctor.no);
  return doctor.detail(label, String(value));
}
