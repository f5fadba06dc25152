import type { ImageRequestInput } from '../contract/index.ts';

/** One thing to make: a request, and where it goes. */
export interface GenerationTask extends ImageRequestInput {
  /**
   * Names the task in results, stores and logs. Default: a hash of request, output path and ordinal among equals, so that
   * the same command continues where it stopped. 1-200 characters.
   */
  readonly taskId?: string;
  /**
   * Where the image is written; further images of the same task get `-2`, `-3` before the extension. Relative paths start
   * at the client's `outputDir`. Absent: `<outputDir>/<taskId>.<extension>` where the client has an `outputDir`, else the
   * bytes come back in the result.
   */
  readonly outputPath?: string;
  /** Higher goes first among waiting tasks. Default 0; equal ones keep their order. */
  readonly priority?: number;
  /**
   * Separates equal task ids of different purposes in one store (a session's id). Default `"tasks"`.
   */
  readonly scope?: string;
  /** Plain JSON that is kept with the task's row and handed back by `resume()`: what a job belongs to. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}
