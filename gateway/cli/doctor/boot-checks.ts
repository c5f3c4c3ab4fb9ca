import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, good, note } from './check.ts';

/**
 * From power-on until the engine has its table, and what could take the table away later.
 * @param root where the system's `/etc` is
 */
export function checkBoot(root = '/'): readonly Check[] {
  return [checkBootDrop(root), ...checkOtherFirewalls(root)];
}

function checkBootDrop(root: string): Check {
  const [code, what] = ['boot-drop', 'Boot-time drop'] as const;
  if (isEnabled(root, 'penstock-boot-drop')) return good(code, what, 'enabled');
  return note(
    code,
    what,
    'not enabled',
    'From power-on until the engine has its table, the box is as open as the system leaves it.',
    'Run hardware/install.sh; it enables the drop once there is a bundle.',
  );
}

function checkOtherFirewalls(root: string): readonly Check[] {
  return OtherFirewalls.filter((name) => isEnabled(root, name)).map((name) =>
    note(
      'other-firewall',
      'Other firewall',
      `${name}.service is enabled`,
      'It empties the whole ruleset when it starts or stops; the watchdog’s guard then closes the box.',
      `systemctl disable --now ${name}`,
    ),
  );
}

/** Where systemd looks for what it starts by itself. */
function isEnabled(root: string, unit: string): boolean {
  return ['sysinit.target.wants', 'multi-user.target.wants', 'network-pre.target.wants'].some((wants) =>
    linkExists(join(root, 'etc/systemd/system', wants, `${unit}.service`)),
  );
}

/** The link counts, not what it points to: that may lie outside of the root. */
function linkExists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

const OtherFirewalls = ['nftables', 'ufw', 'firewalld', 'netfilter-persistent'] as const;
