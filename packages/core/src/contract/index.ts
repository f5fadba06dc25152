export type { BackendCapabilities, LimitSignal, ReferenceRule, SizeRule } from './backend-capabilities.ts';
export type { BackendDefinition, BackendSetup, BackendVariable } from './backend-definition.ts';
export type { BackendResult, CollectedImage, ImageUsage } from './backend-result.ts';
export { credentialHash } from './credential-hash.ts';
export { isPlaceholder, readVariable } from './environment.ts';
export type { Environment } from './environment.ts';
export { isLegalOutcome, legalOutcomes } from './error-kinds.ts';
export type { ImageErrorKind, ImageErrorOutcome } from './error-kinds.ts';
export type { ImageBackend } from './image-backend.ts';
export { ImageError } from './image-error.ts';
export { invalidRequest } from './invalid-request.ts';
export type { ImageErrorFields, ImageErrorJson } from './image-error.ts';
export type {
  ImageFormat,
  ImageRequest,
  ImageRequestInput,
  PreparedReference,
  ProviderOptions,
  ReferenceInput,
  ReferenceRole,
} from './image-request.ts';
export type { ImageSize, ImageSizeInput } from './image-size.ts';
export type { ImageSink, JobContext, ProbeContext, ProgressEvent, RateReport } from './job-context.ts';
export type { JobHandle } from './job-handle.ts';
export type { Lane } from './lane.ts';
export type { Logger } from './logger.ts';
export { isSilent, probeReport } from './probe-report.ts';
export type { ProbeFindings, ProbeReport } from './probe-report.ts';
export type { ImageWarning } from './warning.ts';
