/**
 * `@holodeck/core/backend`: what an author of a backend, or of a layer over several, needs besides `@holodeck/core`: the contract,
 * the network, image parsing, polling, costs, messages.
 *
 * @module
 */
export type { BackendCapabilities, LimitSignal, ReferenceRule, SizeRule } from './contract/backend-capabilities.ts';
export type { BackendDefinition, BackendSetup, BackendVariable } from './contract/backend-definition.ts';
export type { BackendResult, CollectedImage } from './contract/backend-result.ts';
export { credentialHash } from './contract/credential-hash.ts';
export { isPlaceholder, readVariable } from './contract/environment.ts';
export type { Environment } from './contract/environment.ts';
export { blankSecrets, keepSecrets } from './contract/secrets.ts';
export { isLegalOutcome, legalOutcomes } from './contract/error-kinds.ts';
export type { ImageErrorFields } from './contract/image-error.ts';
export type { ResolveContext, ResolvedLook } from './contract/image-backend.ts';
export { invalidRequest } from './contract/invalid-request.ts';
export type { ImageRequest, PreparedReference } from './contract/image-request.ts';
export type { ImageSize } from './contract/image-size.ts';
export type { ImageSink, JobContext, ProbeContext, RateReport } from './contract/job-context.ts';
export type { JobHandle } from './contract/job-handle.ts';
export { isSilent, probeReport } from './contract/probe-report.ts';
export type { ProbeFindings } from './contract/probe-report.ts';
export type { Lane } from './contract/lane.ts';

export { keepAnswer } from './files/kept-answer.ts';
export { makePrivateDirectory } from './files/private-directory.ts';
export { retryAfterMs } from './network/retry-after.ts';
export { ConnectionError } from './network/connection-error.ts';
export { createAgent } from './network/create-agent.ts';
export type { AgentOptions } from './network/create-agent.ts';
export { createFetch } from './network/create-fetch.ts';
export type { FetchOptions, NetworkFetch } from './network/create-fetch.ts';
export { isBlank } from './internal/is-blank.ts';
export { takeImages } from './images/take-images.ts';
export {
  maxPictureBytes,
  maxTextBytes,
  readRegularFile,
  readRegularFileNow,
  readTextFile,
} from './internal/read-regular-file.ts';
export { isLoopbackHost, isPrivateHost } from './network/host-kinds.ts';
export { createLookup } from './network/lookup-addresses.ts';
export type { LookupAddresses } from './network/lookup-addresses.ts';
export type { HttpAnswer } from './network/http-request.ts';
export type { FetchLike } from './network/network-options.ts';
export { createOneShotAgent } from './network/one-shot-agent.ts';
export type { BeforeSend, OneShotAgent } from './network/one-shot-agent.ts';
export { createOneShotFetch } from './network/one-shot-fetch.ts';
export type { OneShotFetch } from './network/one-shot-fetch.ts';
export { proxyFor } from './network/proxy-rule.ts';
export type { Endpoint, ProxyServer } from './network/proxy-rule.ts';

export { DownloadGuard } from './images/download-guard.ts';
export { downloadFile, downloadImage } from './images/download-image.ts';
export type { DownloadImageOptions } from './images/download-image.ts';
export { ImageInspector, ImageWatch } from './images/image-inspector.ts';
export type { InspectedImage } from './images/image-inspector.ts';
export type { ImageInfo, ImageMediaType } from './images/image-info.ts';
export type { PixelListener } from './images/parse-png.ts';
export { inspectImage } from './images/image-inspector.ts';

export { createPollPacer } from './polling/poll-pacer.ts';
export type { PollPacerOptions } from './polling/poll-pacer.ts';
export { systemClock } from './internal/clock.ts';
export type { Clock } from './internal/clock.ts';
export type { OnWaiting } from './limits/unknown-outcome-holds.ts';
export type { WaitingEvent } from './tasks/task-event.ts';
export { freeMemory } from './internal/free-memory.ts';
export { isRecord } from './internal/is-record.ts';
export { syncFolder } from './files/sync-folder.ts';
export { makeFolder } from './internal/make-folder.ts';
export { silentLogger } from './internal/silent-logger.ts';
export { canonicalJson, sha256Hex } from './request/canonical-json.ts';

export { costOfTask, estimateSubmission, findPrice, sumAmounts } from './cost/cost.ts';
export type { PricedRequest } from './cost/cost.ts';
export type { PaidBackend, Spending } from './cost/cost-gate.ts';
export { equalPrices, priceListAge } from './cost/price-facts.ts';
export type { EqualPrice } from './cost/price-facts.ts';
export { assertCostLimits } from './cost/cost-limits.ts';
export type { CacheHeader, CachedImage } from './result-cache/cache-entry.ts';
export type { ImageToCache, OpenEntry as OpenCacheEntry, ResultCacheStatus } from './result-cache/result-cache.ts';

export {
  defineMessages,
  findSentence,
  joinSentences,
  knownMessages,
  renderMessage,
  renderSentence,
} from './messages/define-messages.ts';
export type { MessageTable, MessageTexts, NameOf, Places, RenderOptions, Say } from './messages/define-messages.ts';
export { cleanMessage, messageOf } from './messages/message-of.ts';
export type { Language, Message, MessageParams, MessageValue } from './messages/message.ts';
