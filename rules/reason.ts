/**
 * Why something was refused, cut or counted: the closed vocabulary. Every record, metric label and
 * explanation uses these codes and no other text. `sr` names the IEC 62443-3-3 requirement the refusal
 * supports.
 */
export const Reasons = {
  'no-conduit': { sentence: 'No conduit joins these two zones in this direction.', sr: '5.2 RE1' },
  'no-flow': { sentence: 'The conduit has no flow for these endpoints and this port.', sr: '5.2 RE1' },
  'no-service': { sentence: 'The box offers this source no such service.', sr: '7.7' },
  'no-egress': { sentence: 'The box itself may not go there.', sr: '7.7' },
  'invalid-state': { sentence: 'The packet belongs to no connection the kernel knows.', sr: '5.2' },
  'source-mac': { sentence: 'The source address was seen with another link-layer address.', sr: '1.2' },
  'source-wire': { sentence: 'The source address belongs on another wire.', sr: '5.2' },
  'ipv6-not-modelled': { sentence: 'The model has no IPv6 address, so IPv6 does not pass.', sr: '5.2 RE1' },
  'one-way': { sentence: 'The conduit is one-way and this packet runs against it.', sr: '5.2' },
  'no-session': { sentence: 'The flow opens only while a session is granted.', sr: '1.13' },
  expired: { sentence: 'The permission has ended.', sr: '2.1' },
  'outside-schedule': { sentence: 'The permission does not hold at this time.', sr: '2.1' },
  'mode-cut': { sentence: 'The present mode does not keep this flow.', sr: '5.2 RE2' },
  'fc-not-allowed': { sentence: 'The function code is not permitted on this flow.', sr: '7.7' },
  'unit-not-allowed': { sentence: 'The unit identifier is not permitted on this flow.', sr: '2.1' },
  'address-out-of-range': { sentence: 'The addresses reach outside the permitted ranges.', sr: '3.5' },
  'quantity-out-of-range': { sentence: 'The quantity is above what the flow permits.', sr: '3.5' },
  'value-out-of-range': { sentence: 'The value is outside the permitted values.', sr: '3.5' },
  'size-out-of-range': {
    sentence: 'The message is longer than the flow permits for its function.',
    sr: '3.5',
  },
  'sub-function-not-allowed': {
    sentence: 'The sub-function or MEI type is not permitted on this flow.',
    sr: '7.7',
  },
  'file-out-of-range': { sentence: 'A file record lies outside the permitted ones.', sr: '3.5' },
  'torn-write': {
    sentence: 'The write covers only a part of a value that spans several registers.',
    sr: '3.5',
  },
  'step-too-large': {
    sentence: 'The value is further from the last known one than the flow permits.',
    sr: '3.5',
  },
  'too-soon': { sentence: 'The last write to this address was too short a time ago.', sr: '3.5' },
  'budget-spent': {
    sentence: 'The address was written as often in a minute as the flow permits.',
    sr: '3.5',
  },
  'drift-too-large': {
    sentence: 'The steps of the last minute add up to more than the flow permits.',
    sr: '3.5',
  },
  'read-budget-spent': { sentence: 'More was read in a minute than the flow permits.', sr: '5.2' },
  'state-unknown': { sentence: 'The value this write is judged against is not known or too old.', sr: '3.5' },
  interlock: { sentence: 'The interlock for this write is not satisfied.', sr: '3.5' },
  'alias-guarded': { sentence: 'This coil is a bit of a guarded register.', sr: '3.5' },
  'rate-exceeded': { sentence: 'More requests arrived than the flow permits.', sr: '7.1' },
  'malformed-adu': { sentence: 'The bytes are not a well-formed Modbus ADU.', sr: '3.5' },
  'malformed-pdu': {
    sentence: 'The PDU breaks a length, quantity or count rule of the protocol.',
    sr: '3.5',
  },
  'response-mismatch': { sentence: 'The response does not fit the request it answers.', sr: '3.5' },
  'response-late': { sentence: 'The response came after its request had timed out.', sr: '3.5' },
  'server-asks': { sentence: 'The server sent what only a client may send: a request.', sr: '5.2' },
  'too-many-exceptions': {
    sentence: 'More exceptions went to this client than the flow permits.',
    sr: '7.1',
  },
  'response-unsolicited': { sentence: 'The server sent a response nobody asked for.', sr: '3.5' },
  'request-timeout': { sentence: 'The server did not answer in time.', sr: '7.1' },
  'partial-timeout': { sentence: 'An ADU was begun and not finished in time.', sr: '7.1' },
  'server-unreachable': { sentence: 'The server refused the connection or did not answer it.', sr: '7.1' },
  'not-reading': { sentence: 'One side stopped taking what the other sent.', sr: '7.1' },
  'client-closed': { sentence: 'The client closed the connection.', sr: '2.8' },
  'server-closed': { sentence: 'The server closed the connection.', sr: '2.8' },
  'policy-changed': { sentence: 'A new policy no longer permits this connection.', sr: '2.1' },
  'connection-limit': { sentence: 'The source has as many connections as it may have.', sr: '7.1' },
  'inspector-lost': { sentence: 'The inspecting process ended; the connection was reset.', sr: '5.2 RE3' },
  'grant-ended': { sentence: 'The granted session had reached its end.', sr: '2.6' },
  'grant-idle': {
    sentence: 'Nothing was sent in the granted session for as long as is permitted.',
    sr: '2.6',
  },
  'grant-stopped': { sentence: 'A person of the plant ended the granted session.', sr: '1.13' },
  'vendor-ended': { sentence: 'The person it was granted to ended the session.', sr: '2.6' },
  'approval-lost': { sentence: 'An approval of the granted session no longer holds.', sr: '1.13 RE1' },
  'key-switch': { sentence: 'The key switch is open, or its wire is cut.', sr: '1.13' },
  'evidence-lost': { sentence: 'What happens could not be put on record.', sr: '2.10' },
  'recording-lost': { sentence: 'The session could not be recorded.', sr: '2.10' },
  'account-revoked': { sentence: 'The account may no longer be used.', sr: '1.3' },
  'factor-lost': { sentence: 'The second factor of the account is gone or no longer fresh.', sr: '1.1 RE2' },
  'clock-untrusted': { sentence: 'The clock cannot be trusted with the end of a permission.', sr: '2.11' },
  'carrier-lost': { sentence: 'The process that carries vendors into the box ended.', sr: '5.2 RE3' },
  'box-restarted': {
    sentence: 'The gateway was started again, which ends every granted session.',
    sr: '1.13',
  },
  'too-much-data': { sentence: 'The granted session carried as many bytes as may be recorded.', sr: '2.9' },
  shutdown: { sentence: 'The gateway was stopped.', sr: '5.2 RE3' },
} as const satisfies Record<string, { readonly sentence: string; readonly sr: string }>;

/** A code of {@link Reasons}. */
export type Reason = keyof typeof Reasons;
