export { createHybridClient } from './create-hybrid-client.ts';
export { cardsWithRemover } from './registry/cards-with-remover.ts';
export { createHybridClientFromEnv } from './create-hybrid-client-from-env.ts';
export type { HybridEnvironmentOptions } from './create-hybrid-client-from-env.ts';
export { HybridClient } from './hybrid-client.ts';
export type { HybridOptions, HybridSettings } from './hybrid-options.ts';
export type { LabelOptions } from './label-options.ts';
export type { BackendClientOptions, BackendDescriptor } from './backends/backend-descriptor.ts';
export type { Environment } from '@holodeck/core/backend';
export type { LockedBackendDownPolicy } from './internal/hybrid-context.ts';
export { noBackendAvailable } from './internal/errors.ts';
export type { SessionErrorCode } from './internal/errors.ts';
export { assertSessionId, isSessionId, objectIdFromName } from './identifiers.ts';
export { assertSceneObjects } from './request-checks.ts';
export type {
  ImageAssetRequest,
  ObjectCardRequest,
  ObjectCardsRequest,
  SceneObject,
  SceneReferenceRequest,
} from './requests.ts';
export type {
  AssetFailure,
  AssetResult,
  AssetSuccess,
  ObjectCardResult,
  SceneReferenceResult,
} from './assets/asset-result.ts';
export type { AssetCost, AssetLabels, AssetLook, GateVerdict, ViewFit } from './assets/asset.ts';
export type { AssetSpec, CardSpec, ImageSpec, ImportedReferenceSpec, SceneReferenceSpec } from './assets/asset-spec.ts';
export { createChatJudge, judgeFromEnvironment } from './judge/chat-judge.ts';
export type { ChatJudgeOptions } from './judge/chat-judge.ts';
export type { CardJudge, JudgeAnswer, JudgeFindings, JudgeQuestion, JudgeVerdict } from './judge/card-judge.ts';
export { assertTakesViews, cardViews, viewsOf } from './assets/card-views.ts';
export type { CardView } from './assets/card-views.ts';
export type { HybridCallOptions } from './assets/call-state.ts';
export type { AssetProgress } from './assets/asset-progress.ts';
export { Session } from './session/session.ts';
export type { RegenerateCardOptions, RegenerateOptions } from './session/session.ts';
export type { ReleaseOptions, RelockOptions } from './session/release-session.ts';
export type { SessionEvent, SessionEventOptions } from './session/session-events.ts';
export { lockInfoOf } from './lock/session-lock-info.ts';
export type { SessionLockInfo } from './lock/session-lock-info.ts';
export { manifestFileName, manifestVersion } from './manifest/manifest.ts';
export type { Manifest, ManifestAsset, ManifestViews } from './manifest/manifest.ts';
export { recordedImages } from './manifest/recorded-images.ts';
export { readManifest } from './manifest/read-manifest.ts';
export { defaultPrices } from '@holodeck/core';
export type { CostLimits, Price, PriceList } from '@holodeck/core';
export { createPromptBuilder, promptVersion } from './prompts/prompt-builder.ts';
export type {
  BuiltPrompt,
  PromptBuilder,
  PromptInput,
  PromptOptions,
  PromptSubject,
  SceneInWords,
} from './prompts/prompt-builder.ts';
export type { ColourNames } from './prompts/main-colours.ts';
export { defaultTemplates } from './prompts/prompt-templates.ts';
export type {
  CardPromptInput,
  LookPromptInput,
  PromptTemplates,
  ScenePromptInput,
  ViewPromptInput,
} from './prompts/prompt-templates.ts';
export type { PromptLanguage } from './prompts/script.ts';
export type { BackgroundRemover, CardGateOptions, NormaliseOptions, PrepareCardOptions } from '@holodeck/cards';
export { readHolodeckObjects } from './output/read-holodeck-objects.ts';
export type { HolodeckObjects } from './output/read-holodeck-objects.ts';
