import { relative } from 'node:path';

import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** The folders and files that take longest, in this order. If one of them started last, the run would wait for it alone. */
const longest: readonly string[] = [
  'test/packages/',
  'test/docs/',
  'test/guides/',
  'test/kills/',
  'packages/cards/test/',
  'packages/redis/test/several-workers',
  'test/start/',
  'test/cli/',
  'apps/demo/test/browser/',
  'test/limits/',
  'packages/hybrid/test/processes',
  'packages/hybrid/test/lock-policies',
  // They wait more than they compute: at the end they would leave the processor idle.
  'packages/redis/test/untrusted-jobs',
  'packages/conformance/test/broken-backends',
  'packages/gateway/test/kills',
  'test/faults/',
  'test/',
];

/** Starts with these; the others follow by size, or by their time in the previous run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const path = relative(project.config.root, moduleId).replaceAll('\\', '/');
      const index = longest.findIndex((start) => path.startsWith(start));
      return index === -1 ? longest.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
