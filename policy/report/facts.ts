import type { Observation } from '../../rules/observation.ts';
import type { FlowRule } from '../../rules/policy.ts';
import type { Finding } from '../finding.ts';
import type { WaivedFinding } from '../waiver.ts';

/**
 * What a report rests on beside the model. Everything but `at` may be missing; the report then says so and
 * claims less. Times are milliseconds since the Unix epoch, digests SHA-256 in hexadecimal.
 */
export interface ReportFacts {
  /** The report is written as of this moment. */
  readonly at: number;
  readonly modelDigest: string;
  /** What the model compiles to, for each gateway that has a policy. */
  readonly compiled: readonly CompiledGateway[];
  readonly findings: readonly Finding[];
  /** Findings a waiver of the model covers. */
  readonly waived: readonly WaivedFinding[];
  /** Undefined where nobody ran them. */
  readonly tests: readonly Outcome[] | undefined;
  readonly invariants: readonly Outcome[] | undefined;
  /** What gateways saw, and how they say they are. */
  readonly observations: readonly Observation[];
  readonly statuses: readonly LiveStatus[];
}

export interface CompiledGateway {
  readonly gateway: string;
  readonly version: number;
  /** Digest of the payload of its bundle. */
  readonly digest: string;
  readonly flows: readonly Pick<FlowRule, 'id' | 'gate' | 'auditUntil' | 'source'>[];
}

/** What became of a test or an invariant of the model. */
export interface Outcome {
  /** Name of the test, id of the invariant. */
  readonly name: string;
  readonly line: number;
  readonly ok: boolean;
  /** What was expected and what happens. */
  readonly sentence: string;
}

/** What `penstock status --json` says, as far as a report needs it. */
export interface LiveStatus {
  readonly site: string;
  readonly gateway: string;
  readonly policyVersion: number;
  readonly policyDigest: string;
  readonly activatedAt: number;
  readonly notAfter: number;
  readonly backEnd: string;
  readonly mode: { readonly name: string; readonly since: number };
  readonly startedAt: number;
  /** By the gateway's clock: when it said so. */
  readonly now: number;
  readonly evidence: { readonly records: number; readonly lost: number; readonly failing: string };
  readonly alarms: readonly { readonly code: string; readonly sentence: string }[];
}
