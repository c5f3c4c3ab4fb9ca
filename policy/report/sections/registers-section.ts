import { scheduleText } from '../../../rules/schedule-text.ts';
import type { ZoneModel } from '../../model/zone-model.ts';
import { type Block, cell, heading, type Section, table } from '../document/block.ts';
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
