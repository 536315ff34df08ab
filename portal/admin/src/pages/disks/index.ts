// Pages of disks.
export { DiskList, DiskPage } from './disks';
