import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createTcpDirection,
  type HeldBytes,
  HolePatience,
  MaxHeld,
} from '../../../gateway/capture/tcp-direction.ts';
import { listen, text } from './listen.ts';
import { pcap, talk, type WrittenPacket } from './write-capture.ts';

const open = '#1 10.20.0.10:49152 > 10.30.0.12:502';
const plain = {
  sourcePort: 1,
  destinationPort: 2,
  acknowledgement: 0,
  syn: false,
  ack: false,
  fin: false,
  rst: false,
};
const heard = (...packets: readonly (WrittenPacket | readonly WrittenPacket[])[]) =>
  listen(pcap(packets.flat())).lines;

describe('a connection', () => {
  test('is told from its handshake to its end, both sides in order', () => {
    const { client, server, shake, part } = talk();
    const lines = heard(
      shake(),
      client.say(text('ask')),
      server.say(text('answer')),
      client.say(text('more')),
      part(),
    );
    expect(lines).toEqual([open, '#1 client ask', '#1 server answer', '#1 client more', '#1 ended: closed']);
  });

  test('is whole again after reordering', () => {
    const { client, shake, part } = talk();
    const [a, b, c] = [client.say(text('a')), client.say(text('b')), client.say(text('c'))];
    expect(heard(shake(), [c, a, b], part())).toEqual([
      open,
      '#1 client a',
      '#1 client bc',
      '#1 ended: closed',
    ]);
  });

  test('has sequence numbers that wrap', () => {
    const { client, server, shake, part } = talk({ clientStart: 0xffff_fffe, serverStart: 0xffff_ffff });
    const packets = [client.say(text('abcd')), server.say(text('wxyz')), client.say(text('ef'))];
    expect(heard(shake(), packets, part())).toEqual([
      open,
      '#1 client abcd',
      '#1 server wxyz',
      '#1 client ef',
      '#1 ended: closed',
    ]);
  });

  test('repeats nothing that is sent again', () => {
    const { client, shake } = talk();
    const first = client.say(text('abc'));
    const longer = client.segment(text('bcde'), { at: 1 });
    expect(heard(shake(), first, first, longer)).toEqual([
      open,
      '#1 client abc',
      '#1 client de',
      '#1 ended: end of capture',
    ]);
  });

  test('counts the first copy of a byte, and says that the second was another', () => {
    const { client, shake } = talk();
    const packets = [client.say(text('abc')), client.segment(text('aXYd'), { at: 0 })];
    expect(heard(shake(), packets)).toEqual([
      open,
      '#1 client abc',
      '#1 client differs 2',
      '#1 client d',
      '#1 ended: end of capture',
    ]);
  });

  test('counts the first copy also of bytes that wait for a hole to be filled', () => {
    const { client, shake } = talk();
    const packets = [
      client.segment(text('cd'), { at: 2 }),
      client.segment(text('bXde'), { at: 1 }),
      client.segment(text('a'), { at: 0 }),
    ];
    expect(heard(shake(), packets)).toEqual([
      open,
      '#1 client differs 1',
      '#1 client abcde',
      '#1 ended: end of capture',
    ]);
  });

  test('is kept alive with any byte, and no word about it', () => {
    const { client, shake } = talk();
    expect(heard(shake(), client.say(text('abc')), client.segment(text('\0'), { at: 2 }))).toEqual([
      open,
      '#1 client abc',
      '#1 ended: end of capture',
    ]);
  });

  test('ends with a reset, but not with one from outside the window', () => {
    const { client, server, shake } = talk();
    const forged = server.segment(text(''), { at: -100, flags: 'R' });
    const said = client.say(text('ask'));
    expect(heard(shake(), forged, said, server.segment(text(''), { flags: 'R' }))).toEqual([
      open,
      '#1 server stray',
      '#1 client ask',
      '#1 ended: reset',
    ]);
  });

  test('does not end with a FIN that is older than what was said', () => {
    const { client, shake } = talk();
    const old = client.segment(text(''), { at: -50, flags: 'F' });
    expect(heard(shake(), client.say(text('a')), old, client.say(text('b')))).toEqual([
      open,
      '#1 client a',
      '#1 client b',
      '#1 ended: end of capture',
    ]);
  });

  test('goes on as another when it talks after its end', () => {
    const { client, server, shake } = talk();
    const reset = server.segment(text(''), { flags: 'R' });
    expect(heard(shake(), client.say(text('ask')), reset, client.say(text('again')))).toEqual([
      open,
      '#1 client ask',
      '#1 ended: reset',
      '#2 10.20.0.10:49152 > 10.30.0.12:502 midstream',
      '#2 client again',
      '#2 ended: end of capture',
    ]);
  });

  test('is another one when its ports are used again', () => {
    const one = talk();
    const other = talk({ clientStart: 900_000, serverStart: 700_000 });
    const packets = [one.shake(), one.client.say(text('one')), other.shake(), other.client.say(text('two'))];
    expect(heard(...packets)).toEqual([
      open,
      '#1 client one',
      '#1 ended: replaced',
      '#2 10.20.0.10:49152 > 10.30.0.12:502',
      '#2 client two',
      '#2 ended: end of capture',
    ]);
  });

  test('is the same one when its SYN is sent again', () => {
    const { client, shake } = talk();
    const [syn, ...rest] = shake();
    expect(heard(syn!, syn!, rest, syn!, client.say(text('a')))).toEqual([
      open,
      '#1 client a',
      '#1 ended: end of capture',
    ]);
  });

  test('leaves nothing behind of one that ended before the capture', () => {
    expect(heard(talk().server.segment(text(''), { flags: 'R' }))).toEqual([]);
  });
});

describe('a connection that began before the capture', () => {
  test('says so, and knows its server by the port that serves', () => {
    const { client, server } = talk({ clientPort: 300 });
    expect(heard(server.say(text('answer')), client.say(text('ask')))).toEqual([
      '#1 10.20.0.10:300 > 10.30.0.12:502 midstream',
      '#1 server answer',
      '#1 client ask',
      '#1 ended: end of capture',
    ]);
  });

  test('takes the lower port for the server where none is known', () => {
    const { server } = talk({ clientPort: 900, serverPort: 800 });
    expect(heard(server.say(text('x')))[0]).toBe('#1 10.20.0.10:900 > 10.30.0.12:800 midstream');
  });
});

describe('bytes that are not in the capture', () => {
  test('are lost once the other side has acknowledged them, before what answers them', () => {
    const { client, server, shake } = talk();
    client.say(text('unseen'));
    expect(heard(shake(), server.say(text('answer')), client.say(text('next')))).toEqual([
      open,
      '#1 client lost 6',
      '#1 server answer',
      '#1 client next',
      '#1 ended: end of capture',
    ]);
  });

  test('are lost where the capture kept the beginning of a packet only', () => {
    const { client, server, shake } = talk();
    const whole = client.say(text('abcdef'));
    const cut = { ...whole, bytes: whole.bytes.subarray(0, whole.bytes.length - 4) };
    expect(heard(shake(), cut, server.say(text('answer')))).toEqual([
      open,
      '#1 client ab',
      '#1 client lost 4',
      '#1 server answer',
      '#1 ended: end of capture',
    ]);
  });

  test('are waited for a while where one side alone was captured', () => {
    const { client, shake } = talk();
    client.say(text('unseen'));
    const after = client.say(text('b'));
    const late = { ...client.say(text('c')), at: after.at + HolePatience + 1 };
    expect(heard(shake()[0]!, after, late)).toEqual([
      open,
      '#1 client lost 6',
      '#1 client bc',
      '#1 ended: end of capture',
    ]);
  });

  test('are given up when too much waits for them, and at the end', () => {
    const { client, shake } = talk();
    client.said = 1;
    const packets = Array.from({ length: MaxHeld.runs + 2 }, () => {
      client.said++;
      return client.say(text('x'));
    });
    const lines = heard(shake()[0]!, packets);
    expect(lines.slice(0, 4)).toEqual([open, '#1 client lost 2', '#1 client x', '#1 client lost 1']);
    expect(lines.filter((line) => line.endsWith(' x'))).toHaveLength(MaxHeld.runs + 2);
  });

  test('do not let what waits for them fill the memory, on however many connections', () => {
    const held: HeldBytes = { inAll: 0 };
    const chunk = new Uint8Array(60_000);
    let [lost, most] = [0, 0];
    for (let index = 0; index < 2000; index++) {
      const sink = { data: () => {}, differs: () => {}, stray: () => {}, lost: () => void lost++ };
      const direction = createTcpDirection(sink, held);
      direction.begin(0);
      direction.add({ ...plain, sequence: 100, data: chunk, length: chunk.length }, 0);
      most = Math.max(most, held.inAll);
    }
    expect(lost).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(MaxHeld.inAll + chunk.length);
  });

  test('say nothing of what comes for a closed side', () => {
    const { client, shake, part } = talk();
    const end = part();
    expect(heard(shake(), end, client.segment(text('late'), { at: 5 })).slice(0, 2)).toEqual([
      open,
      '#1 ended: closed',
    ]);
  });
});

test('any order, division and repetition of the same bytes is the same stream', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const piece = fc.tuple(fc.nat(25), fc.integer({ min: 1, max: 8 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(0xffff_ffff), (pieces, clientStart) => {
      const { client, shake } = talk({ clientStart });
      const packets = pieces.map(([at, length]) =>
        client.segment(text(letters.slice(at, at + length)), { at }),
      );
      const rest = client.segment(text(letters), { at: 0 });
      const lines = heard(shake(), packets, rest);
      const stream = lines.filter((line) => line.startsWith('#1 client ')).map((line) => line.slice(10));
      expect(stream.join('')).toBe(letters);
    }),
  );
});
