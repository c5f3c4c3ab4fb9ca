import type { ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { Diagnostics, opaqueFunction, permissionsOf, profileNameOf } from './terms.ts';

/** What the gateway cannot read it can at least keep short. */
export const opaqueWithoutSize: Check = {
  code: 'M-306',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'What cannot be read has a size limit.',
  run: (model) =>
    permissionsOf(model).flatMap((permission) => {
      const opaque = opaqueFunction(permission);
      if (opaque === undefined || permission.maxBytes > 0) return [];
      return [
        {
          at: permission.at,
          about: profileNameOf(permission),
          message: `${opaque} is permitted without \`max_bytes\`, so no request with it is: its data means nothing to the gateway.`,
          hint: 'Add the largest ADU it needs, for example `max_bytes: 260`.',
        },
      ];
    }),
};

export const longAduNotTolerated: Check = {
  code: 'M-307',
  severity: 'warning',
  clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
  title: 'ADUs above 260 bytes are tolerated where they are permitted.',
  run: ({ flows }) => {
    const flowOf = new Map(
      flows
        .filter(({ conduit }) => !conduit.tolerances.includes('long-adu'))
        .flatMap((flow) => (flow.profile?.permissions ?? []).map((permission) => [permission, flow] as const))
        .reverse(),
    );
    return [...flowOf]
      .filter(([{ maxBytes }]) => maxBytes > MaxAduBytes)
      .map(([{ at, maxBytes }, { id, conduit }]) => ({
        at,
        about: id,
        message: `${id} may use ADUs of ${maxBytes} bytes, but its conduit takes none above ${MaxAduBytes}.`,
        hint: `Add \`tolerate: [long-adu]\` to ${conduit.id}, or lower \`max_bytes\`.`,
      }));
  },
};

/** A permission for all of function code 8 would be one to silence the device. */
export const disturbingDiagnostics: Check = {
  code: 'M-309',
  severity: 'warning',
  clause: 'MAP V1.1b3 §6.8.1',
  title: 'No diagnostic that disturbs a device is permitted.',
  run: (model: ZoneModel) =>
    permissionsOf(model)
      .filter(({ functions }) => functions.includes(Diagnostics))
      .flatMap((permission) =>
        permission.subFunctions.flatMap((sub) => {
          const effect = Disturbing[sub];
          if (effect === undefined) return [];
          return [
            {
              at: permission.at,
              about: profileNameOf(permission),
              message: `Sub-function ${sub} of function code 8 ${effect}.`,
              hint: 'Remove it, unless just that is meant.',
            },
          ];
        }),
      ),
};

const MaxAduBytes = 260;

const Disturbing: Readonly<Record<number, string>> = {
  1: "restarts the device's communication and may clear its event log",
  3: 'changes the character that ends its ASCII messages, so that its other clients lose it',
  4: 'silences the device for every client until it is restarted',
  10: 'clears its counters and its diagnostic register',
  20: 'clears its overrun counter and flag',
};
