/**
 * mirror-server.ts ADDRESS PORT: a target of a protocol nobody reads. Answers each byte with its opposite, ends when its
 * client does, and prints `got N SHA256` of all that a connection brought.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

const [address = '', port = ''] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const hash = createHash('sha256');
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    hash.update(chunk);
    if (!socket.write(chunk.map((byte) => byte ^ 0xff))) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  socket.on('end', () => socket.end());
  socket.on('error', () => undefined);
  socket.on('close', () => console.log(`got ${bytes} ${hash.digest('hex')}`));
});
server.listen(Number(port), address, () => console.log('listening'));
