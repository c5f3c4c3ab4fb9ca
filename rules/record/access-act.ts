/** Acts about people, and about what vendors were granted (62443-3-3 SR 1.13, SR 2.8). Each is on disk before its effect. */
export type AccessAct =
  | {
      readonly kind: 'accountChanged';
      account: string;
      /** `added`, `changed`, `disabled`, `enabled`, `password`, `totp`, `passkey`, `recovery-codes`, `reset-asked`, `reset`, `locked`, `unlocked`. */
      what: string;
      detail: string;
      by: string;
      /** The second person, where two are needed. */
      second: string;
    }
  /** `means` is `totp`, `passkey`, `recovery` or `password`; `session` is the public name of the sign-in. */
  | { readonly kind: 'signedIn'; account: string; session: string; source: string; means: string }
  | { readonly kind: 'signedOut'; account: string; session: string; why: string }
  /** Failed sign-ins of one name and source, counted together; `name` as it was typed is not kept for unknown ones. */
  | { readonly kind: 'signInRefused'; account: string; source: string; why: string; count: number }
  /** `digest` is what approvals are bound to: SHA-256 of the request as it stands. */
  | {
      readonly kind: 'grantRequested';
      grant: string;
      digest: Uint8Array;
      vendor: string;
      person: string;
      /** Ids of vendor targets, or of flows that it opens. */
      targets: readonly string[];
      carrier: string;
      reason: string;
      ticket: string;
      /** Milliseconds asked for. */
      length: number;
      policyVersion: number;
      policyDigest: Uint8Array;
      /** Milliseconds more that are asked for while it is open; 0 when it is asked for first. */
      extension: number;
      /** Who asked: the person, or for more time somebody of the plant. */
      by: string;
    }
  | {
      readonly kind: 'grantApproved';
      grant: string;
      digest: Uint8Array;
      by: string;
      role: string;
      /** `passkey`, `totp` (weaker) or `break-glass`. */
      means: string;
      weak: boolean;
      /** The passkey's assertion as it came, JSON: it signs a challenge made of the digest. Empty otherwise. */
      assertion: string;
      /** Approvals still missing after this one. */
      missing: number;
      /** Whether it is for an extension, and by how many milliseconds. */
      extension: number;
      /** Why somebody acted alone: break-glass. Empty otherwise. */
      why: string;
    }
  /** Denied by a person, withdrawn by the one who asked, or nobody answered in time (`by` empty). */
  | {
      readonly kind: 'grantRefused';
      grant: string;
      by: string;
      why: string;
      /** Above 0: only so many milliseconds more were not given, and the grant goes on. */
      extension: number;
    }
  | {
      readonly kind: 'grantOpened';
      grant: string;
      until: number;
      policyVersion: number;
      policyDigest: Uint8Array;
      /** SHA-256 of the client certificate, or nothing. */
      certificate: Uint8Array;
      weak: boolean;
    }
  /** `certificate` is the SHA-256 of a new client certificate, or nothing. */
  | { readonly kind: 'grantExtended'; grant: string; until: number; by: string; certificate: Uint8Array }
  | {
      readonly kind: 'grantClosed';
      grant: string;
      /** A code of `Reasons`. */
      cause: string;
      by: string;
      why: string;
      bytesFromClient: number;
      bytesFromServer: number;
      channels: number;
      writes: number;
      refused: number;
    }
  /** Durable before its first byte passes. */
  | {
      readonly kind: 'channelOpened';
      grant: string;
      channel: string;
      target: string;
      carrier: string;
      source: string;
      profile: string;
    }
  | {
      readonly kind: 'channelClosed';
      grant: string;
      channel: string;
      cause: string;
      bytesFromClient: number;
      bytesFromServer: number;
      writes: number;
      refused: number;
      /** Chunks of its recording, 0 where nothing was recorded. */
      chunks: number;
    }
  /** Somebody asked for a channel and did not get it; `grant` is empty where none was found. */
  | {
      readonly kind: 'channelRefused';
      grant: string;
      carrier: string;
      source: string;
      target: string;
      why: string;
    }
  | { readonly kind: 'recordingErased'; grant: string; chunks: number; bytes: number; why: string }
  | { readonly kind: 'keySwitch'; closed: boolean; why: string };
