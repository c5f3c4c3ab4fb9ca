import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTar, StrangeArchive, tarEnd, tarHeader, tarPadding } from '../../../gateway/backup/tar.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-tar-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const long = `state/access/accounts/${'service-1@'.repeat(6)}pump.example/${'x'.repeat(60)}.json`;

function archive(files: ReadonlyMap<string, string>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, text] of files) {
    const bytes = Buffer.from(text);
    parts.push(tarHeader({ name, mode: 0o600, owner: '', group: 'root', size: bytes.length }));
    parts.push(bytes, tarPadding(bytes.length));
  }
  return Buffer.concat([...parts, tarEnd()]);
}

function read(bytes: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let name = '';
  for (const part of readTar([bytes.subarray(0, 700), bytes.subarray(700)])) {
    if (part.kind === 'file') name = part.entry.name;
    if (part.kind === 'file') found.set(name, '');
    else found.set(name, `${found.get(name)}${part.bytes.toString()}`);
  }
  return found;
}

const files = new Map([
  ['manifest.json', '{}'],
  ['empty', ''],
  [long, 'y'.repeat(513)],
  ['state/a', 'z'.repeat(512)],
]);

describe('an archive', () => {
  test('is read as it was written', () => {
    expect(read(archive(files))).toEqual(files);
  });

  test('is one that the tar of the system reads', () => {
    writeFileSync(join(home, 'a.tar'), archive(files));
    execFileSync('tar', ['-xf', 'a.tar'], { cwd: home });
    for (const [name, text] of files) expect(readFileSync(join(home, name), 'utf8')).toBe(text);
  });

  test('that ends too early is refused', () => {
    const whole = archive(files);
    for (const length of [0, 511, 512, 600, whole.length - 1024]) {
      expect(() => read(whole.subarray(0, length)), `${length}`).toThrow(StrangeArchive);
    }
  });

  test.each([
    ['../etc/passwd'],
    ['/etc/passwd'],
    ['state/../../x'],
    ['state/./x'],
    ['a//b'],
    ['a/'],
    ['a\nb'],
  ])('that would write elsewhere is refused: %j', (name) => {
    expect(() => tarHeader({ name, mode: 0o600, owner: '', group: '', size: 0 })).toThrow(StrangeArchive);
    const bytes = archive(new Map([['a'.repeat(name.length), '']]));
    bytes.write(name, 0);
    // With a checksum that fits.
    bytes.fill(' ', 148, 156);
    const sum = bytes.subarray(0, 512).reduce((all, byte) => all + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    expect(() => read(bytes)).toThrow(StrangeArchive);
  });

  test('with a link in it is refused', () => {
    writeFileSync(join(home, 'target'), 'x');
    execFileSync('ln', ['-sf', 'target', 'link'], { cwd: home });
    execFileSync('tar', ['-cf', 'link.tar', '--format=ustar', 'link'], { cwd: home });
    expect(() => read(readFileSync(join(home, 'link.tar')))).toThrow(/more than plain files/);
  });

  test('whose header was damaged is refused', () => {
    const bytes = archive(files);
    bytes[101] = 0x39;
    expect(() => read(bytes)).toThrow(/damaged/);
  });
});
