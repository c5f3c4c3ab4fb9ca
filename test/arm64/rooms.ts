/** Tests that run as arm64, a file or a folder, and why: what could differ there. */
export interface Part {
  readonly path: string;
  readonly why: string;
}

/** A test that says something else under the emulator than on a machine of that kind, and must be left out. */
export interface Limit {
  /** The last words of its full name. */
  readonly test: string;
  readonly why: string;
}

/** What has a layout of its own, or is bytes: enough to see in a minute that the binaries fit. */
export const Short: readonly Part[] = [
  { path: 'test/gateway/ffi', why: 'structures of the kernel, epoll_event with its 16 bytes before all' },
  { path: 'test/hardware/gpio/abi.test.ts', why: 'structures of the GPIO character device' },
  { path: 'test/rules/modbus/connection/frame-stream.test.ts', why: 'where a message begins and ends' },
];

export const Long: readonly Part[] = [
  { path: 'test/gateway/ffi', why: 'every call and structure of the kernel' },
  { path: 'test/gateway/inspector', why: 'both data paths, and inspectors as processes' },
  { path: 'test/gateway/evidence', why: 'files, digests and signatures' },
  { path: 'test/gateway/ipc', why: 'bytes between processes' },
  { path: 'test/rules/modbus', why: 'framer, codec and decisions' },
  { path: 'test/rules/bundle', why: 'protobuf and the same bytes for the same policy' },
  { path: 'test/rules/record', why: 'protobuf' },
  { path: 'test/hardware', why: 'the board: GPIO, serial lines, watchdog' },
];

export const Limits: readonly Limit[] = [
  {
    test: 'what the kernel refuses is told by its own name for it',
    why: 'qemu answers ENOSYS for a request of ioctl it does not know, before the kernel sees it',
  },
  { test: 'a file that is no chip has no lines', why: 'the same' },
];
