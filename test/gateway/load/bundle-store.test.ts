import { chmodSync, linkSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBundleStore } from '../../../gateway/load/bundle-store.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pst-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string): string => join(directory, 'bundles', `${name}.bundle`);
const bundle = (version: number): Uint8Array => Uint8Array.of(version);

/** A store that has confirmed these, one after the other. */
function confirmed(...versions: readonly number[]) {
  const store = openBundleStore(directory);
  for (const version of versions) {
    store.stage(bundle(version), false)();
    store.confirm(false);
  }
  return store;
}

/** What a start finds. */
function found() {
  const store = openBundleStore(directory);
  const version = (bytes: Uint8Array | undefined) => bytes?.[0];
  return [store.confirmed(), store.previous(), store.pending()?.envelope, store.givenUp()].map(version);
}

describe('keeping bundles', () => {
  test('a new box has none', () => {
    expect(found()).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('a staged bundle is not yet pending, and a pending one not yet confirmed', () => {
    const makePending = confirmed(1).stage(bundle(2), true);
    expect(found()).toEqual([1, undefined, undefined, undefined]);
    makePending();
    expect(found()).toEqual([1, undefined, 2, undefined]);
    expect(openBundleStore(directory).pending()?.waited).toBe(true);
  });

  test('confirming keeps the one before as previous, whether it waited or not', () => {
    confirmed(1, 2).stage(bundle(3), true)();
    openBundleStore(directory).confirm(false);
    expect(found()).toEqual([3, 2, undefined, undefined]);
    expect(readdirSync(join(directory, 'bundles')).toSorted()).toEqual([
      'confirmed.bundle',
      'previous.bundle',
    ]);
  });

  test('the same policy with one more signature replaces itself and not the previous one', () => {
    const store = confirmed(1, 2);
    store.stage(bundle(2), false)();
    store.confirm(true);
    expect(found()).toEqual([2, 1, undefined, undefined]);
  });

  test('what was given up is known and never pending again; what was discarded is gone', () => {
    const store = confirmed(1);
    store.stage(bundle(2), true)();
    store.giveUp();
    expect(found()).toEqual([1, undefined, undefined, 2]);
    store.stage(bundle(3), false)();
    store.discard();
    expect(found()).toEqual([1, undefined, undefined, 2]);
  });

  test('one whose giving up did not reach the disk is not what is confirmed later', () => {
    const store = confirmed(1);
    store.stage(bundle(2), true)();
    store.stage(bundle(3), false)();
    store.confirm(false);
    expect(found()).toEqual([3, 1, undefined, 2]);
  });

  test('a state directory that is a file is told as such, with a remedy', () => {
    const place = join(directory, 'state');
    writeFileSync(place, '');
    chmodSync(place, 0o600);
    expect(() => openBundleStore(place).stage(bundle(1), true)).toThrow(
      expect.objectContaining({ code: 'PST_ERR_STATE_DIR', remedy: expect.stringContaining('state') }),
    );
  });
});

describe('a power cut while one is confirmed', () => {
  test('after the former one got its second name: nothing has happened', () => {
    confirmed(1, 2).stage(bundle(3), true)();
    linkSync(file('confirmed'), file('former'));
    expect(found()).toEqual([2, 1, 3, undefined]);
    openBundleStore(directory).confirm(false);
    expect(found()).toEqual([3, 2, undefined, undefined]);
  });

  test('after the new one took its place: the former one becomes the previous one', () => {
    confirmed(1, 2);
    linkSync(file('confirmed'), file('former'));
    rmSync(file('confirmed'));
    writeFileSync(file('confirmed'), bundle(3));
    expect(found()).toEqual([3, 2, undefined, undefined]);
  });

  test('while one was staged: a part of a file is nobody’s bundle', () => {
    confirmed(1);
    writeFileSync(`${file('pending')}.new`, '');
    expect(found()).toEqual([1, undefined, undefined, undefined]);
  });
});
