/** A certificate, its chain and its private key, each in PEM form. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** What a vendor's TLS client is given for one grant. The key is nowhere else. */
export interface ClientIdentity extends Identity {
  /** SHA-256 of the certificate in DER form, hexadecimal. */
  readonly fingerprint: string;
  /** End of its validity, milliseconds since the Unix epoch. */
  readonly until: number;
}

/**
 * The site's own small authority, so that TLS and passkeys work with nobody else (62443-3-3 SR 1.2, SR 1.8). P-256,
 * limited to the names of the box. Keys stay in the state directory, 0600.
 */
export interface Authority {
  /** Certificate of the authority, PEM: what operators and vendors trust. Empty where there is trouble. */
  readonly certificate: string;
  /** For the operator page; made anew 30 days before its end and when the names of the box change. */
  readonly pageIdentity: () => Promise<Identity>;
  /** For the TLS carrier. */
  readonly carrierIdentity: () => Promise<Identity>;
  /** A new key with a certificate for one grant: good from now until `until`, milliseconds since the epoch. */
  readonly issueClient: (grant: string, until: number) => Promise<ClientIdentity>;
  /** Private host key of the SSH carrier in OpenSSH form, and its public line `ssh-ed25519 AAAA…`. */
  readonly sshHostKey: () => { readonly key: string; readonly line: string };
  /**
   * A new key in the place of one, with `record` between its making and its effect: what that rejects with keeps the
   * former. With another authority every certificate is made anew, and who trusted the former one has to be given it.
   */
  readonly rotate: (what: RotatedIdentity, record: RecordKeyChange) => Promise<void>;
  /** Why it cannot be used, as sentences: every other function then throws or rejects with PST_ERR_AUTHORITY. */
  readonly troubles: () => readonly string[];
}

/** `page` are the certificates of the page and of the TLS carrier. */
export type RotatedIdentity = 'authority' | 'page' | 'ssh';

/** Fingerprints of the former key and of the new one; empty where there was none. */
export type RecordKeyChange = (former: string, now: string) => Promise<void>;

export interface AuthorityOptions {
  readonly site: string;
  readonly gateway: string;
  /** DNS name of the box, or empty. */
  readonly name: string;
  /** Addresses the page and the carriers listen on; loopback is always in. */
  readonly addresses: readonly string[];
}
