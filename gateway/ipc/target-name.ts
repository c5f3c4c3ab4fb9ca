/**
 * The name a TLS client sends (RFC 6066 §3, server name) to choose among the targets of its grant:
 * `pumpco/plc-dosing.502` is asked for as `plc-dosing-502.penstock`. Lower case, because names on the wire have none.
 */
export function targetServerName(target: string): string {
  const [, asset = target, port = ''] = /^(?:.*\/)?(.*)\.(\d+)$/.exec(target) ?? [];
  return `${port === '' ? asset : `${asset}-${port}`}${Suffix}`.toLowerCase();
}

/**
 * Which of a grant's targets a server name asks for: the first where no target is named at all, and none where one is
 * named that the grant has not, or that two of them would be.
 */
export function targetAsked(serverName: string, targets: readonly string[]): string | undefined {
  const name = serverName.toLowerCase();
  if (!name.endsWith(Suffix)) return targets[0];
  const [only, ...others] = targets.filter((target) => targetServerName(target) === name);
  return others.length === 0 ? only : undefined;
}

/** No public name ends like this, so that the box's own name is never taken for a target. */
const Suffix = '.penstock';
