import { expect, test } from 'vitest';
import { createTogether, type Sender } from '../../../../gateway/inspector/descriptors/together.ts';

function sender(name: string, sent: string[], during: () => void = () => undefined): Sender {
  return {
    send: (bytes, length) => {
      sent.push(`${name} ${Buffer.from(bytes.subarray(0, length)).toString()}`);
      during();
    },
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('what one sender adds goes out in one piece when it is flushed, and once', () => {
  const sent: string[] = [];
  const together = createTogether(16);
  const one = sender('one', sent);
  const lent = bytes('abc--');
  together.add(one, lent, 3);
  lent.fill(0xee);
  together.add(one, bytes('def'), 3);
  expect(sent).toEqual([]);
  together.flush(one);
  together.flush(one);
  expect(sent).toEqual(['one abcdef']);
});

test('another sender, or no room, sends what is there first; nothing changes its order', () => {
  const sent: string[] = [];
  const together = createTogether(4);
  const [one, other] = [sender('one', sent), sender('other', sent)];
  together.add(one, bytes('ab'), 2);
  together.add(other, bytes('c'), 1);
  together.add(other, bytes('defg'), 4);
  together.add(other, bytes('much too long'), 13);
  together.add(other, bytes('h'), 1);
  together.flush(one);
  together.flush(other);
  expect(sent).toEqual(['one ab', 'other c', 'other defg', 'other much too long', 'other h']);
});

test('a sender that is dropped sends nothing, also when it is dropped while another is flushed', () => {
  const sent: string[] = [];
  const together = createTogether(16);
  const gone = sender('gone', sent);
  together.add(gone, bytes('x'), 1);
  together.drop(gone);
  together.flush(gone);
  const nested = sender('nested', sent, () => together.add(gone, bytes('y'), 1));
  together.add(nested, bytes('z'), 1);
  together.drop(gone);
  together.flush(nested);
  together.drop(gone);
  together.flush(gone);
  expect(sent).toEqual(['nested z']);
});
