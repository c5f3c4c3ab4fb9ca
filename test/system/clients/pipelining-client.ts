/**
 * A client that keeps many requests under way on one connection, uses every transaction identifier from 0
 * to 65535 in turn, and lets its ADUs fall into segments as they like: several in one, one in several.
 *   pipelining-client.ts ADDRESS PORT REQUESTS WINDOW [masks] [whole] [uncut] [shuffled]
 * `masks` adds function codes 22 and 23, `whole` everything else that is public. Prints one line per answer
 * of the first hundred requests and a digest of all answers, in the order of the requests; then how many
 * answers came out of that order, unless the server is `shuffled`. `uncut` ends no segment inside an ADU. Ends with status 1 when an answer is
 * missing after ten seconds without any, or fits nothing that was asked.
 */
import { connect } from 'node:net';
import { createDraw, createTranscript } from './transcript.ts';

const [address = '', port = '', requests = '', window = '', ...words] = process.argv.slice(2);
const Total = Number(requests);
const Window = Number(window);
const Base = 11_000;
const FirstId = 0xffc0;
const Units = [1, 0, 255] as const;

const draw = createDraw(7);
/** Apart, because how much is sent at once depends on when the answers come. */
const cutting = createDraw(8);
const transcript = createTranscript();
const answers: (string | undefined)[] = new Array(Math.min(Total, 0x1_0000)).fill(undefined);
const kinds = [
  1,
  2,
  3,
  4,
  5,
  6,
  15,
  16,
  ...(words.includes('masks') || words.includes('whole') ? [22, 23] : []),
];
if (words.includes('whole')) kinds.push(7, 8, 11, 12, 17, 20, 21, 24, 43);
let sent = 0;
let told = 0;
let newest = -1;
let disorder = 0;
let kept = Buffer.alloc(0);

const socket = connect({ host: address, port: Number(port), noDelay: true });
let patience = setTimeout(giveUp, 10_000);
socket.on('connect', fill);
socket.on('error', (error) => fail(error.message));
socket.on('close', () => told < Total && fail('closed'));
socket.on('data', (bytes) => {
  clearTimeout(patience);
  patience = setTimeout(giveUp, 10_000);
  kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
  while (kept.length >= 6 && kept.length >= 6 + kept.readUInt16BE(4)) {
    const end = 6 + kept.readUInt16BE(4);
    take(kept.readUInt16BE(0), kept.subarray(6, end).toString('hex'));
    kept = kept.subarray(end);
  }
  tell();
  if (told < Total) fill();
  else finish();
});

function take(id: number, answer: string): void {
  const lap = Math.floor(told / 0x1_0000) * 0x1_0000;
  let index = lap + ((id - FirstId + 0x1_0000) & 0xffff);
  if (index < told) index += 0x1_0000;
  if (index >= sent || answers[index % 0x1_0000] !== undefined) fail(`nobody asked for ${id}: ${answer}`);
  if (index < newest) disorder += 1;
  newest = Math.max(newest, index);
  answers[index % 0x1_0000] = answer;
}

function tell(): void {
  for (let answer = answers[told % 0x1_0000]; answer !== undefined; answer = answers[told % 0x1_0000]) {
    answers[told % 0x1_0000] = undefined;
    transcript.say(answer);
    told += 1;
    if (told === 100) transcript.hush();
  }
}

function fill(): void {
  const batch: Buffer[] = [];
  for (; sent < Total && sent - told < Window; sent += 1) batch.push(adu(sent));
  if (batch.length === 0) return;
  const bytes = Buffer.concat(batch);
  // Somewhere in the middle of an ADU, now and then.
  const cut = cutting(4) === 0 && !words.includes('uncut') ? cutting(bytes.length) : bytes.length;
  socket.write(bytes.subarray(0, cut));
  if (cut < bytes.length) setImmediate(() => socket.write(bytes.subarray(cut)));
}

function adu(index: number): Buffer {
  const pdu = request(kinds[index % kinds.length] ?? 3);
  const bytes = Buffer.alloc(7 + pdu.length);
  bytes.writeUInt16BE((FirstId + index) & 0xffff, 0);
  bytes.writeUInt16BE(pdu.length + 1, 4);
  bytes.writeUInt8(Units[index % 3] ?? 1, 6);
  pdu.copy(bytes, 7);
  return bytes;
}

/** Quantities from 1 to the most, each extreme more often than the others. */
function quantity(most: number): number {
  const kind = draw(4);
  if (kind === 0) return 1;
  return kind === 1 ? most : 1 + draw(most);
}

function request(code: number): Buffer {
  const at = Base + draw(100);
  switch (code) {
    case 1:
      return pdu(code, [at, quantity(2000)]);
    case 2:
      return pdu(code, [draw(63_000), quantity(2000)]);
    case 3:
      return pdu(code, [draw(8) === 0 ? 59_999 : at, quantity(125)]); // now and then beyond the table
    case 4:
      return pdu(code, [draw(59_800), quantity(125)]);
    case 5:
      return pdu(code, [at, draw(2) * 0xff00]);
    case 6:
      return pdu(code, [at, draw(65_536)]);
    case 8:
      return pdu(code, diagnostic(draw(4)));
    case 15: {
      const count = quantity(1968);
      const data = Array.from({ length: Math.ceil(count / 8) }, () => draw(256));
      data[data.length - 1] = (data.at(-1) ?? 0) & (0xff >> (7 - ((count - 1) & 7)));
      return Buffer.concat([pdu(code, [at, count]), Buffer.from([data.length, ...data])]);
    }
    case 16:
      return withWords(code, [at], quantity(123));
    case 20:
      return Buffer.concat([
        Buffer.from([code, 14]),
        pdu(6, [1 + draw(9), draw(9000), 1 + draw(40)]),
        pdu(6, [1 + draw(9), draw(9000), 1 + draw(40)]),
      ]);
    case 21:
      return Buffer.concat([Buffer.from([code, 11]), pdu(6, [4, draw(9000), 2, draw(65_536), draw(65_536)])]);
    case 22:
      return pdu(code, [at, draw(65_536), draw(65_536)]);
    case 23:
      return withWords(code, [at, quantity(125), at], quantity(121));
    case 24:
      return pdu(code, [draw(65_536)]);
    case 43:
      return Buffer.from([code, 14, 1 + draw(4), draw(3)]);
    default:
      return Buffer.from([code]);
  }
}

function diagnostic(kind: number): number[] {
  if (kind === 0) return [0, draw(65_536), draw(65_536), draw(65_536)];
  if (kind === 1) return [10 + draw(9), 0];
  return kind === 2 ? [2, 0] : [20, 0];
}

function withWords(code: number, head: readonly number[], count: number): Buffer {
  const values = Array.from({ length: count }, () => draw(65_536));
  const bytes = pdu(count * 2, values);
  return Buffer.concat([pdu(code, [...head, count]), bytes]);
}

/** A byte and words. */
function pdu(first: number, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(1 + 2 * values.length);
  bytes.writeUInt8(first, 0);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 1 + 2 * index);
  return bytes;
}

function giveUp(): void {
  fail('no answer for ten seconds');
}

function fail(why: string): never {
  console.error(`${why} after ${told} of ${sent} answers`);
  process.exit(1);
}

function finish(): void {
  clearTimeout(patience);
  transcript.end();
  if (!words.includes('shuffled')) console.log(`out of order ${disorder}`);
  socket.end();
}
