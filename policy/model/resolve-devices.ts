import type { SerialLine } from '../../rules/modbus/profile.ts';
import type { ZoneModelFile } from './schema.ts';
import { readDuration, type Source } from './source.ts';
import type { Asset } from './zone-model.ts';

type AssetEntry = NonNullable<ZoneModelFile['zones'][string]['assets']>[string];
type LineEntry = NonNullable<AssetEntry['serial']>;

/** How an asset speaks Modbus: a device of its own, unless it says it is a gateway or a line of the box. */
export function readDevice(source: Source, entry: AssetEntry): Asset['modbus'] {
  const { modbus, serial } = entry;
  if (serial === undefined)
    return { kind: modbus?.device ?? 'direct', framing: modbus?.framing ?? 'mbap', line: undefined };
  const problem = (key: string, message: string) =>
    source.reporter.error('S-007', source.places.value(modbus ?? entry, key), message, 'Remove it.');
  if (modbus?.device === 'direct')
    problem('device', 'A serial line leads to its units, so the asset is a serial gateway.');
  if (modbus?.framing === 'rtu')
    problem('framing', 'Clients reach a serial line of the box over Modbus TCP, not over RTU.');
  return {
    kind: 'serial-gateway',
    framing: 'mbap',
    line: { ...readLine(source, serial), at: source.places.key(entry, 'serial') },
  };
}

/** MODBUS over Serial Line V1.02 §3.2: 19 200 Bd, even parity, one stop bit; two where there is no parity. */
function readLine(source: Source, entry: LineEntry): SerialLine {
  const parity = entry.parity ?? 'even';
  return {
    port: entry.port,
    baud: entry.baud ?? 19_200,
    parity,
    stopBits: entry.stop_bits ?? (parity === 'none' ? 2 : 1),
    timeout:
      entry.timeout === undefined ? 1000 : readDuration(source, entry, 'timeout', entry.timeout, LineTimeout),
    units: readUnits(source, entry.units ?? {}),
  };
}

const LineTimeout = { least: 10, most: 60_000, words: '10 milliseconds to one minute' };

function readUnits(source: Source, units: NonNullable<LineEntry['units']>): SerialLine['units'] {
  return Object.entries(units).map(([key, written]) => {
    const unit = Number(key);
    if (unit < 1 || unit > 247) {
      const hint = 'Devices on a serial line are 1 to 247.';
      source.reporter.error('S-007', source.places.key(units, key), `No device is unit ${key}.`, hint);
    }
    return { unit, timeout: readDuration(source, units, key, written, LineTimeout) };
  });
}
