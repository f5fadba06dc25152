import type { BackendCapabilities } from '@holodeck/core/backend';

/**
 * Whether to request cards on a transparent ground. Not if that is a preview feature: a refusal would cost the card, while the
 * normaliser can make a plain ground transparent itself.
 */
export function isTransparencySure(capabilities: BackendCapabilities): boolean {
  return capabilities.transparentBackground && capabilities.transparentBackgroundIsPreview !== true;
}
