/**
 * hostile-server.ts ADDRESS PORT: a Modbus server that writes down all it hears and answers as it is told.
 * Prints `listening`, `client A:P`, `got A:P HEX`, `gone A:P`. Without a word it is honest: zeros to a read,
 * the right echo to a write. Lines of standard input:
 *   next PART PART…   how the next request is answered, each part in a write of its own; a part is hex in
 *                     which `iiii` stands for the transaction identifier that came and `jjjj` for the one
 *                     after it, or `-` for silence
 *   always PART…      the same for every request to come, until the line `honest`
 *   say PORT HEX      to the client with this port, unasked
 *   keep / release    holds all answers back, and gives them
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const [address = '', port = ''] = process.argv.slice(2);
const clients = new Set<Socket>();
const next: string[][] = [];
let always: string[] | undefined;
let kept: (() => void)[] | undefined;

createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  const name = `${socket.remoteAddress}:${socket.remotePort}`;
  let pending = Buffer.alloc(0);
  clients.add(socket);
  console.log(`client ${name}`);
  socket.on('error', () => {}); // its end is printed below
  // Whoever ends its side still gets what it has asked for.
  socket.on('end', () => {
    if (kept === undefined) socket.end();
    else kept.push(() => socket.end());
  });
  socket.on('close', () => {
    clients.delete(socket);
    console.log(`gone ${name}`);
  });
  socket.on('data', (bytes) => {
    console.log(`got ${name} ${bytes.toString('hex')}`);
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 6 && pending.length >= 6 + pending.readUInt16BE(4)) {
      const length = 6 + pending.readUInt16BE(4);
      const adu = pending.subarray(0, length);
      pending = pending.subarray(length);
      const parts = next.shift() ?? always;
      const answer = () => {
        if (parts === undefined) socket.write(honest(adu));
        else void play(socket, adu.readUInt16BE(0), parts);
      };
      if (kept === undefined) answer();
      else kept.push(answer);
    }
  });
}).listen(Number(port), address, () => console.log('listening'));

createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, ...parts] = line.split(' ');
  if (verb === 'next') next.push(parts);
  else if (verb === 'always') always = parts;
  else if (verb === 'honest') always = undefined;
  else if (verb === 'say') {
    for (const client of clients)
      if (client.remotePort === Number(parts[0])) client.write(Buffer.from(parts[1] ?? '', 'hex'));
  } else if (verb === 'keep') kept = [];
  else if (verb === 'release') {
    for (const answer of kept?.splice(0) ?? []) answer();
    kept = undefined;
  }
  console.log(`did ${line}`);
});

async function play(socket: Socket, id: number, parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    if (part === '-') continue;
    const hex = part.replaceAll('iiii', hex16(id)).replaceAll('jjjj', hex16((id + 1) & 0xffff));
    // The next part goes when this one is on its way, so that each is a segment.
    await new Promise((resolve) => socket.write(Buffer.from(hex, 'hex'), resolve));
  }
}

function honest(adu: Buffer): Buffer {
  const unit = adu[6] ?? 0;
  const functionCode = adu[7] ?? 0;
  const quantity = adu.length >= 12 ? adu.readUInt16BE(10) : 0;
  const pdu = honestPdu(functionCode, quantity, adu);
  const head = Buffer.from([adu[0] ?? 0, adu[1] ?? 0, 0, 0, 0, pdu.length + 1, unit]);
  return Buffer.concat([head, pdu]);
}

function honestPdu(functionCode: number, quantity: number, adu: Buffer): Buffer {
  switch (functionCode) {
    case 1:
    case 2:
      return zeros(functionCode, Math.ceil(quantity / 8));
    case 3:
    case 4:
    case 23:
      return zeros(functionCode, 2 * quantity);
    case 5:
    case 6:
    case 8:
    case 21:
    case 22:
      return adu.subarray(7);
    case 15:
    case 16:
      return adu.subarray(7, 12);
    default:
      return Buffer.from([functionCode | 0x80, 1]);
  }
}

function zeros(functionCode: number, bytes: number): Buffer {
  return Buffer.concat([Buffer.from([functionCode, bytes]), Buffer.alloc(bytes)]);
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
