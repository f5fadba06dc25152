/** The models that the emulator knows, and what they take. */

export interface CatalogueModel {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  /** A date such as `2027-03-01`, or null. */
  readonly shutdown_date: string | null;
}

export const defaultModels: readonly CatalogueModel[] = [
  { id: 'gpt-image-2.6-sunburst', created: 1_793_000_000, shutdown_date: null },
  { id: 'gpt-image-2.6-flare', created: 1_793_000_000, shutdown_date: null },
  { id: 'gpt-image-2.5-sunburst', created: 1_788_800_000, shutdown_date: null },
  { id: 'gpt-image-2.5-flare', created: 1_788_800_000, shutdown_date: null },
  { id: 'gpt-image-2', created: 1_776_700_000, shutdown_date: null },
  { id: 'gpt-image-1.5', created: 1_765_800_000, shutdown_date: '2099-06-30' },
  { id: 'gpt-image-1-mini', created: 1_759_700_000, shutdown_date: null },
  { id: 'chatgpt-image-latest', created: 1_765_900_000, shutdown_date: null },
];

/** Shut down: 410. */
export const retiredModels: ReadonlySet<string> = new Set(['gpt-image-1', 'dall-e-2', 'dall-e-3']);

/** The number in a model's name; 1 where it has none. */
export function generationOf(model: string): number {
  return Number(/^gpt-image-(\d+(?:\.\d+)?)/.exec(model)?.[1] ?? 1);
}

/** Why a size is refused; undefined when it is taken. */
export function sizeProblem(model: string, size: string): string | undefined {
  if (size === 'auto') return undefined;
  const match = /^(\d+)x(\d+)$/.exec(size);
  if (match === null) return `Invalid size '${size}'. Use 'auto' or WIDTHxHEIGHT.`;
  const [width, height] = [Number(match[1]), Number(match[2])];
  if (generationOf(model) < 2) {
    const standard = ['1024x1024', '1536x1024', '1024x1536'];
    return standard.includes(size) ? undefined : `Invalid size '${size}'. Supported: ${standard.join(', ')} and auto.`;
  }
  const longest = Math.max(width, height);
  const pixels = width * height;
  if (width % 16 !== 0 || height % 16 !== 0) return 'Width and height must be multiples of 16.';
  if (longest > 3 * Math.min(width, height)) return 'The aspect ratio must be between 1:3 and 3:1.';
  if (longest > 3840 || pixels > 8_294_400) return 'The size is above the current limits of the model.';
  return pixels < 655_360 ? 'The size is below the minimum pixel budget of the model.' : undefined;
}

/** Width and height; `auto` is a square. */
export function sizeOf(size: string): { width: number; height: number } {
  const match = /^(\d+)x(\d+)$/.exec(size);
  return match === null ? { width: 1024, height: 1024 } : { width: Number(match[1]), height: Number(match[2]) };
}
