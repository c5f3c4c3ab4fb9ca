import type { Command } from 'commander';
import type { CommandWays } from '../exercise-commands.ts';

/** The commands under `penstock evidence`. */
export function addEvidenceCommands(
  evidence: Command,
  { shared, act }: CommandWays,
  ofGateway: CommandWays['shared'],
): void {
  const command = (name: string, description: string, more: CommandWays['shared'] = []): Command => {
    const one = evidence.command(name).description(description);
    for (const [flags, text, value] of [...more, ...shared]) one.option(flags, text, value);
    return one;
  };
  command('show <dir>', 'the records of an evidence directory, oldest first')
    .option('--grant <id>', 'only what belongs to this grant')
    .option('--since <time>', 'only what happened from then on')
    .action(act(async (dir: string, options) => (await import('../evidence.ts')).showEvidence(dir, options)));
  command(
    'verify <path>',
    'hold a log, or the evidence of one session, to everything that can be proved of it',
  )
    .requiredOption(
      '--key <key>',
      'public key of the log, from the commissioning sheet: the line or its file',
    )
    .option('--witness <key>', 'public key of a witness you believe; may be given several times', append)
    .option(
      '--since <checkpoint>',
      'a checkpoint kept from an earlier visit; may be given several times',
      append,
    )
    .option('--recordings <dir>', 'where the recordings are; beside the log if not given')
    .option('--bundle <file>', 'a bundle that was in force: who had to approve; several times', append)
    .action(
      act(async (path: string, options) => (await import('./verify.ts')).verifyEvidence(path, options)),
    );
  command(
    'export <dir>',
    'carry a log away to storage that is written once; again and again adds what is new',
  )
    .requiredOption('--out <dir>', 'where it goes')
    .option(
      '--grant <id>',
      'instead, the evidence of one session and a page that verifies it without a network',
    )
    .option('--recording', 'with --grant: the recording too, encrypted as it is stored')
    .option('--since <checkpoint>', 'instead, the proof that nothing vanished since that checkpoint')
    .action(act(async (dir: string, options) => (await import('./export.ts')).exportEvidence(dir, options)));
  command('witness <path>', 'cosign the checkpoint of a log, an export or a consistency text')
    .requiredOption('--key <key>', 'public key of the log: the line or its file')
    .requiredOption('--witness-key <file>', 'secret key of this witness')
    .option('--out <file>', 'where the cosigned checkpoint goes')
    .action(act(async (path: string, options) => (await import('./witness.ts')).witness(path, options)));
  command('bring-back <file>', 'hand the gateway a checkpoint that a witness has cosigned', ofGateway).action(
    act(async (file: string, options) => (await import('./at-gateway.ts')).bringBack(file, options)),
  );
  command('accept', 'answer for a log that is not what it was, so that vendors can come in again', ofGateway)
    .requiredOption('--why <text>', 'what was found, for the record')
    .action(act(async (options) => (await import('./at-gateway.ts')).acceptEvidence(options)));
  command(
    'recording <grant>',
    'what passed in a session, as a pcapng file; on the box, by who may read its key',
  )
    .requiredOption('--out <file>', 'where it goes')
    .option('--config <file>', 'gateway.yaml of this box', '/etc/penstock/gateway.yaml')
    .action(
      act(async (grant: string, options) => (await import('./recording.ts')).writeRecording(grant, options)),
    );
  command('witness-keygen <dir>', 'a key pair for a witness; an existing one is never overwritten')
    .requiredOption('--name <name>', 'what the witness is called')
    .action(act(async (dir: string, options) => (await import('./witness.ts')).witnessKeygen(dir, options)));
}

/** An option that may be given several times. */
function append(one: string, others: readonly string[] = []): readonly string[] {
  return [...others, one];
}
