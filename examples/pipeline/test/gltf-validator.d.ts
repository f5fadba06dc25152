/** What the tests use of the validator, which comes without types. */
declare module 'gltf-validator' {
  interface Report {
    readonly issues: {
      readonly numErrors: number;
      readonly numWarnings: number;
      readonly messages: readonly { readonly code: string; readonly message: string; readonly pointer?: string }[];
    };
    readonly info: Readonly<Record<string, unknown>>;
  }

  /** `maxIssues` 0 = all. */
  export function validateBytes(
    data: Uint8Array,
    options?: { readonly format?: 'glb' | 'gltf'; readonly maxIssues?: number },
  ): Promise<Report>;
}
