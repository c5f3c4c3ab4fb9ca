import { type Static, Type } from 'typebox';
import { Name, record } from './reports.ts';

const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Pem = Type.String({ maxLength: 65_536 });

/**
 * Which carriers are to listen now, and for which open grants; a listener or channel that is not named here ends at
 * once. With no open grant there is no listener (62443-3-3 SR 1.13, SR 7.7).
 */
export const CarriersNow = record({
  kind: Type.Literal('carriers'),
  grants: Type.Array(
    record({
      grant: Name,
      carrier: Type.Enum(['tls', 'ssh']),
      /** Targets that may be asked for, the first of them where none is named. */
      targets: Type.Array(Name, { maxItems: 16 }),
      /** SHA-256 of the one client certificate, hexadecimal; empty for SSH. */
      certificate: Type.Union([Digest, Type.Literal('')]),
    }),
    { maxItems: 256 },
  ),
  /** What the listeners show: certificate with its key and the authority for TLS, and the host key for SSH. */
  tls: Type.Optional(record({ certificate: Pem, key: Pem, authority: Pem })),
  ssh: Type.Optional(record({ key: Pem })),
});
export type CarriersNow = Static<typeof CarriersNow>;

/** Certificate and key of the operator page, where gateway.yaml names none. */
export const PageIdentity = record({ kind: Type.Literal('page-identity'), certificate: Pem, key: Pem });
