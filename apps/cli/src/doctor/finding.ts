import type { ProbeReport } from '@holodeck/core';

import type { BackendName } from '../options/backend-options.ts';
import type { Route } from './route.ts';

/** What is known of a backend after the look; a line of `doctor --json`. */
export type Finding =
  | (ProbeReport & {
      readonly configured: true;
      /** How its host is reached; absent when the report names none. */
      readonly route?: Route;
    })
  | {
      readonly backend: BackendName;
      readonly configured: boolean;
      readonly status: 'not-configured' | 'misconfigured';
      readonly message: string;
    };
