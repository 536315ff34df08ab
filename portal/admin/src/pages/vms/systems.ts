// The operating systems that a machine can be said to run.
import { useQuery } from '@tanstack/react-query';
import { members, usePortal, type OperatingSystem } from '@ferrovirt/portal-shared';

export function useSystemChoices(): { value: string; label: string }[] {
  const { client } = usePortal();
  const systems = useQuery({
    queryKey: ['operatingsystems'],
    queryFn: async () => members<OperatingSystem>(await client.get<object>('operatingsystems'), 'operating_system'),
    staleTime: Infinity,
  });
  return (systems.data ?? []).map((system) => ({ value: system.name ?? '', label: system.description ?? system.name ?? '' }));
}
