/** What an asset is for, by the type its author gives it; other types say nothing. */
export type AssetPurpose = 'office' | 'control' | 'safety';

/** Purpose of a type, however it is capitalised; undefined for what may stand anywhere. */
export function purposeOf(type: string): AssetPurpose | undefined {
  return Purposes.get(type.toLowerCase());
}

/** Whether the type is a device with firmware that somebody keeps a list of (62443-3-3 SR 7.8). */
export function isController(type: string): boolean {
  return Controllers.has(type.toLowerCase());
}

/** Whether the type answers queries for process history. */
export function isHistorian(type: string): boolean {
  return type.toLowerCase() === 'historian';
}

const Controllers: ReadonlySet<string> = new Set([
  'plc',
  'pac',
  'rtu',
  'dcs',
  'ied',
  'drive',
  'robot',
  'cnc',
  'controller',
  'remote-io',
  'safety-controller',
  'safety-plc',
  'sis',
]);

const Purposes: ReadonlyMap<string, AssetPurpose> = new Map([
  ...typed('office', 'office-pc printer erp crm bi mail-server web-server file-server phone'),
  ...typed('control', 'plc pac rtu dcs ied drive robot cnc controller remote-io hmi scada panel'),
  ...typed('safety', 'safety-controller safety-plc safety-relay sis esd'),
]);

function typed(purpose: AssetPurpose, types: string): readonly (readonly [string, AssetPurpose])[] {
  return types.split(' ').map((type) => [type, purpose]);
}
