import { mustRunIn, run } from '../../plant/namespaces/exec.ts';

/** Two hosts with a box between them, in namespaces of these names; both address families. */
export async function layTwoHosts(pc: string, box: string, plc: string): Promise<void> {
  for (const namespace of [pc, box, plc]) {
    await must('netns', 'add', namespace);
    await must('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  await mustRunIn(box, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
  await leg(box, 'a0', pc, ['10.1.0.1/24', 'fd00:a::1/64'], ['10.1.0.10/24', 'fd00:a::10/64']);
  await leg(
    box,
    'b0',
    plc,
    ['10.2.0.1/24', 'fd00:b::1/64'],
    ['10.2.0.30/24', 'fd00:b::30/64', 'fd00:b::20/64'],
  );
}

/** A leg of the box and the host at its other end. */
async function leg(
  box: string,
  device: string,
  host: string,
  own: readonly string[],
  others: readonly string[],
): Promise<void> {
  await must('-n', box, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
  for (const [namespace, name, addresses] of [
    [box, device, own],
    [host, 'eth0', others],
  ] as const) {
    for (const address of addresses) {
      await must(
        '-n',
        namespace,
        'address',
        'add',
        address,
        'dev',
        name,
        ...(address.includes(':') ? ['nodad'] : []),
      );
    }
    await must('-n', namespace, 'link', 'set', name, 'up');
  }
  for (const gateway of own.map((address) => address.split('/')[0] ?? '')) {
    await must('-n', host, 'route', 'add', 'default', 'via', gateway);
  }
}

async function must(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await run(['ip', ...args]);
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
