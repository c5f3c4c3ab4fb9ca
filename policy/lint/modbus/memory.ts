import { MaxCells } from '../../../rules/modbus/device/cell.ts';
import type { Asset, Permission } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { holdersOf, serversIn, stateUnits } from './servers.ts';
import { profileNameOf, writtenBy } from './terms.ts';

/** What is not remembered is unknown, and unknown refuses. */
export const tooMuchToRemember: Check = {
  code: 'M-325',
  severity: 'warning',
  clause: '62443-3-3 SR 7.1',
  title: 'No server has more guarded addresses than the gateway remembers.',
  run: (model) => {
    const said = new Set<Permission>();
    return model.modes.flatMap((mode) =>
      [...serversIn(model, mode)].flatMap(([asset, uses]) => {
        const permissions = new Set(holdersOf(uses).map(({ permission }) => permission));
        const sizes = [...permissions].map((permission) => ({
          permission,
          size: rememberedFor(asset, permission),
        }));
        const total = sizes.reduce((sum, { size }) => sum + size, 0);
        const [largest] = sizes.sort((one, other) => other.size - one.size);
        if (total <= MaxCells || largest === undefined || said.has(largest.permission)) return [];
        said.add(largest.permission);
        return [
          {
            at: largest.permission.at,
            about: profileNameOf(largest.permission),
            message: `Steps, intervals and budgets at ${asset.name} need ${total} addresses remembered, ${largest.size} of them for this permission; the gateway remembers ${MaxCells} of a server.`,
            hint: 'Name fewer units or addresses: writes of what is not remembered are refused.',
          },
        ];
      }),
    );
  },
};

function rememberedFor(asset: Asset, permission: Permission): number {
  const { step, minInterval, writesPerMinute, units } = permission;
  if (step === undefined && minInterval === 0 && writesPerMinute === 0) return 0;
  const addresses = writtenBy(permission)
    .flatMap(({ ranges }) => ranges)
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return addresses * stateUnits(asset, units).length;
}
