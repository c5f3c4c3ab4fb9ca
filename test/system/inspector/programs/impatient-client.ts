/**
 * `impatient-client.ts HOST PORT LOCAL_PORT HEX [TIMES]`: from one and the same local port, connects, sends
 * the bytes together with its FIN, and says what comes back; then again.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const [host = '', port, localPort = '0', hex = '', times = '1'] = process.argv.slice(2);
for (let round = 1; round <= Number(times); round += 1) {
  const socket = connect({ host, port: Number(port), localPort: Number(localPort), allowHalfOpen: true });
  socket.on('data', (bytes) => console.log(`round ${round} got ${bytes.toString('hex')}`));
  socket.on('end', () => console.log(`round ${round} ended`));
  socket.on('error', (error: NodeJS.ErrnoException) => console.log(`round ${round} failed ${error.code}`));
  socket.end(Buffer.from(hex, 'hex'));
  await once(socket, 'close');
}
