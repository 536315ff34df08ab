// A dialog around a form: submits once, keeps its content on a fault, and puts the fault beside the field that caused it.
import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { asFault, type ApiFault } from '../api/fault';
import { FaultAlert, useFaultText } from './faults';
import { placeFault, type FieldSigns } from './placeFault';

export interface FormFaults<Field extends string> {
  /** What is wrong with a field, by the form's own check or by the engine. */
  errorOf(field: Field): string | undefined;
}

export interface FormDialogProps<Field extends string> {
  title: string;
  submitLabel: string;
  danger?: boolean;
  /** What tells that a fault of the engine is about a field. */
  signs: Record<Field, FieldSigns>;
  /** The form's own check: sentences by field. Nothing is sent while there are any. */
  check?(): Partial<Record<Field, string | undefined>>;
  submit(): Promise<void>;
  /** Called when the form was accepted, and when it is left unless `onCancel` is given. */
  onClose(): void;
  onCancel?(): void;
  variant?: 'small' | 'medium' | 'large';
  children(faults: FormFaults<Field>): ReactNode;
}

export function FormDialog<Field extends string>(props: FormDialogProps<Field>) {
  const { t } = useTranslation();
  const state = useSubmission(props);
  const leave = props.onCancel ?? props.onClose;
  return (
    <Modal isOpen variant={props.variant ?? 'medium'} onClose={leave} aria-labelledby="dialog-title">
      <ModalHeader title={props.title} labelId="dialog-title" {...(props.danger ? { titleIconVariant: 'warning' as const } : {})} />
      <ModalBody>
        <Form id="dialog-form" onSubmit={state.onSubmit} noValidate>
          {state.general && <FaultAlert error={state.general} />}
          {props.children({ errorOf: state.errorOf })}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form="dialog-form"
          variant={props.danger ? 'danger' : 'primary'}
          isLoading={state.busy}
          isDisabled={state.busy}
        >
          {props.submitLabel}
        </Button>
        <Button variant="link" onClick={leave}>
          {t('form.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

function useSubmission<Field extends string>(props: FormDialogProps<Field>) {
  const text = useFaultText();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<ApiFault>();
  const [own, setOwn] = useState<Partial<Record<Field, string | undefined>>>({});
  const placed = fault && placeFault(fault, props.signs);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const wrong = props.check?.() ?? {};
    setOwn(wrong);
    setFault(undefined);
    if (Object.values(wrong).some(Boolean)) return;
    setBusy(true);
    try {
      await props.submit();
      props.onClose();
    } catch (error) {
      setFault(asFault(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    onSubmit: (event: FormEvent) => void onSubmit(event),
    general: fault && !placed ? fault : undefined,
    errorOf: (field: Field): string | undefined => own[field] ?? (fault && placed === field ? text(fault) : undefined),
  };
}
