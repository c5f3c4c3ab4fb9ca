import type { Load } from './load.ts';
import { Servers, Sources } from './model.ts';

/** One kind of traffic. */
export interface Row {
  readonly name: string;
  readonly load: Load;
  /** Times as long as other rows: what is paced gives few samples. */
  readonly longer?: number;
  /** Only for columns that refuse: every request is refused. */
  readonly refused?: boolean;
  /** Memory of the box's processes is read while the connections are still open. */
  readonly memory?: boolean;
}

const one = { sources: Sources.join(','), servers: Servers[0] ?? '' };

/** Every column is measured with each of these; the names are what `--rows` takes. */
export const Rows: readonly Row[] = [
  { name: '1', load: { ...one, connections: 1 } },
  { name: '10', load: { ...one, connections: 10 } },
  { name: '100', load: { ...one, connections: 100 } },
  { name: '500', load: { ...one, connections: 500 }, memory: true },
  { name: '10x32', load: { ...one, connections: 10, depth: 32 } },
  { name: 'paced-200', load: { ...one, connections: 20, rate: 200 }, longer: 2 },
  { name: 'paced-1000', load: { ...one, connections: 20, rate: 1000 }, longer: 2 },
  { name: 'setup', load: { ...one, connections: 16, setup: 1 } },
  { name: 'refused-100', load: { ...one, connections: 100, refused: 1 }, refused: true },
  { name: 'refused-10x32', load: { ...one, connections: 10, depth: 32, refused: 1 }, refused: true },
];

/** Whatever the number of rules. */
export const RulesRow: Row = { name: 'rules', load: { ...one, connections: 100 } };

/** Several servers, since all connections to one are on one inspector. */
export const TwoRow: Row = {
  name: 'two',
  load: { sources: Sources.join(','), servers: Servers.join(','), connections: 100 },
};

export const LongRow: Row = { name: 'long', load: { ...one, connections: 10, depth: 32 } };
