import type { CarrierGrantsBody } from '../../ipc/grant-body.ts';

/** What a forward leads to. */
export interface ForwardTarget {
  readonly grant: string;
  readonly target: string;
}

/** The target that `ssh -L …:host:port` means, by the asset's name or one of its addresses, or none. */
export function findForward(open: CarrierGrantsBody, host: string, port: number): ForwardTarget | undefined {
  const wanted = host.toLowerCase();
  for (const { grant, targets } of open) {
    const found = targets.find(
      (one) =>
        one.port === port &&
        (one.asset.toLowerCase() === wanted || one.addresses.some((address) => bare(address) === wanted)),
    );
    if (found !== undefined) return { grant, target: found.id };
  }
  return undefined;
}

/** Policies write an address as a prefix of its full length. */
function bare(address: string): string {
  return (address.split('/')[0] ?? '').toLowerCase();
}
