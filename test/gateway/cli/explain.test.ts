import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileModel } from '../../../gateway/cli/compile.ts';
import { explain } from '../../../gateway/cli/explain.ts';
import { keygen } from '../../../gateway/cli/keygen.ts';
import type { PolicyTest } from '../../../policy/model/claims.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import { command } from './command.ts';

const home = mkdtempSync(join(tmpdir(), 'penstock-explain-'));
const example = new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url).pathname;
const plant = new URL('../../golden/replay/plant.zones.yaml', import.meta.url).pathname;
const ask = (question: string, options = {}, policy = plant) =>
  command(() => explain(policy, question, options));
const dose = 'scada-1 -> plc-dosing modbus unit=1 fc=6 address=140';

afterAll(() => rmSync(home, { recursive: true }));

describe('penstock explain', () => {
  test('says what is refused, by which rule, why, what is answered and what would pass instead', async () => {
    const said = await ask(`${dose} value=200 last=140:20`);
    expect(said.status).toBe(1);
    expect(said.out.split('\n')).toEqual([
      'REFUSED  scada-1 (10.20.0.10) → plc-dosing (10.30.0.12) tcp 502',
      '  request  WRITE holding register 140 (40141) "Cl2 dose": 20 → 200 (limit 35), unit 1',
      '  reason   value-out-of-range: The value is outside the permitted values. (SR 3.5)',
      '  flow     C-01/F-01, plant.zones.yaml:53, owner@example CHG-1',
      '  rule     dose/1 "Cl2 dose", plant.zones.yaml:34',
      '  answer   exception 3, illegal data value; the connection stays',
      '  instead  Permitted at holding register 140 (40141): 0 to 35.',
    ]);
  });

  test('says what passes, and by which rule', async () => {
    const said = await ask(`${dose} value=20 last=140:18`);
    expect(said.status).toBe(0);
    expect(said.out.split('\n')).toEqual([
      'ALLOWED  scada-1 (10.20.0.10) → plc-dosing (10.30.0.12) tcp 502',
      '  request  WRITE holding register 140 (40141) "Cl2 dose": 18 → 20, unit 1',
      '  flow     C-01/F-01, plant.zones.yaml:53, owner@example CHG-1',
      '  rule     dose/1 "Cl2 dose", plant.zones.yaml:34',
    ]);
  });

  test('says the same of a bundle, and all of it as JSON', async () => {
    await command(() => keygen(home));
    const bundle = join(home, 'plant.bundle');
    const compiled = await command(() =>
      compileModel(plant, { key: join(home, 'site.key.pem'), out: bundle }),
    );
    expect(compiled.status).toBe(0);
    const said = await ask(`${dose} value=30 last=140:18`, { json: true }, bundle);
    expect(JSON.parse(said.out)).toEqual({
      outcome: 'refuse',
      client: { asset: 'scada-1', address: '10.20.0.10' },
      server: { asset: 'plc-dosing', address: '10.30.0.12' },
      service: 'tcp 502',
      reason: 'step-too-large',
      sentence: 'The value is further from the last known one than the flow permits.',
      sr: '3.5',
      flow: {
        id: 'C-01/F-01',
        file: 'plant.zones.yaml',
        line: 53,
        owner: 'owner@example',
        ticket: 'CHG-1',
        sr: ['5.2 RE1', '3.5', '7.7'],
      },
      profile: 'dose',
      rule: { id: 'dose/1', name: 'Cl2 dose', file: 'plant.zones.yaml', line: 34 },
      request: 'WRITE holding register 140 (40141) "Cl2 dose": 18 → 30 (step at most 5), unit 1',
      action: 'exception',
      exceptionCode: 3,
      alternative: {
        kind: 'step',
        address: 140,
        last: 18,
        max: 5,
        text: 'Permitted at holding register 140 (40141): 13 to 23; it was last known to be 18.',
      },
    });
  });

  test('agrees with every policy test of the example', async () => {
    const read = readModel(readFileSync(example, 'utf8'), example);
    const tests = read.ok ? read.model.tests : [];
    expect(tests.length).toBeGreaterThan(10);
    for (const one of tests) {
      const said = await ask(questionOf(one), { json: true }, example);
      const { outcome, reason, flow } = JSON.parse(said.out) as Record<string, unknown>;
      expect({ name: one.name, outcome, status: said.status }).toEqual({
        name: one.name,
        outcome: one.expect === 'allow' ? 'allow' : 'refuse',
        status: one.expect === 'allow' ? 0 : 1,
      });
      if (one.because !== undefined) expect(reason, one.name).toBe(one.because);
      if (one.by !== undefined) expect(flow, one.name).toMatchObject({ id: one.by.id });
    }
  });

  test.for<[string, RegExp]>([
    ['hmi-1 -> plc-dosing modbus unit=1 fc=1 address=3', /ALLOWED.*\n.*READ coil 3 \(00004\), unit 1/],
    ['hmi-1 -> plc-dosing modbus unit=2 fc=3 address=3', /unit-not-allowed.*Permitted for unit 1\./s],
    [`${dose} value=20`, /state-unknown.*Read holding register 140 \(40141\) of unit 1 first/s],
    ['scada-1 -> plc-dosing modbus unit=1 fc=6 address=151 value=1 read=2.12:1', /ALLOWED/],
    [
      'scada-1 -> plc-dosing modbus unit=1 fc=6 address=151 value=1 read=2.12:0',
      /of unit 2 is 1; it last read 0/,
    ],
    ['scada-1 -> plc-dosing modbus unit=1 fc=16 address=200 value=12.5', /ALLOWED.*40201-40202.*= 12\.5,/s],
    ['scada-1 -> plc-dosing modbus unit=1 fc=16 address=200 value=13', /= 13 \(limit 12\.5\)/],
    [
      'scada-1 -> plc-dosing modbus unit=1 fc=16 address=200 value=1 type=u16',
      /torn-write.*whole values of 2/s,
    ],
    ['scada-1 -> plc-dosing modbus unit=1 fc=5 address=64 value=on', /WRITE coil 64 \(00065\) = on/],
    [
      'scada-1 -> plc-dosing modbus unit=1 fc=15 address=0 value=on,off,1',
      /WRITE coils 0-2 .* = on, off, on/,
    ],
    ['scada-1 -> plc-dosing modbus unit=1 fc=22 address=140 and=0x00f2 or=0x25', /leaving 5 to 247/],
    [
      'scada-1 -> plc-dosing modbus unit=1 fc=23 read_address=0 address=200 value=1.5',
      /READ holding register 0 .* and WRITE holding registers 200-201/,
    ],
    ['scada-1 -> plc-dosing modbus unit=1 fc=24 address=7', /READ FIFO queue at holding register 7/],
    ['scada-1 -> plc-dosing modbus unit=1 fc=8 sub=4', /sub-function 4 Force Listen Only Mode/],
    ['scada-1 -> plc-dosing modbus unit=1 fc=43 mei=14', /MEI type 14 Read Device Identification/],
    ['scada-1 -> plc-dosing modbus unit=1 fc=43 mei=13 data=0102', /CANopen General Reference, 11 bytes/],
    ['scada-1 -> plc-dosing modbus unit=0 fc=90 sub=0x41 data=00', /UMAS function 0x41, 11 bytes/],
    ['scada-1 -> plc-dosing modbus unit=1 fc=20 file=4 record=1 quantity=2', /READ file 4, records 1-2/],
    ['scada-1 -> plc-dosing modbus unit=1 fc=21 file=4 record=1 value=7,8,9', /WRITE file 4, records 1-3/],
    ['scada-1 -> plc-dosing modbus unit=1 fc=17', /Report Server ID/],
    ['scada-1 -> plc-dosing modbus unit=1 fc=3 address=65535 quantity=2', /malformed-pdu.*exception 2/s],
    ['scada-1 -> plc-dosing modbus unit=1 fc=0', /malformed-pdu.*the connection is reset/s],
    ['eng-ws -> plc-dosing tcp/443', /ALLOWED.*inspected {2}no/s],
    ['eng-ws -> plc-dosing modbus', /REFUSED.*no-flow/s],
    ['scada-1 → plc-dosing icmp-echo', /ALLOWED/],
    ['10.20.0.10 -> 10.30.0.12 tcp/502', /ALLOWED {2}scada-1 \(10\.20\.0\.10\).*Modbus profile dose/s],
    ['192.168.0.1 -> plc-dosing tcp/502', /REFUSED {2}192\.168\.0\.1 →.*no-conduit/s],
    ['plc-dosing -> scada-1 udp/53', /no-conduit/],
  ])('%s', async ([question, expected]) => {
    expect((await ask(question)).out).toMatch(expected);
  });

  test.for<[string, string]>([
    ['', 'Nothing is asked.'],
    ['scada-1 plc-dosing tcp/1', 'scada-1 plc-dosing tcp/1 is no question.'],
    ['scada-1 -> plc-dosing', 'scada-1 -> plc-dosing is no question.'],
    ['scada-1 -> plc-dosing tcp', 'tcp is no service.'],
    ['scada-1 -> plc-dosing tcp/70000', 'tcp/70000 is no service.'],
    ['scada-1 -> plc-dosin tcp/1', 'Did you mean `plc-dosing`?'],
    ['scada-1 -> plc-dosing tcp/1 mode=islnd', 'The modes are: normal.'],
    ['scada-1 -> plc-dosing tcp/1 unit=1', 'unit= means nothing here.'],
    ['scada-1 -> plc-dosing modbus unit', 'unit means nothing here.'],
    ['scada-1 -> plc-dosing modbus unit=1 fc=3', 'address= is missing.'],
    ['scada-1 -> plc-dosing modbus fc=3 address=1', 'unit= is missing.'],
    ['scada-1 -> plc-dosing modbus unit=1 fc=3 adress=1', 'Did you mean `address`?'],
    ['scada-1 -> plc-dosing modbus unit=1 fc=300 address=1', 'fc=300 cannot be.'],
    [`${dose} value=x`, 'value=x is no number.'],
    [`${dose} value=70000`, '70000 is no u16.'],
    [`${dose} value=1 type=u8`, 'type=u8 is no type.'],
    [`${dose} value=1 last=140`, 'last=140 cannot be read.'],
    [`${dose} value=1 read=140:1`, 'read=140:1 cannot be read.'],
    [`${dose} value=1 at=noon`, 'at noon is not a time.'],
    ['scada-1 -> plc-dosing modbus unit=1 fc=5 address=1 value=2', 'value=2 is nothing a coil can be.'],
    ['scada-1 -> plc-dosing modbus unit=1 fc=100 data=xyz', 'data=xyz is not hexadecimal.'],
  ])('does not understand "%s"', async ([question, sentence]) => {
    const said = await ask(question);
    expect(said.status).toBe(2);
    expect(said.err).toContain(sentence);
  });

  test('needs no date in a model that is only looked at', async () => {
    const undated = join(home, 'undated.zones.yaml');
    writeFileSync(undated, readFileSync(plant, 'utf8').replace(', reviewed: 2026-06-02', ''));
    expect((await ask(`${dose} value=20 last=140:18`, {}, undated)).status).toBe(0);
  });

  test.for<[string, string]>([
    ['drop', 'answer   none; the connection stays'],
    ['exception-close', 'answer   exception 3, illegal data value; then the connection is closed'],
    ['reset', 'answer   the connection is reset'],
    ['{action: exception, codes: {value-out-of-range: 4}}', 'answer   exception 4, server device failure'],
  ])('says what the client of a refused request sees under on_refuse: %s', async ([rule, line]) => {
    const said = await ask(
      `${dose} value=99 last=140:18`,
      {},
      changed('    allow:\n      - {fc: [6]', `    on_refuse: ${rule}\n    allow:\n      - {fc: [6]`),
    );
    expect(said.out).toContain(line);
  });

  test('says that what it refuses passes while the flow is on trial', async () => {
    const trial = changed(
      'modbus: dose, ticket',
      'modbus: dose, stage: {audit_until: 2099-01-01T00:00:00Z}, ticket',
    );
    const said = await ask(`${dose} value=99 last=140:18`, {}, trial);
    expect(said.status).toBe(0);
    expect(said.out).toMatch(
      /^WOULD BE REFUSED, but passes until 2099-01-01 00:00 UTC \(audit stage\) {2}scada-1/,
    );
    expect(said.out).toContain('value-out-of-range');
  });

  test('knows a broadcast where units are devices on a line', async () => {
    const line = changed(
      '{ip: 10.30.0.12, type: plc,',
      '{ip: 10.30.0.12, type: plc, modbus: {device: serial-gateway},',
    );
    const said = await ask(dose.replace('unit=1', 'unit=0').concat(' value=1'), {}, line);
    expect(said.out).toContain('WRITE holding register 140 (40141) = 1, every unit (broadcast)');
    expect(said.out).toContain('answer   none; the connection stays');
  });

  describe('of a way that is refused', () => {
    test.for<[string, readonly string[]]>([
      [
        'bi-server -> hist-replica tcp/80',
        [
          '  reason   no-flow: The conduit has no flow for these endpoints and this port. (SR 5.2 RE1)',
          '  instead  hist-replica may be reached on tcp 443 by bi-server (C-01/F-01).',
        ],
      ],
      [
        'siem -> hist-replica tcp/443',
        ['  instead  hist-replica may be reached on tcp 443 by bi-server (C-01/F-01).'],
      ],
      [
        'bi-server -> historian tcp/443',
        ['  instead  hist-replica may be reached on tcp 443 by bi-server (C-01/F-01).'],
      ],
      [
        'jump-host -> eng-ws tcp/3389',
        [
          '  instead   It passes by C-04/F-01 while a session of pumpco is granted.',
          '  supports  SR 5.2 RE1, SR 1.13',
        ],
      ],
      [
        'historian -> hist-replica tcp/8443 mode=island',
        ['  instead   It passes by C-03/F-01 in the mode normal.'],
      ],
    ])('%s names the nearest that is permitted', async ([question, lines]) => {
      const said = (await ask(question, {}, example)).out.split('\n');
      expect(said[0]).toMatch(/^REFUSED/);
      for (const line of lines) expect(said).toContain(line);
      expect(said.some((line) => /[\w.]+@riverside\.example CHG-\d+$/.test(line))).toBe(true);
    });

    test('by the profile of a mode names that profile', async () => {
      const write = 'scada-1 -> plc-dosing modbus unit=1 fc=6 address=100 value=5';
      const row = '  profile  read-telemetry, by the mode in place of scada-setpoints';
      expect((await ask(`${write} mode=lockdown`, {}, example)).out.split('\n')).toContain(row);
      expect((await ask(write, {}, example)).out).not.toContain('  profile');
    });

    test('of a session asks whose it is', async () => {
      const way = 'jump-host -> eng-ws tcp/3389';
      expect((await ask(`${way} session=pumpco`, {}, example)).out).toMatch(/^ALLOWED/);
      expect((await ask(`${way} session=yes`, {}, example)).out).toMatch(/^ALLOWED/);
      const typo = await ask(`${way} session=pumco`, {}, example);
      expect(typo.status).toBe(2);
      expect(typo.err).toBe('cgw-01 lets in no vendor pumco.\n  Did you mean `pumpco`?');
    });

    test('through the box in a session is answered under the profile of the target', async () => {
      const read = 'jump-host -> plc-dosing modbus unit=1 fc=3 address=0';
      expect((await ask(read, {}, example)).out).toMatch(/^REFUSED/);
      expect((await ask(`${read} at=2026-11-23T10:00:00+01:00`, {}, example)).out).toContain(
        'It passes by pumpco/plc-dosing.502 in a session of pumpco, through the box.',
      );
      const led = (await ask(`${read} session=pumpco at=2026-11-23T10:00:00+01:00`, {}, example)).out;
      expect(led).toMatch(/^ALLOWED/);
      expect(led).toContain('pumpco/plc-dosing.502');
      const write = 'jump-host -> plc-dosing modbus unit=1 fc=6 address=100 value=5 session=pumpco';
      expect((await ask(`${write} at=2026-11-23T10:00:00+01:00`, {}, example)).out).toContain(
        'fc-not-allowed',
      );
      // A Saturday: outside the window of the vendor.
      expect((await ask(`${read} session=pumpco at=2026-11-21T10:00:00+01:00`, {}, example)).out).toContain(
        'no-session',
      );
    });

    test('names it to programs with its owner, ticket and requirements', async () => {
      const said = await ask('siem -> hist-replica tcp/443', { json: true }, example);
      expect(JSON.parse(said.out)).toMatchObject({
        outcome: 'refuse',
        alternative: {
          kind: 'way',
          flow: { id: 'C-01/F-01', owner: 'it.ops@riverside.example', ticket: 'CHG-1001', sr: ['5.2 RE1'] },
          text: 'hist-replica may be reached on tcp 443 by bi-server (C-01/F-01).',
        },
      });
    });

    test('says when it passes again, where it has hours', async () => {
      const hours = changed(
        '    flows:\n      F-01: {src: scada-1',
        '    schedule: {days: [mon], hours: "07:00-16:00", tz: Europe/Stockholm}\n    flows:\n      F-01: {src: scada-1',
      );
      const said = await ask('scada-1 -> plc-dosing icmp-echo at=2026-11-24T09:00:00Z', {}, hours);
      expect(said.out).toContain('outside-schedule');
      expect(said.out).toContain('It passes by C-01/F-05 from 2026-11-30 06:00 UTC on.');
    });

    test('names nothing where nothing comes near', async () => {
      expect((await ask('192.168.0.1 -> 192.168.0.2 tcp/502')).out).not.toContain('instead');
    });
  });

  test('does not take for a request what a function cannot say', async () => {
    const said = await ask('scada-1 -> plc-dosing modbus unit=1 fc=3 address=1 value=5');
    expect(said.status).toBe(2);
    expect(said.err).toContain('Function code 3 has no value.');
  });

  describe('of a model with two gateways', () => {
    const two = join(home, 'two.zones.yaml');
    beforeAll(() => writeFileSync(two, readFileSync(plant, 'utf8').replace('gateways:', OtherGateway)));

    test('wants to know which box is asked', async () => {
      const said = await ask(`${dose} value=1`, {}, two);
      expect(said.status).toBe(2);
      expect(said.err).toContain('--gateway: cgw-02, cgw-01');
      expect((await ask(`${dose} value=1`, { gateway: 'cgw-01' }, two)).status).toBe(1);
    });
  });
});

/** The plant with one thing said differently. */
function changed(from: string, to: string): string {
  const text = readFileSync(plant, 'utf8');
  if (!text.includes(from)) throw new Error(`the plant does not say ${from}`);
  const file = join(home, 'changed.zones.yaml');
  writeFileSync(file, text.replace(from, to));
  return file;
}

const OtherGateway =
  'gateways:\n  cgw-02:\n    interfaces: {ent0: {zone: supervisory, address: 10.20.0.2/24}}';

function questionOf({ from, to, protocol, port, modbus, given }: PolicyTest): string {
  const words = [];
  if (modbus !== undefined) {
    const { unit, functionCode, address, quantity, values } = modbus;
    const value = values.length === 0 ? undefined : values.join(',');
    const named = { unit, fc: functionCode, address, quantity, value };
    for (const [name, each] of Object.entries(named)) if (each !== undefined) words.push(`${name}=${each}`);
    for (const { address: at, value: last } of given.last) words.push(`last=${at}:${last}`);
    const read = given.read.map(({ functionCode: code, address: at, value: is }) => `${code}.${at}:${is}`);
    if (read.length > 0) words.push(`read=${read.join(',')}`);
  }
  if (given.mode !== 'normal') words.push(`mode=${given.mode}`);
  if (given.instant !== undefined) words.push(`at=${new Date(given.instant).toISOString()}`);
  if (given.session !== undefined) words.push(`session=${given.session.id}`);
  const service =
    modbus !== undefined ? `modbus/${port}` : protocol === 'icmp-echo' ? protocol : `${protocol}/${port}`;
  return [from.name, '->', to.name, service, ...words].join(' ');
}
