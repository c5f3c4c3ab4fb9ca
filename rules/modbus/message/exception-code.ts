/** The exception codes of MAP V1.1b3 §7, under the specification's names. */
export const ExceptionCode = {
  IllegalFunction: 0x01,
  IllegalDataAddress: 0x02,
  IllegalDataValue: 0x03,
  ServerDeviceFailure: 0x04,
  Acknowledge: 0x05,
  ServerDeviceBusy: 0x06,
  /** Not in V1.1b3; older servers answer it to programming functions. */
  NegativeAcknowledge: 0x07,
  MemoryParityError: 0x08,
  GatewayPathUnavailable: 0x0a,
  GatewayTargetFailedToRespond: 0x0b,
} as const;

/** What people read for an exception code. */
export function exceptionName(code: number): string {
  return Names.get(code) ?? `exception 0x${code.toString(16).padStart(2, '0')}`;
}

/**
 * Whether a server that answers with this code has certainly left its data alone. Every other code
 * (device failure, acknowledge, a gateway's time-out) leaves open what became of a write.
 */
export function provesUnchanged(code: number): boolean {
  return (
    code === ExceptionCode.IllegalFunction ||
    code === ExceptionCode.IllegalDataAddress ||
    code === ExceptionCode.IllegalDataValue ||
    code === ExceptionCode.ServerDeviceBusy
  );
}

const Names = new Map<number, string>([
  [0x01, 'illegal function'],
  [0x02, 'illegal data address'],
  [0x03, 'illegal data value'],
  [0x04, 'server device failure'],
  [0x05, 'acknowledge'],
  [0x06, 'server device busy'],
  [0x07, 'negative acknowledge'],
  [0x08, 'memory parity error'],
  [0x0a, 'gateway path unavailable'],
  [0x0b, 'gateway target device failed to respond'],
]);
