import type { CardWorkers, PrepareCardOptions } from '@holodeck/cards';
import type { CostGate, Logger } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import type { Store } from '@holodeck/core/stores';
import type { Availability } from '../backends/availability.ts';
import type { BackendMember } from '../backends/backend-member.ts';
import type { LabelOptions } from '../label-options.ts';
import type { Judging } from '../judge/judging.ts';
import { SessionFolder } from '../output/session-folder.ts';
import type { PromptBuilder } from '../prompts/prompt-builder.ts';
import type { SessionHub } from './session-hub.ts';

/** What happens when the backend of a locked session cannot be used. */
export type LockedBackendDownPolicy = 'fail' | 'wait' | 'restart';

/** What all parts of one `HybridClient` share. */
export interface HybridContext {
  readonly outputDir: string;
  readonly store: Store;
  readonly ownerId: string;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly members: readonly BackendMember[];
  readonly availability: Availability;
  readonly hub: SessionHub;
  readonly prompts: PromptBuilder;
  readonly costGate: CostGate;
  readonly layout: 'default' | 'holodeck';
  readonly onLockedBackendDown: LockedBackendDownPolicy;
  readonly waitMs: number;
  /** How cards are normalised and measured; undefined = not at all. */
  readonly cards: PrepareCardOptions | undefined;
  /** The threads that do it. */
  readonly cardWorkers: CardWorkers;
  /** Looks at what cards show; undefined = nothing does. */
  readonly judging: Judging | undefined;
  readonly gateAttempts: number;
  /** Who is named in the labels of derived pictures. */
  readonly label: LabelOptions | undefined;
  /** Whether `session.html` is written. */
  readonly report: boolean;
}

/** The folder of a session. */
export function folderOf(context: HybridContext, sessionId: string): SessionFolder {
  return new SessionFolder(context.outputDir, sessionId);
}

const sessionScopes = 'session/';

/** The scope under which the driver keeps a session's tasks. */
export function scopeOf(sessionId: string): string {
  return `${sessionScopes}${sessionId}`;
}

/** The session that a scope belongs to, if it does. */
export function sessionOfScope(scope: string): string | undefined {
  return scope.startsWith(sessionScopes) ? scope.slice(sessionScopes.length) : undefined;
}

/** Adds an event to a session's story. Faults are only logged, so that they do not stop an image. */
export async function note(
  context: Pick<HybridContext, 'store' | 'hub' | 'logger'>,
  sessionId: string,
  type: string,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    await context.store.sessions.appendEvent(sessionId, type, data);
    context.hub.notify(sessionId);
  } catch (error) {
    context.logger?.warn({ sessionId, type, error: String(error) }, 'A session event could not be stored.');
  }
}
