import type { ZoneModel } from '../../model/zone-model.ts';
import { type Block, cell, heading, paragraph, type Section, table } from '../document/block.ts';
import type { Outcome } from '../facts.ts';
import type { Report } from '../report.ts';
import { stated } from '../words.ts';

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
