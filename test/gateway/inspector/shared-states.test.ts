import { describe, expect, test } from 'vitest';
import { createSharedStates } from '../../../gateway/inspector/shared-states.ts';

describe('what is known about servers', () => {
  test('is one state for all connections to a server', () => {
    const states = createSharedStates<object>();
    const known = states.of('plc-1', Object);
    expect(states.of('plc-1', Object)).toBe(known);
    expect(states.of('plc-2', Object)).not.toBe(known);
  });

  test('is not forgotten while a connection holds it, however many servers are visited meanwhile', () => {
    const states = createSharedStates<object>(2);
    const used = states.of('plc-1', Object);
    for (let visited = 0; visited < 100; visited++) states.of(`other-${visited}`, Object);
    expect(states.of('plc-1', Object)).toBe(used);
  });

  test('that does not fit any more is forgotten, also when the former terms come back', () => {
    const states = createSharedStates<{ readonly kind: string }>();
    const of = (kind: string) =>
      states.of(
        'plc-1',
        () => ({ kind }),
        (known) => known.kind === kind,
      );
    const first = of('direct');
    expect(of('direct')).toBe(first);
    const second = of('serial-gateway');
    expect(second.kind).toBe('serial-gateway');
    expect(of('serial-gateway')).toBe(second);
    expect(of('direct')).not.toBe(first);
  });
});
