/** An nft child that does what its input says: `answer`, `die`, `lie`, or `unusable` when so started. */
import { createFrameReader, encodeFrame } from '../../../../gateway/ipc/frame.ts';

const reader = createFrameReader();

process.stdin.on('data', (chunk: Buffer) => {
  for (const message of reader.push(chunk).messages as { id: number; json: string }[]) act(message);
});
process.stdin.on('end', () => process.exit(0));

function act({ id, json }: { id: number; json: string }): void {
  if (json.includes('die')) process.kill(process.pid, 'SIGKILL');
  else if (json.includes('lie')) say({ kind: 'done', id, output: '', extra: 'not of the protocol' });
  else if (json.includes('forbidden'))
    say({ kind: 'refused', id, problem: 'netlink: Error: Operation not permitted' });
  else if (json.includes('refuse')) say({ kind: 'refused', id, problem: 'Error: no\nsecond line' });
  else say({ kind: 'done', id, output: '' });
}

function say(message: unknown): void {
  process.stdout.write(encodeFrame(message));
}
