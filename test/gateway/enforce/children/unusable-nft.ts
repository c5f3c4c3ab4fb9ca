/** An nft child on a machine without the library. */
import { encodeFrame } from '../../../../gateway/ipc/frame.ts';

process.stdout.write(encodeFrame({ kind: 'unusable', problem: 'libnftables.so.1: cannot open' }), () =>
  process.exit(1),
);
