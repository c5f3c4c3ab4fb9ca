/**
 * Every error the system can cause here: a code, a sentence, and what a person can do about it. What
 * outside input causes is a returned union instead; what only a bug can cause stays an ordinary Error and
 * stops the process, which closes and opens nothing.
 */
const Catalogue = {
  PST_ERR_CONFIG_READ: {
    sentence: 'The gateway configuration cannot be read.',
    remedy: 'Check the path given with --config and that this user may read it.',
  },
  PST_ERR_CONFIG: {
    sentence: 'The gateway configuration is wrong.',
    remedy: 'Correct the named key in gateway.yaml; hardware/gateway.example.yaml shows every key.',
  },
  PST_ERR_KEY_READ: {
    sentence: 'A trusted key cannot be read.',
    remedy: 'Name Ed25519 public keys in PEM form under trusted_keys; penstock keygen makes a pair.',
  },
  PST_ERR_TRUST: {
    sentence: 'The policy in force would not be signed by enough trusted keys any more.',
    remedy: 'Sign it with a key that stays (penstock sign), apply it, and take the other key away then.',
  },
  PST_ERR_KEY_IN_USE: {
    sentence: 'Somebody is let in with what this key stands for.',
    remedy: 'Wait until no session is open, or end them, and change the key then.',
  },
  PST_ERR_NO_BUNDLE: {
    sentence: 'There is no bundle to enforce, so everything stays closed.',
    remedy: 'Compile one with penstock compile and hand it over with penstock apply.',
  },
  PST_ERR_BUNDLE_READ: {
    sentence: 'The configured bundle cannot be read.',
    remedy: 'Check the path under bundle in gateway.yaml, and that the engine user may read it.',
  },
  PST_ERR_UNCONFIRMED: {
    sentence: 'The policy in force is still to be confirmed, so no other one is taken.',
    remedy: 'Keep it with penstock confirm or give it up with penstock rollback, then apply again.',
  },
  PST_ERR_NOTHING_TO_CONFIRM: {
    sentence: 'No policy waits to be confirmed.',
    remedy: 'Look with penstock status what is in force and whether it was rolled back; apply it again then.',
  },
  PST_ERR_NO_PREVIOUS: {
    sentence: 'This box keeps no policy that was confirmed before the one in force.',
    remedy: 'Compile the policy you want with a higher metadata.policy_version and apply that.',
  },
  PST_ERR_MODE_MISSING: {
    sentence: 'The bundle does not know the mode this box is in.',
    remedy: 'Keep the mode in the model, or leave it first with penstock mode normal.',
  },
  PST_ERR_MODE_UNKNOWN: {
    sentence: 'The policy in force has no such mode.',
    remedy: 'Name one of its modes; penstock mode lists them. Modes are made in the zone model.',
  },
  PST_ERR_EXERCISE: {
    sentence: 'The exercise cannot be started, noted in or ended now.',
    remedy:
      'Look with penstock exercise show; one is started with penstock exercise start, and at most one goes on.',
  },
  PST_ERR_STATE_DIR: {
    sentence: 'The state directory cannot be used.',
    remedy: 'Create the directory named by state in gateway.yaml and give it to the engine user.',
  },
  PST_ERR_AUTHORITY: {
    sentence: "The site's own authority cannot be used.",
    remedy:
      'Put authority/ under the state directory back from a backup, or move it away: a new one is made then, and operators and vendors have to be given its certificate.',
  },
  PST_ERR_ENGINE_GONE: {
    sentence: 'The engine does not answer.',
    remedy: 'Start it with penstock run, and run this command as a user who may open its control socket.',
  },
  PST_ERR_SOCKET: {
    sentence: 'A local socket of the gateway cannot be opened.',
    remedy:
      'Check that the run directory exists, is owned by the gateway and that no second gateway uses it.',
  },
  PST_ERR_NFT_LIBRARY: {
    sentence: 'libnftables cannot be loaded.',
    remedy: 'Install the package libnftables1, or use the proxy back end.',
  },
  PST_ERR_NFT_CHILD: {
    sentence: 'The nft child does not answer; the running ruleset stays as it is.',
    remedy: 'It is restarted by itself; when this lasts, read the process log for what it said last.',
  },
  PST_ERR_NFT_SCHEMA: {
    sentence: 'The ruleset is not of the form this gateway writes, so it was not applied.',
    remedy: 'Compile the bundle again with the release that runs on this gateway.',
  },
  PST_ERR_NFT_APPLY: {
    sentence: 'The kernel refused the ruleset; the running one stays.',
    remedy: 'Run penstock doctor: it names the kernel features that are missing.',
  },
  PST_ERR_NFT_READ_BACK: {
    sentence: 'The kernel holds something else than was sent; the former ruleset was put back.',
    remedy: 'Look for another program that changes the table inet penstock, then apply again.',
  },
  PST_ERR_PASSKEY_LIBRARY: {
    sentence: 'What judges passkeys cannot be loaded, so no passkey was judged.',
    remedy:
      'Restart the gateway if its files were replaced while it ran, or else install the release again; codes of authenticators go on working.',
  },
  PST_ERR_CAPABILITY: {
    sentence: 'The process lacks a right it needs.',
    remedy: 'Run it as root or give its unit the capability named here; penstock doctor lists them.',
  },
  PST_ERR_KERNEL_FEATURE: {
    sentence: 'This kernel lacks something the kernel back end needs.',
    remedy: 'Run penstock doctor, load the module it names, or use the proxy back end.',
  },
  PST_ERR_ROUTING: {
    sentence: 'A route or address setting could not be made.',
    remedy: 'Check that the interface named here exists on this box and that iproute2 is installed.',
  },
  PST_ERR_LISTEN: {
    sentence: 'An address to listen on is not free or not on this box.',
    remedy: 'Choose another address or port in gateway.yaml, or stop what uses it.',
  },
  PST_ERR_INSPECTOR_POLICY: {
    sentence: 'An inspecting process could not read the policy.',
    remedy: 'Compile the bundle again with the release that runs on this gateway.',
  },
  PST_ERR_DEFECT: {
    sentence: 'Penstock met a defect of its own.',
    remedy: 'Report it with this line; nothing was changed.',
  },
  PST_ERR_EVIDENCE: {
    sentence: 'The evidence log cannot be written.',
    remedy: 'Free space or repair the disk under the state directory; plant flows go on meanwhile.',
  },
  PST_ERR_RECORDING: {
    sentence: 'Sessions cannot be recorded.',
    remedy:
      'Free space or repair the disk under the state directory; vendors are not let in meanwhile, and plant flows go on.',
  },
} as const satisfies Record<string, { readonly sentence: string; readonly remedy: string }>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof Catalogue;

/** A failure of the system around us, told for the person who must mend it. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  /** `detail` names the thing: the path, the key, the interface, the library's own words. */
  constructor(code: ErrorCode, detail = '', cause?: unknown) {
    const { sentence, remedy } = Catalogue[code];
    super(detail === '' ? sentence : `${sentence} ${detail}`, cause === undefined ? {} : { cause });
    this.name = 'GatewayError';
    this.code = code;
    this.remedy = remedy;
  }
}
