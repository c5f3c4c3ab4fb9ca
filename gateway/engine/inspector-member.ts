import { BeatInterval } from '../ipc/bounds.ts';
import type { Channel } from '../ipc/channel.ts';
import type { EngineToInspector, InspectorToEngine } from '../ipc/messages.ts';

export type Hello = Extract<InspectorToEngine, { readonly kind: 'hello' }>;

/** A serial port that cannot be had, and why. */
type MissingPort = Extract<InspectorToEngine, { readonly kind: 'serial-ports' }>['missing'][number];

/** How it carries transparent connections; under `auto` the problem is why it is not by epoll. */
type CarriedBy = Pick<Extract<InspectorToEngine, { readonly kind: 'carries-by' }>, 'path' | 'problem'>;

/** An inspecting process that has said hello, with what it was told and what it answered. */
export interface Member {
  /** Rises with each connection: the lowest is the oldest. */
  readonly id: number;
  readonly epoch: string;
  readonly pid: number;
  /** Wall clock at which it said hello. */
  readonly since: number;
  readonly channel: Channel<EngineToInspector>;
  readonly countsInFile: boolean;
  /** The policy it enforces; empty before the first. */
  policy: string;
  /** What it said last of a policy that may follow; an empty problem is a yes. */
  answer: { readonly digest: string; readonly problem: string };
  /** The last change of mode it told of; a problem is why nothing passes there. */
  mode: { readonly generation: number; readonly problem: string };
  /** Shards it was told to take or came with. Nobody else is told to take them. */
  shards: readonly number[];
  /** Of these, where it says it listens. */
  listening: readonly number[];
  /** How often in a row it could not take what it was told to. */
  stumbles: number;
  /** What it last could not listen on. Monotonic times: when it said so, and when the log heard of it. */
  trouble: { readonly text: string; readonly at: number; readonly loggedAt: number };
  /** The serial ports it cannot have. */
  missingPorts: readonly MissingPort[];
  /** How it said it carries. */
  dataPath: CarriedBy | undefined;
  /** Looks at it since its last message; it sends one between two of them unless it is busy (silence-watch.ts). */
  missed: number;
  /** It is ending in order. */
  leaving: boolean;
}

/** What the status and the alarms show of an inspecting process. */
export interface InspectorState {
  readonly pid: number;
  /** Where it listens. */
  readonly shards: readonly number[];
  /** Has nothing to carry and stands by. */
  readonly spare: boolean;
  /** Wall clock at which it said hello. */
  readonly since: number;
  /** Enforces the policy in force in the mode in force, and no other. */
  readonly current: boolean;
  /** What it cannot listen on now, or empty. */
  readonly trouble: string;
  /** The serial ports it cannot have. */
  readonly missingPorts: readonly MissingPort[];
  readonly dataPath: CarriedBy | undefined;
  /** Milliseconds since its last message, as far as the engine itself was awake. */
  readonly silence: number;
}

/** What a process is right after its hello. Times: wall and monotonic. */
export function joined(
  id: number,
  channel: Channel<EngineToInspector>,
  hello: Hello,
  now: { readonly wall: number; readonly monotonic: number },
): Member {
  return {
    id,
    epoch: hello.epoch,
    pid: hello.pid,
    since: now.wall,
    channel,
    countsInFile: hello.countsInFile,
    policy: hello.policy,
    answer: { digest: '', problem: '' },
    mode: { generation: 0, problem: '' },
    shards: [...hello.shards],
    listening: [...hello.shards],
    stumbles: 0,
    trouble: { text: '', at: 0, loggedAt: 0 },
    missingPorts: [],
    dataPath: undefined,
    missed: 0,
    leaving: false,
  };
}

/** `active` is the digest of the policy in force, `generation` that of the mode, `now` monotonic. */
export function stateOf(member: Member, active: string, generation: number, now: number): InspectorState {
  const { pid, shards, listening, since, policy, mode, trouble, missingPorts, dataPath, missed } = member;
  return {
    pid,
    shards: listening.toSorted((one, other) => one - other),
    spare: shards.length === 0,
    since,
    current: policy === active && mode.generation === generation && mode.problem === '',
    trouble: now - trouble.at < TroubleLasts ? trouble.text : '',
    missingPorts,
    dataPath,
    silence: missed * BeatInterval,
  };
}

/** These shards are not this process's any more. */
export function giveUp(member: Member, shards: readonly number[]): void {
  member.shards = member.shards.filter((shard) => !shards.includes(shard));
  member.listening = member.listening.filter((shard) => !shards.includes(shard));
}

/**
 * Notes what it cannot listen on, which it says again each second while it lasts.
 * @returns whether the log should hear of it: when it is new, and once a minute
 */
export function noteTrouble(member: Member, text: string, now: number): boolean {
  const { trouble } = member;
  const isNews = trouble.text !== text || now - trouble.loggedAt >= LogInterval;
  member.trouble = { text, at: now, loggedAt: isNews ? now : trouble.loggedAt };
  return isNews;
}

/** Milliseconds a process has to read a new policy, in one stretch in which it says nothing. */
export const PrepareTimeout = 10_000;

/** Said each second; after this long without a word it is over. Milliseconds. */
const TroubleLasts = 3_000;
const LogInterval = 60_000;
