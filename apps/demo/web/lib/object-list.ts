import { limits } from '../../src/shared/demo-api.ts';
import type { ObjectInput } from '../../src/shared/demo-api.ts';

/** Bullets and numbers before a line. */
const mark = /^\s*(?:[-*•·–—]\s*|\d{1,3}\s*[.、)）]\s*)/u;
/** Between a name and its description. */
const colon = /\s*(?:[:：\t]|\s[–—-]\s)\s*/u;
const comma = /\s*[,，、;；]\s*/u;

/** The objects of a pasted list: one a line with its description after a colon, or several names with commas between them. */
export function readObjectList(text: string): readonly ObjectInput[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(mark, '').trim())
    .filter((line) => line !== '')
    .flatMap((line): readonly ObjectInput[] => {
      const found = colon.exec(line);
      if (found === null) return line.split(comma).map((name) => ({ name, description: '' }));
      return [{ name: line.slice(0, found.index), description: line.slice(found.index + found[0].length) }];
    })
    .map(({ name, description }) => ({
      name: name.trim().slice(0, limits.name),
      description: description.trim().slice(0, limits.description),
    }))
    .filter(({ name }) => name !== '');
}

/** Appends objects in the place of empty rows, up to the limit. */
export function withObjects(objects: readonly ObjectInput[], more: readonly ObjectInput[]): readonly ObjectInput[] {
  const filled = objects.filter(({ name, description }) => name.trim() !== '' || description.trim() !== '');
  return [...filled, ...more].slice(0, limits.objects);
}

/** Moves one object; a place outside the list is its nearest end. */
export function withMoved(objects: readonly ObjectInput[], from: number, to: number): readonly ObjectInput[] {
  const object = objects[from];
  if (object === undefined) return objects;
  return objects.toSpliced(from, 1).toSpliced(Math.max(0, to), 0, object);
}
