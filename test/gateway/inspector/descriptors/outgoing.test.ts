import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createOutgoing,
  type Outgoing,
  type Sender,
} from '../../../../gateway/inspector/descriptors/outgoing.ts';

/** Notes what it sends; told that all was sent, it does what it is given to do. */
function sender(name: string, sent: string[], then: () => void = () => undefined): Sender {
  return {
    send: (bytes) => void sent.push(`${name} ${Buffer.from(bytes).toString()}`),
    sent: () => {
      sent.push(`${name}.`);
      then();
    },
  };
}

function add(outgoing: Outgoing, one: Sender, text: string): void {
  const lent = new TextEncoder().encode(`${text}--`);
  outgoing.add(one, lent, text.length);
  lent.fill(0xee);
}

describe('outside of a batch', () => {
  test('what one sender adds goes out in one piece when it is flushed, and once', () => {
    const sent: string[] = [];
    const outgoing = createOutgoing(16, 4);
    const one = sender('one', sent);
    add(outgoing, one, 'abc');
    add(outgoing, one, 'def');
    expect(sent).toEqual([]);
    outgoing.flush(one);
    outgoing.flush(one);
    expect(sent).toEqual(['one abcdef', 'one.']);
  });

  test('or in pieces of as many as are wanted', () => {
    const sent: string[] = [];
    const outgoing = createOutgoing(16, 4);
    const one = sender('one', sent);
    for (const text of ['a', 'bc', 'd', 'e', 'f']) add(outgoing, one, text);
    outgoing.flush(one, 2);
    expect(sent).toEqual(['one abc', 'one de', 'one f', 'one.']);
  });

  test('no room sends what is there first', () => {
    const sent: string[] = [];
    const outgoing = createOutgoing(4, 2);
    const [one, other] = [sender('one', sent), sender('other', sent)];
    add(outgoing, one, 'ab');
    add(outgoing, other, 'c');
    add(outgoing, other, 'defg');
    outgoing.flush(other);
    expect(sent).toEqual(['one ab', 'one.', 'other c', 'other.', 'other defg', 'other.']);
    expect(() => add(outgoing, one, 'much too long')).toThrow('13 bytes at once');
  });
});

describe('in a batch', () => {
  test('nothing goes out before it is released, each sender told once, and then all at once again', () => {
    const sent: string[] = [];
    const outgoing = createOutgoing(64, 8);
    const [one, other] = [sender('one', sent), sender('other', sent)];
    outgoing.hold();
    add(outgoing, one, 'ab');
    add(outgoing, one, 'cd');
    outgoing.flush(one, 1);
    add(outgoing, other, 'e');
    outgoing.flush(other);
    expect(sent).toEqual([]);
    outgoing.release();
    expect(sent).toEqual(['one ab', 'one cd', 'one.', 'other e', 'other.']);
    add(outgoing, one, 'f');
    outgoing.flush(one);
    expect(sent).toHaveLength(5);
    outgoing.end();
    expect(sent.slice(5)).toEqual(['one f', 'one.']);
    add(outgoing, one, 'g');
    outgoing.flush(one);
    expect(sent.slice(7)).toEqual(['one g', 'one.']);
  });

  test('it says in time that one more chunk may find no room', () => {
    const outgoing = createOutgoing(16, 8);
    const one = sender('one', []);
    outgoing.hold();
    add(outgoing, one, '12345678');
    outgoing.flush(one);
    expect(outgoing.isCrowded()).toBe(false);
    add(outgoing, one, '9');
    outgoing.flush(one);
    expect(outgoing.isCrowded()).toBe(true);
    outgoing.release();
    expect(outgoing.isCrowded()).toBe(false);
  });

  test('a sender that is dropped sends nothing, whoever drops it and when', () => {
    const sent: string[] = [];
    const outgoing = createOutgoing(16, 4);
    const gone = sender('gone', sent);
    const one = sender('one', sent, () => outgoing.drop(gone));
    outgoing.hold();
    add(outgoing, one, 'a');
    outgoing.flush(one);
    add(outgoing, gone, 'b');
    outgoing.flush(gone);
    add(outgoing, gone, 'c');
    outgoing.end();
    outgoing.flush(gone);
    expect(sent).toEqual(['one a', 'one.']);
  });

  test('who ends a connection when it hears that it was sent has all that was flushed before sent first', () => {
    const sent: string[] = [];
    const outgoing = createOutgoing(16, 4);
    const one = sender('one', sent, () => {
      outgoing.release();
      sent.push('FIN of other');
    });
    const other = sender('other', sent);
    outgoing.hold();
    add(outgoing, one, 'a');
    outgoing.flush(one);
    add(outgoing, other, 'b');
    outgoing.flush(other);
    outgoing.end();
    expect(sent).toEqual(['one a', 'one.', 'other b', 'other.', 'FIN of other']);
  });

  test('whatever is added, flushed and released, each sender has sent its bytes once and in order', () => {
    const step = fc.record({
      do: fc.constantFrom('add', 'add', 'flush', 'hold', 'release', 'end'),
      who: fc.nat(2),
      pieces: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const outgoing = createOutgoing(16, 8);
        const got = ['', '', ''];
        const wanted = ['', '', ''];
        const senders = got.map(
          (_, who): Sender => ({
            send: (bytes) => {
              got[who] += Buffer.from(bytes).toString();
            },
            sent: () => undefined,
          }),
        );
        for (const [index, { do: what, who, pieces, length }] of steps.entries()) {
          const one = senders[who]!;
          if (what === 'add') {
            const text = String.fromCharCode(97 + (index % 26)).repeat(length);
            wanted[who] += text;
            add(outgoing, one, text);
          } else if (what === 'flush') outgoing.flush(one, pieces);
          else if (what === 'hold') outgoing.hold();
          else if (what === 'release') outgoing.release();
          else outgoing.end();
        }
        for (const one of senders) outgoing.flush(one);
        outgoing.end();
        expect(got).toEqual(wanted);
      }),
    );
  });
});
