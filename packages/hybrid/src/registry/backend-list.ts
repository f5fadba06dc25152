/** The variable that selects backends and their order. */
export const backendsVariable = 'HOLODECK_BACKENDS';

/** One entry of `HOLODECK_BACKENDS`. */
export interface BackendEntry {
  /** A name in small letters, or the module as it is written. */
  readonly text: string;
  /** Whether it is a module: a path, a package with a scope, or a file in a package. A bare word is not. */
  readonly isModule: boolean;
}

/**
 * The entries of a value of `HOLODECK_BACKENDS`, such as `"comfyui, hunyuan"` or `"hunyuan > ./my-backend.ts"`, each once.
 * Commas, semicolons, `>` and blanks separate them.
 */
export function parseBackendList(list = ''): readonly BackendEntry[] {
  const entries = list
    .split(/[\s,;>]+/)
    .filter((text) => text !== '')
    .map((text): BackendEntry => {
      const isModule = /[/\\]|^aisdk:/.test(text);
      return { text: isModule ? text : text.toLowerCase(), isModule };
    });
  return [...new Map(entries.map((entry) => [entry.text, entry])).values()];
}
