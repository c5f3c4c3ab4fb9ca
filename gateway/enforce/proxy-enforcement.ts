import type { Enforcement } from './enforcement.ts';

/**
 * The proxy back end has nothing to do in the kernel: no listener, no passage. Gates and modes are
 * kept by the inspectors, which are told of them by themselves.
 */
export function createProxyEnforcement(): Enforcement {
  return {
    backEnd: 'proxy',
    holdShut: async () => undefined,
    check: async () => undefined,
    apply: async () => undefined,
    setGates: async () => undefined,
    setMode: async () => undefined,
    loaded: async () => undefined,
    withdraw: async () => undefined,
    verify: async () => [],
    onTouch: () => undefined,
    counts: async () => ({ flows: [], drops: [], undeclared: 0 }),
    state: () => ({ nftChild: 'none', alarms: [] }),
    close: () => undefined,
  };
}
