/**
 * mirror-client.ts ADDRESS PORT BYTES: sends random bytes in random pieces and holds the answer to them. Prints
 * `sent N SHA256` and `mirrored`, or `wrong`.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { connect } from 'node:net';

const [address = '', port = '', size = ''] = process.argv.slice(2);
const bytes = randomBytes(Number(size));
const answer: Buffer[] = [];
const socket = connect({ host: address, port: Number(port), allowHalfOpen: true }, () => send(0));
socket.on('data', (chunk) => answer.push(chunk));
socket.on('error', (error) => console.log(`failed ${error.message}`));
socket.on('end', () => {
  const expected = bytes.map((byte) => byte ^ 0xff);
  console.log(`sent ${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`);
  console.log(Buffer.concat(answer).equals(expected) ? 'mirrored' : 'wrong');
  process.exit(0);
});

function send(at: number): void {
  if (at >= bytes.length) return void socket.end();
  const next = Math.min(bytes.length, at + randomInt(1, 40_000));
  socket.write(bytes.subarray(at, next), () => send(next));
}
