/**
 * knocker.ts HOST: tries without pause what the bench model forbids its own asset towards HOST — a TCP port
 * and a UDP port nobody modelled, and Modbus writes on the inspected port, over new and over standing
 * connections. Prints `tried TCP UDP WRITES` once a second, `through WHAT` when something got an answer it
 * must not get.
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

const [host = ''] = process.argv.slice(2);
const write = Buffer.from('0001000000060106006e0001', 'hex');
const tried = { tcp: 0, udp: 0, writes: 0 };
const pause = 10;

knockTcp();
knockUdp();
knockModbus();
setInterval(() => console.log(`tried ${tried.tcp} ${tried.udp} ${tried.writes}`), 250);

function knockTcp(): void {
  tried.tcp += 1;
  const socket = connect({ host, port: 443 });
  const timer = setTimeout(() => socket.destroy(), 300);
  socket.on('connect', () => console.log('through tcp'));
  socket.on('error', () => {});
  socket.on('close', () => {
    clearTimeout(timer);
    setTimeout(knockTcp, pause);
  });
}

function knockUdp(): void {
  const socket = createSocket('udp4');
  socket.on('message', () => console.log('through udp'));
  socket.on('error', () => {});
  setInterval(() => {
    tried.udp += 1;
    socket.send('knock', 161, host, () => {});
  }, pause);
}

function knockModbus(): void {
  const socket = connect({ host, port: 502 });
  const knock = () => {
    tried.writes += 1;
    socket.write(write);
  };
  const timer = setInterval(knock, pause);
  const end = setTimeout(() => socket.destroy(), 700);
  socket.on('connect', knock);
  socket.on('data', (answer) => {
    if (answer[7] === 6) console.log('through write');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(timer);
    clearTimeout(end);
    setTimeout(knockModbus, pause);
  });
}
