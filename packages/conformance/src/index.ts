export type {
  BackendHarness,
  BackendVariant,
  HarnessFault,
  SeenReference,
  SeenSubmission,
} from './backend/backend-harness.ts';
export { ConformanceReport } from './backend/conformance-report.ts';
export type { ConformanceResult } from './backend/conformance-report.ts';
export { describeImageBackend, economyImages } from './backend/describe-image-backend.ts';
export type { DescribeImageBackendOptions, ExpectedFailure } from './backend/describe-image-backend.ts';
export type { RemoteOpener } from './child-command.ts';
export { describePermitStore } from './describe-permit-store.ts';
export type { DescribePermitStoreOptions, PermitStoreHarness } from './describe-permit-store.ts';
export { describeStore } from './describe-store.ts';
export type { DescribeStoreOptions, StoreHarness } from './describe-store.ts';
export type { SuiteMatchers, SuiteRunner } from './suite-runner.ts';
