import { mustRunIn, runIn } from '../../plant/namespaces/exec.ts';
import { type Attack, unless } from '../attack.ts';
import { tally } from '../programs.ts';
import { Rogues, type SoakBench } from '../soak-bench.ts';

/** What `flood` says in the end. */
interface Flooded {
  readonly dialled: number;
  readonly opened: number;
  readonly cut: number;
  readonly failed: number;
  readonly sent: number;
  readonly heard: number;
}

const [First = '', Second = ''] = Rogues;

/** Attacks by connections: too many of them, half of them, ever new ones, and ones that hardly speak. */
export const ConnectionAttacks: readonly Attack[] = [
  {
    name: 'connection-flood',
    what: '200 connections a second from one address, all kept open; 128 may be',
    run: async (bench, seconds) => {
      const told = await flood(bench, 'hold', 4_000, 200, seconds, [First]);
      return {
        // A reset may come before the attacker has seen that it was let in.
        refusals: { flow: Flow, reason: 'connection-limit', count: told.cut + told.failed },
        wrong: unless(
          told.opened - told.cut <= PerPair,
          `${told.opened - told.cut} connections were left open`,
        ),
        notes: [`${told.dialled} connections`],
      };
    },
  },
  {
    name: 'half-open',
    what: '5 000 first segments a second, of connections that nobody goes on with',
    run: async (bench, seconds) => {
      // Or the attacker's own kernel would end each of them.
      const namespace = bench.network.of('rogue');
      const quiet = `table inet half { chain quiet { type filter hook prerouting priority raw; ip daddr ${Second} counter drop; }; }`;
      await mustRunIn(namespace, 'nft', quiet);
      try {
        const { sent } = await tally<{ readonly sent: number }>(
          bench.attack(
            'rogue',
            'packets',
            'syn',
            Second,
            bench.network.address('plc-1'),
            502,
            Halves,
            seconds,
          ),
        );
        const table = await mustRunIn(namespace, 'nft', 'list', 'table', 'inet', 'half');
        const answered = Number(/packets (\d+)/.exec(table)?.[1]);
        return {
          wrong: [
            ...unless(sent > (Halves * seconds) / 2, `only ${sent} segments were sent`),
            ...unless(answered > 0, 'none of the segments was answered'),
          ],
          notes: [`${sent} segments, ${answered} answers`],
        };
      } finally {
        await runIn(namespace, ['nft', 'delete', 'table', 'inet', 'half']);
      }
    },
  },
  {
    name: 'port-churn',
    what: '300 connections a second, each from another port, with one refused write on each',
    run: async (bench, seconds) => {
      const told = await flood(bench, 'churn', 64, 300, seconds, Rogues);
      return {
        refusals: { flow: Flow, count: told.sent },
        wrong: unless(told.heard === told.sent, `${told.heard} of ${told.sent} refusals were answered`),
        notes: [`${told.opened} connections`],
      };
    },
  },
  {
    name: 'trickle',
    what: '1 000 connections from ten addresses, one byte a second on each',
    run: async (bench, seconds) => {
      const told = await flood(bench, 'trickle', 1_000, 500, seconds + 2, Rogues);
      return {
        wrong: unless(
          told.opened >= 900 && told.failed === 0,
          `of ${told.dialled} connections ${told.opened} were let in, ${told.failed} refused`,
        ),
        notes: [`${told.opened} connections, ${told.cut} cut, ${told.heard} answers`],
      };
    },
  },
];

function flood(
  bench: SoakBench,
  kind: 'hold' | 'trickle' | 'churn',
  connections: number,
  rate: number,
  seconds: number,
  sources: readonly string[],
): Promise<Flooded> {
  const target = bench.network.address('plc-1');
  return tally(bench.attack('rogue', 'flood', kind, target, 502, connections, rate, seconds, ...sources));
}

const Flow = 'C-01/F-04';
/** First segments a second. */
const Halves = 5_000;
/** From one address to one server, `gateway/inspector/places.ts`. */
const PerPair = 128;
