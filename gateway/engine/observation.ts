import type { Observation } from '../../rules/observation.ts';
import type { FlowRule, Policy } from '../../rules/policy.ts';
import type { EvidenceRecord } from '../../rules/record/record.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { FlowCount } from '../enforce/enforcement.ts';
import type { RefusalReport, UsedCount } from '../ipc/reports.ts';
import type { AuditedBody } from '../ipc/snapshot.ts';
import type { Logger } from '../log.ts';
import { createAudited } from './observation-audited.ts';
import { createUseBook, type UseBook } from './observation-book.ts';
import { asTuple, asUse, readObservation, writeObservation } from './observation-file.ts';
import { NoKeys, type ObservedKeys, observedKeys } from './observation-keys.ts';
import { createStrangers } from './observation-strangers.ts';
import { createObservedTime } from './observation-time.ts';
import { createUseTotals } from './observation-totals.ts';

/**
 * Counts how often what the policy permits is used, and keeps it: a permission that nothing used over a business
 * cycle is one too many (62443-3-3 SR 2.1, least privilege), and only counts that outlive restarts can say so.
 */
export interface Observer {
  /** An inspecting process counted so much since its start, under the policy of this digest. */
  readonly used: (
    epoch: string,
    policy: string,
    flows: readonly UsedCount[],
    permissions: readonly UsedCount[],
  ) => void;
  /** These grants are open now; each is one session of its vendor, counted when it is told first. */
  readonly letIn: (open: readonly { readonly grant: string; readonly vendor: string }[]) => void;
  /** This went on record; what no asset sent is remembered. */
  readonly recorded: (record: EvidenceRecord) => void;
  /** A request was refused, or passed an audit stage alone. */
  readonly refused: (report: RefusalReport) => void;
  readonly observation: () => Observation;
  readonly audited: () => AuditedBody;
  readonly start: () => void;
  /** Writes the last of it. */
  readonly stop: () => void;
}

export interface ObserverOptions {
  readonly config: Pick<Config, 'state' | 'site' | 'gateway' | 'backEnd'>;
  readonly clock: Clock;
  /** The policy in force. */
  readonly active: () => { readonly policy: Policy; readonly digest: string } | undefined;
  /** Totals of what the kernel forwards by itself; they begin anywhere. */
  readonly packets: () => readonly FlowCount[];
  readonly log: Logger;
}

/** Takes up what was kept, if it is of this site and box; the time since then counts as blind. */
export function createObserver(options: ObserverOptions): Observer {
  const { clock, active, packets, log } = options;
  const { state, site, gateway, backEnd } = options.config;
  const read = readObservation(state);
  const known = read?.site === site && read.gateway === gateway ? read : undefined;
  const time = createObservedTime(clock, known);
  const before = time.startsAnew ? undefined : known;
  const flows = createUseBook((before?.flows ?? []).map(asUse));
  const permissions = createUseBook((before?.permissions ?? []).map(asUse));
  const vendors = createUseBook((before?.vendors ?? []).map(asUse));
  let sessions: ReadonlySet<string> = new Set();
  const strangers = createStrangers(before?.strangers ?? []);
  const audited = createAudited(before?.audited ?? []);
  const totals = createUseTotals(known?.counted ?? []);
  let policies: readonly { readonly digest: string; readonly keys: ObservedKeys }[] = [];
  /** What the kernel had counted when it was looked at last; undefined before the first look. */
  let forwarded: ReadonlyMap<string, number> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looks = 0;
  let problem = '';

  function carries({ profile }: FlowRule): boolean {
    return backEnd === 'kernel' || profile !== '';
  }

  /** Whatever brought another policy into force, or the former one back. */
  function follow(): void {
    time.pass();
    const now = active();
    if (now === undefined || now.digest === policies[0]?.digest) return;
    const keys = observedKeys(now.policy, carries);
    policies = [
      { digest: now.digest, keys },
      ...policies.filter(({ digest }) => digest !== now.digest),
    ].slice(0, 2);
    flows.follow(keys.flows, time.now());
    permissions.follow(keys.permissions, time.now());
    vendors.follow(keys.vendors, time.now());
    const own = new Set(now.policy.assets.flatMap(({ addresses }) => addresses.map(withoutLength)));
    strangers.keep((address) => !own.has(address));
  }

  function look(): void {
    follow();
    const counts = packets();
    // A policy of nothing but inspected flows has none either, and nothing is lost by it.
    if (counts.length === 0) return;
    const now = new Map(counts.map(({ flowId, packets: count }) => [flowId, count]));
    if (forwarded !== undefined) {
      for (const [id, count] of now) addForwarded(id, count, forwarded.get(id) ?? 0);
    }
    forwarded = now;
  }

  function addForwarded(id: string, count: number, former: number): void {
    // What was counted a moment before a flow changed is still of the one before.
    if (time.now() - (flows.sinceOf(id) ?? 0) < Settling) return;
    flows.add(id, flows.digestOf(id), count < former ? count : count - former, time.now());
  }

  function save(): void {
    look();
    const { since, until, blind } = time.span();
    try {
      writeObservation(state, {
        format: 1,
        site,
        gateway,
        since,
        until,
        blind,
        flows: flows.kept().map(asTuple),
        permissions: permissions.kept().map(asTuple),
        vendors: vendors.kept().map(asTuple),
        strangers: [...strangers.list()],
        audited: [...audited.list()],
        counted: totals.kept(),
      });
      problem = '';
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      if (text !== problem) log.warn({ problem: text }, 'what is observed cannot be kept');
      problem = text;
    }
  }

  function addUsed(book: UseBook, keys: ReadonlyMap<string, string>, more: readonly UsedCount[]): void {
    for (const { id, count } of more) book.add(id, keys.get(id), count, time.now());
  }

  return {
    used: (epoch, digest, byFlow, byPermission) => {
      follow();
      const more = totals.take(epoch, byFlow, byPermission);
      const { keys } = policies.find((one) => one.digest === digest) ?? { keys: NoKeys };
      addUsed(flows, keys.flows, more.flows);
      addUsed(permissions, keys.permissions, more.permissions);
    },
    letIn: (open) => {
      follow();
      const begun = open.filter(({ grant }) => !sessions.has(grant));
      for (const { vendor } of begun) vendors.add(vendor, vendors.digestOf(vendor), 1, time.now());
      sessions = new Set(open.map(({ grant }) => grant));
    },
    recorded: (record) => {
      if (record.kind !== 'drop' || record.source.asset !== '' || record.source.address === '') return;
      time.pass();
      const zone = zoneOf(active()?.policy, record.device);
      strangers.see(record.source.address, zone, record.packets, time.now());
    },
    refused: audited.take,
    audited: () => [...audited.list()],
    observation: () => {
      look();
      return {
        site,
        gateway,
        ...time.span(),
        flows: flows.inForce(),
        permissions: permissions.inForce(),
        vendors: vendors.inForce(),
        strangers: strangers.list(),
      };
    },
    start: () => {
      timer = setInterval(() => {
        looks += 1;
        if (looks % LooksPerSave === 0) save();
        else look();
      }, LookInterval);
    },
    stop: () => {
      clearInterval(timer);
      save();
    },
  };
}

/** The zone behind a device; empty where several share it, since the address says nothing. */
function zoneOf(policy: Policy | undefined, device: string): string {
  const legs = policy?.interfaces.filter((leg) => leg.device === device) ?? [];
  return legs.length === 1 ? (legs[0]?.zone ?? '') : '';
}

function withoutLength(prefix: string): string {
  return prefix.split('/')[0] ?? '';
}

const LookInterval = 10_000;
/**
 * Kept every quarter of an hour: a power cut costs that much, and counts as blind. All of it is written each time, so
 * that every minute would put hundreds of megabytes a day on the flash of a box with 1 000 flows.
 */
const LooksPerSave = 90;
/** The kernel is counted every 2 s. */
const Settling = 5_000;
