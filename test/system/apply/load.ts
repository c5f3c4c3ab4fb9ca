/**
 * One side of a load in which every loss shows, run inside a namespace. Each thing sent is answered, and asked for
 * again only then and a moment later, so that no buffer overflows and what is missing was lost on the way.
 *   load.ts serve ADDRESS          echoes TCP 443 and UDP 161; prints `listening`
 *   load.ts sink ADDRESS           takes UDP 514 and says nothing
 *   load.ts plain ADDRESS          one TCP connection and UDP, many asked at once; new TCP connections all the time
 *   load.ts modbus ADDRESS         one Modbus connection, many asked at once; new connections all the time
 *   load.ts tell ADDRESS           500 datagrams a second to UDP 514
 * The last three print `going`; a line of input ends them: what is under way is waited for, then `sent N lost M …`.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const AtOnce = 8;
/** Milliseconds. */
const Pause = 8;
const [role = '', address = ''] = process.argv.slice(2);
let ending = false;
const told: Record<string, { sent: number; lost: number }> = {};

switch (role) {
  case 'serve':
    serve();
    break;
  case 'sink':
    createSocket('udp4').bind(514, address, () => console.log('listening'));
    break;
  case 'plain':
    void Promise.all([
      stream('tcp', 443, echoRequest),
      datagrams(),
      connections('tcp-new', 443, echoRequest),
    ]);
    endOnInput();
    break;
  case 'modbus':
    void Promise.all([stream('modbus', 502, readRequest), connections('modbus-new', 502, readRequest)]);
    endOnInput();
    break;
  case 'tell':
    void tell();
    endOnInput();
    break;
  default:
    console.error('usage: load.ts serve|sink|plain|modbus|tell ADDRESS');
    process.exitCode = 2;
}

function serve(): void {
  createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(443, address);
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => udp.send(bytes, from.port, from.address));
  udp.bind(161, address, () => console.log('listening'));
}

/** Keeps {@link AtOnce} requests under way on one connection; an answer has as many bytes as `request` says. */
function stream(name: string, port: number, request: (number: number) => Request): Promise<void> {
  return exchange(name, port, request, AtOnce, Number.POSITIVE_INFINITY);
}

/** One connection after the other, each with one request. */
async function connections(name: string, port: number, request: (number: number) => Request): Promise<void> {
  while (!ending) await exchange(name, port, request, 1, 1);
}

function exchange(
  name: string,
  port: number,
  request: (number: number) => Request,
  atOnce: number,
  most: number,
): Promise<void> {
  const tally = tallyOf(name);
  return new Promise((resolve) => {
    let [asked, answered, bytes] = [0, 0, 0];
    const socket = connect({ host: address, port, noDelay: true });
    const ask = (): void => {
      if (ending || asked === most) return void (answered === asked && socket.end());
      asked += 1;
      tally.sent += 1;
      socket.write(request(asked).bytes);
    };
    socket.on('connect', () => {
      for (let index = 0; index < atOnce; index += 1) ask();
    });
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      for (; bytes >= request(1).answer; bytes -= request(1).answer) {
        answered += 1;
        setTimeout(ask, Pause);
      }
    });
    socket.on('error', (error) => {
      console.log(`${name} failed ${(error as NodeJS.ErrnoException).code}`);
      if (asked === 0) tally.lost += 1;
    });
    socket.on('close', () => {
      tally.lost += asked - answered;
      resolve();
    });
  });
}

async function datagrams(): Promise<void> {
  const tally = tallyOf('udp');
  const udp = createSocket('udp4');
  const underWay = new Set<number>();
  const send = (): void => {
    if (ending) return;
    tally.sent += 1;
    underWay.add(tally.sent);
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32BE(tally.sent);
    udp.send(bytes, 161, address);
  };
  udp.on('message', (bytes) => {
    if (underWay.delete(bytes.readUInt32BE())) setTimeout(send, Pause);
  });
  udp.bind(0, () => {
    for (let index = 0; index < AtOnce; index += 1) send();
  });
  while (!ending || underWay.size > 0) {
    await delay(50);
    if (ending && (await isStuck(underWay))) break;
  }
  tally.lost += underWay.size;
  udp.close();
}

/** Nothing came in for two seconds: what is still under way is lost. */
async function isStuck(underWay: ReadonlySet<number>): Promise<boolean> {
  const before = underWay.size;
  await delay(2_000);
  return underWay.size === before && before > 0;
}

async function tell(): Promise<void> {
  const tally = tallyOf('one-way');
  const udp = createSocket('udp4');
  while (!ending) {
    for (let index = 0; index < 5; index += 1) {
      await new Promise((sent) => udp.send(Buffer.alloc(64), 514, address, sent));
      tally.sent += 1;
    }
    await delay(10);
  }
  udp.close();
}

function endOnInput(): void {
  console.log('going');
  createInterface({ input: process.stdin }).once('line', () => {
    ending = true;
    process.stdin.destroy();
  });
  process.once('beforeExit', () => {
    for (const [name, { sent, lost }] of Object.entries(told))
      console.log(`${name} sent ${sent} lost ${lost}`);
    console.log('done');
  });
}

function tallyOf(name: string): { sent: number; lost: number } {
  const tally = told[name] ?? { sent: 0, lost: 0 };
  told[name] = tally;
  return tally;
}

interface Request {
  readonly bytes: Buffer;
  readonly answer: number;
}

function echoRequest(number: number): Request {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(number);
  return { bytes, answer: 32 };
}

/** Reads holding register 0 of unit 1. */
function readRequest(number: number): Request {
  const bytes = Buffer.from('000000000006010300000001', 'hex');
  bytes.writeUInt16BE(number % 0x1_0000);
  return { bytes, answer: 11 };
}
