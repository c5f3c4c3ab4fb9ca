/** Acts about the box itself over its years: copies of it, and the keys it has and trusts (62443-3-3 SR 1.8, SR 7.3, SR 7.4). */
export type LifeAct =
  /** Its state was copied; with `keys` also what only this box should know, encrypted. */
  | { readonly kind: 'backedUp'; by: string; keys: boolean; evidence: boolean }
  /** The state of this box comes out of a backup that was made at `madeAt`. */
  | {
      readonly kind: 'restored';
      madeAt: number;
      keys: boolean;
      evidence: boolean;
      /** Public key of the log of the box it was made of, C2SP signed-note, and the last checkpoint known of it. */
      formerKey: string;
      former: string;
      by: string;
    }
  /** Another key stands in the place of one; both by their fingerprints, empty where there was none. */
  | {
      readonly kind: 'keyRotated';
      /** `evidence`, `authority`, `page`, `ssh` or `recordings`. */
      what: string;
      former: string;
      now: string;
      by: string;
      why: string;
    }
  /** A key is trusted from now on, or no more. `id` is its SHA-256, hexadecimal. */
  | {
      readonly kind: 'trustChanged';
      /** `releases` for a key that software updates may be signed with; empty for one that policies may be. */
      use: string;
      name: string;
      id: string;
      trusted: boolean;
      by: string;
    }
  /** Another release of the gateway runs, or was to; versions are `major.minor.patch`. */
  | {
      readonly kind: 'softwareUpdated';
      /** `began`, `kept`, `returned`, or `refused` for what never ran. */
      what: string;
      from: string;
      to: string;
      /** SHA-256 of its manifest, which names every file; empty where that was not read. */
      digest: Uint8Array;
      /** Whose key signed it, or empty. */
      signer: string;
      by: string;
      why: string;
    };
