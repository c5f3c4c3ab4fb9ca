import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HardwareError } from '../../hardware/errors.ts';
import { admitRelease } from '../../hardware/release/admission.ts';
import { isArchitecture } from '../../hardware/release/architecture.ts';
import {
  freeBytes,
  HomeDirectory,
  readRelease,
  removeOthers,
  versionOf,
} from '../../hardware/release/home.ts';
import { lockReleases } from '../../hardware/release/lock.ts';
import { compareTree, decodeManifest, ManifestFile, sha256OfFile } from '../../hardware/release/manifest.ts';
import { rehearse } from '../../hardware/release/rehearsal.ts';
import { askHealth, boxSystem, isEnforcing } from '../../hardware/release/system.ts';
import { type TrialStep, tryRelease } from '../../hardware/release/trial.ts';
import { unpackRelease } from '../../hardware/release/unpack.ts';
import { type Config, readConfig } from '../config.ts';
import { ReleaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { controlSocket } from '../run/processes.ts';
import { ExitStatus, UsageError } from './output.ts';
import { requirePerson } from './person.ts';
import { readTimeSpan } from './time-span.ts';
import { noteReturn, oneLine, recordSoftware, type SoftwareAct } from './update-acts.ts';

export interface UpdateOptions {
  readonly config: string;
  readonly dryRun?: boolean;
  /** To the release that was kept before the one that runs. */
  readonly back?: boolean;
  /** `120s`, `2min`: how long it has to show that it enforces. */
  readonly within?: string;
  /** Only puts a return on record that happened by itself. */
  readonly note?: boolean;
  readonly by?: string;
}

/** A release that is on the box, checked, and may be tried. */
interface Candidate {
  readonly release: string;
  readonly version: string;
  /** SHA-256 of its manifest. */
  readonly digest: string;
  readonly signer: string;
}

/**
 * `penstock update FILE`: another release of the gateway, signed, tried, and kept only when it enforces what the one
 * before it did; else that one returns by itself. The kernel's table stands throughout (62443-3-3 SR 3.4, SR 7.4).
 * @returns 0 when it is kept, or could be; 1 when it was refused or did not last; the former release runs then
 */
export async function update(archive: string | undefined, options: UpdateOptions): Promise<number> {
  const config = readConfig(options.config);
  if (options.note === true) return noteReturn(HomeDirectory, controlSocket(config));
  if ((archive === undefined) !== (options.back === true)) {
    throw new UsageError('One thing can be updated to.', 'Name the archive of a release, or give --back.');
  }
  const by = requirePerson(options.by);
  const patience = readPatience(options.within);
  const current = readRelease(HomeDirectory, 'current');
  if (current === undefined || process.getuid?.() !== 0) {
    throw new UsageError(
      'Only root may update, and only a box that was installed by hardware/install.sh.',
      'Run it with sudo. A container gets another image instead.',
    );
  }
  try {
    if (!lockReleases(HomeDirectory)) {
      throw new UsageError('Another penstock update runs.', 'Wait until it has ended.');
    }
    if (readRelease(HomeDirectory, 'trial') !== undefined) {
      throw new UsageError(
        'Another release is on trial.',
        'Wait until it is kept, or the former one has returned.',
      );
    }
    return await updateFrom(current, config, {
      archive,
      by,
      dryRun: options.dryRun === true,
      file: options.config,
      patience,
    });
  } catch (cause) {
    if (!(cause instanceof HardwareError)) throw cause;
    console.error(`${cause.code} ${cause.message}\n  ${cause.remedy}`);
    return ExitStatus.system;
  }
}

interface Wish {
  readonly archive: string | undefined;
  readonly by: string;
  readonly dryRun: boolean;
  /** gateway.yaml. */
  readonly file: string;
  readonly patience: number;
}

async function updateFrom(
  current: string,
  config: Config,
  { archive, by, dryRun, file, patience }: Wish,
): Promise<number> {
  const socket = controlSocket(config);
  const from = versionOf(HomeDirectory, current);
  const act = (what: SoftwareAct['what'], to: Partial<Candidate>, why: string): Promise<boolean> => {
    const { version = '', digest = '', signer = '' } = to;
    return recordSoftware(socket, {
      what,
      by,
      from,
      to: version,
      digest,
      signer: oneLine(signer),
      why: oneLine(why),
    });
  };
  const refuse = async (problem: string, to: Partial<Candidate> = {}): Promise<number> => {
    console.error(`${problem}\n  ${from} stays.`);
    if (!dryRun) await act('refused', to, problem);
    removeOthers(HomeDirectory);
    return ExitStatus.refused;
  };

  const before = isEnforcing() ? await askHealth(HomeDirectory, current, file) : undefined;
  if (before?.pending === true)
    return refuse('A policy waits to be confirmed: confirm it, or give it up, first.');
  const found = archive === undefined ? findPrevious() : fetchRelease(archive, from);
  if (typeof found === 'string') return refuse(found);
  const { release, version } = found;
  const problem = rehearse({ home: HomeDirectory, release, version, config: file, bundle: bundleOf(config) });
  if (problem !== '') return refuse(problem, found);
  if (dryRun) {
    console.log(`${version} could run here; nothing was changed, ${from} stays`);
    removeOthers(HomeDirectory);
    return ExitStatus.good;
  }
  if (!(await act('began', found, '')))
    return refuse('It could not be put on record, so it was not begun.', found);

  // A terminal that is closed now ends nothing; what does end this is met by the armed return.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  const system = boxSystem(HomeDirectory, file);
  const report = (step: TrialStep): void => console.log(Steps[step]);
  // Where a gateway ran there is something to watch, whatever the release on trial makes of its units.
  const enforced = isEnforcing();
  const end = await tryRelease(system, {
    home: HomeDirectory,
    release,
    before,
    enforces: () => enforced || isEnforcing(),
    patience,
    report,
  });
  if (!end.kept) {
    console.error(`${end.why}\n  ${from} runs again.`);
    return ExitStatus.refused;
  }
  await act('kept', found, '');
  console.log(`${version} runs; before: ${from}, to which penstock update --back returns`);
  return ExitStatus.good;
}

/** The release of an archive, unpacked beside the others, or why it may not come onto this box. */
function fetchRelease(archive: string, running: string): Candidate | string {
  const { arch } = process;
  if (!isArchitecture(arch)) return `There is no release for ${arch}.`;
  const keys = readTrustedKeys(releaseKeyFiles(ReleaseKeyDirectory));
  if (keys.length === 0) return `${ReleaseKeyDirectory} holds no key that releases are accepted from.`;
  if (!existsSync(archive))
    throw new UsageError(`${archive} does not exist.`, 'Name the archive of a release.');
  removeOthers(HomeDirectory);
  const admitted = admitRelease(archive, { keys, arch, version: running, free: freeBytes(HomeDirectory) });
  if (!admitted.ok) return admitted.problem;
  const { statement, signer } = admitted;
  console.log(`release ${statement.version} for ${arch}, signed by ${signer}`);
  const unpacked = unpackRelease(HomeDirectory, archive, statement);
  if (!unpacked.ok) return unpacked.problem;
  return { release: unpacked.release, version: statement.version, digest: statement.manifest, signer };
}

/** The release kept before the one that runs, as whole as it was made. */
function findPrevious(): Candidate | string {
  const release = readRelease(HomeDirectory, 'previous');
  const version = release === undefined ? '' : versionOf(HomeDirectory, release);
  if (release === undefined || version === '') return 'This box keeps no release from before.';
  const place = join(HomeDirectory, release);
  const path = join(place, ManifestFile);
  // What was installed from a checkout never had a manifest.
  if (!existsSync(path)) return { release, version, digest: '', signer: '' };
  const manifest = decodeManifest(readFileSync(path, 'utf8'));
  if (manifest === undefined) return `The manifest of ${version} cannot be read.`;
  const [difference] = compareTree(place, manifest);
  if (difference !== undefined) return `${version} is not as it was made: ${difference}.`;
  return { release, version, digest: sha256OfFile(path), signer: '' };
}

function readPatience(within: string | undefined): number {
  if (within === undefined) return DefaultPatience;
  const patience = readTimeSpan(within) ?? 0;
  if (patience >= ShortestPatience && patience <= LongestPatience) return patience;
  throw new UsageError(`--within ${within} is no time between 15 s and 150 s.`, 'Write it as 90s or 2min.');
}

function bundleOf({ state, bundle }: Config): string | undefined {
  const confirmed = join(state, 'bundles/confirmed.bundle');
  return existsSync(confirmed) ? confirmed : bundle;
}

/** Milliseconds. A release that enforces steadily shows it in ten seconds, and the armed timer returns after five minutes. */
const DefaultPatience = 120_000;
const ShortestPatience = 15_000;
const LongestPatience = 150_000;

const Steps: Readonly<Record<TrialStep, string>> = {
  arm: 'the former release is set to return by itself',
  mark: 'on trial from here on',
  switch: 'switching',
  settle: 'starting its processes',
  watch: 'looking whether it enforces',
  keep: 'keeping it',
  return: 'returning to the former release',
  clean: 'clearing up',
};
