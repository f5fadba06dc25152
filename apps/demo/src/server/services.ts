import type { ProviderOptions } from '@holodeck/core';
import type { BackendDefinition, MessageTexts } from '@holodeck/core/backend';
import type { PermitStore } from '@holodeck/core/stores';
import type { BackendDescriptor, CardJudge } from '@holodeck/hybrid';
import type { FaultPanelState, ServiceSwitches } from '../shared/demo-api.ts';
import type { Texts } from '../shared/session-view.ts';

/** The demo's services, and the faults that it can switch. */
export interface DemoServices {
  readonly mode: 'emulators' | 'live';
  /** In order of priority. */
  readonly backends: readonly BackendDescriptor[];
  /** Known backends that are not configured, with what to do about it. */
  readonly absent: readonly { readonly name: string; readonly message: Texts }[];
  /** Labels of backends, by name. */
  readonly labels: Readonly<Record<string, MessageTexts>>;
  readonly permits: PermitStore;
  /** Timeout of a probe, in milliseconds. Default: the client's. */
  readonly probeTimeoutMs?: number;
  /** Looks at what cards show. Default: nothing does. */
  readonly judge?: CardJudge;
  /** For every request, by backend name. */
  readonly providerOptions?: Readonly<Record<string, ProviderOptions>>;
  /** Only on emulators. */
  readonly faults?: FaultSwitches;
  close(): Promise<void>;
}

/** Faults of emulated services that can be switched while they run. */
export interface FaultSwitches {
  state(): FaultPanelState;
  /** Sets the given switches and leaves the others. */
  set(backend: string, changes: Partial<ServiceSwitches>): Promise<void>;
}

/** The labels of some backends, for the page. */
export function labelsOf(definitions: readonly BackendDefinition[]): DemoServices['labels'] {
  return Object.fromEntries(definitions.map(({ name, label }) => [name, label]));
}
