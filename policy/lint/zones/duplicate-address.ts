import type { Check, Problem } from '../check.ts';

/** Two names for one host would give it the permissions of both. */
export const duplicateAddress: Check = {
  code: 'Z-107',
  severity: 'error',
  clause: '62443-3-2 ZCR 6.3',
  title: 'Every address belongs to one asset.',
  run: ({ assets }) => {
    const owners = new Map<string, string>();
    const problems: Problem[] = [];
    for (const { name, addresses, at } of assets) {
      for (const address of addresses) {
        const owner = owners.get(address);
        if (owner === undefined) owners.set(address, name);
        else
          problems.push({
            at,
            about: name,
            message: `${name} has the address ${address}, which ${owner} has too.`,
            hint: 'Give each its own address, or keep one of the two names.',
          });
      }
    }
    return problems;
  },
};
