/** `squatter.ts ADDRESS PORT`: holds a transparent listener there, so that nobody else can bind the port. */
import { createServer } from 'node:net';
import {
  bindSocket,
  listenOn,
  openSocket,
  type SocketOption,
  setIntegerOption,
} from '../../../../gateway/ffi/libc.ts';

const [address = '', port = '0'] = process.argv.slice(2);
const IpTransparent: SocketOption = { name: 'IP_TRANSPARENT', level: 0, number: 19 };
const Stream = 1;
const NonBlocking = 0o4000;

const fd = openSocket(2, Stream | NonBlocking, 0);
setIntegerOption(fd, IpTransparent, 1);
bindSocket(
  fd,
  new Uint8Array([
    2,
    0,
    Number(port) >> 8,
    Number(port) & 0xff,
    ...address.split('.').map(Number),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]),
);
listenOn(fd, 1);
createServer().listen({ fd }, () => console.log('ready'));
