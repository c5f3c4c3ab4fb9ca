import type { Mode } from './access.ts';
import type {
  Invariant,
  PolicyTest,
  RequestSelection,
  Selection,
  TestCircumstances,
  TrafficSelection,
  Waiver,
} from './claims.ts';
import { isPreset, PresetTable } from './presets.ts';
import { expandRanges, joinRanges } from './ranges.ts';
import type { ZoneModelFile } from './schema.ts';
import { entriesOf, isList, readEndpoints, readNumbers, readTime, type Source, tidy } from './source.ts';
import { didYouMean } from './suggest.ts';
import { quote } from './yaml-tree.ts';

type TestEntry = NonNullable<ZoneModelFile['tests']>[number];
type InvariantEntry = NonNullable<ZoneModelFile['invariants']>[number];

/** The site's own tests; a Modbus test means TCP port 502 unless it says otherwise. */
export function resolveTests(
  source: Source,
  file: ZoneModelFile,
  modes: readonly Mode[],
): readonly PolicyTest[] {
  const { names, places, reporter } = source;
  return (file.tests ?? []).flatMap((entry) => {
    const from = names.asset(entry.from, places.value(entry, 'from'));
    const to = names.asset(entry.to, places.value(entry, 'to'));
    const given = readGiven(source, entry.given ?? {}, modes);
    const byTarget = entry.by !== undefined && isTarget(source, entry.by) ? entry.by : '';
    const by =
      entry.by === undefined || byTarget !== '' ? undefined : names.flow(entry.by, places.value(entry, 'by'));
    const protocol = entry.proto ?? 'tcp';
    if (entry.modbus === undefined && entry.port === undefined && protocol !== 'icmp-echo')
      reporter.error('S-005', places.of(entry), '`port` or `modbus` is missing here.', 'Say what is sent.');
    if (from === undefined || to === undefined) return [];
    const port = entry.port ?? (entry.modbus === undefined ? 0 : ModbusPort);
    const modbus = readRequest(entry.modbus);
    const { name, expect, because } = entry;
    return [
      { at: places.of(entry), name, from, to, protocol, port, modbus, given, expect, by, byTarget, because },
    ];
  });
}

/** Whether a vendor has a target of this id. */
function isTarget({ names }: Source, id: string): boolean {
  const [vendor = '', target = ''] = id.split('/');
  return (
    names.vendors.get(vendor)?.targets.some(({ asset, port }) => `${asset.name}.${port}` === target) === true
  );
}

/** Statements to be proved; the evaluator comes with the proof. */
export function resolveInvariants(source: Source, file: ZoneModelFile): readonly Invariant[] {
  return (file.invariants ?? []).map((entry) => readInvariant(source, entry));
}

/** Accepted findings; what one is about must exist. */
export function resolveWaivers(source: Source, file: ZoneModelFile): readonly Waiver[] {
  const { names, places, reporter } = source;
  return (file.waivers ?? []).map((entry) => {
    if (!names.has(entry.on) && !isNamedElsewhere(file, entry.on)) {
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

function isNamedElsewhere(file: ZoneModelFile, name: string): boolean {
  const tables = [file.gateways, file.modes, file.non_ip_paths];
  const isKey = tables.some((table) => table !== undefined && Object.hasOwn(table, name));
  return (
    isKey ||
    name === file.metadata.site ||
    (file.tests ?? []).some((test) => test.name === name) ||
    (file.invariants ?? []).some(({ id }) => id === name)
  );
}

const ModbusPort = 502;

function readRequest(entry: TestEntry['modbus']): PolicyTest['modbus'] {
  if (entry === undefined) return undefined;
  const { unit, fc, address, quantity, value } = entry;
  return {
    unit,
    functionCode: fc,
    address,
    quantity,
    values: value === undefined ? [] : isList(value) ? value : [value],
    readAddress: entry.read_address,
    readQuantity: entry.read_quantity,
    andMask: entry.and,
    orMask: entry.or,
    subFunction: entry.sub,
    mei: entry.mei,
    file: entry.file,
    record: entry.record,
  };
}

function readGiven(
  source: Source,
  entry: NonNullable<TestEntry['given']>,
  modes: readonly Mode[],
): TestCircumstances {
  const { names, places, reporter } = source;
  const known = modes.map(({ name }) => name);
  if (entry.mode !== undefined && !known.includes(entry.mode)) {
    const message = `There is no mode named ${quote(entry.mode)}.`;
    reporter.error('N-001', places.value(entry, 'mode'), message, didYouMean(entry.mode, known, 'modes'));
  }
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
    return {
      at,
      id,
      kind: 'never',
      ...readPair(source, entry.never),
      what: readTraffic(source, entry.never),
    };
  }
  if ('only' in entry) {
    const { names } = source;
    const allowed = entriesOf(source, entry.only, 'allow', entry.only.allow);
    const isVendor = ({ entry: name }: { readonly entry: string }) => names.vendors.has(name);
    return {
      at,
      id,
      kind: 'only',
      ...readPair(source, entry.only),
      what: readTraffic(source, entry.only),
      allow: allowed
        .filter((each) => !isVendor(each))
        .flatMap((each) => names.flow(each.entry, each.at) ?? []),
      vendors: allowed.filter(isVendor).flatMap((each) => names.vendor(each.entry, each.at) ?? []),
    };
  }
  if ('path' in entry) {
    const mustCross = source.names.zone(entry.path.must_cross, source.places.value(entry.path, 'must_cross'));
    const pair = readPair(source, entry.path);
    return { at, id, kind: 'path', ...pair, mustCross };
  }
  const { to, count } = entry.max_writers;
  const what = readTraffic(source, entry.max_writers);
  return {
    at,
    id,
    kind: 'max-writers',
    to: readSelection(source, entry.max_writers, 'to', to),
    // Whoever asks how many may write means writes, unless the statement says more.
    what: { ...what, modbus: what.modbus ?? { ...AnyRequest, class: 'write' } },
    count,
  };
}

type TrafficEntry = Pick<
  Extract<InvariantEntry, { readonly never: unknown }>['never'],
  'proto' | 'port' | 'modbus_class' | 'modbus'
>;

function readTraffic(source: Source, entry: TrafficEntry): TrafficSelection {
  const { places, reporter } = source;
  const { proto: protocol, modbus, modbus_class: modbusClass } = entry;
  if (modbus?.class !== undefined && modbusClass !== undefined)
    reporter.error(
      'S-007',
      places.key(entry, 'modbus_class'),
      'The class is here twice.',
      'Keep one of them.',
    );
  const ports = joinRanges(readNumbers(source, entry, 'port', entry.port, 65535, 'port'));
  if (modbus === undefined && modbusClass === undefined) return { protocol, ports, modbus: undefined };
  const request = modbus === undefined ? AnyRequest : readRequests(source, modbus);
  return { protocol, ports, modbus: { ...request, class: modbusClass ?? request.class } };
}

function readRequests(source: Source, entry: NonNullable<TrafficEntry['modbus']>): RequestSelection {
  const { fc, value } = entry;
  if (value !== undefined && value.min > value.max)
    source.reporter.error('S-007', source.places.key(entry, 'value'), '`min` is above `max`.', 'Swap them.');
  return {
    class: entry.class,
    functions: fc === undefined ? [] : isPreset(fc) ? PresetTable[fc].functions : isList(fc) ? fc : [fc],
    units: expandRanges(readNumbers(source, entry, 'units', entry.units, 255, 'unit identifier')),
    addresses: joinRanges(readNumbers(source, entry, 'address', entry.address, 65535, 'address')),
    values: value,
  };
}

const AnyRequest: RequestSelection = {
  class: undefined,
  functions: [],
  units: [],
  addresses: [],
  values: undefined,
};

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
