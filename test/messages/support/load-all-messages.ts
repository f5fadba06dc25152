/** Loads all packages, because a package declares its messages when it is loaded. */
export async function loadAllMessages(): Promise<void> {
  await Promise.all([import('@holodeck/hunyuan'), import('@holodeck/openai'), import('@holodeck/comfyui'), import('@holodeck/cards'), import('@holodeck/hybrid'), import('@holodeck/redis'), import('@holodeck/ai-sdk'), import('@holodeck/gateway')]);
}
