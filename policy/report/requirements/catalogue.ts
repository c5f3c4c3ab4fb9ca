import type { FoundationalRequirement } from '../../model/zone-model.ts';

/**
 * The 51 system requirements of 62443-3-3 with the level from which each, and each enhancement, is selected. Names
 * are paraphrased from public secondary texts; where those disagree the row says so, and the licensed text
 * decides.
 */
export interface SystemRequirement {
  /** `5.2`. */
  readonly sr: string;
  readonly fr: FoundationalRequirement;
  readonly name: string;
  /** Lowest SL at which the requirement itself is selected. */
  readonly from: number;
  readonly enhancements: readonly Enhancement[];
  /** What public sources disagree on; empty where they agree. */
  readonly disputed: string;
}

export interface Enhancement {
  /** 1 to 4. */
  readonly number: number;
  readonly name: string;
  readonly from: number;
}

export const FoundationalNames: Readonly<Record<FoundationalRequirement, string>> = {
  IAC: 'Identification and authentication control',
  UC: 'Use control',
  SI: 'System integrity',
  DC: 'Data confidentiality',
  RDF: 'Restricted data flow',
  TRE: 'Timely response to events',
  RA: 'Resource availability',
};

/** What of a requirement a target level selects; undefined where it selects nothing. */
export function selectedAt(
  { from, enhancements }: SystemRequirement,
  level: number,
): readonly Enhancement[] | undefined {
  return level < from ? undefined : enhancements.filter((enhancement) => enhancement.from <= level);
}

export const SystemRequirements: readonly SystemRequirement[] = [
  one('1.1', 'Human users are identified and authenticated', 1, [
    [2, 'each by a name of their own'],
    [3, 'several factors over untrusted networks'],
    [4, 'several factors everywhere'],
  ]),
  one('1.2', 'Processes and devices are identified and authenticated', 2, [[3, 'each by a name of its own']]),
  one('1.3', 'Accounts are managed', 1, [[3, 'in one place']]),
  one('1.4', 'Identifiers are managed', 1),
  one('1.5', 'Authenticators are managed', 1, [[3, 'kept in hardware']]),
  one('1.6', 'Wireless access is managed', 1, [[2, 'each user and device by a name of its own']]),
  one('1.7', 'Passwords are strong', 1, [
    [3, 'lifetime limited for people'],
    [4, 'lifetime limited for all'],
  ]),
  one('1.8', 'Certificates of a public key infrastructure', 2),
  one('1.9', 'Public-key authentication is strong', 2, [[3, 'keys kept in hardware']]),
  one('1.10', 'Authenticators are not shown while entered', 1),
  one('1.11', 'Failed logins are limited', 1),
  one('1.12', 'A notice before use', 1),
  one('1.13', 'Access via untrusted networks is watched and controlled', 1, [[2, 'approved explicitly']]),
  one('2.1', 'Use is authorised', 1, [
    [2, 'for all users'],
    [2, 'by role'],
    [3, 'a supervisor may override'],
    [4, 'two people approve'],
  ]),
  one(
    '2.2',
    'Use of wireless is controlled',
    1,
    [[3, 'unauthorised devices are reported']],
    'RE 1 from SL 2 or from SL 3',
  ),
  one(
    '2.3',
    'Portable and mobile devices are controlled',
    1,
    [[3, 'their security status is checked']],
    'RE 1 from SL 2 or from SL 3',
  ),
  one('2.4', 'Mobile code is controlled', 1, [[3, 'its integrity is checked']]),
  one('2.5', 'Sessions lock', 1),
  one('2.6', 'Remote sessions are terminated', 2),
  one('2.7', 'Concurrent sessions are limited', 3),
  one('2.8', 'Security events are recorded', 1, [[3, 'in one trail for the whole system']]),
  one('2.9', 'Room for records', 1, [[3, 'a warning before it is full']]),
  one('2.10', 'Response when recording fails', 1),
  one('2.11', 'Records carry the time', 2, [
    [3, 'clocks are synchronised'],
    [4, 'the time source is protected'],
  ]),
  one('2.12', 'Acts of people cannot be denied', 3, [[4, 'acts of all users']]),
  one('3.1', 'Communication keeps its integrity', 1, [[3, 'by cryptography']]),
  one('3.2', 'Protection from malicious code', 1, [
    [2, 'at entry and exit'],
    [3, 'managed in one place'],
  ]),
  one('3.3', 'Security functions are verified', 1, [
    [3, 'automatically'],
    [4, 'in normal operation'],
  ]),
  one(
    '3.4',
    'Software and information keep their integrity',
    1,
    [[3, 'violations are reported']],
    'whether it is selected at SL 1',
  ),
  one('3.5', 'Input is validated', 1),
  one('3.6', 'Outputs go to a known state', 1),
  one('3.7', 'Errors are handled without giving anything away', 2),
  one('3.8', 'Sessions keep their integrity', 2, [
    [3, 'identifiers end with the session'],
    [3, 'identifiers are unique'],
    [4, 'identifiers are random'],
  ]),
  one('3.9', 'Records are protected', 2, [[4, 'on media written once']]),
  one(
    '4.1',
    'Information is kept confidential',
    1,
    [
      [2, 'at rest and over untrusted networks'],
      [3, 'across zone boundaries'],
    ],
    'RE 2 from SL 3 or from SL 4',
  ),
  one('4.2', 'Information is purged when it has served', 2, [[3, 'from shared memory']]),
  one('4.3', 'Cryptography is used as recognised', 1),
  one('5.1', 'Networks are segmented', 1, [
    [2, 'physically'],
    [3, 'independent of networks that control nothing'],
    [4, 'critical networks stand apart'],
  ]),
  one(
    '5.2',
    'Zone boundaries are protected',
    1,
    [
      [2, 'deny by default'],
      [3, 'island mode'],
      [3, 'fail close'],
    ],
    'RE 3 from SL 3 or from SL 4',
  ),
  one('5.3', 'Messages from person to person are restricted', 1, [[3, 'prohibited']]),
  one('5.4', 'Applications are partitioned', 1, [], 'whether it is selected at SL 1'),
  one('6.1', 'Records can be read', 1, [[3, 'by programs']]),
  one('6.2', 'Continuous monitoring', 1, [], 'whether it is selected at SL 1'),
  one('7.1', 'Protection from denial of service', 1, [
    [2, 'load is managed'],
    [3, 'effects on other systems are limited'],
  ]),
  one('7.2', 'Resources are managed', 1),
  one('7.3', 'Backup', 1, [
    [2, 'verified'],
    [3, 'automatic'],
  ]),
  one('7.4', 'Recovery to a known secure state', 1),
  one('7.5', 'Emergency power', 1),
  one('7.6', 'Network and security settings follow what is laid down', 1, [
    [3, 'current settings are reported in a form programs read'],
  ]),
  one('7.7', 'Least functionality', 1),
  one('7.8', 'Component inventory', 2),
];

function one(
  sr: string,
  name: string,
  from: number,
  enhancements: readonly (readonly [number, string])[] = [],
  disputed = '',
): SystemRequirement {
  const numbered = enhancements.map(([level, text], index) => ({
    number: index + 1,
    name: text,
    from: level,
  }));
  return { sr, fr: foundationOf(sr), name, from, enhancements: numbered, disputed };
}

function foundationOf(sr: string): FoundationalRequirement {
  const [family = '1'] = sr.split('.');
  const order: readonly FoundationalRequirement[] = ['IAC', 'UC', 'SI', 'DC', 'RDF', 'TRE', 'RA'];
  return order[Number(family) - 1] ?? 'IAC';
}
