export type { RemoteOpener } from './child-command.ts';
export { describePermitStore } from './describe-permit-store.ts';
export type { DescribePermitStoreOptions, PermitStoreHarness } from './describe-permit-store.ts';
export { describeStore } from './describe-store.ts';
export type { DescribeStoreOptions, StoreHarness } from './describe-store.ts';
export type { SuiteMatchers, SuiteRunner } from './suite-runner.ts';
