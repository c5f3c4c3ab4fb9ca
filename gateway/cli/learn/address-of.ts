import type { ZoneModel } from '../../../policy/model/zone-model.ts';

/**
 * The address somebody has in the model: with the proxy back end a client comes from another one, and is known by
 * the listener it connected to.
 */
export type AddressOf = (party: { readonly asset: string; readonly address: string }) => string;

export function createAddressOf({ assets }: ZoneModel): AddressOf {
  const first = new Map(assets.map(({ name, addresses }) => [name, addresses[0]]));
  return ({ asset, address }) => first.get(asset) ?? address;
}
