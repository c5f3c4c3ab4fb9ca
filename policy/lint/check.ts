import type { Observation } from '../../rules/observation.ts';
import type { Place, Severity } from '../finding.ts';
import type { ZoneModel } from '../model/zone-model.ts';

/** One thing looked for in a sound model. */
export interface Check {
  /** Family letter and number, e.g. `Z-108`; several checks may share one. */
  readonly code: string;
  readonly severity: Severity;
  /** The requirement behind it, e.g. `62443-3-2 ZCR 3.3`, or what it protects in this gateway. */
  readonly clause: string;
  /** What a clean model has, as one line. */
  readonly title: string;
  /** Set where it says nothing without it. */
  readonly needs?: 'observation';
  readonly run: (model: ZoneModel, circumstances: Circumstances) => readonly Problem[];
}

export interface Circumstances {
  /** Milliseconds since the Unix epoch: the day the model is judged on. */
  readonly now: number;
  /** What the gateways counted; empty where nobody asked them. */
  readonly observed: readonly Observation[];
}

/** What a check found; code, severity and file are added to make it a finding. */
export interface Problem {
  readonly at: Place;
  /** Name of what it is about, as waivers name it: an asset, a conduit, a flow, the site. */
  readonly about: string;
  readonly message: string;
  readonly hint: string;
}
