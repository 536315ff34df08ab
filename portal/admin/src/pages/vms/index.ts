// Pages of virtual machines.
export { VmList } from './VmList';
export { VmPage } from './VmPage';
