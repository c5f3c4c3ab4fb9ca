import type { IpCommand, IpEntry } from './ip-command.ts';

/**
 * Makes our rules these, as `ip rule` is told them; what is missing comes before what is too much goes. What others
 * have put at the same priorities stays. @throws GatewayError PST_ERR_ROUTING
 */
export async function setRoutingRules(
  ip: IpCommand,
  wanted: readonly string[],
  family: 4 | 6,
): Promise<void> {
  const rules = await ip.show(`-${family}`, 'rule', 'show');
  const found = rules.filter(isOurs).map(textOf);
  await ip.change(
    [
      // Two zones on one wire want the same twice.
      ...[...new Set(wanted)].filter((rule) => !found.includes(rule)).map((rule) => `rule add ${rule}`),
      ...found.filter((rule) => !wanted.includes(rule)).map((rule) => `rule del ${rule}`),
    ],
    family,
  );
}

/** Diverted packets, then packets nobody has seen; both before the main table. */
function isOurs({ priority, src = 'all', fwmark, fwmask, table, action }: IpEntry): boolean {
  if (src !== 'all' || fwmask !== undefined) return false;
  if (priority === 100) return fwmark === '0x1' && table === '100';
  return priority === 110 && fwmark === '0' && action === 'blackhole';
}

function textOf({ iif, fwmark, ipproto, table, action, priority }: IpEntry): string {
  return [
    iif === undefined ? '' : `iif ${iif} `,
    // A mask is not listed where it is all of it, and without one 0 would mean any mark.
    fwmark === '0' ? 'fwmark 0/0xffffffff' : `fwmark ${fwmark}`,
    ipproto === undefined ? '' : ` ipproto ${ipproto}`,
    table === undefined ? ` ${action}` : ` lookup ${table}`,
    ` priority ${priority}`,
  ].join('');
}
