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
    // The rest cannot be read; the tasks read so far continue.
    const { code, message } = error as NodeJS.ErrnoException;
    problem(errors.batch.cannotReadFurther(name, code ?? message));
  }
}

/** Leaves out queue tasks beyond `--max-cost`. Each counts as if it had to be paid, even if it was done before. */
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

/** A task's place in its file, to show to people. */
export function placeOf(file: string, task: GenerationTask): { readonly where: string; readonly line: number } {
  const line = Number(task.metadata?.['line']);
  return { where: messages().reports.line(file, line), line };
}

/**
 * Leaves out queue tasks whose file cannot be below the workers' folder, which only they know. Without a queue the client itself checks,
 * links included.
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
 * Leaves out tasks that repeat an earlier task, its id or its file: both would be paid for, and one lost. Stores only numbers, so that a
 * long file needs little memory.
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
