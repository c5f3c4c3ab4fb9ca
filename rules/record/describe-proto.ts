import protobuf from 'protobufjs';

/**
 * The JSON descriptor of a `.proto` text, as committed beside it. A run-time parser of `.proto` files is
 * thereby kept out of the gateway, and a stale descriptor is caught by comparing.
 */
export function describeProto(proto: string): string {
  const { root } = protobuf.parse(proto);
  return `${JSON.stringify(root.toJSON(), undefined, 2)}\n`;
}
