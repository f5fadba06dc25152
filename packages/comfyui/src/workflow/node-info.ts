import { isRecord } from '@holodeck/core/backend';
import { UnusableAnswer } from '../job/job-lookup.ts';
import type { ComfyUIHttp } from '../wire/comfyui-http.ts';

/** What /object_info says of one class of nodes. */
export type NodeInfo = Readonly<Record<string, unknown>>;

/** Above so many classes the whole list (about 700 KB) is cheaper than one question each. */
const manyClasses = 24;

/** Describes the given classes; those that the server lacks are absent. */
export async function fetchNodeInfo(
  http: ComfyUIHttp,
  classes: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NodeInfo>> {
  // A slash in a name, as in "KSampler //Inspire", does not come through every proxy.
  const whole = classes.length > manyClasses || classes.some((name) => /[/\\]/.test(name));
  const paths = whole ? ['/object_info'] : classes.map((name) => `/object_info/${encodeURIComponent(name)}`);
  const found = new Map<string, NodeInfo>();
  await Promise.all(
    paths.map(async (path) => {
      const answer = await http.request(path, { signal });
      if (answer.status !== 200 || !isRecord(answer.json)) {
        throw new UnusableAnswer(answer.status, path);
      }
      for (const name of classes) {
        const info = Object.hasOwn(answer.json, name) ? answer.json[name] : undefined;
        if (isRecord(info)) {
          found.set(name, info);
        }
      }
    }),
  );
  return found;
}

/** The specification of an input: its type or choices, and its details. */
function inputSpecification(info: NodeInfo, input: string): readonly unknown[] | undefined {
  const groups = isRecord(info['input']) ? info['input'] : {};
  for (const group of [groups['required'], groups['optional']]) {
    const specification = isRecord(group) && Object.hasOwn(group, input) ? group[input] : undefined;
    if (Array.isArray(specification)) {
      return specification;
    }
  }
  return undefined;
}

/** The names of a node's inputs. */
export function inputNames(info: NodeInfo): readonly string[] {
  const groups = isRecord(info['input']) ? info['input'] : {};
  return [groups['required'], groups['optional']].flatMap((group) => (isRecord(group) ? Object.keys(group) : []));
}

/** The choices of an input, in both spellings of the server; undefined where it is not a choice. */
export function choicesOf(info: NodeInfo | undefined, input: string): readonly string[] | undefined {
  const specification = info === undefined ? undefined : inputSpecification(info, input);
  if (specification === undefined) {
    return undefined;
  }
  const [first, details] = specification;
  const options = Array.isArray(first)
    ? first
    : first === 'COMBO' && isRecord(details)
      ? details['options']
      : undefined;
  return Array.isArray(options) ? options.map(String) : undefined;
}

/** Whether the input takes uploaded files, whose list shows top-level files only although any existing file is taken. */
export function isUpload(info: NodeInfo, input: string): boolean {
  const details = inputSpecification(info, input)?.[1];
  return isRecord(details) && Object.keys(details).some((key) => key.endsWith('_upload') && details[key] === true);
}
