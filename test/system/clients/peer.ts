/**
 * One end of a plain exchange, run inside a namespace and driven by lines:
 *   peer.ts tcp-listen ADDRESS PORT      echoes; prints `client A:P` and `got HEX`
 *   peer.ts tcp ADDRESS PORT             prints `connected`, `got HEX`, `ended`, `failed CODE`; sends each
 *                                        line of standard input, which is hex
 *   peer.ts udp-listen ADDRESS PORT      prints `from A:P HEX` and answers with the same bytes
 *   peer.ts udp ADDRESS PORT             sends each line of standard input; prints `got HEX`
 */
import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const [mode = '', address = '', port = ''] = process.argv.slice(2);

if (mode === 'tcp-listen') {
  const server = createServer((socket) => {
    console.log(`client ${socket.remoteAddress}:${socket.remotePort}`);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      console.log(`got ${bytes.toString('hex')}`);
      socket.write(bytes);
    });
  });
  server.listen(Number(port), address, () => console.log('listening'));
} else if (mode === 'tcp') {
  const socket = connect({ host: address, port: Number(port), noDelay: true });
  report(socket);
  eachLine((bytes) => socket.write(bytes));
} else if (mode === 'udp-listen') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (bytes, from) => {
    console.log(`from ${from.address}:${from.port} ${bytes.toString('hex')}`);
    socket.send(bytes, from.port, from.address);
  });
  socket.bind(Number(port), address, () => console.log('listening'));
} else if (mode === 'udp') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (bytes) => console.log(`got ${bytes.toString('hex')}`));
  socket.on('error', (error) => console.log(`failed ${error.message}`));
  socket.bind(0, () => console.log('ready'));
  eachLine((bytes) => socket.send(bytes, Number(port), address));
} else {
  console.error('usage: peer.ts tcp-listen|tcp|udp-listen|udp ADDRESS PORT');
  process.exitCode = 2;
}

function report(socket: Socket): void {
  socket.on('connect', () => console.log('connected'));
  socket.on('data', (bytes) => console.log(`got ${bytes.toString('hex')}`));
  socket.on('end', () => console.log('ended'));
  socket.on('error', (error) => console.log(`failed ${(error as NodeJS.ErrnoException).code}`));
  socket.on('close', () => process.exit());
}

function eachLine(act: (bytes: Buffer) => void): void {
  createInterface({ input: process.stdin }).on('line', (line) => act(Buffer.from(line, 'hex')));
}
