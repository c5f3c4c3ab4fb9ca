import { createHash } from 'node:crypto';
import { Compile } from 'typebox/compile';
import type { Finding } from '../../../policy/finding.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import type { LiveStatus, ReportFacts } from '../../../policy/report/facts.ts';
import { invariantOutcomes, testOutcomes } from '../../../policy/report/outcomes.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import type { Observation } from '../../../rules/observation.ts';
import { readConfig } from '../../config.ts';
import { ObservationBody, StatusBody } from '../../ipc/snapshot.ts';
import { controlSocket } from '../../run/processes.ts';
import { readObservationFile } from '../check/observation-file.ts';
import { checkModel } from '../check.ts';
import { askEngine, explainNoAnswer } from '../engine-client.ts';
import { readNamedFile, UsageError } from '../output.ts';

export interface Sources {
  /** What `penstock status --json` and `penstock observed --json` printed, one file for each gateway. */
  readonly status: readonly string[];
  readonly observed: readonly string[];
  /** A gateway to be asked, by its configuration. */
  readonly config: string | undefined;
  readonly at: number;
}

/** The model and what its report rests on; findings alone where the file does not read. */
export type Gathered =
  | { readonly ok: true; readonly model: ZoneModel; readonly facts: ReportFacts }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Judges the model, reads the files named and asks the gateway. @throws UsageError, GatewayError */
export async function gather(file: string, { status, observed, config, at }: Sources): Promise<Gathered> {
  const live = config === undefined ? Nothing : await ask(config);
  const observations = [...observed.map(readObservationFile), ...live.observations];
  const { model, findings, waived, policies } = checkModel(file, {
    now: at,
    observed: observations,
    notBefore: 'as-stated',
  });
  if (model === undefined) return { ok: false, findings };
  const facts: ReportFacts = {
    at,
    modelDigest: digestOf(readNamedFile(file)),
    compiled: policies.map((policy) => ({
      gateway: policy.gateway,
      version: policy.version,
      digest: digestOf(encodePolicy(policy)),
      flows: policy.flows,
    })),
    findings,
    waived,
    tests: testOutcomes(model, policies, at),
    invariants: invariantOutcomes(model, at),
    observations,
    statuses: [...status.map(readStatusFile), ...live.statuses],
  };
  return { ok: true, model, facts };
}

interface Live {
  readonly statuses: readonly LiveStatus[];
  readonly observations: readonly Observation[];
}

const Nothing: Live = { statuses: [], observations: [] };

/** One that is there and will not say is no reason not to report: the report then claims less. @throws GatewayError when it is not there */
async function ask(config: string): Promise<Live> {
  const socket = controlSocket(readConfig(config));
  const status = await askEngine(socket, { kind: 'ask', id: 1, what: 'status' }, StatusBody);
  const observation = await askEngine(socket, { kind: 'ask', id: 1, what: 'observation' }, ObservationBody);
  if (!status.ok) explainNoAnswer(status);
  if (!observation.ok) explainNoAnswer(observation);
  return {
    statuses: status.ok ? [status.body] : [],
    observations: observation.ok ? [observation.body] : [],
  };
}

function readStatusFile(path: string): LiveStatus {
  const content = parse(readNamedFile(path).toString('utf8'));
  if (statusForm.Check(content)) return content;
  throw new UsageError(
    `${path} is not the status of a gateway.`,
    'Name a file that penstock status --json of this release wrote.',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const statusForm = Compile(StatusBody);

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
