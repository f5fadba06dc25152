import type { BackendCapabilities } from '@holodeck/core/backend';

/**
 * Whether cards are asked for on a transparent ground. Not where that is a preview: a refusal would cost the card, while
 * the normaliser makes a plain ground transparent without asking anybody.
 */
export function isTransparencySure(capabilities: BackendCapabilities): boolean {
  return capabilities.transparentBackground && capabilities.transparentBackgroundIsPreview !== true;
}
