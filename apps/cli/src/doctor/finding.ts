import type { ProbeReport } from '@holodeck/core';

import type { Route } from './route.ts';

/** What is known of a backend after the look; a line of `doctor --json`. */
export type Finding =
  | (ProbeReport & {
      readonly configured: true;
      /** How its host is reached; absent when the report names none. */
      readonly route?: Route;
    })
  | {
      /** A backend's name, or an entry of `HOLODECK_BACKENDS` that leads to none. */
      readonly backend: string;
      readonly configured: boolean;
      readonly status: 'not-configured' | 'misconfigured';
      readonly message: string;
    };
