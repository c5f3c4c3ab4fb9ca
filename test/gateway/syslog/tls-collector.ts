import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';

/** Certificates of a collector and of a box, made by openssl for one test. */
export interface Certificates {
  readonly folder: string;
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export function makeCertificates(name: string): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-collector-'));
  const file = (one: string): string => join(folder, one);
  const openssl = (...words: string[]): void =>
    void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...ec,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  );
  openssl(
    'req',
    ...ec,
    '-keyout',
    'own.key',
    '-out',
    'own.csr',
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=DNS:${name}`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'own.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-out',
    'own.pem',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
  );
  const read = (one: string): string => readFileSync(file(one), 'utf8');
  return { folder, authority: read('ca.pem'), certificate: read('own.pem'), key: read('own.key') };
}

/** A collector that takes RFC 5425 frames; it may be stopped and started again at its port. */
export interface TestCollector {
  readonly messages: string[];
  readonly port: () => number;
  readonly start: () => Promise<void>;
  /** Cuts every connection and listens no more. */
  readonly stop: () => Promise<void>;
}

export function makeCollector({ certificate, key, authority }: Certificates, asks = false): TestCollector {
  const messages: string[] = [];
  const sockets = new Set<TLSSocket>();
  let port = 0;
  const make = () =>
    createServer(
      { cert: certificate, key, ca: authority, requestCert: asks, rejectUnauthorized: asks },
      (socket) => {
        sockets.add(socket);
        let waiting = Buffer.alloc(0);
        socket.on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => {
          waiting = Buffer.concat([waiting, chunk]);
          for (;;) {
            const [, length] = /^(\d+) /.exec(waiting.toString('latin1')) ?? [];
            if (length === undefined) return;
            const [from, size] = [length.length + 1, Number(length)];
            if (waiting.length < from + size) return;
            messages.push(waiting.subarray(from, from + size).toString('utf8'));
            waiting = waiting.subarray(from + size);
          }
        });
      },
    );
  let server = make();
  return {
    messages,
    port: () => port,
    start: async () => {
      server = make();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
