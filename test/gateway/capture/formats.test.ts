import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ByteSource, bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { openBytes } from '../../../gateway/capture/bytes-in-file.ts';
import type { CaptureEntry } from '../../../gateway/capture/packet.ts';
import { readPackets } from '../../../gateway/capture/read-packets.ts';
import { text } from './listen.ts';
import {
  block,
  bytesOf,
  enhancedPacket,
  interfaceBlock,
  long,
  pcap,
  sectionHeader,
  word,
} from './write-capture.ts';

const at = 1_700_000_000_123.456;

describe('pcap', () => {
  test.for([
    { littleEndian: true, nanoseconds: false },
    { littleEndian: false, nanoseconds: false },
    { littleEndian: true, nanoseconds: true },
    { littleEndian: false, nanoseconds: true },
  ])('%j gives each packet with its time and link type', (form) => {
    const packets = [
      { at, bytes: text('one') },
      { at: at + 1, bytes: text('') },
    ];
    const entries = read(pcap(packets, { ...form, linkType: 113 }));
    expect(entries).toMatchObject([
      { kind: 'packet', number: 1, linkType: 113, bytes: text('one') },
      { kind: 'packet', number: 2, linkType: 113, bytes: text('') },
    ]);
    expect(times(entries)[0]).toBeCloseTo(at, 2);
  });

  test('keeps the packets before the place where the file was cut', () => {
    const whole = pcap([
      { at, bytes: text('one') },
      { at, bytes: text('two') },
    ]);
    expect(read(whole.subarray(0, whole.length - 1))).toMatchObject([
      { number: 1 },
      { kind: 'finding', text: 'packet 2: the file ends within it' },
    ]);
    expect(read(whole.subarray(0, whole.length - 4))).toMatchObject([
      { number: 1 },
      { kind: 'finding', text: 'packet 2: the file ends within its header' },
    ]);
    expect(read(whole.subarray(0, 20))).toMatchObject([{ text: 'the file ends within its header' }]);
  });

  test('believes no length that no packet has', () => {
    const file = bytesOf(pcap([]), long(0), long(0), [0xff, 0xff, 0xff, 0x7f], long(0));
    expect(read(file)).toEqual([
      { kind: 'finding', text: 'packet 1: says it has 2147483647 bytes; nothing after it can be found' },
    ]);
  });
});

describe('pcapng', () => {
  test.for([true, false])('little endian %s gives the packets of every interface', (little) => {
    const file = bytesOf(
      sectionHeader(little),
      interfaceBlock(1, undefined, little),
      interfaceBlock(113, 9, little),
      enhancedPacket(text('a'), at * 1000, 0, little),
      enhancedPacket(text('bcde'), at * 1e6, 1, little),
    );
    const entries = read(file);
    expect(entries).toMatchObject([
      { number: 1, linkType: 1, bytes: text('a') },
      { number: 2, linkType: 113, bytes: text('bcde') },
    ]);
    for (const time of times(entries)) expect(time).toBeCloseTo(at, 2);
  });

  test('counts time in powers of two where the interface says so, and from its own zero', () => {
    const body = bytesOf(
      [1, 0, 0, 0],
      long(0),
      [9, 0, 1, 0, 0x8a, 0, 0, 0],
      [14, 0, 8, 0, 100, 0, 0, 0, 0, 0, 0, 0],
    );
    const file = bytesOf(sectionHeader(), block(1, body), enhancedPacket(text('a'), 1024 * 5));
    expect(times(read(file))).toEqual([105_000]);
  });

  test('begins anew with each section, in its own byte order', () => {
    const file = bytesOf(
      sectionHeader(true),
      interfaceBlock(1),
      enhancedPacket(text('a'), 0),
      sectionHeader(false),
      interfaceBlock(101, undefined, false),
      enhancedPacket(text('b'), 0, 0, false),
    );
    expect(read(file)).toMatchObject([
      { linkType: 1, bytes: text('a') },
      { linkType: 101, bytes: text('b') },
    ]);
  });

  test('reads simple and obsolete packets, and passes over what it does not know', () => {
    const little = (...numbers: readonly (readonly number[])[]) => numbers.map((each) => [...each].reverse());
    const file = bytesOf(
      sectionHeader(),
      interfaceBlock(1, undefined, true, 3),
      block(0x0bad, new Uint8Array(100)),
      enhancedPacket(text('time'), 7000),
      block(3, bytesOf(...little(long(9)), text('sim'))),
      block(2, bytesOf(...little(word(0), word(0), long(0), long(8000), long(3), long(3)), text('old'))),
    );
    expect(read(file)).toMatchObject([
      { number: 1, at: 7, bytes: text('time') },
      { number: 2, at: 7, bytes: text('sim') },
      { number: 3, at: 8, bytes: text('old') },
    ]);
  });

  test('names a packet of no interface, and one longer than its block, and goes on', () => {
    const long9 = [...long(9)].reverse();
    const file = bytesOf(
      sectionHeader(),
      interfaceBlock(),
      enhancedPacket(text('a'), 0, 5),
      block(6, bytesOf(new Uint8Array(12), long9, long9, text('abcd'))),
      enhancedPacket(text('b'), 0),
    );
    expect(read(file)).toMatchObject([
      { text: 'packet 1: is of no interface' },
      { text: 'packet 2: says it has 9 bytes in a block of 24' },
      { number: 3, bytes: text('b') },
    ]);
  });

  test('ends where a block has no length a block can have', () => {
    for (const length of [0, 8, 13, 0xffff_fffc]) {
      const file = bytesOf(sectionHeader(), [6, 0, 0, 0], [...long(length)].reverse(), new Uint8Array(32));
      expect(read(file), String(length)).toMatchObject([
        { text: `after packet 0: a block says it has ${length} bytes` },
      ]);
    }
  });

  test('says when a block ends with another length than it began with', () => {
    const packet = enhancedPacket(text('a'), 0);
    packet[packet.length - 4] = 99;
    const [first, second] = read(bytesOf(sectionHeader(), interfaceBlock(), packet));
    expect(first).toMatchObject({ text: 'after packet 0: a block of 36 bytes ends as one of 99' });
    expect(second).toMatchObject({ kind: 'packet' });
  });
});

describe('a file', () => {
  test.for<[string, Uint8Array, string]>([
    ['empty', text(''), 'neither a pcap nor a pcapng file'],
    ['of text', text('hello'), 'neither a pcap nor a pcapng file'],
    ['compressed', Uint8Array.of(0x1f, 0x8b, 8, 0), 'compressed: unpack it with gunzip first'],
  ])('that is %s is said to be none', ([, bytes, finding]) => {
    expect(read(bytes)).toEqual([{ kind: 'finding', text: finding }]);
  });

  test('is read in pieces from the disk as it is from memory', () => {
    const home = mkdtempSync(join(tmpdir(), 'penstock-capture-'));
    try {
      const packets = Array.from({ length: 3000 }, (_, index) => ({
        at: index,
        bytes: new Uint8Array((index * 37) % 1500).fill(index),
      }));
      const files = [
        pcap(packets),
        bytesOf(
          sectionHeader(),
          interfaceBlock(),
          block(5, new Uint8Array(700_000)),
          enhancedPacket(text('z'), 1),
        ),
      ];
      for (const file of files) {
        writeFileSync(join(home, 'a.pcap'), file);
        const source = openBytes(join(home, 'a.pcap'));
        expect(entriesOf(source)).toEqual(read(file));
        source.close();
      }
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

function read(file: Uint8Array): readonly CaptureEntry[] {
  return entriesOf(bytesInMemory(file));
}

/** Bytes are lent, so each packet is copied before the next one is asked for. */
function entriesOf(source: ByteSource): readonly CaptureEntry[] {
  const entries: CaptureEntry[] = [];
  for (const entry of readPackets(source)) {
    entries.push(entry.kind === 'packet' ? { ...entry, bytes: Uint8Array.from(entry.bytes) } : entry);
  }
  return entries;
}

function times(entries: readonly CaptureEntry[]): readonly number[] {
  return entries.flatMap((entry) => (entry.kind === 'packet' ? [entry.at] : []));
}
