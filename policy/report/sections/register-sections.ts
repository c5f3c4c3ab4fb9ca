import { scheduleText } from '../../../rules/schedule-text.ts';
import { formatTime } from '../../../rules/time.ts';
import type { ZoneModel } from '../../model/zone-model.ts';
import { type Block, cell, heading, paragraph, type Section, table } from '../document/block.ts';
import type { Outcome } from '../facts.ts';
import type { Report } from '../report.ts';
import { counted, maybeDate, spanText, stated } from '../words.ts';

/** What is to be looked after: findings and waivers, deferrals, paths without IP, vendors. */
export function registersSection(model: ZoneModel, report: Report): Section {
  return {
    id: 'registers',
    title: 'Registers',
    blocks: [
      ...findingBlocks(report),
      heading('deferrals', 'Patches not applied, and what stands in for them'),
      table(
        [
          ['Asset', 1.2],
          ['Zone', 1],
          ['Firmware', 0.8],
          ['Criticality', 0.8],
          ['Why', 2],
          ['Compensating control', 2.4],
          ['Approved by', 1.2],
          ['Since', 0.9],
          ['Next review', 0.9],
          ['Missing', 1.3],
        ],
        report.deferrals.map(
          ({ asset, zone, firmware, criticality, reason, compensating, approver, since, review, lacks }) => [
            cell(asset, 'strong'),
            cell(zone),
            cell(firmware),
            cell(criticality),
            cell(reason),
            cell(compensating),
            cell(approver),
            cell(since),
            cell(review),
            cell(lacks, 'warning'),
          ],
        ),
        'No asset is marked as not patched.',
      ),
      heading('paths', 'Paths without IP'),
      table(
        [
          ['Path', 0.8],
          ['Kind', 0.8],
          ['From', 1],
          ['To', 1],
          ['Purpose', 2.4],
          ['Kept in bounds by', 2.4],
          ['Owner', 1.4],
        ],
        model.nonIpPaths.map(({ id, kind, from, to, purpose, controls, owner }) => [
          cell(id, 'strong'),
          cell(kind),
          cell(from?.id ?? 'outside the site'),
          cell(to.id),
          cell(stated(purpose)),
          cell(stated(controls), controls === '' ? 'warning' : 'plain'),
          cell(stated(owner)),
        ]),
        'The model declares none. That it has none is a statement of the site.',
      ),
      ...vendorBlocks(model, report.at),
    ],
  };
}

function findingBlocks({ findings, waivers }: Report): readonly Block[] {
  return [
    heading('findings', 'Findings'),
    table(
      [
        ['Code', 0.6],
        ['Severity', 0.7],
        ['About', 1.2],
        ['Finding', 4],
        ['What to do', 3],
        ['Clause', 1.4],
        ['Line', 0.5],
      ],
      findings.map(({ code, severity, about, message, hint, clause, line }) => [
        cell(code, 'strong'),
        cell(severity, severity === 'error' ? 'bad' : severity === 'warning' ? 'warning' : 'faint'),
        cell(about),
        cell(message),
        cell(hint),
        cell(clause),
        cell(String(line)),
      ]),
      'None.',
    ),
    heading('waivers', 'Waivers'),
    table(
      [
        ['Code', 0.6],
        ['On', 1.2],
        ['Reason', 3],
        ['Owner', 1.8],
        ['Until', 0.9],
        ['Covers', 3.5],
      ],
      waivers.map(({ code, on, reason, owner, until, hasExpired, covers }) => [
        cell(code, 'strong'),
        cell(on),
        cell(reason),
        cell(owner),
        cell(hasExpired ? `${until}, expired` : until, hasExpired ? 'bad' : 'plain'),
        cell(
          covers.length === 0 ? 'nothing found at present' : covers,
          covers.length === 0 ? 'faint' : 'plain',
        ),
      ]),
      'The model waives nothing.',
    ),
  ];
}

function vendorBlocks({ vendors }: ZoneModel, at: number): readonly Block[] {
  return [
    heading('vendors', 'Vendor access'),
    table(
      [
        ['Vendor', 1.4],
        ['People', 2],
        ['Comes in', 1.4],
        ['Reaches', 2.4],
        ['Approval', 1.4],
        ['Limits', 2.2],
        ['Contract', 1.4],
        ['Recorded', 1],
      ],
      vendors.map(
        ({
          id,
          company,
          people,
          entry,
          opens,
          targets,
          approval,
          limits,
          contractEnds,
          supplierDuties,
          record,
        }) => [
          cell([id, company], 'strong'),
          cell(
            people.map(
              (person) => `${person.id}, ${person.mfa === 'required' ? 'several factors' : 'one factor'}`,
            ),
          ),
          cell([entry.zone.id, entry.asset?.name ?? '']),
          cell([
            ...opens.map(({ flow }) => `opens ${flow.id}`),
            ...targets.map(
              ({ asset, port, profile }) =>
                `${asset.name} port ${port}${profile === undefined ? '' : ` as ${profile.name}`}`,
            ),
          ]),
          cell(
            approval === undefined ? 'not stated' : [approval.role, approval.second],
            approval === undefined ? 'warning' : 'plain',
          ),
          cell([
            limits.maxDuration === 0 ? 'no longest duration' : `at most ${spanText(limits.maxDuration)}`,
            limits.idle === 0 ? 'no idle limit' : `${spanText(limits.idle)} idle`,
            limits.concurrent === 0 ? '' : `${counted(limits.concurrent, 'session')} at a time`,
            limits.window === undefined ? '' : scheduleText(limits.window),
          ]),
          cell(
            [
              contractEnds === undefined ? 'end not stated' : `until ${maybeDate(contractEnds)}`,
              supplierDuties,
            ],
            contractEnds === undefined || contractEnds <= at ? 'warning' : 'plain',
          ),
          cell(record.length === 0 ? 'nothing' : record.join(', ')),
        ],
      ),
      'The model lets no vendor in.',
    ),
  ];
}

/** What gateways said: live checks, what was never used, and addresses nobody modelled. */
export function liveSection({ live, observed }: Report): Section {
  return {
    id: 'live',
    title: 'What the gateways said',
    blocks: [
      table(
        [
          ['Gateway', 1],
          ['Check', 1],
          ['Result', 0.7],
          ['Value', 5],
          ['When', 1.3],
        ],
        live.map(({ gateway, kind, ok, value, at }) => [
          cell(gateway, 'strong'),
          cell(kind),
          cell(ok ? 'holds' : 'does not hold', ok ? 'good' : 'bad'),
          cell(value),
          cell(formatTime(at)),
        ]),
        'No gateway was asked for this report: it says what is laid down, not what is in force.',
      ),
      heading('unused', 'Permissions never used'),
      ...(observed.length === 0 ? [paragraph('No observation was at hand.', 'faint')] : []),
      ...observed.flatMap(({ gateway, window, neverUsed }) => [
        paragraph(`${gateway}: watched ${window}.`),
        table(
          [
            ['Permission', 2],
            ['Kind', 1],
            ['Counted since', 1.2],
            ['Watched for', 1],
          ],
          neverUsed.map(({ id, kind, since, watched }) => [
            cell(id, 'strong'),
            cell(kind),
            cell(since),
            cell(watched),
          ]),
          'Every permission was used.',
        ),
      ]),
      heading('strangers', 'Addresses seen and not modelled'),
      ...(observed.length === 0 ? [paragraph('No observation was at hand.', 'faint')] : []),
      ...observed.map(({ gateway, strangers }) =>
        table(
          [
            ['Gateway', 1],
            ['Address', 1.6],
            ['On the wire of', 1.2],
            ['First seen', 1.2],
            ['Last seen', 1.2],
            ['Packets', 0.8],
          ],
          strangers.map(({ address, zone, first, last, packets }) => [
            cell(gateway, 'strong'),
            cell(address),
            cell(zone),
            cell(first),
            cell(last),
            cell(String(packets)),
          ]),
          `${gateway} saw none.`,
        ),
      ),
    ],
  };
}

/** Modes with what each keeps and how it ends, then the model's own tests and invariants with their results. */
export function claimsSection(model: ZoneModel, { tests, invariants }: Report): Section {
  return {
    id: 'modes',
    title: 'Modes, tests and invariants',
    blocks: [
      table(
        [
          ['Mode', 1],
          ['Purpose', 2],
          ['Decided by', 1.2],
          ['Keeps', 3],
          ['Modbus as', 2],
          ['Reopened in this order', 3],
        ],
        model.modes.map(({ name, purpose, authority, keepsAll, keep, profiles, recover }) => [
          cell(name, 'strong'),
          cell(name === 'normal' && purpose === '' ? 'everyday' : stated(purpose)),
          cell(name === 'normal' && authority === '' ? '' : stated(authority)),
          cell(keepsAll ? 'every flow' : keep.length === 0 ? 'nothing' : keep.map(({ id }) => id).join(', ')),
          cell(profiles.map(({ flow, profile }) => `${flow.id} as ${profile.name}`)),
          cell(
            recover.length === 0 ? (keepsAll ? '' : 'not stated') : recover.map(({ id }) => id).join(', '),
            recover.length === 0 ? 'faint' : 'plain',
          ),
        ]),
        '',
      ),
      heading('tests', 'Tests'),
      outcomes('Test', tests, 'The tests of the model were not run for this report.'),
      heading('invariants', 'Invariants'),
      outcomes('Invariant', invariants, 'The invariants of the model were not proved for this report.'),
    ],
  };
}

function outcomes(what: string, all: readonly Outcome[] | undefined, missing: string): Block {
  if (all === undefined) return paragraph(missing, 'faint');
  return table(
    [
      [what, 2.4],
      ['Result', 0.8],
      ['What was found', 5],
      ['Line', 0.5],
    ],
    all.map(({ name, ok, sentence, line }) => [
      cell(name, 'strong'),
      cell(ok ? 'holds' : 'broken', ok ? 'good' : 'bad'),
      cell(sentence),
      cell(String(line)),
    ]),
    'The model states none.',
  );
}

/** What the model maps to in regulations. */
export function mappingsSection(model: ZoneModel, { mappings, unmapped }: Report): Section {
  const { regulations } = model.metadata;
  return {
    id: 'mappings',
    title: 'Mapping to regulations',
    blocks: [
      paragraph(
        'What the model and the gateways map to. An entry supports an item; nothing here says that an item is fulfilled.',
      ),
      ...mappings.flatMap(({ regulation, note, rows }, index) => [
        heading(`mapping-${index + 1}`, regulation),
        paragraph(note, 'faint'),
        table(
          [
            ['Item', 2.2],
            ['About', 2.6],
            ['Supported by', 5],
          ],
          rows.map(({ item, about, supports }) => [cell(item, 'strong'), cell(about), cell(supports)]),
          '',
        ),
      ]),
      heading('regulations', 'Regulations the model names'),
      table(
        [
          ['Tag', 2],
          ['In this report', 4],
        ],
        regulations.map((tag) => [
          cell(tag, 'strong'),
          unmapped.includes(tag)
            ? cell('recorded as a tag; no table here maps it', 'faint')
            : cell('mapped above'),
        ]),
        'The model names none.',
      ),
    ],
  };
}
