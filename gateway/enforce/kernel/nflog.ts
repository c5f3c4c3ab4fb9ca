/**
 * The process that reads dropped packets' headers, so that the engine parses no byte of the plant. It gets
 * the subscribed socket as descriptor 3, holds no right, and ends when its standard input ends.
 */
import { deviceName, receive, SystemCallError } from '../../ffi/libc.ts';
import { whenReadable } from '../../ffi/readable.ts';
import { encodeFrame } from '../../ipc/frame.ts';
import { createDropSum, type DropReaderProblem, type DropSummary } from './drop-summary.ts';
import { parseLogDatagram } from './packet-log.ts';

const LogSocket = 3;
/** Larger than any datagram of the log: the kernel's own buffer for one is a page. */
const buffer = new Uint8Array(64 * 1024);
const sum = createDropSum();

const watch = whenReadable(LogSocket, readAll);
setInterval(report, 1000);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));

/** Reads until the socket is empty, but not for ever: a flood must not keep the report from going out. */
function readAll(): void {
  try {
    for (let datagrams = 0; datagrams < 256; datagrams += 1) {
      const { packets, errno } = parseLogDatagram(buffer.subarray(0, receive(LogSocket, buffer)));
      if (errno !== 0) end(`the kernel refused the subscription, errno ${errno}`);
      for (const packet of packets) sum.add(packet);
    }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    // ENOBUFS: the buffer ran over. What was lost shows as a gap in the numbers of what comes next.
    if (error.errno !== 'EAGAIN' && error.errno !== 'ENOBUFS' && error.errno !== 'EINTR') end(error.message);
  }
}

/** A slow engine gets fewer and larger counts, never a queue without bound. */
function report(): void {
  if (process.stdout.writableLength > 0) return;
  const summary = sum.take(deviceName);
  if (summary !== undefined) say(summary);
}

function end(problem: string): void {
  watch.close();
  say({ kind: 'unusable', problem }, () => process.exit(1));
}

function say(message: DropSummary | DropReaderProblem, then?: () => void): void {
  process.stdout.write(encodeFrame(message), then);
}
