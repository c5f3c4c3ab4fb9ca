import { type Attack, type Done, pause, unless } from '../attack.ts';
import { countsOf } from '../counts.ts';
import { tally } from '../programs.ts';
import { Rogues, type SoakBench } from '../soak-bench.ts';

/** What `storm` says in the end. */
interface Stormed {
  readonly sent: number;
  readonly answered: number;
  readonly cut: number;
  readonly exceptions: Readonly<Record<string, number>>;
}

interface Storm extends Load {
  readonly target: 'plc-1' | 'plc-2';
  /** Unit and PDU. */
  readonly pdu: string;
  readonly reads?: 'read' | 'deaf';
}

interface Load {
  readonly connections: number;
  /** Requests under way on each; 0 is any number. */
  readonly depth: number;
  /** A second, all together; 0 is as fast as they are taken. */
  readonly rate: number;
}

/** What refused writes beside something else come at. */
const Even: Load = { connections: 4, depth: 8, rate: 400 };
const Read = '010300000001';
const LongRead = '01030000007d';
const RefusedWrite = '01060005dead';
/** Modbus exceptions, MAP V1.1b3 §7. */
const [IllegalAddress, DeviceFailure, NoAnswer] = ['2', '4', '11'];

/** Attacks by requests, and by controllers that answer them badly. */
export const RequestAttacks: readonly Attack[] = [
  {
    name: 'refused-writes',
    what: 'refused writes on 8 connections, as fast as they are taken, to the controller that is worked with',
    run: (bench, seconds) => refusedWrites(bench, seconds, { connections: 8, depth: 32, rate: 0 }),
  },
  {
    name: 'pending-flood',
    what: 'permitted reads on 32 connections, any number under way, from a controller that takes its time',
    run: readsWhile('slow 2000', { connections: 32, depth: 0, rate: 4_000 }, (told) =>
      noMoreThanSent(told, 512),
    ),
  },
  {
    name: 'silent-plc',
    what: 'a controller that never answers, and 512 requests under way to it',
    run: readsWhile('silent', { connections: 32, depth: 16, rate: 0 }, (told) => allAnswered(told, NoAnswer)),
  },
  {
    name: 'slow-plc',
    what: 'a controller that answers 10 bytes a second, and 128 requests under way to it',
    run: readsWhile('slow 10', { connections: 16, depth: 8, rate: 0 }, (told) => noMoreThanSent(told, 128)),
  },
  {
    name: 'deaf-client',
    what: '16 connections that ask for 125 registers 8 000 times a second and never read',
    run: async (bench, seconds) => {
      const before = await answersTo(bench);
      const told = await storm(bench, seconds, {
        target: 'plc-2',
        pdu: LongRead,
        connections: 16,
        depth: 0,
        // All that is kept for them is full within seconds, without a flood of permitted requests beside.
        rate: 8_000,
        reads: 'deaf',
      });
      // An inspector tells each second.
      await pause(1_500);
      const asked = (await answersTo(bench)) - before;
      return {
        wrong: [
          ...unless(asked > 16, `only ${asked} requests were answered`),
          ...unless(
            asked <= 16 * MostUnread,
            `a controller was asked ${asked} times for clients that never read`,
          ),
        ],
        notes: [`${told.sent} requests taken, ${asked} asked, ${told.cut} connections cut`],
      };
    },
  },
  {
    name: 'exception-storm',
    what: 'a controller that answers everything with an exception, asked 5 000 times a second',
    run: readsWhile('exception', { connections: 8, depth: 16, rate: 5_000 }, (told) =>
      allAnswered(told, DeviceFailure),
    ),
  },
];

/** Refused writes to plc-1 at an even pace, beside something else that is done. */
export function refusedMeanwhile(bench: SoakBench, seconds: number): Promise<Done> {
  return refusedWrites(bench, seconds, Even);
}

/** The same, where the connections are cut meanwhile: what was answered was counted before, what was not may never have come. */
export async function refusedUntilCut(bench: SoakBench, seconds: number): Promise<Done> {
  const told = await storm(bench, seconds, { target: 'plc-1', pdu: RefusedWrite, ...Even });
  return {
    refusals: {
      ...{ flow: Flow, reason: 'address-out-of-range' },
      ...{ count: told.answered, orAtMost: told.sent },
    },
    wrong: [
      ...unless(told.cut === Even.connections, `${told.cut} of ${Even.connections} connections were cut`),
      ...unless(
        (told.exceptions[IllegalAddress] ?? 0) === told.answered,
        `${JSON.stringify(told.exceptions)} and not ${told.answered} times ${IllegalAddress}`,
      ),
    ],
    notes: [`${told.sent} requests, ${told.answered} answers`],
  };
}

async function refusedWrites(bench: SoakBench, seconds: number, load: Load): Promise<Done> {
  const told = await storm(bench, seconds, { target: 'plc-1', pdu: RefusedWrite, ...load });
  return {
    ...allAnswered(told, IllegalAddress),
    refusals: { flow: Flow, reason: 'address-out-of-range', count: told.sent },
  };
}

/** Permitted reads from plc-2 while it misbehaves. */
function readsWhile(how: string, load: Load, judge: (told: Stormed) => Done): Attack['run'] {
  return async (bench, seconds) => {
    const plc = bench.plc('plc-2');
    await tell(how);
    try {
      return judge(await storm(bench, seconds, { target: 'plc-2', pdu: Read, ...load }));
    } finally {
      await tell('honest');
    }

    async function tell(line: string): Promise<void> {
      const heard = plc.output().length;
      plc.tell(line);
      await plc.says(new RegExp(`^[^]{${heard}}[^]*did ${line}\\n`));
    }
  };
}

/** `storm` on its way, to its end. */
function storm(bench: SoakBench, seconds: number, options: Storm): Promise<Stormed> {
  const { target, pdu, connections, depth, rate, reads = 'read' } = options;
  const words = [
    bench.network.address(target),
    502,
    pdu,
    connections,
    depth,
    rate,
    seconds,
    reads,
    ...Rogues,
  ];
  return tally(bench.attack('rogue', 'storm', ...words));
}

/** Answers of controllers that the taken-over client was handed. */
async function answersTo({ controlSocket }: SoakBench): Promise<number> {
  const { flows } = await countsOf(controlSocket);
  return flows.find(({ flowId }) => flowId === Flow)?.responses ?? 0;
}

function allAnswered({ sent, answered, cut, exceptions }: Stormed, code: string): Done {
  return {
    wrong: [
      ...unless(answered === sent, `${answered} of ${sent} requests were answered`),
      ...unless(
        (exceptions[code] ?? 0) === sent,
        `${JSON.stringify(exceptions)} and not ${sent} times ${code}`,
      ),
      ...unless(cut === 0, `${cut} connections were cut`),
    ],
    notes: [`${sent} requests`],
  };
}

/** Some may wait too long, or be cut; all that are meant to be under way were, and nobody is answered twice. */
function noMoreThanSent({ sent, answered, cut, exceptions }: Stormed, underWay: number): Done {
  return {
    wrong: [
      ...unless(answered <= sent, `${answered} answers to ${sent} requests`),
      ...unless(sent >= underWay, `only ${sent} requests were taken`),
    ],
    notes: [`${sent} requests, ${answered} answers, exceptions ${JSON.stringify(exceptions)}, ${cut} cut`],
  };
}

const Flow = 'C-01/F-04';
/** Answers of 259 bytes that the kernels on both sides keep for one connection, generously. */
const MostUnread = 4_000;
