import { Readable } from 'node:stream';
import type { MeBody } from '../../ipc/account-body.ts';
import type { GrantsBody, OperationBody } from '../../ipc/grant-body.ts';
import type { EngineAsker, Who } from '../engine-asker.ts';
import { obstacleToLooking } from './known-caller.ts';

/** Tells every viewer what changes, as server-sent events. */
export interface LiveHub {
  /** A stream of events for one page; undefined where there are too many already. */
  readonly watch: (who: Pick<Who, 'session' | 'source'>) => Readable | undefined;
  readonly close: () => void;
}

/**
 * One look at the engine each second, however many watch: the plant is asked about once, granted sessions once for
 * each circle of people who are told the same, and each sign-in whether it still stands. A viewer is sent what differs
 * from what it was sent before. While nobody watches, nothing is asked.
 */
export function createLiveHub(engine: EngineAsker): LiveHub {
  const viewers = new Set<Viewer>();
  let circles = new Map<string, Circle>();
  let plant: ReadonlyMap<string, string> = new Map();
  let looking = false;
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;

  function watch({ session, source }: Pick<Who, 'session' | 'source'>): Readable | undefined {
    const ofSession = [...viewers].filter((viewer) => viewer.who.session === session);
    if (viewers.size >= MostViewers || ofSession.length >= MostOfOne) return undefined;
    const viewer: Viewer = {
      who: { session, source, attended: false },
      stream: new Readable({ read: () => undefined }),
      sent: new Map(),
      lastOperation: 0,
    };
    viewers.add(viewer);
    viewer.stream.once('close', () => {
      viewers.delete(viewer);
      if (viewers.size > 0) return;
      clearInterval(timer);
      timer = undefined;
      circles = new Map();
      plant = new Map();
    });
    timer ??= setInterval(() => void look(), Interval);
    void look();
    return viewer.stream;
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const known = await whoIsThere();
      const staff = known.filter(({ me }) => obstacleToLooking(me) === undefined);
      const [ofPlant] = await Promise.all([staff.length > 0 ? lookAtPlant() : plant, lookAtGrants(known)]);
      plant = ofPlant;
      for (const each of known) tell(each);
    } finally {
      looking = false;
    }
  }

  /** The viewers whose sign-in stands; the streams of all others end here. */
  async function whoIsThere(): Promise<readonly Known[]> {
    const asked = new Map<string, ReturnType<typeof askWho>>();
    const askWho = (who: Who) => engine.call('me', {}, who);
    const found = [...viewers].map(async (viewer): Promise<readonly Known[]> => {
      const { session } = viewer.who;
      const answer = asked.get(session) ?? askWho(viewer.who);
      asked.set(session, answer);
      const outcome = await answer;
      if (outcome.ok) return [{ viewer, me: outcome.body }];
      const { code, sentence } = outcome.problem;
      send(viewer, code === 'PST_NOT_SIGNED_IN' ? 'ended' : 'trouble', JSON.stringify({ code, sentence }));
      if (code === 'PST_NOT_SIGNED_IN') viewer.stream.push(null);
      return [];
    });
    return (await Promise.all(found)).flat();
  }

  async function lookAtPlant(): Promise<ReadonlyMap<string, string>> {
    looks += 1;
    const due = PlantTopics.filter((topic) => !Long.includes(topic) || looks % 2 === 0 || !plant.has(topic));
    const answers = await Promise.all(due.map(async (topic) => [topic, await engine.ask(topic)] as const));
    // What did not come this time stays as it was; the page sees by the beat how old that is.
    return new Map([
      ...plant,
      ...answers.flatMap(([topic, answer]) =>
        answer.ok ? [[topic, JSON.stringify(answer.body)] as const] : [],
      ),
    ]);
  }

  async function lookAtGrants(known: readonly Known[]): Promise<void> {
    const present = new Map(known.filter(({ me }) => mayAsk(me)).map((each) => [circleOf(each.me), each]));
    circles = new Map(
      await Promise.all(
        [...present].map(async ([name, { viewer, me }]) => {
          const circle = circles.get(name) ?? { topics: new Map(), operations: [] };
          return [
            name,
            await lookForCircle(circle, viewer.who, obstacleToLooking(me) === undefined),
          ] as const;
        }),
      ),
    );
  }

  /** @param ofPlant whether these people watch what vendors do */
  async function lookForCircle({ topics, operations }: Circle, who: Who, ofPlant: boolean): Promise<Circle> {
    const after = operations.at(-1)?.number ?? 0;
    const [grants, done] = await Promise.all([
      engine.call('grants', {}, who),
      ofPlant ? engine.call('operations', { after }, who) : ({ ok: true, body: [] } as const),
    ]);
    return {
      topics: grants.ok ? grantTopics(grants.body) : topics,
      operations: done.ok ? [...operations, ...done.body].slice(-MostOperations) : operations,
    };
  }

  function tell({ viewer, me }: Known): void {
    viewer.sent.delete('trouble');
    send(viewer, 'me', JSON.stringify(me));
    if (!mayAsk(me)) return;
    if (obstacleToLooking(me) === undefined) for (const [topic, body] of plant) send(viewer, topic, body);
    const circle = circles.get(circleOf(me));
    for (const [topic, body] of circle?.topics ?? []) send(viewer, topic, body);
    const news = (circle?.operations ?? []).filter(({ number }) => number > viewer.lastOperation);
    if (news.length > 0) {
      viewer.lastOperation = news.at(-1)?.number ?? 0;
      push(viewer, 'operations', JSON.stringify(news));
    }
    push(viewer, 'beat', JSON.stringify({ now: Date.now() }));
  }

  return {
    watch,
    close: () => {
      clearInterval(timer);
      for (const { stream } of viewers) stream.destroy();
    },
  };
}

interface Viewer {
  readonly who: Who;
  readonly stream: Readable;
  /** What was sent last, by topic. */
  readonly sent: Map<string, string>;
  lastOperation: number;
}

interface Known {
  readonly viewer: Viewer;
  readonly me: MeBody;
}

/** People who are told the same about granted sessions. */
interface Circle {
  readonly topics: ReadonlyMap<string, string>;
  readonly operations: readonly OperationBody[];
}

/** A vendor is told of their own sessions alone, everybody else by their roles. */
function circleOf({ account }: MeBody): string {
  const own = account.vendor === '' && !account.roles.includes('vendor') ? '' : account.name;
  return JSON.stringify([own, account.roles.toSorted(), account.duties.toSorted()]);
}

function mayAsk({ locked, mustEnrol }: MeBody): boolean {
  return !locked && !mustEnrol;
}

/** What is over hardly changes and is long; it is a topic of its own. */
function grantTopics(grants: GrantsBody): ReadonlyMap<string, string> {
  const over = grants.filter(({ state }) => state === 'closed' || state === 'refused');
  const live = grants.filter((grant) => !over.includes(grant));
  return new Map([
    ['grants', JSON.stringify(live)],
    ['closed', JSON.stringify(over)],
  ]);
}

function send(viewer: Viewer, topic: string, body: string): void {
  if (viewer.sent.get(topic) === body) return;
  viewer.sent.set(topic, body);
  push(viewer, topic, body);
}

function push({ stream }: Viewer, topic: string, body: string): void {
  // Whoever reads too slowly is let go, and comes back for the whole.
  if (stream.readableLength > MostWaiting) return void stream.destroy();
  if (!stream.readableEnded) stream.push(`event: ${topic}\ndata: ${body}\n\n`);
}

const PlantTopics = ['status', 'conduits', 'connections', 'refusals', 'mode'] as const;

/** What is long at a large plant, and whose counters change all the time, is asked for at every second look. */
const Long: readonly string[] = ['conduits', 'connections'];

/** Milliseconds. */
const Interval = 1_000;
const MostViewers = 64;
/** Pages of one sign-in. A browser opens six connections to one place, and needs one for what people do. */
const MostOfOne = 5;
const MostOperations = 500;
/** Bytes. */
const MostWaiting = 4_194_304;
