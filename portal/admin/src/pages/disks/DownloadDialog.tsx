// Downloads a disk to this computer: straight into a file where the browser can, else through memory, which the page says.
import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader, Stack, StackItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { download, formatBytes, GIB, int, usePortal, type Disk, type Sink } from '@ferrovirt/portal-shared';
import { TransferProgressBar, useTransfer } from './transferState';

interface SaveHandle {
  createWritable(): Promise<{ write(data: Uint8Array<ArrayBuffer>): Promise<void>; close(): Promise<void> }>;
}
type SavePicker = (options: { suggestedName: string }) => Promise<SaveHandle>;

const savePicker = (window as unknown as { showSaveFilePicker?: SavePicker }).showSaveFilePicker?.bind(window);

/** Bytes above which a download through memory is refused. */
const MEMORY_LIMIT = 2 * GIB;

export function fileName(disk: Disk): string {
  const suffix = disk.content_type === 'iso' ? 'iso' : disk.format === 'cow' ? 'qcow2' : 'img';
  const name = (disk.alias ?? disk.name ?? disk.id ?? 'disk').replace(/[^\w.-]+/g, '_');
  return name.endsWith(`.${suffix}`) ? name : `${name}.${suffix}`;
}

/** Gathers the pieces and hands them to the browser as one file. */
function memorySink(name: string): Sink {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  return {
    write: (piece) => {
      pieces.push(piece);
      return Promise.resolve();
    },
    close: () => {
      const address = URL.createObjectURL(new Blob(pieces));
      const link = document.createElement('a');
      link.href = address;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      return Promise.resolve();
    },
  };
}

async function openSink(name: string): Promise<Sink> {
  if (!savePicker) return memorySink(name);
  const handle = await savePicker({ suggestedName: name });
  return handle.createWritable();
}

export function DownloadDialog({ disk, onClose }: { disk: Disk; onClose(): void }) {
  const { t } = useTranslation();
  const { client } = usePortal();
  const transfer = useTransfer();
  const size = int(disk.actual_size) ?? int(disk.provisioned_size);
  const tooLarge = !savePicker && (size ?? 0) > MEMORY_LIMIT;
  const done = transfer.progress?.stage === 'done';
  const start = (): void =>
    transfer.start(async (signal, onProgress) => download(disk, await openSink(fileName(disk)), { client, signal, onProgress }));
  const close = (): void => {
    transfer.cancel();
    onClose();
  };
  return (
    <Modal isOpen variant="small" onClose={close} aria-labelledby="download-title">
      <ModalHeader title={t('disk.downloadTitle', { name: disk.alias ?? disk.name })} labelId="download-title" />
      <ModalBody>
        <Stack hasGutter>
          <StackItem>{t('disk.downloadText', { file: fileName(disk), size: formatBytes(size) })}</StackItem>
          {tooLarge && (
            <StackItem>
              <Alert isInline variant="warning" component="p" title={t('disk.downloadTooLarge')} />
            </StackItem>
          )}
          <StackItem>
            <TransferProgressBar state={transfer} />
          </StackItem>
        </Stack>
      </ModalBody>
      <ModalFooter>
        {!done && (
          <Button onClick={start} isLoading={transfer.running} isDisabled={transfer.running || tooLarge}>
            {t('disk.download')}
          </Button>
        )}
        <Button variant={done ? 'primary' : 'link'} onClick={close}>
          {done ? t('form.close') : t('form.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
