import protobuf from 'protobufjs/light.js';
import descriptor from './bundle.json' with { type: 'json' };

/** A message of bundle.proto, by its short name. bundle.json is generated; `npm run schema` writes it anew. */
export function messageType(name: 'Envelope' | 'PolicyHead' | 'Policy'): protobuf.Type {
  return root.lookupType(`penstock.bundle.v1.${name}`);
}

const root = protobuf.Root.fromJSON(descriptor);
