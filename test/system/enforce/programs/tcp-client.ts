/** `tcp-client.ts HOST PORT [LOCAL_PORT]`: sends each line of standard input and says what comes back. */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [host = '', port, localPort = '0'] = process.argv.slice(2);
const socket = connect({ host, port: Number(port), localPort: Number(localPort) });
socket.on('connect', () => console.log(`connected from ${socket.localAddress}:${socket.localPort}`));
socket.on('data', (bytes) => console.log(`answer ${bytes.toString().trim()}`));
socket.on('error', (error: NodeJS.ErrnoException) => console.log(`failed ${error.code}`));
socket.on('close', () => {
  console.log('closed');
  process.exit(0);
});
createInterface({ input: process.stdin })
  .on('line', (line) => socket.write(`${line}\n`))
  .on('close', () => socket.end());
