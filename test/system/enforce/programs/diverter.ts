/**
 * `diverter.ts PORT [tick]`: takes diverted connections and connects on as the client, copying bytes; with `tick`
 * it also says that to the client ten times a second, as an inspector would that no longer obeys.
 */
import { createServer, type Socket, type SocketConstructorOpts, Socket as TcpSocket } from 'node:net';
import { openTransparentListener, openUpstream } from '../../../../gateway/ffi/socket.ts';

const server = createServer({ allowHalfOpen: true }, (client) => {
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = client;
  console.log(`diverted ${remoteAddress}:${remotePort} to ${localAddress}:${localPort}`);
  const fd = openUpstream({ address: remoteAddress, port: remotePort });
  // `manualStart` is not in the types: reading must not begin before the connection stands.
  const options: SocketConstructorOpts & { manualStart: boolean } = {
    fd,
    allowHalfOpen: true,
    manualStart: true,
  };
  const upstream = new TcpSocket(options);
  upstream.connect({ host: localAddress, port: localPort });
  join(client, upstream);
  join(upstream, client);
  if (process.argv[3] === 'tick') setInterval(() => client.write('tick\n'), 100);
});
server.listen({ fd: openTransparentListener(Number(process.argv[2])) }, () => console.log('ready'));

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', (error: NodeJS.ErrnoException) => {
    console.log(`failed ${error.code}`);
    to.resetAndDestroy();
  });
}
