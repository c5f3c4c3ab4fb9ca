import { describe, expect, test } from 'vitest';
import { createFlowTable } from '../../../rules/admission/flow-table.ts';
import { sampleFlow, samplePolicy, sampleVendor } from '../../gateway/inspector/sample.ts';

const tuple = { client: '10.10.0.10', server: '10.20.0.20', port: 502 };
const zoneWide = sampleFlow({
  number: 2,
  id: 'C-1/F-2',
  sources: [{ asset: '', zone: 'control', prefixes: ['10.10.0.0/24'] }],
  destinations: [{ asset: '', zone: 'process', prefixes: ['10.20.0.0/24'] }],
  ports: [{ first: 5000, last: 5010 }],
});

describe('a flow table', () => {
  test('finds the flow of a client, a server and a port, with its profile and names', () => {
    const [permit] = createFlowTable(samplePolicy()).find(tuple);
    expect(permit).toMatchObject({
      flow: { id: 'C-1/F-1' },
      profile: { name: 'operate' },
      clientAsset: 'hmi-1',
      serverAsset: 'plc-1',
    });
    expect([...(permit?.functionCodes ?? [])]).toEqual([3, 6]);
  });

  test('says how the server speaks Modbus and what its conduit tolerates', () => {
    const line = {
      port: 'rs485-1',
      baud: 19200,
      parity: 'even',
      stopBits: 1,
      timeout: 1000,
      units: [],
    } as const;
    const modbus = { kind: 'serial-gateway', framing: 'mbap', line } as const;
    const { assets, conduits } = samplePolicy();
    const table = createFlowTable(
      samplePolicy({
        assets: assets.map((asset) => (asset.name === 'plc-1' ? { ...asset, modbus } : asset)),
        conduits: conduits.map((conduit) => ({ ...conduit, tolerances: ['late-response'] })),
      }),
    );
    expect(table.find(tuple)).toMatchObject([{ device: modbus, tolerances: ['late-response'] }]);
    expect(table.lines).toEqual([line]);
  });

  test('takes a server that is no asset for a device reached directly', () => {
    const table = createFlowTable(samplePolicy({ flows: [zoneWide] }));
    expect(table.find({ client: '10.10.0.77', server: '10.20.0.88', port: 5000 })).toMatchObject([
      { device: { kind: 'direct', framing: 'mbap', line: undefined } },
    ]);
  });

  test.for<[string, Partial<typeof tuple>]>([
    ['another client', { client: '10.10.0.11' }],
    ['another server', { server: '10.20.0.21' }],
    ['another port', { port: 503 }],
    ['a client in IPv6 clothes', { client: '::ffff:10.10.0.10' }],
    ['something that is no address', { client: '' }],
  ])('finds nothing for %s', ([, change]) => {
    expect(createFlowTable(samplePolicy()).find({ ...tuple, ...change })).toEqual([]);
  });

  test('knows prefixes and port ranges, and still names the assets inside', () => {
    const table = createFlowTable(samplePolicy({ flows: [zoneWide] }));
    const find = (client: string, server: string, port: number) => table.find({ client, server, port });
    expect(find('10.10.0.77', '10.20.0.88', 5000)).toMatchObject([{ clientAsset: '', serverAsset: '' }]);
    expect(find('10.10.0.10', '10.20.0.20', 5010)).toMatchObject([
      { clientAsset: 'hmi-1', serverAsset: 'plc-1' },
    ]);
    expect(find('10.10.1.77', '10.20.0.88', 5000)).toEqual([]);
    expect(find('10.10.0.77', '10.20.0.88', 5011)).toEqual([]);
  });

  test('gives all flows that fit, in the order of the policy, each once', () => {
    const second = sampleFlow({ number: 3, id: 'C-1/F-3' });
    const wide = { ...zoneWide, ports: [{ first: 1, last: 65535 }] };
    const table = createFlowTable(samplePolicy({ flows: [second, wide, sampleFlow()] }));
    expect(table.find(tuple).map(({ flow }) => flow.number)).toEqual(
      [second, wide, sampleFlow()].map(({ number }) => number),
    );
  });

  test('says the same to whoever asks again, however many others asked meanwhile', () => {
    const table = createFlowTable(samplePolicy());
    const first = table.find(tuple);
    expect(first).not.toEqual([]);
    expect(table.find({ ...tuple, port: tuple.port + 1 })).toEqual([]);
    for (let host = 0; host < 10_000; host++) {
      const client = `10.99.${host >> 8}.${host & 255}`;
      if (table.find({ ...tuple, client }).length > 0) throw new Error(`${client} is let in`);
    }
    expect(table.find(tuple)).toEqual(first);
    expect(table.find({ ...tuple, port: tuple.port + 1 })).toEqual([]);
  });

  test.for<[string, ReturnType<typeof sampleFlow>]>([
    ['is not inspected', sampleFlow({ profile: '' })],
    ['names a profile that is not there', sampleFlow({ profile: 'gone' })],
    ['is not TCP', sampleFlow({ protocol: 'udp' })],
  ])('leaves out a flow that %s', ([, flow]) => {
    expect(createFlowTable(samplePolicy({ flows: [flow] })).find(tuple)).toEqual([]);
  });

  test('finds IPv6 flows by the same path', () => {
    const flow = sampleFlow({
      sources: [{ asset: '', zone: 'control', prefixes: ['fd00:10::/64'] }],
      destinations: [{ asset: '', zone: 'process', prefixes: ['fd00:20::20/128'] }],
    });
    const table = createFlowTable(samplePolicy({ flows: [flow] }));
    expect(table.find({ client: 'fd00:10::7', server: 'fd00:20:0::20', port: 502 })).toHaveLength(1);
    expect(table.find({ client: 'fd00:11::7', server: 'fd00:20::20', port: 502 })).toEqual([]);
  });

  test('tells the address of an asset and whose an address is', () => {
    const table = createFlowTable(samplePolicy());
    expect(table.addressOf('plc-2')).toBe('10.20.0.21');
    expect(table.addressOf('nobody')).toBeUndefined();
    expect(table.belongsTo('10.10.0.10', 'hmi-1')).toBe(true);
    expect(table.belongsTo('10.10.0.10', 'hmi-2')).toBe(false);
    expect(table.belongsTo('127.0.0.1', 'hmi-1')).toBe(false);
  });
});

describe('targets of vendors in a flow table', () => {
  const gate = { opensAt: 0, closesAt: 0, schedule: undefined, session: true };
  const inspected = sampleFlow({ number: 7, id: 'pumpco/plc-1.502', conduit: 'pumpco', gate });
  const plain = sampleFlow({
    number: 8,
    id: 'pumpco/plc-1.22',
    conduit: 'pumpco',
    ports: [{ first: 22, last: 22 }],
    profile: '',
    gate,
  });
  const table = createFlowTable(
    samplePolicy({
      flows: [],
      vendors: [sampleVendor({ targets: [inspected, plain] })],
      modes: [
        { name: 'normal', keep: [], keepsAll: true, recover: [], profiles: [] },
        { name: 'island', keep: [], keepsAll: false, recover: [], profiles: [] },
      ],
    }),
  );

  test('are found by their id, with their profile, and by no tuple', () => {
    expect(table.target('pumpco/plc-1.502')).toMatchObject({
      flow: { number: 7 },
      profile: { name: 'operate' },
      serverAsset: 'plc-1',
      device: { kind: 'direct' },
    });
    expect(table.target('pumpco/plc-9.502')).toBeUndefined();
    expect(table.find(tuple)).toEqual([]);
  });

  test('have a profile that permits nothing where they are not inspected', () => {
    expect(table.target('pumpco/plc-1.22')).toMatchObject({
      flow: { profile: '' },
      profile: { name: '', permissions: [] },
    });
  });

  test('are cut in every mode that does not keep all, and until recovery is over', () => {
    const permit = table.target('pumpco/plc-1.502')!;
    expect(table.inMode({ mode: 'normal', reopened: [] })(permit)).toBe(permit);
    expect(table.inMode({ mode: 'island', reopened: [] })(permit)).toBeUndefined();
    expect(table.inMode({ mode: 'island', reopened: ['C-1/F-1'] })(permit)).toBeUndefined();
    expect(table.inMode({ mode: 'moon', reopened: [] })(permit)).toBeUndefined();
  });
});
