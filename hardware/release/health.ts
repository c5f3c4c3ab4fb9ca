/** How a running gateway enforces, as `penstock status --json` of any release says it. */
export interface Health {
  readonly policyVersion: number;
  readonly policyDigest: string;
  readonly backEnd: string;
  /** When the engine started, milliseconds since the Unix epoch: another time is another engine. */
  readonly startedAt: number;
  readonly inspectors: readonly { readonly pid: number; readonly shards: readonly number[] }[];
  readonly nftChild: string;
  /** What is wrong with the disk of the evidence, or empty. */
  readonly evidenceFailing: string;
  /** Codes of what holds now. */
  readonly alarms: readonly string[];
  /** A policy waits for its confirmation. */
  readonly pending: boolean;
}

/** Reads what `penstock status --json` printed, or undefined where it is no such thing. */
export function readHealth(text: string): Health | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { policyVersion, policyDigest, backEnd, startedAt, inspectors, nftChild, evidence, alarms, pending } =
    value ?? {};
  if (
    typeof policyVersion !== 'number' ||
    typeof policyDigest !== 'string' ||
    typeof startedAt !== 'number'
  ) {
    return undefined;
  }
  if (!Array.isArray(inspectors) || !Array.isArray(alarms) || typeof evidence !== 'object') return undefined;
  return {
    policyVersion,
    policyDigest,
    backEnd: String(backEnd),
    startedAt,
    inspectors: inspectors as Health['inspectors'],
    nftChild: String(nftChild),
    evidenceFailing: String((evidence as { failing?: unknown } | null)?.failing ?? 'it says nothing of it'),
    alarms: (alarms as { readonly code: string }[]).map(({ code }) => code),
    pending: pending !== undefined,
  };
}

/** What was in force before, as far as anybody knew, and how the box stands now. */
export interface Look {
  readonly before: Health | undefined;
  readonly now: Health | undefined;
  /** Of the kernel's table, looked at past the gateway. */
  readonly table: 'right' | 'wrong' | 'unknown';
  /** Units whose process still runs out of another release. */
  readonly strangers: readonly string[];
}

/** Why the release that runs does not enforce what the one before it did, as sentences; none when it does. */
export function troublesOf({ before, now, table, strangers }: Look): readonly string[] {
  if (now === undefined) return ['Its engine does not answer.'];
  const found: string[] = [];
  if (now.policyVersion === 0) found.push('It puts no policy into force.');
  else if (before !== undefined && before.policyVersion > 0 && now.policyDigest !== before.policyDigest) {
    found.push(`It enforces policy version ${now.policyVersion}, and ${before.policyVersion} was in force.`);
  }
  if (now.backEnd === 'kernel') {
    if (table !== 'right') found.push('The kernel table does not drop by default.');
    if (now.nftChild !== 'up') found.push('Its nft child is not up.');
  }
  const [wanted, carried] = [shardsOf(before), shardsOf(now)];
  if (carried.size === 0 || [...wanted].some((shard) => !carried.has(shard)))
    found.push('Its inspectors do not listen.');
  if (strangers.length > 0) found.push(`Another release still runs in ${strangers.join(', ')}.`);
  if (now.evidenceFailing !== '') found.push(`Evidence is not being written: ${now.evidenceFailing}`);
  const known = [...OfTheHour, ...(before?.alarms ?? [])];
  const fresh = now.alarms.filter((code) => !known.includes(code));
  if (fresh.length > 0) found.push(`It raises alarms: ${fresh.join(', ')}.`);
  return found;
}

/** Whether two looks saw the same processes: one that dies and is started again may look well each time. */
export function sameProcesses(one: Health, other: Health): boolean {
  const pids = ({ inspectors }: Health): string => [...inspectors.map(({ pid }) => pid)].sort().join();
  return one.startedAt === other.startedAt && pids(one) === pids(other);
}

function shardsOf(health: Health | undefined): ReadonlySet<number> {
  return new Set(health?.inspectors.flatMap(({ shards }) => shards) ?? []);
}

/** Alarms that come with time and people, and say nothing of the release. */
const OfTheHour = [
  'BUNDLE_EXPIRED',
  'BUNDLE_NOT_YET',
  'CLOCK',
  'EVIDENCE_QUOTA',
  'BREAK_GLASS',
  'UNCONFIRMED',
];
