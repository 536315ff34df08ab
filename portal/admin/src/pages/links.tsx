// Links from one entity to another, by the name that is known for the id.
import { Link } from 'react-router';
import { useNames, type Kind, type Reference } from '@ferrovirt/portal-shared';
import { paths } from '../paths';

const PATH_OF: Partial<Record<Kind, string>> = {
  vm: paths.vms,
  template: paths.templates,
  host: paths.hosts,
  cluster: paths.clusters,
  data_center: paths.dataCenters,
  network: paths.networks,
  storage_domain: paths.domains,
  disk: paths.disks,
};

/** A link to the entity that a reference names; a dash when there is none. */
export function RefLink({ kind, to }: { kind: Kind; to: Reference | undefined }) {
  const nameOf = useNames(kind);
  if (!to?.id) return <>–</>;
  return <Link to={`${PATH_OF[kind] ?? ''}/${to.id}`}>{to.name ?? nameOf(to.id) ?? to.id}</Link>;
}

/** An entity's own name as the link to its page. */
export function NameLink({ kind, item }: { kind: Kind; item: Reference & { alias?: string } }) {
  return <Link to={`${PATH_OF[kind] ?? ''}/${item.id ?? ''}`}>{item.name ?? item.alias ?? item.id}</Link>;
}
