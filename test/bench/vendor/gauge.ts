/**
 * gauge.ts HOST PORT: a vendor's tool that measures, driven by lines `NUMBER IDLE FILE`: one connection with these
 * credentials that asks register 0 all the time, and so many more that say nothing; with -1 that one falls silent too. Prints `NUMBER open`, and when all of
 * them are closed `NUMBER closed LAST CUT`: when the last byte came and when the last connection was gone, milliseconds
 * since the Unix epoch.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { connect, type TLSSocket } from 'node:tls';

const [host = '', port = ''] = process.argv.slice(2);
const Request = Buffer.from('000100000006010300000001', 'hex');
const Answer = 11;
const Pause = 5;

createInterface({ input: process.stdin }).on('line', (line) => {
  const [number = '', idle = '0', file = ''] = line.split(' ');
  measure(number, Number(idle), readFileSync(file, 'utf8')).catch((error: unknown) => {
    console.log(`${number} failed ${error}`);
  });
});

async function measure(number: string, idle: number, pem: string): Promise<void> {
  const [own = '', authority = ''] =
    pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const [key = ''] = pem.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/) ?? [];
  const dial = (): TLSSocket =>
    connect({
      host,
      port: Number(port),
      cert: own,
      key,
      ca: authority,
      checkServerIdentity: () => undefined,
    });
  let last = 0;
  let open = 0;
  const closed = (): void => {
    open -= 1;
    if (open === 0) console.log(`${number} closed ${last} ${Date.now()}`);
  };
  const busy = await firstAnswered(dial);
  const all = [busy];
  open += 1;
  last = Date.now();
  // A few at a time: who is not known yet is bounded.
  while (all.length <= idle) {
    const some = Array.from({ length: Math.min(8, idle + 1 - all.length) }, dial);
    open += some.length;
    await Promise.all(some.map((socket) => answered(socket, Answer)));
    all.push(...some);
  }
  for (const socket of all) {
    socket.on('error', () => undefined);
    socket.once('close', closed);
  }
  busy.on('data', () => {
    last = Date.now();
    setTimeout(() => busy.write(Request), Pause);
  });
  if (idle >= 0) busy.write(Request);
  console.log(`${number} open`);
}

/** The listener comes with the grant: whoever is as quick as this may be there before it. */
async function firstAnswered(dial: () => TLSSocket): Promise<TLSSocket> {
  for (let tries = 1; ; tries++) {
    const socket = dial();
    try {
      await answered(socket, Answer);
      return socket;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** One answer through the whole way. */
function answered(socket: TLSSocket, length: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = 0;
    const hear = (piece: Buffer): void => {
      heard += piece.length;
      if (heard < length) return;
      socket.off('data', hear);
      socket.off('error', reject);
      socket.off('close', reject);
      resolve();
    };
    socket.on('data', hear);
    socket.on('error', reject);
    socket.on('close', reject);
    socket.write(Request);
  });
}
