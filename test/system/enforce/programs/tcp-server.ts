/** `tcp-server.ts PORT`: echoes, and says who is there. */
import { createServer } from 'node:net';

const server = createServer((socket) => {
  const peer = `${socket.remoteAddress}:${socket.remotePort}`;
  console.log(`accepted ${peer}`);
  socket.on('data', (bytes) => socket.write(bytes));
  socket.on('error', (error: NodeJS.ErrnoException) => console.log(`failed ${peer} ${error.code}`));
  socket.on('close', () => console.log(`closed ${peer}`));
});
server.listen(Number(process.argv[2]), '0.0.0.0', () => console.log('ready'));
