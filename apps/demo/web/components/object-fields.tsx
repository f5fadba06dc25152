import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { limits } from '../../src/shared/demo-api.ts';
import type { ObjectInput } from '../../src/shared/demo-api.ts';
import { useMessages } from '../i18n/use-messages.ts';
import { readObjectList, withMoved, withObjects } from '../lib/object-list.ts';
import { useSuggestions } from '../lib/use-suggestions.ts';
import { Icon } from './icon.tsx';

interface ObjectFieldsProps {
  /** The scene's text, in which objects are looked for. */
  readonly text: string;
  readonly objects: readonly ObjectInput[];
  readonly onChange: (objects: readonly ObjectInput[]) => void;
  readonly errorOf: (field: string) => JSX.Element | undefined;
  readonly invalidField: string | undefined;
}

/** The list of a scene's objects, in their order. */
export function ObjectFields({ text, objects, onChange, errorOf, invalidField }: ObjectFieldsProps): JSX.Element {
  const { composer: words } = useMessages();
  const suggestions = useSuggestions(text, objects);
  const list = useRef<HTMLUListElement>(null);
  /** What gets the focus when the list has changed. */
  const focused = useRef<string>(undefined);
  const [dragged, setDragged] = useState<number>();
  useEffect(() => {
    if (focused.current !== undefined) list.current?.querySelector<HTMLElement>(focused.current)?.focus();
    focused.current = undefined;
  }, [objects]);
  const change = (index: number, changes: Partial<ObjectInput>): void =>
    onChange(objects.map((object, at) => (at === index ? { ...object, ...changes } : object)));
  const move = (from: number, to: number): void => {
    if (to < 0 || to >= objects.length || to === from) return;
    focused.current = `li:nth-child(${to + 1}) .drag-handle`;
    onChange(withMoved(objects, from, to));
  };
  const drag = (event: PointerEvent): void => {
    if (dragged === undefined) return;
    const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect());
    const over = rows.findIndex(({ top, bottom }) => event.clientY >= top && event.clientY < bottom);
    if (over === -1 || over === dragged) return;
    onChange(withMoved(objects, dragged, over));
    setDragged(over);
  };
  const paste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData?.getData('text') ?? '';
    if (!pasted.trim().includes('\n')) return;
    event.preventDefault();
    onChange(withObjects(objects, readObjectList(pasted)));
  };
  const isFull = objects.length >= limits.objects;
  return (
    <fieldset class="field objects">
      <legend>{words.objects}</legend>
      <p class="hint">{words.objectsHint}</p>
      {suggestions.length > 0 && !isFull && (
        <div class="samples" role="group" aria-label={words.found} data-testid="suggestions">
          <span class="small" title={words.foundHint}>
            {words.found}
          </span>
          {suggestions.map((word) => (
            <button
              key={word}
              type="button"
              class="chip"
              aria-label={words.addNamed(word)}
              onClick={() => onChange(withObjects(objects, [{ name: word, description: '' }]))}
            >
              <Icon name="plus" />
              {word}
            </button>
          ))}
          <span class="small">{words.foundHint}</span>
        </div>
      )}
      <ul ref={list}>
        {objects.map((object, index) => (
          // Rows have no identity of their own; their fields are controlled.
          <li key={index} class={dragged === index ? 'is-dragged' : ''}>
            <button
              type="button"
              class="quiet icon-only drag-handle"
              aria-label={words.move(object.name === '' ? String(index + 1) : object.name)}
              title={words.moveHint}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                setDragged(index);
              }}
              onPointerMove={drag}
              onLostPointerCapture={() => setDragged(undefined)}
              onKeyDown={(event) => {
                const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
                if (step === undefined) return;
                event.preventDefault();
                move(index, index + step);
              }}
            >
              <Icon name="grip" />
            </button>
            <input
              id={`object-name-${index}`}
              class="object-name"
              value={object.name}
              maxLength={limits.name}
              placeholder={words.namePlaceholder}
              aria-label={words.nameOf(index + 1)}
              aria-invalid={invalidField === `object-name-${index}`}
              onInput={(event) => change(index, { name: event.currentTarget.value })}
              onPaste={paste}
            />
            <input
              class="object-description"
              value={object.description}
              maxLength={limits.description}
              placeholder={object.name === '' ? words.descriptionPlaceholder : words.descriptionOptional}
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
      <div class="object-tools">
        <button
          type="button"
          class="quiet add-object"
          disabled={isFull}
          onClick={() => {
            focused.current = 'li:last-child .object-name';
            onChange([...objects, { name: '', description: '' }]);
          }}
        >
          <Icon name="plus" />
          {isFull ? words.tooMany(limits.objects) : words.add}
        </button>
        {!isFull && <PastedList onList={(more) => onChange(withObjects(objects, more))} />}
      </div>
    </fieldset>
  );
}

/** A field for many objects at once. */
function PastedList({ onList }: { readonly onList: (objects: readonly ObjectInput[]) => void }): JSX.Element {
  const { composer: words } = useMessages();
  const [isOpen, setIsOpen] = useState(false);
  const [text, setText] = useState('');
  const add = (): void => {
    onList(readObjectList(text));
    setText('');
    setIsOpen(false);
  };
  return (
    <details class="pasted-list" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary class="button quiet">{words.pasteList}</summary>
      <textarea
        rows={4}
        value={text}
        aria-label={words.pasteList}
        placeholder={words.pastePlaceholder}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="button" class="secondary" disabled={text.trim() === ''} onClick={add}>
        {words.addList}
      </button>
    </details>
  );
}
