// Uploads a disk image from this computer through the engine's transfer service.
import { useState } from 'react';
import { Button, FileUpload, Form, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  ChoiceField,
  Field,
  formatBytes,
  HEAD_SIZE,
  int,
  recognise,
  TextField,
  upload,
  usePortal,
  useWord,
  type ImageFacts,
} from '@ferrovirt/portal-shared';
import { useDiskDomains } from '../vms/CreateVmParts';
import { TransferProgressBar, useTransfer } from './transferState';

interface Chosen {
  file: File;
  facts: ImageFacts;
}

export function UploadDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { client } = usePortal();
  const domains = useDiskDomains();
  const [chosen, setChosen] = useState<Chosen>();
  const [name, setName] = useState('');
  const [domain, setDomain] = useState('');
  const transfer = useTransfer();
  const domainId = domain || domains[0]?.id || '';
  const done = transfer.progress?.stage === 'done';
  const take = async (file: File): Promise<void> => {
    setChosen({ file, facts: recognise(await file.slice(0, HEAD_SIZE).arrayBuffer(), file.size) });
    setName((before) => before || file.name.replace(/\.(qcow2|img|raw)$/i, ''));
  };
  const start = (): void => {
    if (!chosen) return;
    const order = { file: chosen.file, name: name.trim(), description: chosen.file.name, storageDomainId: domainId, facts: chosen.facts };
    transfer.start((signal, onProgress) => upload(order, { client, signal, onProgress }));
  };
  const close = (): void => {
    transfer.cancel();
    onClose();
  };
  return (
    <Modal isOpen variant="medium" onClose={close} aria-labelledby="upload-title">
      <ModalHeader title={t('disk.upload')} labelId="upload-title" />
      <ModalBody>
        <Form>
          <FileField chosen={chosen} onChoose={(file) => void take(file)} onClear={() => setChosen(undefined)} disabled={transfer.running} />
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required disabled={transfer.running} />
          <ChoiceField
            id="domain"
            label={t('field.storageDomain')}
            value={domainId}
            choices={domains.map((entry) => ({ value: entry.id ?? '', label: t('disk.domainFree', { name: entry.name, free: formatBytes(int(entry.available)) }) }))}
            onChange={setDomain}
            required
            disabled={transfer.running}
          />
          <TransferProgressBar state={transfer} />
        </Form>
      </ModalBody>
      <ModalFooter>
        {!done && (
          <Button onClick={start} isLoading={transfer.running} isDisabled={!chosen || name.trim() === '' || domainId === '' || transfer.running}>
            {t('disk.uploadStart')}
          </Button>
        )}
        <Button variant={done ? 'primary' : 'link'} onClick={close}>
          {done ? t('form.close') : t('form.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

interface FileFieldProps {
  chosen: Chosen | undefined;
  onChoose(file: File): void;
  onClear(): void;
  disabled: boolean;
}

function FileField({ chosen, onChoose, onClear, disabled }: FileFieldProps) {
  const { t } = useTranslation();
  const word = useWord();
  const hint = chosen
    ? t('disk.imageFacts', {
        format: chosen.facts.contentType === 'iso' ? word('content', 'iso') : word('diskFormat', chosen.facts.format),
        size: formatBytes(chosen.file.size),
        virtual: formatBytes(chosen.facts.virtualSize),
      })
    : t('disk.imageHint');
  return (
    <Field id="image" label={t('disk.image')} required hint={hint}>
      <FileUpload
        id="image"
        hideDefaultPreview
        filename={chosen?.file.name ?? ''}
        filenamePlaceholder={t('disk.dropImage')}
        filenameAriaLabel={t('disk.image')}
        browseButtonText={t('disk.browse')}
        clearButtonText={t('disk.clear')}
        isDisabled={disabled}
        onFileInputChange={(_event, file) => onChoose(file)}
        onClearClick={onClear}
      />
    </Field>
  );
}
