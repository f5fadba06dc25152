import { isSameTarget } from '../files/output-target.ts';
import type { OutputTarget } from '../files/output-target.ts';
import type { GenerationResult } from '../tasks/generation-result.ts';

interface Run {
  readonly target: OutputTarget | undefined;
  /** The same call again joins a run, but not one of `resume`. */
  readonly isResumed: boolean;
  readonly result: Promise<GenerationResult>;
}

/** The runs of each task, which come one after another: two at once would collect the same job into the same file. */
export class TaskRuns {
  readonly #runs = new Map<string, readonly Run[]>();

  /** The result of a run that the same call joins. */
  joined(key: string, target: OutputTarget | undefined): Promise<GenerationResult> | undefined {
    return this.#runs.get(key)?.find((run) => !run.isResumed && isSameTarget(run.target, target))?.result;
  }

  /** Starts once the earlier runs of the task have ended. `onEnd` has no result if `work` rejects. */
  start(
    key: string,
    run: Omit<Run, 'result'>,
    work: () => Promise<GenerationResult>,
    onEnd?: (result?: GenerationResult) => void,
  ): Promise<GenerationResult> {
    const earlier = this.#runs.get(key) ?? [];
    const last = earlier.at(-1)?.result;
    const end = (result?: GenerationResult): void => {
      this.#over(key, started);
      onEnd?.(result);
    };
    const result = (last === undefined ? work() : Promise.allSettled([last]).then(work)).then(
      (made) => {
        end(made);
        return made;
      },
      (error: unknown) => {
        end();
        throw error;
      },
    );
    const started: Run = { ...run, result };
    this.#runs.set(key, earlier.concat(started));
    return result;
  }

  /** Resolves when what runs now has ended. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].flatMap((runs) => runs.map(({ result }) => result)));
  }

  #over(key: string, run: Run): void {
    const others = this.#runs.get(key)?.filter((other) => other !== run) ?? [];
    if (others.length === 0) this.#runs.delete(key);
    else this.#runs.set(key, others);
  }
}
