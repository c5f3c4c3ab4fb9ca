import type { ModbusPermission, ModbusProfile } from '../../../../rules/modbus/profile.ts';
import type { HonestServer } from './honest-server.ts';
import type { NaiveRequest, Span } from './naive-request.ts';

/**
 * What the server has lived through, and whether a permission's limits on time and steps held. Judged by what
 * really stands in the server and not by what the inspector can know of it, so that only a server that tells
 * the truth can be judged by.
 */
export interface NaiveHistory {
  /** A policy is taken up: what was written before the first time is unknown to it, which it may allow. */
  readonly takeUp: (profile: ModbusProfile) => void;
  readonly holds: (
    profile: ModbusProfile,
    permission: ModbusPermission,
    request: NaiveRequest,
    now: number,
  ) => boolean;
  /** Before the server carries it out. */
  readonly note: (request: NaiveRequest, now: number) => void;
  /** A read has been answered with this data; `delivered` when the answer went on to the client. */
  readonly noteRead: (
    request: NaiveRequest,
    data: readonly number[],
    now: number,
    delivered: boolean,
  ) => void;
}

interface Write {
  readonly number: number;
  readonly at: number;
  readonly distance: number;
}

interface Reading {
  readonly at: number;
  readonly value: number;
  readonly delivered: boolean;
}

const Minute = 60_000;

export function createNaiveHistory(server: HonestServer): NaiveHistory {
  const writes = new Map<string, Write[]>();
  const takenUp = new Map<ModbusProfile, number>();
  let count = 0;
  const readings = new Map<string, Reading[]>();

  function places({
    unit,
    writes: spans,
    values,
  }: NaiveRequest): { key: string; distance: number; value: number }[] {
    return spans.flatMap(({ table, address, quantity }) =>
      Array.from({ length: quantity }, (_, at) => {
        const value = values[at] ?? 0;
        const distance = Math.abs(value - server.holds(unit, table, address + at));
        return { key: keyOf(unit, table, address + at), distance, value };
      }),
    );
  }

  return {
    takeUp: (profile) => {
      if (!takenUp.has(profile)) takenUp.set(profile, count);
    },
    holds: (profile, permission, request, now) => {
      const { minInterval, writesPerMinute, step, interlocks } = permission;
      const since = permission.unknown === 'allow' ? (takenUp.get(profile) ?? 0) : 0;
      if (request.writes.length === 0 || request.masks !== undefined) return true;
      const inTime = places(request).every(({ key, distance }) => {
        const before = (writes.get(key) ?? []).filter(({ number }) => number >= since);
        const lately = before.filter(({ at }) => now - at < Minute);
        if (minInterval > 0 && before.some(({ at }) => now - at < minInterval)) return false;
        if (writesPerMinute > 0 && lately.length >= writesPerMinute) return false;
        if (step?.max !== undefined && distance > step.max) return false;
        const drift = lately.reduce((sum, one) => sum + one.distance, distance);
        return step?.maxPerMinute === undefined || drift <= step.maxPerMinute;
      });
      return (
        inTime &&
        interlocks.every(({ functionCode, unit, address, is, noOlderThan }) => {
          const table = (['coils', 'discretes', 'holdings', 'inputs'] as const)[functionCode - 1] ?? 'coils';
          const known = readings.get(keyOf(unit, table, address)) ?? [];
          // A late answer tells the inspector something as well, but need not reach it.
          const last = known.findLastIndex(({ delivered }) => delivered);
          const said = known.slice(Math.max(0, last));
          return said.some(({ value, at }) => value === is && now - at <= noOlderThan);
        })
      );
    },
    note: (request, now) => {
      for (const { key, distance } of places(request)) {
        const before = writes.get(key) ?? [];
        writes.set(key, [...before.slice(-20), { number: count, at: now, distance }]);
      }
      count++;
    },
    noteRead: ({ unit, reads }, data, now, delivered) => {
      for (const { table, address } of reads)
        for (const [at, value] of data.entries()) {
          const key = keyOf(unit, table, address + at);
          readings.set(key, [...(readings.get(key) ?? []).slice(-20), { at: now, value, delivered }]);
        }
    },
  };
}

function keyOf(unit: number, table: Span['table'], address: number): string {
  return `${unit === 255 ? 0 : unit} ${table} ${address}`;
}
