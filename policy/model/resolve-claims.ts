import type { Invariant, PolicyTest, Selection, TestCircumstances, Waiver } from './claims.ts';
import { readFlowRefs } from './resolve-access.ts';
import type { ZoneModelFile } from './schema.ts';
import { readEndpoints, readTime, type Source, tidy } from './source.ts';
import { quote } from './yaml-tree.ts';

type TestEntry = NonNullable<ZoneModelFile['tests']>[number];
type InvariantEntry = NonNullable<ZoneModelFile['invariants']>[number];

/** The site's own tests; a Modbus test means TCP port 502 unless it says otherwise. */
export function resolveTests(source: Source, file: ZoneModelFile): readonly PolicyTest[] {
  const { names, places, reporter } = source;
  return (file.tests ?? []).flatMap((entry) => {
    const from = names.asset(entry.from, places.value(entry, 'from'));
    const to = names.asset(entry.to, places.value(entry, 'to'));
    const given = readGiven(source, entry.given ?? {});
    const by = entry.by === undefined ? undefined : names.flow(entry.by, places.value(entry, 'by'));
    const protocol = entry.proto ?? 'tcp';
    if (entry.modbus === undefined && entry.port === undefined && protocol !== 'icmp-echo')
      reporter.error('S-005', places.of(entry), '`port` or `modbus` is missing here.', 'Say what is sent.');
    if (from === undefined || to === undefined) return [];
    const port = entry.port ?? (entry.modbus === undefined ? 0 : ModbusPort);
    const modbus = readRequest(entry.modbus);
    const { name, expect, because } = entry;
    return [{ at: places.of(entry), name, from, to, protocol, port, modbus, given, expect, by, because }];
  });
}

/** Statements to be proved; the evaluator comes with the proof. */
export function resolveInvariants(source: Source, file: ZoneModelFile): readonly Invariant[] {
  return (file.invariants ?? []).map((entry) => readInvariant(source, entry));
}

/** Accepted findings; what one is about must exist. */
export function resolveWaivers(source: Source, file: ZoneModelFile): readonly Waiver[] {
  const { names, places, reporter } = source;
  return (file.waivers ?? []).map((entry) => {
    if (!names.has(entry.on) && !Object.hasOwn(file.gateways, entry.on)) {
      const message = `Nothing in this model is named ${quote(entry.on)}.`;
      reporter.error('N-001', places.value(entry, 'on'), message, 'Correct the name, or remove the waiver.');
    }
    return {
      at: places.of(entry),
      code: entry.code,
      on: entry.on,
      reason: tidy(entry.reason),
      owner: entry.owner,
      until: readTime(source, entry, 'until', entry.until),
    };
  });
}

const ModbusPort = 502;

function readRequest(entry: TestEntry['modbus']): PolicyTest['modbus'] {
  if (entry === undefined) return undefined;
  const { unit, fc, address, quantity, value } = entry;
  return { unit, functionCode: fc, address, quantity, value };
}

function readGiven(source: Source, entry: NonNullable<TestEntry['given']>): TestCircumstances {
  const { names, places } = source;
  return {
    last: Object.entries(entry.last ?? {}).map(([address, value]) => ({ address: Number(address), value })),
    read: Object.entries(entry.read ?? {}).map(([key, value]) => {
      const [functionCode = 0, address = 0] = key.split('.').map(Number);
      return { functionCode, address, value };
    }),
    session:
      entry.session === undefined ? undefined : names.vendor(entry.session, places.value(entry, 'session')),
    instant: entry.at === undefined ? undefined : readTime(source, entry, 'at', entry.at),
    mode: entry.mode ?? 'normal',
  };
}

function readInvariant(source: Source, entry: InvariantEntry): Invariant {
  const at = source.places.of(entry);
  const { id } = entry;
  if ('never' in entry) {
    const { from, to } = readPair(source, entry.never);
    return { at, id, kind: 'never', from, to, modbusClass: entry.never.modbus_class };
  }
  if ('only' in entry) {
    const allow = readFlowRefs(source, entry.only, 'allow', entry.only.allow).map(({ flow }) => flow);
    return { at, id, kind: 'only', ...readPair(source, entry.only), allow };
  }
  if ('path' in entry) {
    const mustCross = source.names.zone(entry.path.must_cross, source.places.value(entry.path, 'must_cross'));
    const pair = readPair(source, entry.path);
    return { at, id, kind: 'path', ...pair, mustCross };
  }
  const { to, modbus_class: modbusClass, count } = entry.max_writers;
  return {
    at,
    id,
    kind: 'max-writers',
    to: readSelection(source, entry.max_writers, 'to', to),
    modbusClass,
    count,
  };
}

type WrittenSelection = string | string[];

function readPair(
  source: Source,
  entry: { readonly from: WrittenSelection; readonly to: WrittenSelection },
): { readonly from: Selection; readonly to: Selection } {
  return {
    from: readSelection(source, entry, 'from', entry.from),
    to: readSelection(source, entry, 'to', entry.to),
  };
}

function readSelection(source: Source, holder: object, key: string, written: WrittenSelection): Selection {
  return written === '*' ? '*' : readEndpoints(source, holder, key, written);
}
