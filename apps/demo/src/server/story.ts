import type { Message } from '@holodeck/core/messages';
import type { SessionEvent } from '@holodeck/hybrid';
import type { FailureView, StoryData, StoryEvent } from '../shared/session-view.ts';
import { fileUrl } from './session-files.ts';
import { sentenceTexts, textsOf } from './texts.ts';

const texts = ['assetId', 'backend', 'model', 'from', 'to', 'state', 'status', 'source'] as const;
const numbers = ['epoch', 'attempt', 'fraction', 'position', 'waitMs', 'stale'] as const;

/** An event of the story for the page: known fields only. */
export function storyEventOf(sessionId: string, { sequence, atMs, type, data }: SessionEvent): StoryEvent {
  const fields: Record<string, unknown> = {};
  for (const name of texts) if (typeof data[name] === 'string') fields[name] = data[name];
  for (const name of numbers) if (typeof data[name] === 'number') fields[name] = data[name];
  if (data['error'] !== undefined) fields['error'] = failureOf(data['error']);
  const { reason, reasons, sentences, messageId, params } = data as Partial<Message> &
    Readonly<Record<string, unknown>>;
  if (typeof reason === 'string') fields['reason'] = textsOf({ message: reason, messageId, params });
  if (Array.isArray(reasons))
    fields['reasons'] = reasons.map((one) => sentenceTexts(String(one), sentences as readonly Message[] | undefined));
  if (type === 'preview' && typeof data['path'] === 'string') {
    fields['url'] = fileUrl(sessionId, data['path'], String(sequence));
  }
  if (Array.isArray(data['reports'])) fields['reports'] = data['reports'].map(reportOf);
  return { sessionId, sequence, atMs, type, data: fields as StoryData };
}

/** Whether this event changes the session's images or lock. */
export function changesView(type: string): boolean {
  return type !== 'progress' && type !== 'preview' && type !== 'probe';
}

/** An error as the page shows it. */
export function failureOf(error: unknown): FailureView {
  const { kind, outcome, backend, code } = error as Readonly<Record<string, unknown>>;
  return {
    kind: String(kind),
    outcome: String(outcome),
    message: textsOf(error as Message),
    backend: String(backend),
    ...(typeof code === 'string' ? { code } : {}),
  };
}

function reportOf(report: unknown): { backend: string; status: string } {
  const { backend, status } = report as Readonly<Record<string, unknown>>;
  return { backend: String(backend), status: String(status) };
}
