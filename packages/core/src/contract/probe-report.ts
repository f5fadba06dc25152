import { messageOf } from '../messages/message-of.ts';
import type { Message } from '../messages/message.ts';
import type { ImageErrorKind } from './error-kinds.ts';

/** What a free look at a backend found. */
export interface ProbeReport {
  readonly backend: string;
  readonly model: string;
  /** `unknown`: it could not be told; a caller may still try. */
  readonly status: 'ready' | 'down' | 'unknown';
  /** One sentence for people. */
  readonly message: string;
  /** What the probe has shown, in short sentences. */
  readonly proves: readonly string[];
  /** What it cannot show, such as a balance. */
  readonly doesNotProve: readonly string[];
  /** What to do when it is not ready; absent when there is nothing to do. */
  readonly remedy?: string;
  /** The kind of the error behind a report that is not `ready`. */
  readonly errorKind?: ImageErrorKind;
  /** Facts for a doctor: host, region, clock skew in milliseconds, shutdown date, ... */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  /** Unix time in milliseconds. */
  readonly checkedAtMs: number;
  readonly durationMs: number;
  /** The sentences of this report with their ids, to say them in another language with `renderSentence`. */
  readonly sentences?: readonly Message[];
}

/** Whether the probe had no answer in time: a caller tries such a backend after those that have answered. */
export function isSilent({ status, errorKind }: ProbeReport): boolean {
  return status === 'unknown' && errorKind === 'timeout';
}

/** What a probe found, with its sentences as messages. */
export interface ProbeFindings extends Omit<
  ProbeReport,
  'message' | 'proves' | 'doesNotProve' | 'remedy' | 'sentences'
> {
  readonly message: Message;
  /** Default: nothing. */
  readonly proves?: readonly Message[];
  /** Default: nothing. */
  readonly doesNotProve?: readonly Message[];
  readonly remedy?: Message | undefined;
}

/** The report of a probe: its sentences as texts, and once more with their ids. */
export function probeReport(findings: ProbeFindings): ProbeReport {
  const { message, proves = [], doesNotProve = [], remedy, ...facts } = findings;
  const sentences = [message, ...proves, ...doesNotProve, ...(remedy === undefined ? [] : [remedy])].map(messageOf);
  return {
    ...facts,
    message: message.message,
    proves: proves.map((fact) => fact.message),
    doesNotProve: doesNotProve.map((fact) => fact.message),
    ...(remedy === undefined ? {} : { remedy: remedy.message }),
    sentences,
  };
}
