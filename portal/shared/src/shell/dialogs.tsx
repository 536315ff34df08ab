// Opens one dialog at a time over the page, from wherever an action is defined.
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { Button, Content, List, ListItem, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';

type Render = (close: () => void) => ReactNode;

const DialogContext = createContext<(render: Render) => void>(() => undefined);

/** Gives a function that opens a dialog; the dialog is told how to close itself. */
export function useDialog(): (render: Render) => void {
  return useContext(DialogContext);
}

export function DialogProvider({ children }: { children: ReactNode }) {
  const [render, setRender] = useState<{ draw: Render }>();
  const open = useCallback((draw: Render) => setRender({ draw }), []);
  const close = useCallback(() => setRender(undefined), []);
  return (
    <DialogContext.Provider value={open}>
      {children}
      {render?.draw(close)}
    </DialogContext.Provider>
  );
}

export interface ConfirmProps {
  title: string;
  text: string;
  /** What will be lost, one line each. */
  losses?: string[];
  confirmLabel: string;
  danger?: boolean;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something that cannot be taken back, naming what will be lost. */
export function ConfirmDialog({ title, text, losses, confirmLabel, danger, onConfirm, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  const confirm = (): void => {
    onClose();
    onConfirm();
  };
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="confirm-title" aria-describedby="confirm-text">
      <ModalHeader title={title} labelId="confirm-title" {...(danger ? { titleIconVariant: 'warning' as const } : {})} />
      <ModalBody id="confirm-text">
        <Content component="p">{text}</Content>
        {losses && losses.length > 0 && (
          <List>
            {losses.map((loss) => (
              <ListItem key={loss}>{loss}</ListItem>
            ))}
          </List>
        )}
      </ModalBody>
      <ModalFooter>
        <Button variant={danger ? 'danger' : 'primary'} onClick={confirm}>
          {confirmLabel}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t('form.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
