import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { lacks } from '../tools.ts';
import { lastAnswer, mbpoll, openTunnel, poll, type Tool } from './tunnels.ts';
import { Box, openVendorBench, type VendorBench } from './vendor-bench.ts';

/** From request to receipt, with the vendor's own tools, through a whole gateway with the kernel back end. */
let world: VendorBench;
beforeAll(async () => {
  world = await openVendorBench();
});
afterAll(() => world?.close());

/** The bound is a second (62443-3-3 SR 1.13); a slow machine fails no test. */
const LastByteBound = 3_000;

/** The tools of every run; the others are for CI. */
const OneOfEachCarrier: readonly Tool[] = ['penstock', 'ssh'];

const tools: readonly (readonly [Tool, readonly string[]])[] = [
  ['penstock', ['mbpoll']],
  ['stunnel', ['mbpoll', 'stunnel']],
  ['openssl', ['mbpoll', 'openssl', 'socat']],
  ['ssh', ['mbpoll', 'ssh']],
];

describe.each(tools)('%s', (tool, needed) => {
  const tags = OneOfEachCarrier.includes(tool) ? [] : ['deep'];
  test.skipIf(lacks(...needed))(
    'reads, may write what is granted and nothing else, and ends when it is told',
    { tags },
    async () => {
      const carrier = tool === 'ssh' ? 'ssh' : 'tls';
      const grant = await world.open({ carrier });
      const old = carrier === 'tls' ? (await world.credentials(grant)).file : '';
      const tunnel = await openTunnel(world, tool, grant, { file: old });
      onTestFinished(tunnel.stop);

      expect(await mbpoll(world, 100)).toMatch(/\[100\]:\s+\d+/);
      expect(await mbpoll(world, 100, 321)).toContain('Written 1 references');
      expect(await world.register(100)).toBe(321);
      expect(await mbpoll(world, 100, 900)).toMatch(/Illegal|failed/);
      expect(await mbpoll(world, 140, 5)).toMatch(/Illegal|failed/);
      expect(await world.register(100)).toBe(321);

      const poller = poll(world);
      onTestFinished(poller.stop);
      await poller.says(/ok /);
      await eventually('its one channel', async () => {
        const { channels } = await world.grant(grant.id);
        return channels.length === 1 ? channels : undefined;
      });
      const ordered = Date.now();
      await world.people.call('grant-end', { grant: grant.id, why: 'the shift is over' }, world.operator);
      expect(await world.closed(grant.id)).toBe('grant-stopped');
      await poller.says(/lost /);
      expect(lastAnswer(poller) - ordered).toBeLessThan(LastByteBound);

      // Nothing listens any more; and with another grant open, the old credentials are those of nobody.
      await refusedConnection();
      await tunnel.stop();
      const other = await world.open({ carrier });
      if (carrier === 'tls') {
        const again = await openTunnel(world, tool, grant, { file: old });
        expect(await mbpoll(world, 100)).not.toMatch(/\[100\]:\s+\d+/);
        await again.stop();
      }
      const answered = lastAnswer(poller);
      await world.people.call('grant-end', { grant: other.id, why: '' }, world.operator);
      await world.closed(other.id);
      expect(lastAnswer(poller)).toBe(answered);
      await poller.stop();

      const told = await receipt(grant.id);
      expect(told).toMatchObject({
        grant: grant.id,
        cause: 'grant-stopped',
        closedBy: 'olga',
        why: 'the shift is over',
        carrier,
        approvals: [
          { by: 'lead', means: 'passkey' },
          { by: 'otto', means: 'passkey' },
        ],
      });
      expect(told.writes).toHaveLength(1);
      expect(told.refused).toHaveLength(2);
      expect(told.changes).toHaveLength(1);
    },
  );
});

interface Receipt {
  readonly writes: readonly { readonly text: string }[];
  readonly refused: readonly { readonly text: string }[];
  readonly changes: readonly unknown[];
}

async function receipt(grant: string): Promise<Receipt> {
  const { text } = await eventually('the receipt', async () => {
    const state = await world.grant(grant);
    return state.receipt ? await world.people.call('grant-receipt', { grant }, world.vendor) : undefined;
  });
  return JSON.parse(text) as Receipt;
}

/** What the vendor's machine is told at both entries. */
async function refusedConnection(): Promise<void> {
  for (const port of ['8443', '2222']) {
    await eventually(`port ${port} is refused`, async () => {
      const knock = world.atVendor('bash', '-c', `exec 3<>/dev/tcp/${Box}/${port}`);
      await knock.ended;
      return /refused/i.test(knock.output()) ? true : undefined;
    });
  }
}
