import { MaxUsedCounts } from '../ipc/bounds.ts';
import type { InspectorToEngine } from '../ipc/messages.ts';
import type { Counters } from './counters.ts';

/** What was used under this policy, in as few messages as hold it; none where nothing was. */
export function useMessages(
  epoch: string,
  policy: string,
  { flows, permissions }: ReturnType<Counters['used']>,
): readonly InspectorToEngine[] {
  const parts = Math.ceil(Math.max(flows.length, permissions.length) / MaxUsedCounts);
  return Array.from({ length: parts }, (_, part) => {
    const from = part * MaxUsedCounts;
    return {
      kind: 'used',
      epoch,
      policy,
      flows: flows.slice(from, from + MaxUsedCounts),
      permissions: permissions.slice(from, from + MaxUsedCounts),
    } as const;
  });
}
