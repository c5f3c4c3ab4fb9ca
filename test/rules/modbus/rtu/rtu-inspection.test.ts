import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFlowTraffic } from '../../../../rules/modbus/connection/flow-traffic.ts';
import { PartialTimeout } from '../../../../rules/modbus/connection/frame-stream.ts';
import type { Inspection } from '../../../../rules/modbus/connection/inspection.ts';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
import type { ModbusProfile, ValueRule } from '../../../../rules/modbus/profile.ts';
import { crc16, hasRightCrc, TurnaroundDelay } from '../../../../rules/modbus/rtu/rtu.ts';
import { createRtuInspection } from '../../../../rules/modbus/rtu/rtu-inspection.ts';
import { permit, profileOf } from '../builders.ts';
import {
  closeOf,
  createRecordingSink,
  decisionsIn,
  type Effect,
  refusals,
  resetOf,
  toClient,
  toServer,
} from '../recording-sink.ts';
import { hexOf } from '../request-builders.ts';

const dose = {
  type: 'u16',
  words: 'big',
  bytes: 'big',
  bits: undefined,
  min: 0,
  max: 35,
  allowed: [],
} as const satisfies ValueRule;
const operator = profileOf([permit([1, 3]), permit([6], { units: [0, 1], values: [dose], line: 12 })]);

describe('RTU over TCP', () => {
  test('carries a permitted request to the server and its answer back, each with its CRC', () => {
    const { client, server } = connect(operator);
    expect(texts(toServer(client('01 03 0000 0001')))).toEqual(['01 03 00 00 00 01 84 0a']);
    expect(texts(toClient(server('01 03 02 002a')))).toEqual([hexOf(frame('01 03 02 002a'))]);
  });

  test('refuses with an RTU exception; the request reaches nobody and the connection lives', () => {
    const { client, server } = connect(operator);
    const effects = client('01 06 0000 0063');
    expect(toServer(effects)).toEqual([]);
    expect(texts(toClient(effects))).toEqual([hexOf(frame('01 86 03'))]);
    expect(refusals(effects)).toMatchObject([
      { reason: 'value-out-of-range', unit: 1, functionCode: 6, address: 0, values: [99], exceptionCode: 3 },
    ]);
    expect(toServer(client('01 06 0000 0014'))).toHaveLength(1);
    expect(toClient(server('01 06 0000 0014'))).toHaveLength(1);
  });

  test('has one request under way: the next one waits, and the client is not read from', () => {
    const { client, server, inspection } = connect(operator);
    const first = client(frame('01 03 0000 0001'), frame('01 03 0001 0001'), frame('01 06 0000 00ff'));
    expect(texts(toServer(first))).toEqual([hexOf(frame('01 03 0000 0001'))]);
    expect(inspection.readingClient()).toBe(false);
    const second = server('01 03 02 0001');
    expect(texts(toClient(second))).toEqual([hexOf(frame('01 03 02 0001'))]);
    expect(texts(toServer(second))).toEqual([hexOf(frame('01 03 0001 0001'))]);
    const third = server('01 03 02 0002');
    expect(texts(toClient(third))).toEqual([hexOf(frame('01 03 02 0002')), hexOf(frame('01 86 03'))]);
    expect(inspection.readingClient()).toBe(true);
  });

  test('passes a server’s exception on', () => {
    const { client, server } = connect(operator);
    client('01 03 0000 0001');
    expect(texts(toClient(server('01 83 04')))).toEqual([hexOf(frame('01 83 04'))]);
  });

  test('awaits no answer to a broadcast, and gives every device time before the next request', () => {
    const { client, wait, tick, inspection } = connect(operator, 'serial-gateway');
    const effects = client(frame('00 06 0000 0001'), frame('01 03 0000 0001'));
    expect(texts(toServer(effects))).toEqual([hexOf(frame('00 06 0000 0001'))]);
    expect(inspection.nextDeadline()).toBeLessThanOrEqual(1_000 + TurnaroundDelay);
    wait(TurnaroundDelay - 1);
    expect(toServer(tick())).toEqual([]);
    wait(1);
    expect(texts(toServer(tick()))).toEqual([hexOf(frame('01 03 0000 0001'))]);
  });

  test('answers no refused broadcast, as no device would', () => {
    const { client, inspection } = connect(operator, 'serial-gateway');
    const effects = client('00 06 0000 0063');
    expect([toServer(effects), toClient(effects)]).toEqual([[], []]);
    expect(refusals(effects)).toHaveLength(1);
    expect(inspection.readingClient()).toBe(true);
  });

  test('goes on after a request that was dropped without a word', () => {
    const { client } = connect({ ...operator, refusal: { action: 'drop', exceptionCodes: [] } });
    const effects = client(frame('01 06 0000 0063'), frame('01 03 0000 0001'));
    expect(toClient(effects)).toEqual([]);
    expect(texts(toServer(effects))).toEqual([hexOf(frame('01 03 0000 0001'))]);
  });

  test('ends in order after its exception where the rule says so', () => {
    const { client } = connect({ ...operator, refusal: { action: 'exception-close', exceptionCodes: [] } });
    const effects = client(frame('01 06 0000 0063'), frame('01 03 0000 0001'));
    expect(toClient(effects)).toHaveLength(1);
    expect(toServer(effects)).toEqual([]);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['value-out-of-range', false]);
  });

  test('waits for a place at its unit, and takes it when it is woken', () => {
    const device = createDeviceState('direct');
    const narrow = profileOf([permit([3])], { outstandingPerUnit: 1 });
    const [one, other] = [connect(narrow, 'direct', device), connect(narrow, 'direct', device)];
    one.client('01 03 0000 0001');
    expect(toServer(other.client('01 03 0001 0001'))).toEqual([]);
    one.server('01 03 02 0000');
    expect(other.wakes()).toBe(1);
    expect(texts(toServer(other.resume()))).toEqual([hexOf(frame('01 03 0001 0001'))]);
  });

  test('follows new terms from the next request on', () => {
    const { client, server, adopt } = connect(operator);
    client(frame('01 03 0000 0001'), frame('01 03 0001 0001'));
    adopt(profileOf([permit([1])]));
    expect(texts(toClient(server('01 03 02 0001')))).toEqual([
      hexOf(frame('01 03 02 0001')),
      hexOf(frame('01 83 01')),
    ]);
  });
});

describe('what would leave the order in doubt ends the connection', () => {
  test.for<[string, string]>([
    ['a wrong CRC', '01 03 00 00 00 01 84 0b'],
    ['a function that does not say where it ends', '01 5a 00 02 00'],
    ['an MBAP header', '00 01 00 00 00 06 01 03 00 00 00 01'],
    ['text', '47 45 54 20 2f 20 48 54 54 50'],
  ])('%s from the client', ([, hex]) => {
    const { raw } = connect(operator);
    const effects = raw('client', hex);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['malformed-adu', true]);
    expect([toServer(effects), toClient(effects)]).toEqual([[], []]);
    const [refusal] = refusals(effects);
    expect(refusal).toMatchObject({ from: 'client', reason: 'malformed-adu', action: 'reset', offset: 0 });
    expect(hex.replaceAll(' ', '')).toContain(hexOf(refusal!.bytes).replaceAll(' ', ''));
  });

  test.for<[string, string, string]>([
    ['a wrong CRC', '01 03 02 00 2a 00 00', 'malformed-adu'],
    ['an answer to another function', hexOf(frame('01 04 02 002a')), 'malformed-adu'],
    ['an answer of another unit', hexOf(frame('02 03 02 002a')), 'response-mismatch'],
    ['an answer of another size', hexOf(frame('01 03 04 002a 002b')), 'response-mismatch'],
    ['a byte in front of the answer', `00 ${hexOf(frame('01 03 02 002a'))}`, 'malformed-adu'],
  ])('%s from the server', ([, hex, reason]) => {
    const { client, raw } = connect(operator);
    client('01 03 0000 0001');
    const effects = raw('server', hex);
    expect(closeOf(effects)).toBe(reason);
    expect(toClient(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ from: 'server', reason }]);
  });

  test('more than the answer: the answer passes, what follows does not', () => {
    const { client, raw } = connect(operator);
    client('01 03 0000 0001');
    const effects = raw('server', `${hexOf(frame('01 03 02 002a'))} ${hexOf(frame('01 03 02 dead'))}`);
    expect(texts(toClient(effects))).toEqual([hexOf(frame('01 03 02 002a'))]);
    expect(closeOf(effects)).toBe('response-unsolicited');
  });

  test('bytes of the server that nobody asked for', () => {
    const { raw } = connect(operator);
    const effects = raw('server', hexOf(frame('01 03 02 002a')));
    expect(closeOf(effects)).toBe('response-unsolicited');
    expect(toClient(effects)).toEqual([]);
  });

  test('an answer that does not come in time: its client is told, and a late one meets no later request', () => {
    const { client, wait, tick, server, inspection } = connect(operator);
    client(frame('01 03 0000 0001'), frame('01 03 0001 0001'));
    expect(inspection.nextDeadline()).toBe(2_000);
    wait(1_000);
    const effects = tick();
    expect(texts(toClient(effects))).toEqual([hexOf(frame('01 83 0b'))]);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['request-timeout', false]);
    expect(toServer(effects)).toEqual([]);
    expect(server('01 03 02 dead')).toEqual([]);
  });

  test('an order to restart that nobody answers, too', () => {
    const { client, wait, tick } = connect(profileOf([permit([8], { subFunctions: [1] })]));
    expect(toServer(client('01 08 0001 0000'))).toHaveLength(1);
    wait(1_000);
    expect(closeOf(tick())).toBe('request-timeout');
  });

  test('a frame that is begun and not finished', () => {
    const { raw, wait, tick, inspection } = connect(operator);
    raw('client', '01 03 00');
    expect(inspection.nextDeadline()).toBe(1_000 + PartialTimeout);
    wait(PartialTimeout);
    expect(closeOf(tick())).toBe('partial-timeout');
  });

  test('ended by its carrier, it does nothing any more', () => {
    const { client, inspection, tick } = connect(operator);
    inspection.end();
    expect(client('01 03 0000 0001')).toEqual([]);
    expect(tick()).toEqual([]);
    expect(inspection.nextDeadline()).toBeUndefined();
  });
});

test('cut anywhere, requests and answers give the same', () => {
  const asked = Buffer.concat(['01 03 0000 0001', '01 06 0000 0063', '01 06 0000 0014'].map(frame));
  const answered = Buffer.concat([frame('01 03 02 002a')]);
  const whole = talk(asked.length, answered.length);
  for (let at = 1; at < asked.length; at++) expect(talk(at, answered.length)).toEqual(whole);
  for (let at = 1; at < answered.length; at++) expect(talk(asked.length, at)).toEqual(whole);

  function talk(clientCut: number, serverCut: number): unknown {
    const { bytes } = connect(operator);
    return [
      ...bytes('client', asked.subarray(0, clientCut)),
      ...bytes('client', asked.subarray(clientCut)),
      ...bytes('server', answered.subarray(0, serverCut)),
      ...bytes('server', answered.subarray(serverCut)),
    ].filter(({ kind }) => kind === 'to-server' || kind === 'to-client');
  }
});

test('whatever either side sends, only whole frames leave, one at a time, and all that was allowed', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom('01 03 0000 0001', '01 06 0000 0014', '01 06 0000 0063', '01 03 02 002a').map(frame),
  );
  const step = fc.record({ from: fc.constantFrom('client' as const, 'server' as const), piece });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const { bytes, inspection } = connect(operator);
      let [sent, allowed] = [0, 0];
      for (const { from, piece } of steps) {
        const effects = bytes(from, piece);
        allowed += decisionsIn(effects).filter((outcome) => outcome === 'allow').length;
        sent += toServer(effects).length;
        for (const one of [...toServer(effects), ...toClient(effects)]) {
          expect(hasRightCrc(one, 0, one.length)).toBe(true);
        }
        for (const one of toServer(effects)) expect(hexOf(one)).not.toContain('01 06 00 00 00 63');
      }
      expect(sent).toBe(allowed);
      inspection.end();
    }),
    { numRuns: 2_000 },
  );
});

interface Connection {
  readonly inspection: Inspection;
  /** Frames, or the text of one without its CRC, in one segment. */
  client(...frames: readonly (Uint8Array | string)[]): readonly Effect[];
  server(...frames: readonly (Uint8Array | string)[]): readonly Effect[];
  raw(from: 'client' | 'server', hex: string): readonly Effect[];
  bytes(from: 'client' | 'server', bytes: Uint8Array): readonly Effect[];
  wait(milliseconds: number): void;
  tick(): readonly Effect[];
  resume(): readonly Effect[];
  adopt(profile: ModbusProfile): void;
  wakes(): number;
}

/** One connection, whose clock starts at a second. */
function connect(
  profile: ModbusProfile,
  kind: 'direct' | 'serial-gateway' = 'direct',
  device = createDeviceState(kind),
): Connection {
  const { sink, drain } = createRecordingSink();
  const terms = { profile, tolerances: [], auditUntil: 0, auditMalformed: false };
  let now = 1_000;
  let wakes = 0;
  const traffic = createFlowTraffic();
  const inspection = createRtuInspection({ terms, device, traffic, sink, wake: () => void wakes++ });
  const bytes = (from: 'client' | 'server', what: Uint8Array): readonly Effect[] => {
    const lent = Uint8Array.from(what);
    if (from === 'client') inspection.fromClient(lent, now);
    else inspection.fromServer(lent, now);
    lent.fill(0xee);
    return drain();
  };
  const joined = (frames: readonly (Uint8Array | string)[]): Uint8Array =>
    Buffer.concat(frames.map((one) => (typeof one === 'string' ? frame(one) : one)));
  return {
    inspection,
    client: (...frames) => bytes('client', joined(frames)),
    server: (...frames) => bytes('server', joined(frames)),
    raw: (from, hex) => bytes(from, Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    bytes,
    wait: (milliseconds) => {
      now += milliseconds;
    },
    tick: () => {
      inspection.tick(now);
      return drain();
    },
    resume: () => {
      inspection.resume(now);
      return drain();
    },
    adopt: (next) => inspection.adopt({ ...terms, profile: next }, now),
    wakes: () => wakes,
  };
}

/** A frame: address and PDU, and their CRC. */
function frame(hex: string): Uint8Array {
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const crc = crc16(body, 0, body.length);
  return Uint8Array.from([...body, crc & 0xff, crc >>> 8]);
}

function texts(frames: readonly Uint8Array[]): string[] {
  return frames.map(hexOf);
}
