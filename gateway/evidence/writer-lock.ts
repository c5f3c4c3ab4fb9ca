import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { GatewayError } from '../errors.ts';

/**
 * The right to write a log directory, held until the process ends or releases it. It is an abstract socket
 * named by the directory's inode, which the kernel takes back even from a killed process; a lock file would
 * outlive its owner. Throws PST_ERR_EVIDENCE when another process holds it.
 */
export async function lockWriter(directory: string): Promise<WriterLock> {
  const { dev, ino } = await stat(directory);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new GatewayError('PST_ERR_EVIDENCE', `Another process writes ${directory}.`, error)
          : error,
      ),
    );
    server.listen(`\0penstock-evidence-${dev}-${ino}`, resolve);
  });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

export interface WriterLock {
  readonly release: () => Promise<void>;
}
