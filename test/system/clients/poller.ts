/**
 * poller.ts ADDRESS PORT [PATIENCE]: one read of register 0 after the other, as fast as they are answered and at
 * most every 5 ms, connecting again at once after any failure, or after PATIENCE milliseconds without an answer, 1000
 * where none is said: a test in which nothing may be lost gives it more than a busy machine takes. Prints `ok MS` and `lost MS WHY`, the times on
 * one clock shared by all processes, so that the time without answers can be read from the lines.
 */
import { connect } from 'node:net';

const [address = '', port = '', patience = '1000'] = process.argv.slice(2);
const request = Buffer.from('000100000006010300000001', 'hex');
const AnswerPatience = Number(patience);

for (;;) {
  const why = await pollUntilLost();
  console.log(`lost ${Date.now()} ${why}`);
  await pause(5);
}

function pollUntilLost(): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: Number(port), noDelay: true });
    let timer = setTimeout(() => end('no connection'), AnswerPatience);
    const ask = () => {
      clearTimeout(timer);
      timer = setTimeout(() => end('no answer'), AnswerPatience);
      socket.write(request);
    };
    const end = (why: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(why);
    };
    socket.on('connect', ask);
    socket.on('data', (answer) => {
      if (answer[7] !== 3) return end(`answered ${answer.toString('hex')}`);
      console.log(`ok ${Date.now()}`);
      clearTimeout(timer);
      timer = setTimeout(ask, 5);
    });
    socket.on('error', (error) => end((error as NodeJS.ErrnoException).code ?? error.message));
    socket.on('close', () => end('closed'));
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
