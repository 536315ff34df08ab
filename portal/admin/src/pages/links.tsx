// Links from one entity to another, by the name that is known for the id.
import { Link } from 'react-router';
import { useItem, useNames, type Kind, type Reference, type Vm } from '@ferrovirt/portal-shared';
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
  if (!to?.id) return <>–</>;
  // There may be very many machines: the one is asked for, not all names.
  return kind === 'vm' ? <VmLink id={to.id} /> : <NamedLink kind={kind} to={to} />;
}

function VmLink({ id }: { id: string }) {
  const { data } = useItem<Vm>('vm', id);
  return <Link to={`${paths.vms}/${id}`}>{data?.name ?? id}</Link>;
}

function NamedLink({ kind, to }: { kind: Kind; to: Reference }) {
  const nameOf = useNames(kind);
  return <Link to={`${PATH_OF[kind] ?? ''}/${to.id ?? ''}`}>{to.name ?? nameOf(to.id) ?? to.id}</Link>;
}

/** An entity's own name as the link to its page. */
export function NameLink({ kind, item }: { kind: Kind; item: Reference & { alias?: string } }) {
  return <Link to={`${PATH_OF[kind] ?? ''}/${item.id ?? ''}`}>{item.name ?? item.alias ?? item.id}</Link>;
}
