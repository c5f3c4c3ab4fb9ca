import type { Check } from '../check.ts';
import { isController } from './asset-types.ts';

/** The zone's target is for the least of what its assets need. */
export const zoneBelowNeed: Check = {
  code: 'Z-112',
  severity: 'warning',
  clause: '62443-3-2 ZCR 5.6',
  title: "No asset needs more than its zone's target.",
  run: ({ assets }) =>
    assets.flatMap(({ name, zone, slNeeded, at }) =>
      slNeeded === undefined || slNeeded <= zone.slT.level
        ? []
        : [
            {
              at,
              about: name,
              message: `${name} needs SL ${slNeeded}, but the target of ${zone.id} is ${zone.slT.level}.`,
              hint: 'Raise `sl_t` of the zone, or move the asset to one that has it.',
            },
          ],
    ),
};

/** Without it nobody can say what the zone achieves. */
export const capabilityUnknown: Check = {
  code: 'Z-113',
  severity: 'warning',
  clause: '62443-3-2 ZCR 5.8',
  title: 'SL-C of every asset of high criticality is known.',
  run: ({ assets }) =>
    assets
      .filter(
        ({ criticality, slC, decommissioned }) =>
          (criticality === 'high' || criticality === 'critical') &&
          slC === undefined &&
          decommissioned === undefined,
      )
      .map(({ name, criticality, at }) => ({
        at,
        about: name,
        message: `What ${name} is capable of is not known, and its criticality is ${criticality}.`,
        hint: 'Add `sl_c: {level: …}` from its certificate or your own assessment; 0 where there is none.',
      })),
};

export const capabilityBelowTarget: Check = {
  code: 'Z-114',
  severity: 'warning',
  clause: '62443-3-2 ZCR 5.8',
  title: 'What falls short of its target has something in its place.',
  run: ({ assets }) =>
    assets.flatMap(({ name, zone, slC, compensating, at }) =>
      slC === undefined || slC.level >= zone.slT.level || compensating !== ''
        ? []
        : [
            {
              at,
              about: name,
              message: `${name} is capable of SL ${slC.level}, ${zone.id} asks for ${zone.slT.level}, and nothing compensates.`,
              hint: 'Add `compensating:` with what stands in, such as the rules of its conduit.',
            },
          ],
    ),
};

/** Whether a flaw concerns it is a question of its version. */
export const firmwareUnknown: Check = {
  code: 'Z-116',
  severity: 'warning',
  clause: '62443-3-3 SR 7.8',
  title: 'The firmware of every controller is known.',
  run: ({ assets }) =>
    assets
      .filter(
        ({ type, firmware, decommissioned }) =>
          isController(type) && firmware === '' && decommissioned === undefined,
      )
      .map(({ name, type, at }) => ({
        at,
        about: name,
        message: `${name} is of type ${type}, and nobody has written down its firmware.`,
        hint: 'Add `firmware:` as its own page or label shows it.',
      })),
};

export const assetWithoutType: Check = {
  code: 'Z-123',
  severity: 'info',
  clause: '62443-3-3 SR 7.8',
  title: 'Every asset says what it is.',
  run: ({ assets }) =>
    assets
      .filter(({ type }) => type === '')
      .map(({ name, at }) => ({
        at,
        about: name,
        message: `${name} does not say what it is.`,
        hint: 'Add `type:`, such as plc, hmi, scada, historian, engineering, switch.',
      })),
};
