import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useMessages } from '../i18n/use-messages.ts';
import { Icon } from './icon.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Buttons at the end; without any, there is a cross at the top only. */
  readonly actions?: ComponentChildren;
}

/** A modal dialog: keeps the focus, closes on Escape, then restores the focus. */
export function Dialog({ title, onClose, children, actions }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const messages = useMessages();
  useEffect(() => {
    const { activeElement } = document;
    element.current?.showModal();
    return () => {
      if (activeElement instanceof HTMLElement && activeElement.isConnected) activeElement.focus();
    };
  }, []);
  return (
    <dialog ref={element} aria-label={title} onClose={onClose}>
      <div class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="quiet icon-only" aria-label={messages.app.close} onClick={onClose}>
          <Icon name="cross" />
        </button>
      </div>
      {children}
      {actions !== undefined && <div class="actions">{actions}</div>}
    </dialog>
  );
}

/** An action that costs or discards something and needs confirmation. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly onConfirm: () => void;
}

/** Asks for confirmation. */
export function ConfirmDialog({
  question,
  onClose,
}: {
  readonly question: Question;
  readonly onClose: () => void;
}): JSX.Element {
  const messages = useMessages();
  const confirm = (): void => {
    onClose();
    question.onConfirm();
  };
  return (
    <Dialog
      title={question.title}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="quiet" onClick={onClose}>
            {messages.app.cancel}
          </button>
          <button type="button" class="primary" onClick={confirm}>
            {question.confirm}
          </button>
        </>
      }
    >
      <p>{question.text}</p>
    </Dialog>
  );
}
