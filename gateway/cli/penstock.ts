#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { type Argument, Command, CommanderError } from 'commander';
import { GatewayRelease } from '../release.ts';
import { addAccountCommands } from './account-commands.ts';
import { addBackupCommands } from './backup-commands.ts';
import { addEvidenceCommands } from './evidence/commands.ts';
import { addExerciseCommands } from './exercise-commands.ts';
import { addGrantCommands } from './grants/commands.ts';
import { ExitStatus, explainFailure } from './output.ts';

/** Columns of the help, also where the output is no terminal. */
const HelpWidth = 100;

const Config = ['--config <file>', 'gateway.yaml of this box', '/etc/penstock/gateway.yaml'] as const;
const By = ['--by <name>', 'who does it, for the record; the user who called sudo if not given'] as const;
const Json = ['--json', 'print JSON instead of text'] as const;

const ExplainHelp = `
A question names both ends by asset or address, the service, and for Modbus the request:
  penstock explain plant.zones.yaml 'hmi-1 -> plc-dosing modbus unit=1 fc=6 address=140 value=20'
  penstock explain plant.bundle 'bi-server -> hist-replica tcp/443 at=2026-12-01T09:00:00Z'
Addresses are 0-based, as on the wire. A request may have: unit, fc, address, quantity, value (several with
commas; type, words and bytes say how it lies in registers), and, or, read_address, read_quantity, sub, mei,
file, record, data (hexadecimal). What is known of the server is said with last=140:18 (a holding register)
and read=2.12:1 (function code and address); at, mode and session say under which circumstances.
session names a vendor of the model, or yes for whoever opens the flow; a bundle does not know whose opens what.
Exit status: 0 it passes, 1 it is refused.`;

const ReplayHelp = `
  penstock replay plant.zones.yaml monday.pcap --coverage
Record on one leg of the box, as with tcpdump -i proc0 -w monday.pcap: the same connection seen on two
legs at once cannot be told apart. Every connection goes to the flow that permits it, and every Modbus
message through the inspection that the gateway runs, on the clock of the capture.
Exit status: 0 nothing would be refused, 1 something would.`;

const LearnHelp = `
  penstock learn plant.zones.yaml monday.pcap > proposals.patch
  penstock learn plant.zones.yaml --live --out plant-proposed.zones.yaml
It only reads. The patch goes to standard output; what it rests on, and what was seen and is not proposed with
the reason, to standard error. Review every line before you apply it: what was seen is not yet what is right.`;

const ModeHelp = `
  penstock mode island --reason "ransomware in the office network"
  penstock mode normal --step confirm
What the mode keeps goes on untouched. normal opens what was cut step by step, in the order the mode states
(recover), and what no order names last; with --step confirm each further penstock mode normal takes one step.
Any mode given meanwhile ends that at once. After a restart the box stays where it was and opens no more by itself.
Exit status: 0 done, or the mode is normal; 1 refused, not all done, or another mode is in force.`;

/**
 * Exit status of every command: 0 good, 1 findings or refusal, 2 usage, 3 system error. Each command is
 * loaded when it is called, so that running the gateway does not load the compiler.
 */
const program = new Command('penstock')
  .description('Conduit policy enforcement gateway between the zones of an industrial network')
  .version(GatewayRelease, '-V, --version', 'which release this is')
  .helpOption('-h, --help', 'what can be said here')
  .helpCommand('help [command]', 'the options of a command')
  .configureHelp({ helpWidth: HelpWidth, subcommandTerm: withArguments })
  .showHelpAfterError('  Add --help to see what can be said here.');

command('demo', 'the example plant on this machine, in a browser, without privileges')
  .option('--code <secret>', 'only print the code that an authenticator of the demo shows now')
  .action(
    act(async ({ code }: { readonly code?: string }) => {
      const { demo, demoCode } = await import('./demo.ts');
      return code === undefined ? demo() : demoCode(code);
    }),
  );
command('init <dir>', 'a starter site in a new directory: model, keys, gateway configuration')
  .option('--name <name>', 'DNS name of the box: what its page is opened by and passkeys are bound to')
  .action(act(async (directory: string, options) => (await import('./init.ts')).init(directory, options)));
command('keygen <dir>', 'a key pair for signing bundles; an existing one is never overwritten').action(
  act(async (directory: string) => (await import('./keygen.ts')).keygen(directory)),
);
command('check <model>', 'look a zone model over: every finding with its line and its fix')
  .option('--at <time>', 'as of this time instead of now')
  .option('--observed <file>', 'what penstock observed --json printed, once for each gateway', append)
  .option('--sarif', 'print SARIF 2.1.0 instead of text')
  .option(...Json)
  .action(act(async (file: string, options) => (await import('./check.ts')).check(file, options)));
command('codes [code]', 'what the codes of findings stand for, with the clause behind each')
  .option(...Json)
  .action(
    act(async (code: string | undefined, options) => (await import('./codes.ts')).codes(code, options)),
  );
command('compile <model>', 'check a model and write the signed bundle of one gateway, or of each')
  .option('--key <file>', 'signing key of the bundle')
  .requiredOption('--out <path>', 'where the bundle goes; with several gateways a directory for one each')
  .option(
    '--target <firewall>',
    "text for a neighbour's firewall instead: iptables, cisco-asa, fortinet, panos",
  )
  .option('--partial', 'with --target: leave out, and so shut, what that firewall cannot hold to')
  .option('--gateway <name>', 'which box of the model it is for; every one if not given')
  .option('--not-before <time>', 'when it becomes valid; the day of the last review if not given')
  .option('--at <time>', 'look the model over as of this time instead of now')
  .option(...Json)
  .action(
    act(async (file: string, options) =>
      options.target === undefined
        ? (await import('./compile.ts')).compileModel(file, options)
        : (await import('./compile-target.ts')).compileTarget(file, options),
    ),
  );
command('pair <model>', 'what keepalived and conntrackd need on the two boxes of each pair')
  .requiredOption('--out <dir>', 'the directory for them, one in it for each box')
  .action(act(async (file: string, options) => (await import('./pair.ts')).pair(file, options)));
command('show <bundle>', 'what a bundle permits')
  .option('--flows', 'the flows (the default)')
  .option('--modbus', 'the Modbus permissions')
  .option('--nft', 'the nftables ruleset')
  .option(...Json)
  .action(act(async (file: string, options) => (await import('./show.ts')).show(file, options)));
command('mutate <model>', 'which changes of a model its tests and invariants do not notice')
  .option('--at <time>', 'as of this time instead of now')
  .option('--least <percent>', 'a score below this is a failure')
  .option(...Json)
  .action(act(async (file: string, options) => (await import('./mutate.ts')).mutate(file, options)));
command('explain <policy> <question>', 'what a model or bundle says to one connection or request, and why')
  .option('--gateway <name>', 'which box of the model is asked')
  .option(...Json)
  .addHelpText('after', ExplainHelp)
  .action(
    act(async (file: string, question: string, options) =>
      (await import('./explain.ts')).explain(file, question, options),
    ),
  );
command('replay <policy> <capture>', 'what a model or bundle would have said to recorded traffic')
  .option('--gateway <name>', 'which box of the model is asked')
  .option('--coverage', 'also say which permissions were used, and which never')
  .option(...Json)
  .addHelpText('after', ReplayHelp)
  .action(
    act(async (file: string, capture: string, options) =>
      (await import('./replay.ts')).replay(file, capture, options),
    ),
  );
command('diff <old> <new>', 'what may happen now that could not before, the reverse, and what else changed')
  .option('--gateway <name>', 'which box of a model is compared with a bundle')
  .option('--at <time>', 'as of this time instead of now')
  .option('--markdown', 'print Markdown, for a review')
  .option(...Json)
  .action(
    act(async (old: string, next: string, options) => (await import('./diff.ts')).diff(old, next, options)),
  );
command(
  'learn <model> [capture]',
  'propose flows and Modbus permissions for what was seen; it applies nothing',
)
  .option('--evidence <dir>', 'learn from an evidence directory instead of a capture')
  .option('--live', 'learn from what the gateway of --config has on record')
  .option(...Config)
  .option('--gateway <name>', 'which box of the model the capture was made at')
  .option('--min-count <number>', 'propose nothing that was seen less often', '5')
  .option('--margin <percent>', 'widen value limits by this share of what was seen, on both sides', '0')
  .option('--ticket <ticket>', 'ticket to put on the proposed flows')
  .option('--out <file>', 'also write the patched model, as a new file')
  .option(...Json)
  .addHelpText('after', LearnHelp)
  .action(
    act(async (file: string, capture: string | undefined, options) =>
      (await import('./learn.ts')).learnFrom(file, capture, options),
    ),
  );
command('report <model>', 'what an auditor asks for: drawing, authorised flows, characteristics, evidence')
  .requiredOption('--out <dir>', 'directory the files go to')
  .option('--status <file>', 'what penstock status --json printed, once for each gateway', append)
  .option('--observed <file>', 'what penstock observed --json printed, once for each gateway', append)
  .option('--config <file>', 'ask the gateway of this gateway.yaml how it is and what it saw')
  .option('--at <time>', 'as of this time instead of now')
  .option(...Json)
  .action(act(async (file: string, options) => (await import('./report.ts')).report(file, options)));
command('run', 'the gateway, in the foreground')
  .option(...Config)
  .action(act(async (options) => (await import('./run.ts')).run(options)));
command('apply <bundle>', 'put a bundle into force; it is taken back unless confirmed in time')
  .option('--confirm-within <time>', 'how long it waits to be confirmed: 120s (the default), 5min, 1h')
  .option('--confirm-now', 'do not wait to be confirmed, for automation')
  .option('--dry-run', 'only say whether it could be put into force')
  .option(...By)
  .option(...Config)
  .option(...Json)
  .action(act(async (file: string, options) => (await import('./apply.ts')).apply(file, options)));
command('confirm', 'keep the policy that was applied last')
  .option(...By)
  .option(...Config)
  .option(...Json)
  .action(act(async (options) => (await import('./confirm.ts')).confirm(options)));
command('rollback', 'give up what is not confirmed, or return to the policy before')
  .option(...By)
  .option(...Config)
  .option(...Json)
  .action(act(async (options) => (await import('./confirm.ts')).rollback(options)));
command('sign <bundle>', 'add a signature to a bundle')
  .requiredOption('--key <file>', 'signing key')
  .option('--out <file>', 'where the bundle goes; in its own place if not given')
  .action(act(async (file: string, options) => (await import('./sign.ts')).sign(file, options)));
command('mode [name]', 'the mode in force; with a name, another one, at once')
  .option('--reason <text>', 'why, for the record')
  .option('--step <time>', 'with normal: time from one step of reopening to the next (2s), or confirm')
  .option(...By)
  .option(...Config)
  .option(...Json)
  .addHelpText('after', ModeHelp)
  .action(act(async (name: string | undefined, options) => (await import('./mode.ts')).mode(name, options)));
addExerciseCommands(command('exercise', 'rehearse a mode, or keep an incident: start, note, end, show'), {
  shared: [By, Config, Json],
  act,
});
addAccountCommands(
  command('account', 'who may sign in: list, first-administrator, add, disable, reset, unlock'),
  {
    shared: [By, Config, Json],
    act,
  },
);
command('status', 'what the running gateway enforces and how it is')
  .option(...Config)
  .option(...Json)
  .action(act(async (options) => (await import('./status.ts')).status(options)));
command('observed', 'how often what the running gateway permits was used, and since when')
  .option(...Config)
  .option(...Json)
  .action(act(async (options) => (await import('./observed.ts')).observed(options)));
addEvidenceCommands(
  command('evidence', 'what the gateway put on record: show, verify, export, witness, bring-back, accept'),
  { shared: [Json], act },
  [By, Config],
);
addGrantCommands(command, { shared: [By, Config, Json], act });
addBackupCommands(command, { shared: [By, Config, Json], act });
command('connect', "a vendor's end of a session granted over TLS: a local port that leads to its target")
  .requiredOption(
    '--credentials <file>',
    'certificate, key and authority of the session, as its page gives them',
  )
  .requiredOption('--to <place>', 'the box, HOST:PORT')
  .option('--listen <place>', 'local port that your tool connects to', '127.0.0.1:1502')
  .option('--target <name>', 'which target, ASSET-PORT.penstock; the first of the session if not given')
  .action(act(async (options) => (await import('./connect.ts')).connect(options)));
command('update [archive]', 'another release of the gateway: signed, tried, and kept only if it enforces')
  .option('--dry-run', 'only say whether it could run here')
  .option('--back', 'to the release that was kept before the one that runs')
  .option('--within <time>', 'how long it has to show that it enforces, 120s if not given')
  .option('--note', 'only put on record that the box returned by itself; its unit calls this')
  .option(...By)
  .option(...Config)
  .action(
    act(async (archive: string | undefined, options) =>
      (await import('./update.ts')).update(archive, options),
    ),
  );
command('doctor', 'what this box can and cannot enforce, and why')
  .option('--config <file>', 'also look at what this gateway.yaml needs')
  .option(...Json)
  .action(act(async (options) => (await import('./doctor.ts')).doctor(options)));

// Whoever reads only the first lines has what they wanted.
process.stdout.on('error', () => process.exit());
process.on('uncaughtException', (cause) => process.exit(explainFailure(cause)));

try {
  await program.exitOverride().parseAsync();
} catch (cause) {
  // commander has said what is wrong with the words already
  process.exitCode = cause instanceof CommanderError ? usageStatus(cause) : explainFailure(cause);
}

function command(usage: string, description: string): Command {
  return program.command(usage).description(description).exitOverride();
}

/** `check <model>`: that a command has options is no news. */
function withArguments(one: Command): string {
  return [one.name(), ...one.registeredArguments.map(nameArgument)].join(' ');
}

function nameArgument(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

/** Runs a command and keeps its exit status; commander itself comes last among the arguments. */
function act<A extends unknown[]>(run: (...args: A) => Promise<number>): (...args: A) => Promise<void> {
  return async (...args) => {
    process.exitCode = await run(...args).catch(explainFailure);
  };
}

/** An option that may be given several times. */
function append(one: string, others: readonly string[] = []): readonly string[] {
  return [...others, one];
}

function usageStatus(error: CommanderError): number {
  return error.exitCode === 0 ? ExitStatus.good : ExitStatus.usage;
}
