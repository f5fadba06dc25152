import type { JSX } from 'preact';
import { useContext, useRef, useState } from 'preact/hooks';
import { limits } from '../../src/shared/demo-api.ts';
import type { ObjectInput } from '../../src/shared/demo-api.ts';
import { samples } from '../../src/shared/samples.ts';
import type { Sample } from '../../src/shared/samples.ts';
import type { AvailabilityView, DownPolicy } from '../../src/shared/session-view.ts';
import { LanguageContext, useMessages, useTexts } from '../i18n/use-messages.ts';
import { act, createSession, putReference, textsOfError } from '../lib/api-client.ts';
import { EstimateLine } from './estimate-line.tsx';
import { Icon } from './icon.tsx';
import { ObjectFields } from './object-fields.tsx';

interface ComposerProps {
  readonly title: string;
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly onCreated: (sessionId: string) => void;
}

const policies: readonly DownPolicy[] = ['fail', 'wait', 'restart'];

/** The form for a new scene. */
export function Composer({ title, availability, onCreated }: ComposerProps): JSX.Element {
  const messages = useMessages();
  const textOf = useTexts();
  const { composer: words } = messages;
  const language = useContext(LanguageContext);
  const [text, setText] = useState('');
  const [style, setStyle] = useState('');
  const [objects, setObjects] = useState<readonly ObjectInput[]>([]);
  const [policy, setPolicy] = useState<DownPolicy>('fail');
  const [picture, setPicture] = useState<File>();
  const [problem, setProblem] = useState<{ readonly field: string; readonly message: string }>();
  const [isSending, setIsSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const take = (sample: Sample): void => {
    setText(sample.text);
    setStyle(sample.style);
    setObjects(sample.objects.map(([name, description]) => ({ name, description })));
    setProblem(undefined);
    form.current?.querySelector<HTMLTextAreaElement>('#scene-text')?.focus();
  };
  const refuse = (field: string, message: string): void => {
    setProblem({ field, message });
    form.current?.querySelector<HTMLElement>(`#${field}`)?.focus();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const written = objects.filter(({ name, description }) => name.trim() !== '' || description.trim() !== '');
    const nameless = written.findIndex(({ name }) => name.trim() === '');
    if (text.trim() === '') return refuse('scene-text', words.errors.text);
    if (nameless !== -1) {
      setObjects(written);
      return refuse(`object-name-${nameless}`, words.errors.name);
    }
    if (picture !== undefined && picture.size > limits.upload) return refuse('reference-file', words.errors.upload);
    setProblem(undefined);
    setIsSending(true);
    void (async () => {
      try {
        const start = picture === undefined;
        const { sessionId } = await createSession({ text, style, objects: written, policy, start });
        if (picture !== undefined) {
          await putReference(sessionId, picture);
          await act(sessionId, 'continue', {});
        }
        onCreated(sessionId);
      } catch (error) {
        setProblem({
          field: 'form',
          message: messages.app.failed(textOf(textsOfError(error))),
        });
      } finally {
        setIsSending(false);
      }
    })();
  };
  const errorOf = (field: string): JSX.Element | undefined =>
    problem?.field === field ? (
      <p class="field-error" id={`${field}-error`} role="alert">
        {problem.message}
      </p>
    ) : undefined;
  const named = objects.filter(({ name }) => name.trim() !== '').length;

  return (
    <form class="panel composer" ref={form} onSubmit={submit} noValidate data-testid="composer">
      <div class="composer-intro">
        <h1>{title}</h1>
        <p>{words.lead}</p>
      </div>
      <div class="field">
        <label for="scene-text">{words.text}</label>
        <textarea
          id="scene-text"
          rows={4}
          maxLength={limits.text}
          value={text}
          placeholder={words.textPlaceholder}
          aria-describedby={problem?.field === 'scene-text' ? 'scene-text-error' : 'scene-text-hint'}
          aria-invalid={problem?.field === 'scene-text'}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p class="hint" id="scene-text-hint">
          {words.textHint}
        </p>
        {errorOf('scene-text')}
        <div class="samples" role="group" aria-label={words.samples}>
          <span class="small">{words.samples}</span>
          {samples[language].map((sample) => (
            <button key={sample.title} type="button" class="chip" onClick={() => take(sample)}>
              {sample.title}
            </button>
          ))}
        </div>
      </div>
      <div class="field">
        <label for="scene-style">{words.style}</label>
        <input
          id="scene-style"
          value={style}
          maxLength={limits.style}
          placeholder={words.stylePlaceholder}
          aria-describedby="scene-style-hint"
          onInput={(event) => setStyle(event.currentTarget.value)}
        />
        <div class="samples" role="group" aria-label={words.styleHint}>
          {words.styles.map((name) => (
            <button key={name} type="button" class="chip" aria-pressed={style === name} onClick={() => setStyle(name)}>
              {name}
            </button>
          ))}
        </div>
        <p class="hint" id="scene-style-hint">
          {words.styleHint}
        </p>
      </div>
      <ObjectFields
        text={text}
        objects={objects}
        onChange={setObjects}
        errorOf={errorOf}
        invalidField={problem?.field}
      />
      <div class="composer-columns">
        <fieldset class="field policies">
          <legend>{words.policy}</legend>
          {policies.map((name) => (
            <label key={name} class="choice">
              <input
                type="radio"
                name="policy"
                value={name}
                checked={policy === name}
                onChange={() => setPolicy(name)}
              />
              <span>
                <strong>{words.policies[name][0]}</strong>
                <small>{words.policies[name][1]}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="field">
          <label for="reference-file">{words.reference}</label>
          <input
            id="reference-file"
            type="file"
            accept="image/png,image/jpeg,image/webp"
            aria-describedby="reference-hint"
            onChange={(event) => setPicture(event.currentTarget.files?.[0])}
          />
          <p class="hint" id="reference-hint">
            {words.referenceHint}
          </p>
          {errorOf('reference-file')}
        </div>
      </div>
      {errorOf('form')}
      <div class="composer-end">
        <EstimateLine images={named + (picture === undefined ? 1 : 0)} availability={availability} />
        <button type="submit" class="primary" disabled={isSending} data-testid="submit-scene">
          <Icon name="play" />
          {words.submit}
        </button>
      </div>
    </form>
  );
}
