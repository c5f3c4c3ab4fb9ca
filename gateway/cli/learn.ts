import { existsSync } from 'node:fs';
import { type Finding, hasErrors } from '../../policy/finding.ts';
import { judge } from '../../policy/judge.ts';
import { type Lesson, learn } from '../../policy/learn/learn.ts';
import type { LearnOptions as Carefulness } from '../../policy/learn/propose.ts';
import type { Sightings } from '../../policy/learn/sightings.ts';
import { readModel } from '../../policy/model/read-model.ts';
import type { ZoneModel } from '../../policy/model/zone-model.ts';
import { openBytes } from '../capture/bytes-in-file.ts';
import { readConfig } from '../config.ts';
import { GatewayRelease } from '../release.ts';
import { printFindings } from './check.ts';
import { type AddressOf, createAddressOf } from './learn/address-of.ts';
import { gatherCapture } from './learn/gather-capture.ts';
import { gatherEvidence } from './learn/gather-evidence.ts';
import { gatherLive } from './learn/gather-live.ts';
import { describeLesson, lessonJson } from './learn/learn-text.ts';
import { ExitStatus, readNamedFile, UsageError, writeNamedFile } from './output.ts';
import { compileFile } from './policy-source.ts';

export interface LearnOptions {
  readonly gateway?: string;
  /** Evidence directory instead of a capture. */
  readonly evidence?: string;
  /** The evidence of the gateway that runs here, by its `config`. */
  readonly live?: boolean;
  readonly config: string;
  readonly minCount: string;
  readonly margin: string;
  readonly ticket?: string;
  /** New file for the patched model. */
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * `penstock learn MODEL [CAPTURE]`: proposes flows and Modbus permissions for what was seen and is not permitted, as
 * a unified diff on standard output. It only reads: nothing is applied, and the model stays as it is.
 * @returns 1 when the model has errors, so that nothing can be proposed for it
 */
export async function learnFrom(
  file: string,
  capture: string | undefined,
  options: LearnOptions,
): Promise<number> {
  const careful = readCarefulness(options);
  const { out } = options;
  if (out !== undefined && existsSync(out))
    throw new UsageError(`${out} exists already.`, 'Name a new file: learn never writes over one.');
  const text = readNamedFile(file).toString('utf8');
  const read = readModel(text, file);
  const now = Date.now();
  const check = (one: string): readonly Finding[] => checkText(one, file, now);
  const findings = check(text);
  if (!read.ok || hasErrors(findings)) {
    printFindings(findings, options.json === true);
    return ExitStatus.refused;
  }
  const sightings = await gather(read.model, capture, options);
  const lesson = learn({ model: read.model, text, check }, sightings, careful);
  print(lesson, options.json === true);
  if (out !== undefined) writeNamedFile(out, lesson.patched);
  return ExitStatus.good;
}

/** @throws UsageError where there is not exactly one thing to learn from */
async function gather(
  model: ZoneModel,
  capture: string | undefined,
  { evidence, live = false, config, gateway }: LearnOptions,
): Promise<Sightings> {
  if (live && capture === undefined && evidence === undefined)
    return gatherLive(readConfig(config), createAddressOf(model));
  if (!live && capture === undefined && evidence !== undefined)
    return gatherRecords(evidence, createAddressOf(model));
  if (!live && capture !== undefined && evidence === undefined)
    return gatherPackets(model.file, capture, gateway);
  throw new UsageError('Exactly one thing is learned from at a time.', NameOne);
}

function gatherPackets(file: string, capture: string, gateway: string | undefined): Sightings {
  const compiled = compileFile(file, { gateway, notBefore: 'unimportant', now: Date.now() });
  if (!compiled.ok) throw new UsageError(`${file} cannot be compiled.`, 'Run penstock check first.');
  const source = openCapture(capture);
  try {
    const { sightings, packets, flaws } = gatherCapture(compiled.policy, source);
    for (const flaw of flaws) console.error(`${capture}: ${flaw}`);
    if (packets === 0) throw new UsageError(`${capture} holds no packet that can be read.`, NameOne);
    return sightings;
  } finally {
    source.close();
  }
}

async function gatherRecords(directory: string, addressOf: AddressOf): Promise<Sightings> {
  try {
    return await gatherEvidence(directory, addressOf);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new UsageError(`${directory} holds no evidence that can be read.`, NameOne);
  }
}

function openCapture(path: string): ReturnType<typeof openBytes> {
  try {
    return openBytes(path);
  } catch {
    throw new UsageError(`${path} cannot be read.`, NameOne);
  }
}

function readCarefulness({ minCount, margin, ticket = '' }: LearnOptions): Carefulness {
  return {
    minCount: readCount('--min-count', minCount, 1, 1_000_000),
    margin: readCount('--margin', margin, 0, 100),
    ticket,
  };
}

function readCount(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${option} ${text} is not possible.`, `Give a whole number from ${least} to ${most}.`);
}

/** The patch alone to standard output, so that it can be piped; what is said about it to standard error. */
function print(lesson: Lesson, json: boolean): void {
  if (json) return console.log(lessonJson(lesson));
  console.error(describeLesson(lesson));
  if (lesson.diff !== '') console.log(lesson.diff);
}

const NameOne =
  'Name a pcap or pcapng file, or --evidence with a directory, or --live for the gateway of --config.';

/** All that `penstock check` says of a text. */
function checkText(text: string, file: string, now: number): readonly Finding[] {
  const read = readModel(text, file);
  if (!read.ok) return read.findings;
  const { reviewed, approvedBy } = read.model.metadata;
  const judgement = judge(read.model, {
    now,
    observed: [],
    notBefore: reviewed ?? approvedBy?.date ?? now,
    modelDigest: new Uint8Array(32),
    compiler: `penstock ${GatewayRelease}`,
  });
  return [...read.findings, ...judgement.findings];
}
