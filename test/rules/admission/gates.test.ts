import { describe, expect, test } from 'vitest';
import { createGates } from '../../../rules/admission/gates.ts';
import { sampleFlow } from '../../gateway/inspector/sample.ts';

const hours = { days: [1], from: 0, to: 60, timeZone: 'UTC' };
const session = sampleFlow({ gate: { opensAt: 0, closesAt: 0, schedule: undefined, session: true } });
const scheduled = sampleFlow({ gate: { opensAt: 0, closesAt: 0, schedule: hours, session: false } });
const dated = sampleFlow({ gate: { opensAt: 0, closesAt: 900, schedule: undefined, session: false } });

describe('gates', () => {
  test('do not concern a flow without one', () => {
    expect(createGates().shut(sampleFlow(), 0)).toBeUndefined();
  });

  test('are shut until told otherwise, each with its own reason', () => {
    expect(createGates().shut(session, 0)).toBe('no-session');
    expect(createGates().shut(scheduled, 0)).toBe('outside-schedule');
    expect(createGates().shut(dated, 900)).toBe('expired');
  });

  test('are open up to their end and not at it', () => {
    const gates = createGates();
    gates.set([{ flow: session.id, until: 500 }], true);
    expect(gates.shut(session, 499)).toBeUndefined();
    expect(gates.shut(session, 500)).toBe('expired');
  });

  test('end no later than the policy says, whatever the engine told', () => {
    const gates = createGates();
    gates.set([{ flow: dated.id, until: 2_000 }], true);
    expect(gates.shut(dated, 899)).toBeUndefined();
    expect(gates.shut(dated, 900)).toBe('expired');
  });

  test('stay open when they have no end, and are no reason to look again', () => {
    const gates = createGates();
    gates.set([{ flow: scheduled.id, until: 0 }], true);
    expect(gates.shut(scheduled, Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(gates.nextEnd(0)).toBeUndefined();
  });

  test('trust no clock until the engine does', () => {
    const gates = createGates();
    expect(gates.tellsTime()).toBe(false);
    gates.set([], true);
    expect(gates.tellsTime()).toBe(true);
  });

  test('shut when they are not named any more', () => {
    const gates = createGates();
    gates.set([{ flow: session.id, until: 500 }], true);
    gates.set([], true);
    expect(gates.shut(session, 1)).toBe('no-session');
  });

  test('tell the next end', () => {
    const gates = createGates();
    expect(gates.nextEnd(0)).toBeUndefined();
    gates.set(
      [
        { flow: 'C-1/F-1', until: 500 },
        { flow: 'C-1/F-2', until: 300 },
      ],
      true,
    );
    expect(gates.nextEnd(0)).toBe(300);
    expect(gates.nextEnd(300)).toBe(500);
    expect(gates.nextEnd(500)).toBeUndefined();
  });
});
