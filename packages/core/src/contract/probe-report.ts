import { cleanMessage } from '../messages/message-of.ts';
import type { Message } from '../messages/message.ts';
import type { ImageErrorKind } from './error-kinds.ts';
import { blankSecrets } from './secrets.ts';

/** The result of a free check of a backend. */
export interface ProbeReport {
  readonly backend: string;
  readonly model: string;
  /** `unknown`: the probe has no result; a caller may still try. */
  readonly status: 'ready' | 'down' | 'unknown';
  /** One sentence for people. */
  readonly message: string;
  /** What the probe has verified, in short sentences. */
  readonly proves: readonly string[];
  /** What it cannot show, such as a balance. */
  readonly doesNotProve: readonly string[];
  /** What to do if it is not ready; absent if there is nothing to do. */
  readonly remedy?: string;
  /** The kind of the error if it is not `ready`. */
  readonly errorKind?: ImageErrorKind;
  /** Facts for a doctor: host, region, clock skew in milliseconds, shutdown date, ... */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  /** Unix time in milliseconds. */
  readonly checkedAtMs: number;
  readonly durationMs: number;
  /** The sentences of this report with their ids, to translate them with `renderSentence`. */
  readonly sentences?: readonly Message[];
}

/** Whether the probe timed out: a caller tries such a backend after those that have answered. */
export function isSilent({ status, errorKind }: ProbeReport): boolean {
  return status === 'unknown' && errorKind === 'timeout';
}

/** The findings of a probe, with its sentences as messages. */
export interface ProbeFindings extends Omit<
  ProbeReport,
  'message' | 'proves' | 'doesNotProve' | 'remedy' | 'sentences'
> {
  readonly message: Message;
  readonly proves?: readonly Message[];
  readonly doesNotProve?: readonly Message[];
  readonly remedy?: Message | undefined;
}

/** Makes a report of findings: with its sentences as text, and again with their ids. */
export function probeReport(findings: ProbeFindings): ProbeReport {
  const clean = (said: Message): Message => cleanMessage(said, blankSecrets);
  const { message: found, proves: shown = [], doesNotProve: notShown = [], remedy: toDo, ...facts } = findings;
  const message = clean(found);
  const [proves, doesNotProve] = [shown.map(clean), notShown.map(clean)];
  const remedy = toDo === undefined ? undefined : clean(toDo);
  const sentences = [message, ...proves, ...doesNotProve, ...(remedy === undefined ? [] : [remedy])];
  return {
    ...facts,
    message: message.message,
    proves: proves.map((fact) => fact.message),
    doesNotProve: doesNotProve.map((fact) => fact.message),
    ...(remedy === undefined ? {} : { remedy: remedy.message }),
    sentences,
  };
}
