import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { limits } from '../../src/shared/demo-api.ts';
import type { ObjectInput } from '../../src/shared/demo-api.ts';
import { useMessages } from '../i18n/use-messages.ts';
import { Icon } from './icon.tsx';

interface ObjectFieldsProps {
  readonly objects: readonly ObjectInput[];
  readonly onChange: (objects: readonly ObjectInput[]) => void;
  readonly errorOf: (field: string) => JSX.Element | undefined;
  readonly invalidField: string | undefined;
}

/** The list of a scene's objects. */
export function ObjectFields({ objects, onChange, errorOf, invalidField }: ObjectFieldsProps): JSX.Element {
  const { composer: words } = useMessages();
  const list = useRef<HTMLUListElement>(null);
  const added = useRef(false);
  useEffect(() => {
    if (!added.current) return;
    added.current = false;
    list.current?.querySelector<HTMLInputElement>('li:last-child input')?.focus();
  }, [objects.length]);
  const change = (index: number, changes: Partial<ObjectInput>): void =>
    onChange(objects.map((object, at) => (at === index ? { ...object, ...changes } : object)));
  return (
    <fieldset class="field objects">
      <legend>{words.objects}</legend>
      <p class="hint">{words.objectsHint}</p>
      <ul ref={list}>
        {objects.map((object, index) => (
          // Rows have no identity of their own; their fields are controlled.
          <li key={index}>
            <input
              id={`object-name-${index}`}
              class="object-name"
              value={object.name}
              maxLength={limits.name}
              placeholder={words.namePlaceholder}
              aria-label={words.nameOf(index + 1)}
              aria-invalid={invalidField === `object-name-${index}`}
              onInput={(event) => change(index, { name: event.currentTarget.value })}
            />
            <input
              class="object-description"
              value={object.description}
              maxLength={limits.description}
              placeholder={words.descriptionPlaceholder}
              aria-label={words.descriptionOf(index + 1)}
              onInput={(event) => change(index, { description: event.currentTarget.value })}
            />
            <button
              type="button"
              class="quiet icon-only"
              aria-label={words.remove(object.name === '' ? String(index + 1) : object.name)}
              onClick={() => onChange(objects.filter((_, at) => at !== index))}
            >
              <Icon name="cross" />
            </button>
            {errorOf(`object-name-${index}`)}
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="quiet add-object"
        disabled={objects.length >= limits.objects}
        onClick={() => {
          added.current = true;
          onChange([...objects, { name: '', description: '' }]);
        }}
      >
        <Icon name="plus" />
        {objects.length >= limits.objects ? words.tooMany(limits.objects) : words.add}
      </button>
    </fieldset>
  );
}
