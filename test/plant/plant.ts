import { type Plc, startPlc } from './plc.ts';
import type { PlcKind } from './process.ts';

/** The controllers of the example model and what each does. */
export const Controllers: Readonly<Record<string, PlcKind>> = {
  'plc-intake': 'intake',
  'plc-dosing': 'dosing',
  'sis-plc': 'safety',
};

export interface PlantOptions {
  /** Asset of the example model to where it listens; a controller without one takes a free loopback port. */
  readonly addresses?: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
}

/** The controllers of the example plant inside this process, without privileges. */
export interface Plant {
  /** By asset name, each with the address and port it listens on. */
  readonly plcs: ReadonlyMap<string, Plc>;
  readonly close: () => Promise<void>;
}

/** Starts every controller of the example model; when one cannot listen, the others are closed again. */
export async function startPlant(options: PlantOptions = {}): Promise<Plant> {
  const plcs = new Map<string, Plc>();
  const close = async () => {
    await Promise.all([...plcs.values()].map((plc) => plc.close()));
  };
  try {
    for (const [asset, kind] of Object.entries(Controllers)) {
      const { address, port } = options.addresses?.[asset] ?? { address: '127.0.0.1', port: 0 };
      plcs.set(asset, await startPlc({ kind, address, port }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { plcs, close };
}
