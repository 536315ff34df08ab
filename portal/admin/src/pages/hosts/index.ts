// Pages of hosts.
export { HostList } from './HostList';
export { HostPage } from './HostPage';
