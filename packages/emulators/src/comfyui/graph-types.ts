/** Graphs as they arrive, and small readers for them. */
import { isRecord } from '../base/is-record.ts';

export interface GraphNode {
  readonly class_type: string;
  readonly inputs: Record<string, unknown>;
}

export type Graph = Readonly<Record<string, GraphNode>>;

/** A node's inputs; none where the node is not well formed. */
export function inputsOf(node: unknown): Record<string, unknown> {
  return isRecord(node) && isRecord(node['inputs']) ? node['inputs'] : {};
}

/** The node behind a link. */
export function linkedNode(value: unknown): string | undefined {
  return Array.isArray(value) && value.length === 2 ? String(value[0]) : undefined;
}

/** What Python's repr() shows. */
export function pythonRepr(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number);
}
