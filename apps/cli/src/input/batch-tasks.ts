import { createHash } from 'node:crypto';
import { isAbsolute, normalize, sep } from 'node:path';

import type { GenerationTask, ImageError } from '@holodeck/core';

import { parseBatchLine } from './batch-file.ts';
import { readJsonLines } from './json-lines.ts';
import { messages } from '../messages/messages.ts';

/** Reads tasks on demand: the file may be larger than memory. */
export async function* readTasks(
  source: AsyncIterable<Uint8Array>,
  name: string,
  problem: (message: string, line?: number) => void,
  signal: AbortSignal,
): AsyncGenerator<GenerationTask> {
  const { reports, errors } = messages();
  try {
    for await (const line of readJsonLines(source)) {
      if (signal.aborted) return;
      const parsed = parseBatchLine(line);
      if ('problem' in parsed)
        problem(errors.batch.at(reports.line(name, parsed.number), parsed.problem), parsed.number);
      // The line goes with the task, so that a later error can name it.
      else yield { ...parsed.task, metadata: { line: parsed.number, ...parsed.task.metadata } };
    }
  } catch (error) {
    // What follows cannot be read; what was read goes on.
    const { code, message } = error as NodeJS.ErrnoException;
    problem(errors.batch.cannotReadFurther(name, code ?? message));
  }
}

/** Leaves out tasks for the queue that `--max-cost` does not allow: each counts as if it had to be paid, those done before too. */
export async function* affordable(
  tasks: AsyncIterable<GenerationTask>,
  reserve: ((task: GenerationTask, key: string) => void) | undefined,
  leftOut: (task: GenerationTask, error: ImageError) => void,
): AsyncGenerator<GenerationTask> {
  let count = 0;
  for await (const task of tasks) {
    try {
      reserve?.(task, String((count += 1)));
    } catch (error) {
      leftOut(task, error as ImageError);
      continue;
    }
    yield task;
  }
}

/** Where a task stands in its file, for people. */
export function placeOf(file: string, task: GenerationTask): { readonly where: string; readonly line: number } {
  const line = Number(task.metadata?.['line']);
  return { where: messages().reports.line(file, line), line };
}

/**
 * Leaves out tasks for the queue whose file is not below the folder of the workers, which is known only to them. Without a queue,
 * the client itself looks, and sees links too.
 */
export async function* insideTargets(
  tasks: AsyncIterable<GenerationTask>,
  { queue, allowOutside }: { readonly queue?: string; readonly allowOutside?: boolean },
  leftOut: (task: GenerationTask) => void,
): AsyncGenerator<GenerationTask> {
  for await (const task of tasks) {
    const { outputPath = '.' } = task;
    const isOutside = isAbsolute(outputPath) || normalize(outputPath).split(sep)[0] === '..';
    if (queue !== undefined && allowOutside !== true && isOutside) leftOut(task);
    else yield task;
  }
}

/** What a task has in common with an earlier one: everything, its `taskId`, or its file. */
export type Duplicate = 'task' | 'taskId' | 'file';

/**
 * Leaves out tasks that an earlier one makes as well, or whose name it has: both would be paid for, and one lost. Kept as
 * numbers, so that a long file costs little memory.
 */
export async function* distinctTargets(
  tasks: AsyncIterable<GenerationTask>,
  leftOut: (task: GenerationTask, duplicate: Duplicate) => void,
): AsyncGenerator<GenerationTask> {
  const taken = new Map<number, number>();
  for await (const task of tasks) {
    const { metadata: _metadata, taskId, ...request } = task;
    const file = task.outputPath === undefined ? undefined : normalize(task.outputPath);
    const content = numberOf(JSON.stringify({ ...request, outputPath: file }));
    const names = [
      ...(taskId === undefined ? [] : [['taskId', numberOf(`taskId ${taskId}`)] as const]),
      ...(file === undefined ? [] : [['file', numberOf(`file ${file}`)] as const]),
    ];
    const earlier = names.find(([, name]) => taken.has(name));
    for (const [, name] of names) if (!taken.has(name)) taken.set(name, content);
    if (earlier === undefined) yield task;
    else leftOut(task, taken.get(earlier[1]) === content ? 'task' : earlier[0]);
  }
}

function numberOf(text: string): number {
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16);
}
