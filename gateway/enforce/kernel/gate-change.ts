import { renderGates } from '../../../rules/nft/gates.ts';
import { changeVendorGates } from '../../../rules/nft/vendor-targets.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { OpenGate } from '../enforcement.ts';
import type { NftCommand } from './nft.ts';
import { bareKey } from './table-change.ts';

/**
 * The commands that turn gates in a table where `before` are open, touching no gate that stays as it is. A
 * new end is a deletion and an addition, since older kernels do not change the time of an element that
 * stands; and what has ended meanwhile could not be deleted, so it is added first.
 * @param now wall time, milliseconds
 */
export function changeGates(
  policy: Policy,
  before: readonly OpenGate[],
  after: readonly OpenGate[],
  now: number,
): readonly NftCommand[] {
  const isIn = (gates: readonly OpenGate[], { flow, until }: OpenGate): boolean =>
    gates.some((gate) => gate.flow === flow && gate.until === until);
  const shut = before.filter((gate) => !isIn(after, gate)).map(({ flow }) => ({ flow, until: 0 }));
  const opened = after.filter((gate) => !isIn(before, gate));
  const standing = additions(policy, shut, now).map(bareElements);
  return [
    ...standing.map((element) => ({ add: { element } })),
    ...standing.map((element) => ({ delete: { element } })),
    ...additions(policy, opened, now).map((element) => ({ add: { element } })),
    ...changeVendorGates(policy, before, after, now),
  ];
}

interface ElementBody {
  readonly name: string;
  readonly elem: readonly unknown[];
}

/**
 * What opens these gates, without the emptying of their sets. Targets of vendors are left out: two vendors' grants may
 * hold one element open, which the end of either must not shut.
 */
function additions(policy: Policy, open: readonly OpenGate[], now: number): readonly ElementBody[] {
  return renderGates({ ...policy, vendors: [] }, open, now).flatMap((command) =>
    'add' in command && 'element' in command.add ? [command.add.element] : [],
  );
}

function bareElements({ elem, ...rest }: ElementBody): ElementBody {
  return { ...rest, elem: elem.map(bareKey) };
}
