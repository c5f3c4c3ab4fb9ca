import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rootWith } from './fixture.ts';

const processes = readFileSync(new URL('../../hardware/install-processes.sh', import.meta.url), 'utf8');

/** What the installer finds instead of a box: its gateway and its systemd. */
const Stand = `
penstock() {
	# An inspector that starts again stands by the second time somebody looks.
	if [ -e "$box/starting" ]; then rm "$box/starting"; alarms="$standing"'{"code":"NO_SPARE"}'; else alarms=$standing; fi
	echo "asked $alarms" >>"$box/log"
	printf '{"policyVersion":1,"alarms":[%s]}\\n' "$alarms"
	return 1
}
systemctl() {
	case $* in
	'restart penstock-inspector@'*) echo "$2" >>"$box/log"; touch "$box/starting" ;;
	esac
}
# Time goes on with each look at it.
uptime_seconds() { echo x >>"$box/seconds"; wc -l <"$box/seconds"; }
sleep() { :; }
`;

describe('the processes of a gateway that runs', () => {
  test('start again one by one, each once another inspector stands by, whatever other alarm there is', () => {
    const clock = '{"code":"CLOCK"}';
    const busy = `asked ${clock}{"code":"NO_SPARE"}`;
    const well = `asked ${clock}`;
    const inspectors = [1, 2, 3].map((number) => `penstock-inspector@${number}.service`);
    const steps = inspectors.flatMap((one, index) => (index === 0 ? [well, one] : [busy, well, one]));
    // Before the first one the engine was asked whether it answers.
    expect(restartProcesses(2, clock)).toEqual([well, ...steps]);
  });

  test('are held up once, and not for each inspector, by one that does not come back', () => {
    const log = restartProcesses(4, '{"code":"INSPECTOR_MISSING"}');
    expect(log.filter((line) => line.startsWith('penstock-inspector@'))).toHaveLength(5);
    expect(log.filter((line) => line.startsWith('asked')).length).toBeLessThan(25);
  });
});

/** Runs the installer's own functions on a stand of that many inspectors and a spare; gives what it did. */
function restartProcesses(inspectors: number, standing: string): readonly string[] {
  const box = rootWith({ 'etc/gateway.yaml': `inspectors: ${inspectors}\n`, log: '', seconds: '' });
  const functions = processes.replaceAll('/usr/local/bin/penstock', 'penstock');
  const script = `box=${box} etc=${box}/etc standing='${standing}'\n${functions}\n${Stand}\nrestart_processes\n`;
  writeFileSync(join(box, 'script'), script);
  const { status, stderr } = spawnSync('sh', [join(box, 'script')], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return readFileSync(join(box, 'log'), 'utf8').trim().split('\n');
}
