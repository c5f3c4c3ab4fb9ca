/**
 * `prober.ts ADDRESS PORT`: asks for one register over and over, on a new connection every few milliseconds, until it is
 * answered. Prints `inspected TIME`, milliseconds since the Unix epoch.
 */
import { connect } from 'node:net';

const [, , address = '', port = ''] = process.argv;
const request = Buffer.from('000100000006010300000001', 'hex');
let answered = false;

const timer = setInterval(ask, 10);

function ask(): void {
  const socket = connect(Number(port), address, () => socket.write(request));
  // A SYN that was dropped is not waited for: the kernel sends it again only after a second.
  const patience = setTimeout(() => socket.destroy(), 300);
  socket.on('error', () => undefined);
  socket.once('close', () => clearTimeout(patience));
  socket.once('data', (answer) => {
    socket.destroy();
    if (answered || answer[7] !== 3) return;
    answered = true;
    clearInterval(timer);
    console.log(`inspected ${Date.now()}`);
  });
}
