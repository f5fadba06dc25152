/** What a node has to work with, and small readers for it. */
import type { FileStore } from '../file-store.ts';
import type { ImageValue, LatentValue, NodeValue, OtherValue } from '../node-values.ts';
import type { ModelKind } from './model-kinds.ts';

/** An error of a node, as Python would raise it. */
export class NodeFailure extends Error {
  readonly exceptionType: string;

  constructor(exceptionType: string, message: string) {
    super(message);
    this.exceptionType = exceptionType;
  }
}

/** What a node has to work with. */
export interface NodeRun {
  readonly classType: string;
  /** Literals, and the values behind links. */
  readonly literal: (name: string) => unknown;
  readonly value: (name: string) => NodeValue | undefined;
  readonly files: FileStore;
  readonly jobId: string;
  readonly now: number;
  /** Goes into the text chunks of PNGs, by keyword. */
  readonly pngText: Readonly<Record<string, string>>;
  readonly imageBytes: number | undefined;
  /** Waits, and tells the steps. Rejects when the job is interrupted. */
  readonly steps: (count: number, ms: number | undefined) => Promise<void>;
  /** A picture over the socket; the node's progress says which. */
  readonly sendPicture: (bytes: Buffer, index: number, count: number) => void;
  readonly sendText: (text: string) => void;
}

export interface NodeOutcome {
  readonly values: readonly NodeValue[];
  /** What `executed` and the history show. */
  readonly ui?: Record<string, unknown>;
}

export const number = (run: NodeRun, name: string): number => {
  const value = run.value(name);
  return value?.kind === 'other' && value.number !== undefined ? value.number : Number(run.literal(name));
};
export const text = (run: NodeRun, name: string): string => {
  const value = run.value(name);
  return value?.kind === 'other' && value.text !== undefined ? value.text : String(run.literal(name));
};
export const image = (run: NodeRun, name: string): ImageValue => {
  const value = run.value(name);
  if (value?.kind !== 'image') throw new NodeFailure('TypeError', `${name} is not an image`);
  return value;
};
export const latent = (run: NodeRun, name: string): LatentValue => {
  const value = run.value(name);
  if (value?.kind !== 'latent') throw new NodeFailure('TypeError', `${name} is not a latent`);
  return value;
};
/** What a node is told to draw: a conditioning, or a guider that holds one. */
export const guide = (run: NodeRun, name: string): Guide => {
  const value = run.value(name);
  return value?.kind === 'conditioning' || value?.kind === 'other'
    ? { ...value, text: value.text ?? '' }
    : { text: '' };
};

/** Words, the encoder that wrote them, the model they are for, and a picture to follow, as far as they are known. */
export interface Guide {
  readonly text: string;
  readonly encoder?: string;
  readonly model?: ModelKind;
  readonly source?: Uint8Array;
}

/** A value that is only passed on. */
export const passed = (run: NodeRun, name: string): OtherValue => {
  const value = run.value(name);
  return value?.kind === 'other' ? value : { kind: 'other' };
};
