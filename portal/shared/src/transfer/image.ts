// Recognises a disk image by its first bytes. Pure: QCOW2 by its header (QEMU docs/interop/qcow2.txt), ISO 9660 by its
// volume descriptor (ECMA-119), all else is raw.

export interface ImageFacts {
  format: 'cow' | 'raw';
  contentType: 'data' | 'iso';
  /** Size that a guest sees, bytes, rounded up to whole sectors. */
  virtualSize: number;
}

/** Bytes from the start of the file that `recognise` wants to see. */
export const HEAD_SIZE = 0x8006;
const SECTOR = 512;
const QCOW_MAGIC = 0x514649fb;
const ISO_MARK = 0x8001;

/** `head` holds the first bytes of the file, `size` is its length in bytes. */
export function recognise(head: ArrayBuffer, size: number): ImageFacts {
  const view = new DataView(head);
  if (head.byteLength >= 32 && view.getUint32(0) === QCOW_MAGIC) {
    return { format: 'cow', contentType: 'data', virtualSize: wholeSectors(Number(view.getBigUint64(24))) };
  }
  const mark = head.byteLength >= HEAD_SIZE ? String.fromCharCode(...new Uint8Array(head, ISO_MARK, 5)) : '';
  return { format: 'raw', contentType: mark === 'CD001' ? 'iso' : 'data', virtualSize: wholeSectors(size) };
}

function wholeSectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR) * SECTOR;
}
