import { contentHash } from './file-store.ts';
import type { FileStore } from './file-store.ts';
import { linkedNode } from './graph-types.ts';
import type { Job } from './job-queue.ts';

/**
 * What a node's result depends on: class, inputs, all that is upstream, and the bytes of loaded files. Signatures of nodes
 * upstream are taken from `known` and added to it.
 */
export function nodeSignature(graph: Job['graph'], id: string, files: FileStore, known: Map<string, string>): string {
  const node = graph[id];
  const before = known.get(id);
  if (node === undefined || before !== undefined) return before ?? '';
  const inputs = Object.entries(node.inputs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      const source = linkedNode(value);
      return [
        name,
        source === undefined ? value : [nodeSignature(graph, source, files, known), (value as unknown[])[1]],
      ];
    });
  const file = node.class_type === 'LoadImage' ? files.findAnnotated(String(node.inputs['image'])) : undefined;
  const whole = JSON.stringify([node.class_type, inputs, file === undefined ? '' : file.hash]);
  const signature = contentHash(Buffer.from(whole));
  known.set(id, signature);
  return signature;
}
