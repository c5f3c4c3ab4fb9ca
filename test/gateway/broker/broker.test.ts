import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approvalChallenge } from '../../../rules/session/digest.ts';
import { type Bench, done, Minute, openBench, Totp } from './bench.ts';
import { vendorPolicy, withVendor } from './vendor-policy.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

describe('a request', () => {
  test('is approved by the shift lead and opens at once, on record before any gate', async () => {
    const asked = await bench.request();
    expect(asked).toMatchObject({
      state: 'requested',
      missing: ['shift-lead'],
      code: expect.stringMatching(/^\w{4}-\w{4}$/),
    });
    const open = await bench.approve(asked);
    expect(open).toMatchObject({ state: 'open', secondsLeft: 7200, missing: [], weak: false });
    expect(bench.story).toEqual([
      'carriers 0',
      'grantRequested',
      'grantApproved',
      'grantOpened',
      'gates 1',
      'carriers 1',
    ]);
    expect(bench.gates()).toEqual([{ flow: 'pumpco/plc-dosing.502', until: bench.world.wall + 7_200_000 }]);
    expect(bench.carriers()).toMatchObject({
      grants: [{ grant: open.id, carrier: 'tls', targets: ['pumpco/plc-dosing.502'] }],
      tls: { certificate: 'CARRIER', key: 'CARRIER-KEY', authority: 'AUTHORITY' },
    });
  });

  test.for([
    ['of another vendor', { vendor: 'otherco' }, 'PST_NOT_HERE'],
    ['for a target that is not theirs', { targets: ['pumpco/sis.502'] }, 'PST_NOT_HERE'],
    ['over another carrier than the target has', { carrier: 'pinhole' }, 'PST_NOT_WORD'],
    ['over a carrier the box does not offer', { carrier: 'wireguard' }, 'PST_NOT_WORD'],
    ['for longer than the model allows', { length: 14_400_001 }, 'PST_NOT_WORD'],
  ] as const)('%s is refused', async ([, change, code]) => {
    const { targets = ['pumpco/plc-dosing.502'], ...rest } = { targets: undefined, ...change };
    const refused = await bench
      .request({ ...rest, targets: [...targets] })
      .catch((cause: Error) => cause.message);
    expect(refused).toContain(code);
    expect(bench.records).toEqual([]);
  });

  test('cannot be made without end', async () => {
    for (let one = 0; one < 8; one += 1) await bench.request();
    await expect(bench.request()).rejects.toThrow('PST_SLOW_DOWN');
  });

  test('cannot be made without end all at once', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => bench.request()));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
    expect(bench.acts().filter(({ kind }) => kind === 'grantRequested')).toHaveLength(8);
  });

  test('cannot be made and withdrawn without end, for each goes on record for good', async () => {
    const withdrawn = async (): Promise<void> => {
      const { id: grant } = await bench.request();
      done(await bench.broker.handlers['grant-deny']({ grant, why: '' }, bench.as('service-1')));
    };
    for (let one = 0; one < 30; one += 1) await withdrawn();
    await expect(withdrawn()).rejects.toThrow('PST_SLOW_DOWN');
    await bench.pass(60 * Minute);
    await withdrawn();
  });

  test('that nobody answers ends after an hour', async () => {
    const asked = await bench.request();
    await bench.pass(60 * Minute);
    expect(await bench.see(asked.id)).toMatchObject({ state: 'refused', why: 'Nobody answered in time.' });
  });

  test('is refused as soon as it could not come to anything', async () => {
    const asked = await bench.request();
    bench.world.policy = withVendor({ people: [{ id: 'service-2', mfa: true }] });
    await bench.pass(250);
    expect(await bench.see(asked.id)).toMatchObject({ state: 'refused' });
    expect(bench.acts().at(-1)).toMatchObject({ kind: 'grantRefused', by: '' });
  });
});

describe('an approval', () => {
  test('with a passkey signs the digest and the purpose, and is kept with its signature', async () => {
    const asked = await bench.request();
    const { options } = done(
      await bench.broker.handlers['grant-challenge']({ grant: asked.id }, bench.as('lena')),
    );
    expect(options).toBe(Buffer.from(approvalChallenge('approve', asked.digest, sha256)).toString('hex'));
    const second = { kind: 'passkey', response: options } as const;
    const { handlers } = bench.broker;
    // Asked for as an approval, it cannot be handed on as a break-glass by whoever carries it.
    const stolen = await handlers['grant-break-glass'](
      { grant: asked.id, digest: asked.digest, second, why: 'x' },
      bench.as('lena'),
    );
    expect(stolen.ok).toBe(false);
    done(
      await handlers['grant-approve']({ grant: asked.id, digest: asked.digest, second }, bench.as('lena')),
    );
    expect(bench.acts().find(({ kind }) => kind === 'grantApproved')).toMatchObject({
      means: 'passkey',
      weak: false,
      assertion: '{"by":"lena"}',
    });
  });

  test('with a code is marked weaker; a recovery code or nothing approves nothing', async () => {
    const asked = await bench.request();
    const { handlers } = bench.broker;
    const { id: grant, digest } = asked;
    for (const second of [
      { kind: 'none' },
      { kind: 'recovery', code: '123456' },
      { kind: 'totp', code: '1' },
    ] as const) {
      expect((await handlers['grant-approve']({ grant, digest, second }, bench.as('lena'))).ok).toBe(false);
    }
    const open = done(await handlers['grant-approve']({ grant, digest, second: Totp }, bench.as('lena')));
    expect(open.approvals).toMatchObject([{ by: 'lena', role: 'shift-lead', means: 'totp', weak: true }]);
  });

  test('of something that has changed since is refused', async () => {
    const asked = await bench.request();
    const other = { ...asked, digest: 'ab'.repeat(32) };
    await expect(bench.approve(other)).rejects.toThrow('PST_NOT_NOW');
    // A code is good once: nobody's is used up for what is refused anyway.
    expect(bench.world.proofs).toBe(0);
  });

  test('by the person who asked is refused, whatever roles they have', async () => {
    const asked = await bench.request();
    Object.assign(bench.world.people.get('service-1')!, {
      roles: ['vendor', 'approver'],
      duties: ['shift-lead'],
    });
    await expect(bench.approve(asked, 'service-1')).rejects.toThrow('PST_NOT_PERMITTED');
  });

  test('by two is by two', async () => {
    bench.world.policy = withVendor({ approval: { role: 'shift-lead', second: 'safety-engineer' } });
    const asked = await bench.request();
    expect(await bench.approve(asked)).toMatchObject({ state: 'requested', missing: ['safety-engineer'] });
    await expect(bench.approve(asked)).rejects.toThrow('PST_NOT_PERMITTED');
    expect(await bench.approve(asked, 'omar')).toMatchObject({ state: 'open', missing: [] });
  });

  test('waits for what does not hold yet, and opens as soon as it does', async () => {
    bench.world.keySwitch = 'open';
    const approved = await bench.opened();
    expect(approved).toMatchObject({ state: 'approved', why: 'The key switch is open, or its wire is cut.' });
    expect(bench.story).not.toContain('grantOpened');
    bench.world.keySwitch = 'closed';
    await bench.pass(250);
    expect(await bench.see(approved.id)).toMatchObject({ state: 'open' });
  });

  test('of one more than the vendor may have open waits for the other to end', async () => {
    const first = await bench.opened();
    const second = await bench.opened();
    expect(second.state).toBe('approved');
    done(await bench.broker.handlers['grant-end']({ grant: first.id, why: '' }, bench.as('lena')));
    await bench.pass(250);
    await bench.pass(250);
    expect(await bench.see(second.id)).toMatchObject({ state: 'open' });
  });
});

describe('break-glass', () => {
  test('opens by one person alone, with an alarm and a record of its own, and shows in the receipt', async () => {
    bench.world.policy = withVendor({ approval: { role: 'shift-lead', second: 'safety-engineer' } });
    const asked = await bench.request();
    const alone = { grant: asked.id, digest: asked.digest, second: Totp, why: 'Chlorine leak.' };
    const open = done(await bench.broker.handlers['grant-break-glass'](alone, bench.as('eva')));
    expect(open).toMatchObject({ state: 'open', breakGlass: true });
    expect(bench.acts().find(({ kind }) => kind === 'alarmChanged')).toMatchObject({
      code: 'BREAK_GLASS',
      raised: true,
      sentence: expect.stringContaining('Chlorine leak.'),
    });
    done(await bench.broker.handlers['grant-end']({ grant: asked.id, why: '' }, bench.as('lena')));
    await bench.rest();
    const { text } = done(
      await bench.broker.handlers['grant-receipt']({ grant: asked.id }, bench.as('vera')),
    );
    const receipt = JSON.parse(text) as Record<string, unknown>;
    expect(receipt['approvals']).toMatchObject([
      { by: 'eva', means: 'break-glass', breakGlass: 'Chlorine leak.' },
    ]);
    expect(receipt['requirements']).toContain('SR 2.1 RE3');
    expect(bench.acts().filter(({ kind }) => kind === 'alarmChanged')).toHaveLength(2);
  });
});

test('ending all ends what would open by itself as soon as the key is turned', async () => {
  bench.world.keySwitch = 'open';
  const asked = await bench.request();
  const alone = { grant: asked.id, digest: asked.digest, second: Totp, why: 'Chlorine leak.' };
  done(await bench.broker.handlers['grant-break-glass'](alone, bench.as('eva')));
  done(await bench.broker.handlers['grant-end-all']({ why: 'evacuation' }, bench.as('lena')));
  await bench.rest();
  expect(await bench.see(asked.id)).toMatchObject({ state: 'refused', closedBy: 'lena', why: 'evacuation' });
  bench.world.keySwitch = 'closed';
  await bench.pass(250);
  expect(bench.story).not.toContain('grantOpened');
  const alarms = bench.acts().flatMap((act) => (act.kind === 'alarmChanged' ? [act.raised] : []));
  expect(alarms).toEqual([true, false]);
});

describe('who sees what', () => {
  test('a vendor sees their own grants and no others, and is not told that there are any', async () => {
    const { id } = await bench.opened();
    const { handlers } = bench.broker;
    for (const who of ['service-2', 'other-1']) {
      expect(done(await handlers.grants({}, bench.as(who)))).toEqual([]);
      for (const call of [
        handlers.grant({ grant: id }, bench.as(who)),
        handlers['grant-end']({ grant: id, why: '' }, bench.as(who)),
        handlers['grant-credentials']({ grant: id }, bench.as(who)),
        handlers['grant-receipt']({ grant: id }, bench.as(who)),
        handlers['grant-extend']({ grant: id, length: Minute, reason: 'x' }, bench.as(who)),
      ]) {
        expect(await call).toMatchObject({ ok: false, refusal: { code: 'PST_NOT_HERE' } });
      }
    }
    expect(done(await handlers.grants({}, bench.as('service-1')))).toHaveLength(1);
    expect(done(await handlers.grants({}, bench.as('vera')))).toHaveLength(1);
  });

  test('an offer is of the vendor that names the person, with what stands in the way', async () => {
    bench.world.keySwitch = 'open';
    const offer = done(await bench.broker.handlers.offer({}, bench.as('service-1')));
    expect(offer).toMatchObject([
      {
        vendor: 'pumpco',
        carriers: ['tls', 'ssh', 'pinhole'],
        approval: { role: 'shift-lead', second: '' },
        window: 'Mon Tue Wed Thu Fri 07:00–16:00 Europe/Stockholm',
        obstacles: ['The key switch is open: somebody at the plant has to close it.'],
      },
    ]);
    expect(offer[0]?.targets).toMatchObject([
      { id: 'pumpco/plc-dosing.502', pinhole: false },
      { id: 'C-04/F-01', pinhole: true },
    ]);
    expect(done(await bench.broker.handlers.offer({}, bench.as('other-1')))).toEqual([]);
  });
});

describe('credentials', () => {
  test('are handed to the person once, and to nobody else', async () => {
    const { id: grant } = await bench.opened();
    const { handlers } = bench.broker;
    expect((await handlers['grant-credentials']({ grant }, bench.as('lena'))).ok).toBe(false);
    const given = done(await handlers['grant-credentials']({ grant }, bench.as('service-1')));
    expect(given).toMatchObject({ certificate: 'CERT-1', key: 'KEY', authority: 'AUTHORITY', port: 8443 });
    expect(given.until).toBe(bench.world.wall + 7_200_000);
    expect(given.lines.length).toBeGreaterThan(2);
    const again = await handlers['grant-credentials']({ grant }, bench.as('service-1'));
    expect(again).toMatchObject({ ok: false, refusal: { code: 'PST_NOT_NOW' } });
  });

  test('for SSH name the host key, and may be looked at again', async () => {
    const { id: grant } = await bench.opened({ carrier: 'ssh' });
    for (let time = 0; time < 2; time += 1) {
      const given = done(await bench.broker.handlers['grant-credentials']({ grant }, bench.as('service-1')));
      expect(given).toMatchObject({ key: '', authority: 'ssh-ed25519 AAAA', port: 2222 });
    }
  });
});

describe('more time', () => {
  test('wants approval anew, moves the end, and brings a new certificate that counts once it is taken', async () => {
    const open = await bench.opened();
    const first = bench.carriers().grants[0]?.certificate;
    const { handlers } = bench.broker;
    await bench.pass(Minute);
    const ask = { grant: open.id, length: 3_600_000, reason: 'Longer than thought.' };
    const asked = done(await handlers['grant-extend'](ask, bench.as('service-1')));
    expect(asked).toMatchObject({
      state: 'open',
      extension: 3_600_000,
      missing: ['shift-lead'],
      secondsLeft: 7140,
    });
    await expect(bench.approve({ ...asked, digest: open.digest })).rejects.toThrow('PST_NOT_NOW');
    const longer = await bench.approve(asked);
    expect(longer).toMatchObject({ extension: 0, secondsLeft: 10_740 });
    expect(bench.acts().at(-1)).toMatchObject({ kind: 'grantExtended', by: 'lena', until: longer.endsAt });
    expect(bench.gates()[0]?.until).toBe(longer.endsAt);
    expect(bench.carriers().grants[0]?.certificate).toBe(first);
    done(await handlers['grant-credentials']({ grant: open.id }, bench.as('service-1')));
    expect(bench.carriers().grants[0]?.certificate).not.toBe(first);
  });
});

describe('a pinhole', () => {
  test('opens the gate of its flow, is weak everywhere, and has no carrier', async () => {
    const open = await bench.opened({ targets: ['C-04/F-01'], carrier: 'pinhole' });
    expect(open).toMatchObject({ state: 'open', weak: true, targets: [{ pinhole: true }] });
    expect(bench.acts().find(({ kind }) => kind === 'grantOpened')).toMatchObject({ weak: true });
    expect(bench.gates()).toMatchObject([{ flow: 'C-04/F-01' }]);
    expect(bench.carriers().grants).toEqual([]);
  });

  test('is idle when the kernel counts nothing more on its flow, and not before', async () => {
    const { id } = await bench.opened({ targets: ['C-04/F-01'], carrier: 'pinhole' });
    await bench.pass(14 * Minute);
    bench.world.flowBytes += 100;
    await bench.pass(250);
    await bench.pass(14 * Minute);
    expect(await bench.see(id)).toMatchObject({ state: 'open' });
    await bench.pass(Minute);
    expect(await bench.see(id)).toMatchObject({ state: 'closed', cause: 'grant-idle' });
  });
});

test('the same policy under a new version changes nothing for what is open', async () => {
  const { id } = await bench.opened();
  bench.world.policy = { ...vendorPolicy, version: 43 };
  await bench.pass(250);
  expect(await bench.see(id)).toMatchObject({ state: 'open' });
});
