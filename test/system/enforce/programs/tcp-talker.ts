/** `tcp-talker.ts PORT`: says `tick` to whoever connects, ten times a second, and never listens. */
import { createServer } from 'node:net';

const server = createServer((socket) => {
  const timer = setInterval(() => socket.write('tick\n'), 100);
  socket.on('error', (error: NodeJS.ErrnoException) => console.log(`failed ${error.code}`));
  socket.on('close', () => clearInterval(timer));
});
server.listen(Number(process.argv[2]), '0.0.0.0', () => console.log('ready'));
