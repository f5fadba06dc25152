import type { ProbeReport } from '@holodeck/core';

import type { Route } from './route.ts';

/** What doctor found out about a backend; a line of `doctor --json`. */
export type Finding =
  | (ProbeReport & {
      readonly configured: true;
      /** How its host is reached; absent if the report names no host. */
      readonly route?: Route;
    })
  | {
      /** A backend's name, or an entry of `HOLODECK_BACKENDS` that names no backend. */
      readonly backend: string;
      readonly configured: boolean;
      readonly status: 'not-configured' | 'misconfigured';
      readonly message: string;
    };

/** Who is named in the labels of derived pictures, from `HOLODECK_LABEL_PRODUCER`; null = nobody. The first line of `doctor --json`. */
export interface LabelFinding {
  readonly labels: { readonly producer: string | null };
}
