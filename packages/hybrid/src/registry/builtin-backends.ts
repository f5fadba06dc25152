import type { BackendDefinition } from '@holodeck/core/backend';

type LoadDefinition = () => Promise<{ readonly definition: BackendDefinition }>;

/** The built-in backends, in order of priority. */
const builtinBackends = {
  hunyuan: () => import('./hunyuan.ts'),
  openai: () => import('./openai.ts'),
  comfyui: () => import('./comfyui.ts'),
} as const satisfies Readonly<Record<string, LoadDefinition>>;

/** Names of the built-in backends, in order of priority. */
export const builtinBackendNames: readonly string[] = Object.keys(builtinBackends);

/** Definitions of the built-in backends, in order of priority. Does not load their packages. */
export async function builtinDefinitions(): Promise<readonly BackendDefinition[]> {
  const modules = await Promise.all(Object.values(builtinBackends).map((load) => load()));
  return modules.map(({ definition }) => definition);
}
