import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Absences, createAbsences } from '../../../gateway/engine/absences.ts';
import { until } from '../inspector/loopback.ts';

/** Milliseconds. */
const Patience = 100;

describe('one that went away', () => {
  let absences: Absences;
  let lost: string[];
  beforeEach(() => {
    absences = createAbsences(Patience);
    lost = [];
  });

  test('is lost when it does not come again, once', async () => {
    begin('a');
    expect(absences.epochs()).toEqual(['a']);
    await until(() => lost.length > 0);
    expect(absences.epochs()).toEqual([]);
    expect(absences.end('a')).toBe(false);
    absences.close();
    expect(lost).toEqual(['a']);
  });

  test('and came again and went once more is waited for anew', async () => {
    begin('a');
    expect(absences.end('a')).toBe(true);
    begin('a', 'a again');
    await until(() => lost.length > 0);
    expect(lost).toEqual(['a again']);
  });

  test('is lost at once when nobody can come any more', () => {
    begin('a');
    absences.close();
    expect(lost).toEqual(['a']);
  });

  describe('while the engine is kept from running', () => {
    let directory: string;
    let server: Server;
    let worker: Worker;
    const said = new Int32Array(new SharedArrayBuffer(4));
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'pst-absences-'));
      server = createServer((socket) => socket.on('data', (hello) => absences.end(String(hello))));
      server.listen(join(directory, 'engine.sock'));
      await once(server, 'listening');
      Atomics.store(said, 0, 0);
      worker = new Worker(Comes, { eval: true, workerData: { path: server.address(), said } });
      await once(worker, 'online');
    });
    afterEach(async () => {
      await worker.terminate();
      server.close();
      rmSync(directory, { recursive: true, force: true });
    });

    test('and has said hello meanwhile is not lost', async () => {
      begin('a');
      worker.postMessage('a');
      expect(Atomics.wait(said, 0, 0, 10_000)).not.toBe('timed-out');
      freeze(2 * Patience);
      await until(() => absences.epochs().length === 0);
      expect(lost).toEqual([]);
    });

    test('is waited for as long as if it had gone afterwards', async () => {
      absences = createAbsences(20 * Patience);
      begin('a');
      freeze(21 * Patience);
      worker.postMessage('a');
      await until(() => absences.epochs().length === 0);
      expect(lost).toEqual([]);
    });
  });

  function begin(epoch: string, text = epoch): void {
    absences.begin(epoch, () => lost.push(text));
  }
});

function freeze(time: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);
}

/** Says hello as it is told, and then that it did, to one that cannot listen. */
const Comes = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.on('message', (epoch) => {
  const socket = require('node:net').connect(workerData.path);
  socket.write(epoch, () => {
    Atomics.store(workerData.said, 0, 1);
    Atomics.notify(workerData.said, 0);
  });
});
`;
