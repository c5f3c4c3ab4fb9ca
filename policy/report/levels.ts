import {
  type FoundationalRequirement,
  FoundationalRequirements,
  type Zone,
  type ZoneModel,
} from '../model/zone-model.ts';
import { type Assessment, levelFor } from './requirements/assess.ts';

/** SL-T, SL-C and the evidence towards SL-A of one zone, by foundational requirement. */
export interface LevelGap {
  readonly zone: string;
  readonly target: number;
  /** Whether its SL-T, or the SL-C of one of its assets, differs between requirements. */
  readonly hasVector: boolean;
  /** Assets whose SL-C is stated, of how many. */
  readonly capable: number;
  readonly assets: number;
  readonly rows: readonly LevelRow[];
}

export interface LevelRow {
  readonly fr: FoundationalRequirement;
  readonly target: number;
  /** Lowest SL-C that an asset states; undefined where none does. */
  readonly capability: number | undefined;
  /** Assets with an SL-C below the target. */
  readonly below: readonly string[];
  /** Requirements the target selects, and those that evidence supports: never a level. */
  readonly selected: number;
  readonly supported: readonly string[];
}

/** The gap of one zone. SL-A is a finding of an assessor: there is evidence towards it, or it is not assessed. */
export function levelGap(model: ZoneModel, zone: Zone, assessments: readonly Assessment[]): LevelGap {
  const assets = model.assets.filter((asset) => asset.zone === zone);
  const rated = assets.flatMap(({ name, slC }) => (slC === undefined ? [] : [{ name, slC }]));
  return {
    zone: zone.id,
    target: zone.slT.level,
    hasVector: [zone.slT, ...rated.map(({ slC }) => slC)].some(
      ({ vector }) => Object.keys(vector).length > 0,
    ),
    capable: rated.length,
    assets: assets.length,
    rows: FoundationalRequirements.map((fr) => {
      const target = levelFor(zone.slT, fr);
      const own = assessments.filter(
        (assessment) => assessment.fr === fr && assessment.status !== 'not selected',
      );
      const levels = rated.map(({ slC }) => levelFor(slC, fr));
      return {
        fr,
        target,
        capability: levels.length === 0 ? undefined : Math.min(...levels),
        below: rated.filter(({ slC }) => levelFor(slC, fr) < target).map(({ name }) => name),
        selected: own.length,
        supported: own.filter(({ status }) => status === 'met' || status === 'partly').map(({ sr }) => sr),
      };
    }),
  };
}

/** `supported by evidence of 2 of 4 SR: 5.1, 5.2` or `not assessed`. */
export function achievedText({ selected, supported }: Pick<LevelRow, 'selected' | 'supported'>): string {
  if (supported.length === 0) return 'not assessed';
  return `supported by evidence of ${supported.length} of ${selected} SR: ${supported.join(', ')}`;
}

/** The gap between what is wanted and what the assets are rated for, in words. */
export function gapText({ target, capability, below }: LevelRow, { capable, assets }: LevelGap): string {
  if (assets === 0) return 'no assets';
  const unknown = assets - capable;
  const rest = unknown === 0 ? '' : `; ${unknown} of ${assets} unknown`;
  if (capability === undefined) return target === 0 ? 'none wanted' : `unknown: no asset states an SL-C`;
  return below.length === 0
    ? `none among those stated${rest}`
    : `${below.length > 1 ? 'up to ' : ''}${target - capability} at ${below.join(', ')}${rest}`;
}
