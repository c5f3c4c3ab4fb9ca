import { type Policy, PolicyFormat } from '../policy.ts';
import { formatTime } from '../time.ts';
import { decodePolicy } from './codec.ts';
import { decodeEnvelope, type Envelope, PolicyPayloadType, preAuthenticationEncoding } from './envelope.ts';
import { peekPolicy } from './payload.ts';

/** Why a bundle is refused: a sentence and what a person can do about it. */
export const Rejections = {
  BUNDLE_MALFORMED: {
    sentence: 'The file is not a bundle this gateway can read.',
    remedy: 'Compile it again with penstock compile and copy it in binary mode.',
  },
  BUNDLE_SIGNATURE: {
    sentence: 'No signature of the bundle is valid: it was damaged or changed after signing.',
    remedy: 'Fetch the bundle again from where it was compiled; if that does not help, compile it again.',
  },
  BUNDLE_KEY: {
    sentence: 'The bundle is signed by nobody this gateway trusts.',
    remedy: 'Sign it with a trusted key, or name the public key of its signer under trusted_keys.',
  },
  BUNDLE_SIGNATURES: {
    sentence: 'The bundle has fewer trusted signatures than this gateway asks for.',
    remedy: 'Let another person whose key is trusted here add theirs with penstock sign.',
  },
  BUNDLE_SITE: {
    sentence: 'The bundle is for another site.',
    remedy: "Compile this site's model, or correct site in gateway.yaml.",
  },
  BUNDLE_GATEWAY: {
    sentence: 'The bundle is for another gateway of the site.',
    remedy: 'Compile with --gateway and the name of this box, or correct gateway in gateway.yaml.',
  },
  BUNDLE_FORMAT: {
    sentence: 'The bundle is of a form this gateway does not read.',
    remedy: 'Compile the model with the release that runs on this gateway.',
  },
  BUNDLE_VERSION: {
    sentence: 'The bundle does not follow on the running policy.',
    remedy: 'Raise metadata.policy_version in the model and compile again.',
  },
  BUNDLE_NOT_YET: {
    sentence: 'The bundle is not valid yet.',
    remedy: 'Wait for its first day, compile with an earlier --not-before, or set the clock of this box.',
  },
  BUNDLE_EXPIRED: {
    sentence: 'The validity of the bundle has ended.',
    remedy: 'Review the model, raise metadata.policy_version and compile it again.',
  },
  BUNDLE_NEWER_GATEWAY: {
    sentence: 'The bundle needs a newer gateway, which understands all its limits.',
    remedy: 'Update this gateway, or compile the model with the release that runs on it.',
  },
  BUNDLE_TEST: {
    sentence: 'A test of the bundle fails on this box.',
    remedy: 'Correct the model or the test, raise metadata.policy_version and compile it again.',
  },
  BUNDLE_NOT_CANONICAL: {
    sentence: 'The bundle holds something this gateway does not understand, so it enforces none of it.',
    remedy: 'Compile the model with the release that runs on this gateway.',
  },
} as const satisfies Record<string, { readonly sentence: string; readonly remedy: string }>;

export type RejectionCode = keyof typeof Rejections;

export type Judgement =
  | {
      readonly ok: true;
      readonly policy: Policy;
      /** The payload bytes as signed; what inspectors are handed. */
      readonly payload: Uint8Array;
      /** SHA-256 of the payload, hexadecimal. */
      readonly digest: string;
      /** Names of the trusted keys that signed it, in the order of {@link BundleTrust.keys}. */
      readonly signers: readonly string[];
    }
  | {
      readonly ok: false;
      readonly code: RejectionCode;
      readonly message: string;
      readonly remedy: string;
    };

/** A trusted public key: what identifies it, and what people call it. */
export interface NamedKey {
  readonly id: string;
  readonly name: string;
}

/** What the judge needs to know of this box. `K` is a trusted public key in whatever form `verify` takes. */
export interface BundleTrust<K extends NamedKey> {
  readonly keys: readonly K[];
  /** How many different ones of them must have signed what is new here. */
  readonly signatures: number;
  readonly verify: (key: K, message: Uint8Array, signature: Uint8Array) => boolean;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly site: string;
  readonly gateway: string;
  /** Release of this gateway, `major.minor.patch`. */
  readonly gatewayVersion: string;
}

/** The policy in force, against which a new bundle is held. */
export interface RunningPolicy {
  readonly version: number;
  readonly digest: string;
}

/**
 * Whether this box may put a bundle into force in place of the running one (none on a new box). `now` is
 * wall time. Nothing inside the payload is looked at before a trusted signature covers it. The same bundle
 * again is welcome; the same version with other content is not, nor any lower version: an old bundle is
 * how a closed hole is opened again.
 */
export function judgeBundle<K extends NamedKey>(
  bytes: Uint8Array,
  trust: BundleTrust<K>,
  running: RunningPolicy | undefined,
  now: number,
): Judgement {
  const judged = judgeConfirmedBundle(bytes, trust);
  if (!judged.ok) return judged;
  const { policy, digest, signers } = judged;
  if (signers.length < trust.signatures) {
    const by = `It is signed by ${signers.map(quoted).join(' and ')}; ${trust.signatures} are asked for.`;
    return rejected('BUNDLE_SIGNATURES', by);
  }
  if (running !== undefined) {
    const versions = `It is version ${policy.version}, version ${running.version} is running.`;
    if (policy.version < running.version) return rejected('BUNDLE_VERSION', versions);
    if (policy.version === running.version && digest !== running.digest)
      return rejected('BUNDLE_VERSION', `${versions} Their contents differ.`);
  }
  if (now < policy.notBefore)
    return rejected(
      'BUNDLE_NOT_YET',
      `It begins ${formatTime(policy.notBefore)}, here it is ${formatTime(now)}.`,
    );
  if (now >= policy.notAfter)
    return rejected(
      'BUNDLE_EXPIRED',
      `It ended ${formatTime(policy.notAfter)}, here it is ${formatTime(now)}.`,
    );
  return judged;
}

/**
 * Whether a bundle this box has confirmed earlier is still what it was: everything but version, validity and
 * the number of signatures. An expired policy goes on being enforced, a box may boot with its clock in the past,
 * and asking for a second signature is about what comes next; none may leave the plant without a policy.
 */
export function judgeConfirmedBundle<K extends NamedKey>(
  bytes: Uint8Array,
  trust: BundleTrust<K>,
): Judgement {
  const envelope = decodeEnvelope(bytes);
  if (envelope === undefined) return rejected('BUNDLE_MALFORMED');
  const signers = findSigners(envelope, trust);
  if (signers.length === 0) return whyUnsigned(envelope, trust);
  if (envelope.payloadType !== PolicyPayloadType)
    return rejected('BUNDLE_FORMAT', 'What was signed is not a policy.');

  const head = peekPolicy(envelope.payload);
  if (head === undefined) return rejected('BUNDLE_MALFORMED', 'Its payload has no head.');
  if (head.format !== PolicyFormat)
    return rejected('BUNDLE_FORMAT', `It is form ${head.format}, this gateway reads form ${PolicyFormat}.`);
  if (compareReleases(trust.gatewayVersion, head.minGateway) < 0)
    return rejected(
      'BUNDLE_NEWER_GATEWAY',
      `It needs ${quoted(head.minGateway)}, this is ${trust.gatewayVersion}.`,
    );

  const decoded = decodePolicy(envelope.payload);
  if (!decoded.ok) return rejected(decoded.code, decoded.message);
  const { policy } = decoded;
  if (policy.site !== trust.site)
    return rejected(
      'BUNDLE_SITE',
      `It is for ${quoted(policy.site)}, this box belongs to ${quoted(trust.site)}.`,
    );
  if (policy.gateway !== trust.gateway)
    return rejected(
      'BUNDLE_GATEWAY',
      `It is for ${quoted(policy.gateway)}, this box is ${quoted(trust.gateway)}.`,
    );
  const digest = hex(trust.sha256(envelope.payload));
  return { ok: true, policy, payload: envelope.payload, digest, signers };
}

/**
 * The different trusted keys that made a signature: the same key counts once, however often it signed or is
 * listed. The key id is a hint, so every key is tried.
 */
function findSigners<K extends NamedKey>(envelope: Envelope, trust: BundleTrust<K>): readonly string[] {
  const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
  const signed = trust.keys.filter((key) =>
    envelope.signatures.some(({ sig }) => trust.verify(key, message, sig)),
  );
  return [...new Map(signed.map(({ id, name }) => [id, name])).values()];
}

function whyUnsigned<K extends NamedKey>(envelope: Envelope, trust: BundleTrust<K>): Judgement {
  if (envelope.signatures.length === 0) return rejected('BUNDLE_SIGNATURE', 'It carries none.');
  const known = envelope.signatures.some(({ keyid }) => trust.keys.some(({ id }) => id === keyid));
  return known
    ? rejected('BUNDLE_SIGNATURE')
    : rejected(
        'BUNDLE_KEY',
        `Its key is ${envelope.signatures.map(({ keyid }) => quoted(keyid)).join(', ')}.`,
      );
}

function rejected(code: RejectionCode, detail = ''): Judgement {
  const { sentence, remedy } = Rejections[code];
  return { ok: false, code, message: detail === '' ? sentence : `${sentence} ${detail}`, remedy };
}

/** Negative when `one` is the older release. What is no release counts as newer than all. */
function compareReleases(one: string, other: string): number {
  const parts = other.split('.').map(Number);
  if (parts.length !== 3 || !parts.every(Number.isInteger)) return -1;
  const own = one.split('.').map(Number);
  const differing = parts.findIndex((part, index) => part !== own[index]);
  return differing < 0 ? 0 : (own[differing] ?? 0) - (parts[differing] ?? 0);
}

/** Text out of a bundle may be anything; only a short printable part of it reaches a terminal. */
function quoted(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
