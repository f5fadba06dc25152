/**
 * Image jobs and scenes for other programs: OpenAI's Images protocol over every backend, jobs that survive, keys with budgets.
 *
 * @module
 */
export { startGateway } from './http/start-gateway.ts';
export type { Gateway, GatewayOptions } from './http/start-gateway.ts';
export { signatureOf } from './http/webhooks.ts';
export { JobService } from './jobs/job-service.ts';
export type { StartOptions } from './jobs/job-service.ts';
export { localCaller, openJobService } from './jobs/open-job-service.ts';
export type { JobServiceOptions } from './jobs/open-job-service.ts';
export type { ServiceClients } from './jobs/service-clients.ts';
export { isFinal } from './jobs/job-record.ts';
export type {
  ImageJobRequest,
  JobFailure,
  JobImage,
  JobRecord,
  JobReference,
  JobRequest,
  JobStatus,
  SceneJobObject,
  SceneJobRequest,
} from './jobs/job-record.ts';
export type { Caller } from './keys/caller.ts';
export { addKey, readKeys, revokeKey } from './keys/key-file.ts';
export type { KeyLimits, StoredKey } from './keys/key-file.ts';
