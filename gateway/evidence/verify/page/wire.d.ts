/** A message as it was stored: every field by name, with the default of its type where it was left out. */
export type Message = {
  readonly [name: string]: unknown;
};
/**
 * Reads a message of record.proto, https://protobuf.dev/programming-guides/encoding. The gateway reads it with a
 * library; an auditor's page has none, and being written anew it is also a second opinion.
 * Throws a RangeError where the bytes are no such message.
 */
export declare function readMessage(name: string, bytes: Uint8Array): Message;
