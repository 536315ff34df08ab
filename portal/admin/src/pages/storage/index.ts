// Pages of storage domains.
export { DomainList, DomainPage } from './domains';
