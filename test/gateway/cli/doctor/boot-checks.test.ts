import { expect, test } from 'vitest';
import { checkBoot } from '../../../../gateway/cli/doctor/boot-checks.ts';
import { rootWith } from '../../../hardware/fixture.ts';

const enabled = (target: string, unit: string) => ({
  [`etc/systemd/system/${target}.wants/${unit}.service`]: '',
});

test('a box with the boot-time drop and no other firewall is good', () => {
  expect(checkBoot(rootWith(enabled('sysinit.target', 'penstock-boot-drop')))).toMatchObject([
    { code: 'boot-drop', state: 'good' },
  ]);
});

test('a box without it is told what that means', () => {
  expect(checkBoot(rootWith({}))).toMatchObject([
    { code: 'boot-drop', state: 'note', remedy: expect.stringContaining('install.sh') },
  ]);
});

test('a firewall that empties the ruleset is named', () => {
  const root = rootWith({
    ...enabled('sysinit.target', 'penstock-boot-drop'),
    ...enabled('sysinit.target', 'nftables'),
    ...enabled('multi-user.target', 'ufw'),
  });
  const others = checkBoot(root).filter(({ code }) => code === 'other-firewall');
  expect(others.map(({ found }) => found)).toEqual(['nftables.service is enabled', 'ufw.service is enabled']);
});
