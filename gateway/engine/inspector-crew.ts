import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { processorTime } from '../ffi/processor-time.ts';
import { type Channel, openChannel } from '../ipc/channel.ts';
import type { ChannelReport } from '../ipc/channel-body.ts';
import { type LocalListener, listenLocally } from '../ipc/listen.ts';
import { checkInspectorToEngine, type EngineToInspector, type InspectorToEngine } from '../ipc/messages.ts';
import type { FlowCounters, ToldTotals } from '../ipc/reports.ts';
import type { Logger } from '../log.ts';
import { createAbsences } from './absences.ts';
import { type ChannelOwners, createChannelOwners } from './channel-owners.ts';
import type { CounterFiles, CountersRead } from './counter-files.ts';
import { giveUp, type Hello, joined, type Member, noteTrouble } from './inspector-member.ts';
import { createShardDealer } from './shard-dealer.ts';
import { createSilenceWatch } from './silence-watch.ts';

/** A message about traffic, passed on to whoever keeps records and counts. */
export type InspectorReport = Extract<
  InspectorToEngine,
  { readonly kind: 'connections' | 'progress' | 'refusals' | 'counters' | 'used' }
>;

/** The inspecting processes that are connected, each with the shards it was given. */
export interface InspectorCrew {
  readonly members: () => readonly Member[];
  readonly broadcast: (message: EngineToInspector) => void;
  /** The channels of granted sessions that they carry. */
  readonly channels: Pick<ChannelOwners, 'expect' | 'end' | 'recorded'>;
  /** Listens for them. @throws GatewayError PST_ERR_SOCKET */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface InspectorCrewOptions {
  readonly path: string;
  readonly inspectors: number;
  /** Where they count. */
  readonly counterFiles: CounterFiles;
  readonly log: Logger;
  readonly clock: Clock;
  /** Digest of the policy in force, or empty. */
  readonly active: () => string;
  /** What a process that comes now must be told; `policy` is the one it enforces. */
  readonly news: (policy: string) => readonly EngineToInspector[];
  /** Somebody answered to a policy or a mode, or left. */
  readonly onChange: () => void;
  /** A process has come, and has told so much for the record on connections before this one. */
  readonly onMet: (epoch: string, told: ToldTotals) => void;
  /** `epoch` names the process the report comes from. */
  readonly onReport: (epoch: string, report: InspectorReport) => void;
  /** Of a granted session's channel; its `closed` comes exactly once, also when the process is lost. */
  readonly onChannel: (epoch: string, report: ChannelReport) => void;
  /**
   * The process is gone since `at` (wall clock) and its connections with it; `inOrder` when it had said so before. Not
   * called of one whose connection broke and that came again soon. `counted` is what it counted until its end, where
   * that is to be read.
   */
  readonly onLost: (
    epoch: string,
    pid: number,
    inOrder: boolean,
    at: number,
    counted: readonly FlowCounters[] | undefined,
  ) => void;
}

/** Nobody is connected, and nobody can be before `open`. */
export function createInspectorCrew(options: InspectorCrewOptions): InspectorCrew {
  const {
    path,
    inspectors,
    counterFiles,
    log,
    clock,
    active,
    news,
    onChange,
    onMet,
    onReport,
    onChannel,
    onLost,
  } = options;
  const members = new Map<number, Member>();
  const all = (): readonly Member[] => [...members.values()];
  const channels = createChannelOwners({ members: all, tell });
  const absences = createAbsences(ReturnTime);
  const dealer = createShardDealer({ inspectors, members: all, active, tell, now: clock.monotonic });
  const silence = createSilenceWatch({ members: all, tell, processorTime, log });
  let connections = 0;
  let closing = false;
  let sweeping: NodeJS.Timeout | undefined;
  let listener: LocalListener | undefined;

  function welcome(socket: Socket): void {
    let member: Member | undefined;
    openChannel<InspectorToEngine, EngineToInspector>(socket, {
      check: checkInspectorToEngine,
      onMessage: (message, channel) => {
        if (message.kind === 'hello' && member === undefined) member = greet(channel, message);
        else if (message.kind !== 'hello' && member !== undefined) receive(member, message);
        // Something before the hello, or a second one: that peer is broken or hostile.
        else channel.close();
      },
      onClose: (problem) => {
        if (member !== undefined) leave(member, problem);
      },
    });
  }

  function greet(channel: Channel<EngineToInspector>, hello: Hello): Member {
    connections += 1;
    const now = { wall: clock.wall(), monotonic: clock.monotonic() };
    const member = joined(connections, channel, hello, now);
    for (const other of all()) {
      // The same process over a new connection, before the end of the old one was seen: it is not lost.
      if (other.epoch === member.epoch) {
        members.delete(other.id);
        other.channel.close();
      }
      // A process that listens on a shard already keeps it: nobody else could bind its port anyway.
      giveUp(other, member.shards);
    }
    members.set(member.id, member);
    if (absences.end(member.epoch)) log.info({ inspector: member.pid }, 'the inspector is here again');
    onMet(member.epoch, hello.told);
    for (const message of news(member.policy)) tell(member, message);
    dealer.deal();
    return member;
  }

  function receive(member: Member, message: Exclude<InspectorToEngine, Hello>): void {
    member.missed = 0;
    switch (message.kind) {
      case 'prepared':
        member.answer = { digest: message.policy, problem: '' };
        return onChange();
      case 'unprepared':
        log.error({ inspector: member.pid, problem: message.problem }, 'an inspector cannot take the policy');
        member.answer = { digest: message.policy, problem: message.problem };
        return onChange();
      case 'activated':
        member.policy = message.policy;
        return dealer.deal();
      case 'mode-set':
        member.mode = message;
        return onChange();
      case 'listening':
        member.listening = member.shards.filter(
          (shard) => member.listening.includes(shard) || message.shards.includes(shard),
        );
        member.stumbles = 0;
        return;
      case 'not-listening':
        return stumble(member, message.shards, message.problem);
      case 'serial-ports':
        member.missingPorts = message.missing;
        return;
      case 'carries-by':
        member.dataPath = message;
        return;
      case 'leaving':
        member.leaving = true;
        return;
      case 'alive':
        return;
      case 'counted':
        return reportCounts(member);
      case 'channel':
        // Of a channel that has ended there is nothing more to be told, whoever tells it.
        if (channels.take(member.epoch, message.report)) onChannel(member.epoch, message.report);
        return;
      default:
        onReport(member.epoch, message);
    }
  }

  function reportCounts(member: Member): void {
    const { epoch, channel } = member;
    const read = readCounts(member);
    if (read.ok) return onReport(epoch, { kind: 'counters', epoch, flows: [...read.flows] });
    if (read.why === 'broken') channel.close();
    else channel.send({ kind: 'send-counters' });
  }

  function readCounts({ epoch, pid }: Member): CountersRead {
    const read = counterFiles.read(epoch);
    if (!read.ok) log.error({ inspector: pid, problem: read.problem }, 'counts cannot be read');
    return read;
  }

  /** Without shards only one of its listeners is concerned, which it tries again by itself. */
  function stumble(member: Member, shards: readonly number[], problem: string): void {
    if (noteTrouble(member, problem, clock.monotonic())) {
      log.warn({ inspector: member.pid, shards, problem }, 'cannot listen');
    }
    if (shards.length === 0) return;
    giveUp(member, shards);
    member.stumbles += 1;
    dealer.dealAgain(member.stumbles);
  }

  function leave(member: Member, problem: string): void {
    if (!members.delete(member.id) || closing) return;
    log.warn({ inspector: member.pid, problem, inOrder: member.leaving }, 'inspector gone');
    const at = clock.wall();
    // It ends them by itself when it loses the engine.
    for (const closed of channels.lose(member.epoch, at)) onChannel(member.epoch, closed);
    if (member.leaving) lose(member, at);
    else absences.begin(member.epoch, () => lose(member, at));
    onChange();
    dealer.deal();
  }

  function lose(member: Member, at: number): void {
    // What it counted until it was killed, and could not tell any more.
    const read = member.countsInFile ? readCounts(member) : undefined;
    onLost(member.epoch, member.pid, member.leaving, at, read?.ok ? read.flows : undefined);
  }

  /** A process that takes no messages must come again and be told everything: a lost one would be a guess. */
  function tell(member: Member, message: EngineToInspector): void {
    if (member.channel.send(message) || !member.channel.isOpen()) return;
    log.error({ inspector: member.pid }, 'an inspector reads nothing; its connection is cut');
    member.channel.close();
  }

  return {
    members: all,
    broadcast: (message) => {
      for (const member of all()) tell(member, message);
    },
    open: async () => {
      listener = await listenLocally({ path, directoryMode: 0o750, mode: 0o660, onConnection: welcome });
      dealer.begin();
      silence.start();
      sweeping = setInterval(
        () => counterFiles.sweep([...all().map(({ epoch }) => epoch), ...absences.epochs()]),
        SweepInterval,
      ).unref();
    },
    channels,
    close: async () => {
      closing = true;
      absences.close();
      clearInterval(sweeping);
      dealer.stop();
      silence.stop();
      await listener?.close();
      counterFiles.close();
    },
  };
}

/** Milliseconds in which one that lives comes again: it tries ten times a second. */
const ReturnTime = 2_000;
/** Long enough for a process that outlived an engine to come again; its file stays until then. Milliseconds. */
const SweepInterval = 60_000;
