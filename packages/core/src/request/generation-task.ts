import type { ImageRequestInput } from '../contract/index.ts';

/** A request and where its images go. */
export interface GenerationTask extends ImageRequestInput {
  /**
   * Identifies the task in results, stores and logs; 1-200 characters. Default: a hash of request, output path and the number among
   * equal tasks, so that the same command continues where it stopped.
   */
  readonly taskId?: string;
  /**
   * The path of the image, relative to the client's `outputDir`; further images of the task get `-2`, `-3` before the extension.
   * Default: `<outputDir>/<taskId>.<extension>`; without an `outputDir` the result contains the bytes.
   */
  readonly outputPath?: string;
  /**
   * Allows the task to replace a file in its place that it has not written itself, such as another task's image. Default false:
   * it is refused before anything is sent.
   */
  readonly overwrite?: boolean;
  /** Higher goes first among waiting tasks. Default 0; equal ones keep their order. */
  readonly priority?: number;
  /** Separates equal task ids in one store, such as a session's id. Default `"tasks"`. */
  readonly scope?: string;
  /** Plain JSON that is stored with the task and returned by `resume()`, such as what the image is for. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}
