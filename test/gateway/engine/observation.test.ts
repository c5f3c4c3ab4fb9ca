import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FlowCount } from '../../../gateway/enforce/enforcement.ts';
import { createObserver, type Observer } from '../../../gateway/engine/observation.ts';
import { MostStrangers } from '../../../gateway/engine/observation-strangers.ts';
import { createLog } from '../../../gateway/log.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { DropRecord } from '../../../rules/record/record.ts';
import {
  sampleFlow,
  samplePermission,
  samplePolicy,
  sampleProfile,
  sampleVendor,
} from '../inspector/sample.ts';
import { memoryLog } from './memory-log.ts';

const Noon = 1_791_288_000_000;
const Minute = 60_000;
const Day = 86_400_000;
const Epoch = '0123456789abcdef';

let state: string;
/** Both clocks of the box, and what it enforces and has forwarded. */
let box: { wall: number; ticks: number; active: Policy | undefined; packets: FlowCount[] };

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'pst-observation-'));
  box = { wall: Noon, ticks: 0, active: samplePolicy(), packets: [] };
});
afterEach(() => rmSync(state, { recursive: true }));

function observer(gateway = 'gw-1'): Observer {
  return createObserver({
    config: { state, site: 'waterworks', gateway, backEnd: 'kernel' },
    clock: { wall: () => box.wall, monotonic: () => box.ticks },
    active: () =>
      box.active === undefined ? undefined : { policy: box.active, digest: digestOf(box.active) },
    packets: () => box.packets,
    log: createLog('engine', memoryLog().stream),
  });
}

/** The version is as good as a digest here. */
function digestOf({ version }: Policy): string {
  return String(version).padStart(64, '0');
}

function pass(milliseconds: number): void {
  box.wall += milliseconds;
  box.ticks += milliseconds;
}

function useOf(of: Observer, id: string) {
  const { flows, permissions } = of.observation();
  return [...flows, ...permissions].find((use) => use.id === id);
}

const one = (id: string, count: number) => [{ id, count }];

describe('what inspecting processes count', () => {
  test('adds up by flow and permission, with when it was last', () => {
    const seen = observer();
    seen.observation();
    pass(Minute);
    seen.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 3), one('operate/1', 2));
    pass(Minute);
    seen.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 5), one('operate/1', 2));
    expect(useOf(seen, 'C-1/F-1')).toEqual({ id: 'C-1/F-1', since: Noon, hits: 5, last: Noon + 2 * Minute });
    expect(useOf(seen, 'operate/1')).toEqual({ id: 'operate/1', since: Noon, hits: 2, last: Noon + Minute });
  });

  test('of a process that outlives the engine is not counted twice', () => {
    const former = observer();
    former.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 3), []);
    former.stop();
    const next = observer();
    next.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 4), []);
    next.used('fedcba9876543210', digestOf(samplePolicy()), one('C-1/F-1', 10), []);
    expect(useOf(next, 'C-1/F-1')?.hits).toBe(14);
  });

  test('under the policy before counts for what has not changed, and for nothing else', () => {
    const permission = samplePermission({
      id: 'operate/1',
      functions: [6],
      addresses: [{ first: 0, last: 9 }],
    });
    const other = samplePermission({ id: 'operate/2', functions: [3], addresses: [{ first: 0, last: 9 }] });
    const before = samplePolicy({ profiles: [sampleProfile({ permissions: [permission, other] })] });
    const wider = { ...permission, addresses: [{ first: 0, last: 99 }] };
    const after = { ...before, version: 2, profiles: [sampleProfile({ permissions: [wider, other] })] };
    box.active = before;
    const seen = observer();
    seen.used(Epoch, digestOf(before), [], [...one('operate/1', 7), ...one('operate/2', 7)]);
    pass(Minute);
    box.active = after;
    seen.used(Epoch, digestOf(before), [], [...one('operate/1', 9), ...one('operate/2', 9)]);
    expect(useOf(seen, 'operate/1')).toEqual({ id: 'operate/1', since: Noon + Minute, hits: 0, last: 0 });
    expect(useOf(seen, 'operate/2')).toMatchObject({ since: Noon, hits: 9 });
    seen.used(Epoch, digestOf(after), [], one('operate/1', 10));
    expect(useOf(seen, 'operate/1')?.hits).toBe(1);
  });
});

describe('what the kernel counts', () => {
  const plain = sampleFlow({ id: 'C-1/F-2', number: 2, profile: '' });
  const forwarded = (packets: number): FlowCount[] => [{ flowId: 'C-1/F-2', packets, bytes: 0 }];

  beforeEach(() => {
    box.active = samplePolicy({ flows: [sampleFlow(), plain] });
  });

  test('is the difference between two looks, and the whole after it began anew', () => {
    const seen = observer();
    box.packets = forwarded(1000);
    expect(useOf(seen, 'C-1/F-2')?.hits).toBe(0);
    pass(Minute);
    box.packets = forwarded(1003);
    expect(useOf(seen, 'C-1/F-2')?.hits).toBe(3);
    box.packets = forwarded(2);
    expect(useOf(seen, 'C-1/F-2')?.hits).toBe(5);
  });

  test('a moment before a flow changed is not of the changed flow', () => {
    const seen = observer();
    box.packets = forwarded(10);
    seen.observation();
    pass(Minute);
    const elsewhere = { ...plain, ports: [{ first: 443, last: 443 }] };
    box.active = { ...samplePolicy({ flows: [sampleFlow(), elsewhere] }), version: 2 };
    box.packets = forwarded(30);
    expect(useOf(seen, 'C-1/F-2')).toMatchObject({ since: Noon + Minute, hits: 0 });
    pass(Minute);
    box.packets = forwarded(31);
    expect(useOf(seen, 'C-1/F-2')?.hits).toBe(1);
  });

  test('is not listed where the back end does not carry it', () => {
    const seen = createObserver({
      config: { state, site: 'waterworks', gateway: 'gw-1', backEnd: 'proxy' },
      clock: { wall: () => box.wall, monotonic: () => box.ticks },
      active: () => ({ policy: box.active ?? samplePolicy(), digest: 'd' }),
      packets: () => [],
      log: createLog('engine', memoryLog().stream),
    });
    expect(seen.observation().flows.map(({ id }) => id)).toEqual(['C-1/F-1']);
  });
});

describe('what is kept', () => {
  test('goes on after a restart, and the time between is blind', () => {
    const former = observer();
    former.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 3), []);
    pass(Day);
    former.stop();
    box.wall += 10 * Minute;
    box.ticks = 0;
    const next = observer();
    pass(Minute);
    expect(next.observation()).toMatchObject({
      since: Noon,
      until: Noon + Day + 11 * Minute,
      blind: 10 * Minute,
    });
    expect(useOf(next, 'C-1/F-1')).toEqual({ id: 'C-1/F-1', since: Noon, hits: 3, last: Noon });
  });

  test('counts on when a change is taken back within the hour, and starts anew later', () => {
    const seen = observer();
    seen.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 3), []);
    const without = { ...samplePolicy({ flows: [] }), version: 2 };
    for (const away of [30 * Minute, 90 * Minute]) {
      box.active = without;
      expect(useOf(seen, 'C-1/F-1')).toBeUndefined();
      pass(away);
      box.active = { ...samplePolicy(), version: 3 };
      expect(useOf(seen, 'C-1/F-1')?.hits).toBe(away < 60 * Minute ? 3 : 0);
    }
  });

  test('of another box, or damaged, is not taken up', () => {
    const former = observer();
    former.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 3), []);
    former.stop();
    expect(useOf(observer('gw-2'), 'C-1/F-1')?.hits).toBe(0);
    const file = join(state, 'observation.json');
    const text = readFileSync(file, 'utf8');
    for (const bad of ['', text.slice(0, text.length / 2), text.replace('"format":1', '"format":2'), '[]']) {
      writeFileSync(file, bad);
      expect(useOf(observer(), 'C-1/F-1')?.hits).toBe(0);
    }
    writeFileSync(file, text);
    expect(useOf(observer(), 'C-1/F-1')?.hits).toBe(3);
  });

  test('starts anew where more of its time was blind than seen', () => {
    const former = observer();
    former.used(Epoch, digestOf(samplePolicy()), one('C-1/F-1', 3), []);
    pass(Day);
    former.stop();
    box.wall += 30 * Day;
    expect(observer().observation()).toMatchObject({ since: box.wall, blind: 0, flows: [{ hits: 0 }] });
  });
});

describe('the time it goes by', () => {
  test('takes what the wall clock leaps forward for blind, and does not run back with it', () => {
    const seen = observer();
    pass(Minute);
    box.wall += Day;
    expect(seen.observation()).toMatchObject({ since: Noon, until: Noon + Minute + Day, blind: Day });
    box.wall -= 2 * Day;
    pass(Minute);
    expect(seen.observation().until).toBe(Noon + 2 * Minute + Day);
  });

  test('does not begin before what was kept when the box boots in the past', () => {
    const former = observer();
    pass(Minute);
    former.stop();
    box.wall = 1000;
    expect(observer().observation()).toMatchObject({ since: Noon, until: Noon + Minute, blind: 0 });
  });
});

describe('strangers', () => {
  const drop = (address: string, asset = '', packets = 1): DropRecord => {
    const party = { asset, zone: '', address, port: 1 };
    return {
      kind: 'drop',
      firstAt: Noon,
      lastAt: Noon,
      packets,
      reason: 'no-flow',
      device: 'ctl0',
      source: party,
      destination: party,
      protocol: 'tcp',
      foldedKinds: 0,
      verdict: 'refuse',
    };
  };

  test('are source addresses that no asset has, newest first, with the zone of their wire', () => {
    const leg = { device: 'ctl0', zone: 'control', address: '10.10.0.1/24' };
    const more = { sources: [], vlan: 0, lowerDevice: '', attach: 'routed' } as const;
    box.active = samplePolicy({ interfaces: [{ ...leg, ...more }] });
    const seen = observer();
    seen.recorded(drop('10.10.0.99', '', 4));
    seen.recorded(drop('10.10.0.10', 'hmi-1'));
    pass(Minute);
    seen.recorded(drop('10.10.0.77'));
    seen.recorded(drop('10.10.0.99'));
    const later = Noon + Minute;
    expect(seen.observation().strangers).toEqual([
      { address: '10.10.0.99', zone: 'control', first: Noon, last: later, packets: 5 },
      { address: '10.10.0.77', zone: 'control', first: later, last: later, packets: 1 },
    ]);
    seen.stop();
    expect(observer().observation().strangers).toEqual(seen.observation().strangers);
  });

  test('are forgotten once an asset has the address', () => {
    const seen = observer();
    seen.recorded(drop('10.10.0.99'));
    const [hmi, ...others] = samplePolicy().assets;
    box.active = {
      ...samplePolicy({ assets: [{ ...hmi!, addresses: ['10.10.0.99/32'] }, ...others] }),
      version: 2,
    };
    expect(seen.observation().strangers).toEqual([]);
  });

  test('that are made up push out the oldest and nothing else', () => {
    const seen = observer();
    for (let each = 0; each < MostStrangers + 50; each++) {
      seen.recorded(drop(`10.9.${each >> 8}.${each & 255}`));
      seen.recorded(drop('10.10.0.99'));
    }
    const { strangers } = seen.observation();
    expect(strangers).toHaveLength(MostStrangers);
    expect(strangers[0]).toMatchObject({ address: '10.10.0.99', packets: MostStrangers + 50 });
  });
});

describe('sessions of vendors', () => {
  const letIn = () => samplePolicy({ vendors: [sampleVendor(), sampleVendor({ id: 'other' })] });

  test('count once each, however long they are open', () => {
    box.active = letIn();
    const seen = observer();
    seen.observation();
    pass(Minute);
    seen.letIn([{ grant: 'g-1', vendor: 'pumpco' }]);
    pass(Minute);
    seen.letIn([
      { grant: 'g-1', vendor: 'pumpco' },
      { grant: 'g-2', vendor: 'pumpco' },
    ]);
    seen.letIn([]);
    expect(seen.observation().vendors).toEqual([
      { id: 'pumpco', since: Noon, hits: 2, last: Noon + 2 * Minute },
      { id: 'other', since: Noon, hits: 0, last: 0 },
    ]);
  });

  test('are kept over a restart, and begin anew where a vendor may reach something else', () => {
    box.active = letIn();
    const former = observer();
    former.letIn([{ grant: 'g-1', vendor: 'pumpco' }]);
    former.stop();
    expect(observer().observation().vendors[0]).toMatchObject({ id: 'pumpco', hits: 1 });
    box.active = samplePolicy({ version: 2, vendors: [sampleVendor({ opens: ['C-1/F-9'] })] });
    expect(observer().observation().vendors).toMatchObject([{ id: 'pumpco', hits: 0 }]);
  });
});
