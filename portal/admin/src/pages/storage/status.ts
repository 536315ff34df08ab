// The state of a storage domain. The API gives an attached domain its state only inside its data centre, so it is read
// there and put together here.
import { useQuery } from '@tanstack/react-query';
import { attachedTo, keys, members, useAll, usePortal, type DataCenter, type StorageDomain } from '@ferrovirt/portal-shared';

/** Gives the state of a domain: its own, or the one that its data centre tells. */
export function useDomainStatus(): (domain: StorageDomain) => string {
  const { client } = usePortal();
  const centers = useAll<DataCenter>('data_center');
  const ids = (centers.data ?? []).map((center) => center.id ?? '').sort();
  const { data } = useQuery({
    queryKey: keys.part('data_center', ids.join(','), 'storagedomains'),
    queryFn: async ({ signal }) => {
      const answers = await Promise.all(ids.map((id) => client.get<object>(`datacenters/${id}/storagedomains`, { signal })));
      const domains = answers.flatMap((answer) => members<StorageDomain>(answer, 'storage_domain'));
      return new Map(domains.map((domain) => [domain.id, domain.status]));
    },
    enabled: ids.length > 0,
  });
  return (domain) => domain.status ?? data?.get(domain.id) ?? (attachedTo(domain) === undefined ? 'unattached' : 'unknown');
}
