import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BackendDefinition, BackendVariable, Message } from '@holodeck/core/backend';

import { badModule } from './registry-errors.ts';
import { say } from './registry-messages.ts';

/**
 * The definition that a module exports as `definition`.
 *
 * @param known The definitions whose names are taken.
 * @throws ImageError of kind `invalid-request` if the module cannot be loaded or exports none.
 */
export async function loadDefinition(entry: string, known: readonly BackendDefinition[]): Promise<BackendDefinition> {
  let exported: unknown;
  try {
    if (entry.startsWith('aisdk:')) return await aiSdkDefinition(entry);
    const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ locate(entry))) as Record<
      string,
      unknown
    >;
    exported = module['definition'];
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw badModule(entry, say('cannot-load', { reason }), error);
  }
  const problem = problemOf(exported);
  if (problem !== undefined) throw badModule(entry, problem);
  const definition = exported as BackendDefinition;
  if (known.some(({ name }) => name === definition.name)) {
    throw badModule(entry, say('name-taken', { name: definition.name }));
  }
  return definition;
}

/** A model of the AI SDK: `aisdk:<module>#<export>:<model id>`, if the package for it is installed. */
async function aiSdkDefinition(entry: string): Promise<BackendDefinition> {
  const { defineAiSdkBackend } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ locate('@holodeck/ai-sdk')
  )) as {
    readonly defineAiSdkBackend: (entry: string) => BackendDefinition;
  };
  return defineAiSdkBackend(entry);
}

/** Paths and packages are looked up from the working folder. */
function locate(entry: string): string {
  if (entry.startsWith('file:')) return entry;
  if (entry.startsWith('.') || isAbsolute(entry)) return pathToFileURL(resolve(entry)).href;
  try {
    return pathToFileURL(createRequire(resolve('package.json')).resolve(entry)).href;
  } catch {
    // A package without an export for `require` may still resolve from here.
    return entry;
  }
}

function problemOf(value: unknown): Message | undefined {
  if (typeof value !== 'object' || value === null) return say('no-definition');
  const { name, label, variables, whenAbsent, configure } = value as Partial<BackendDefinition>;
  if (typeof name !== 'string' || !/^[a-z][a-z\d-]*$/.test(name)) {
    return say('bad-name');
  }
  if (!isText(label) || !isText(whenAbsent)) return say('bad-texts');
  if (!Array.isArray(variables) || !variables.every(isVariable)) {
    return say('bad-variables');
  }
  return typeof configure === 'function' ? undefined : say('bad-configure');
}

function isVariable(value: Partial<BackendVariable> | null): boolean {
  return typeof value === 'object' && typeof value?.name === 'string' && isText(value.meaning);
}

function isText(value: unknown): boolean {
  const { en, zh } = (value ?? {}) as { readonly en?: unknown; readonly zh?: unknown };
  return typeof en === 'string' && typeof zh === 'string';
}
