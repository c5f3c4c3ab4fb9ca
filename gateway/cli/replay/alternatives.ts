import { nearestPermitted } from '../../../rules/modbus/alternative.ts';
import { decide } from '../../../rules/modbus/decide.ts';
import { describeAlternative } from '../../../rules/modbus/describe-alternative.ts';
import type { DeviceState } from '../../../rules/modbus/device-state.ts';
import { parseRequest } from '../../../rules/modbus/parse-request.ts';
import { createRequest } from '../../../rules/modbus/request.ts';
import type { ModbusProfile } from '../../../rules/policy.ts';

/** What would have been permitted instead of the request that was looked at last. */
export interface Alternatives {
  /**
   * Looks at a request before the inspection does: afterwards what is known of the server already counts it
   * as written.
   */
  look(adu: Uint8Array, at: number): void;
  readonly text: string | undefined;
}

export function createAlternatives(profile: ModbusProfile, device: DeviceState): Alternatives {
  const request = createRequest();
  let text: string | undefined;
  return {
    look(adu, at) {
      text = undefined;
      if (parseRequest(adu, 0, adu.length, request) !== 'request') return;
      const verdict = decide(profile, request, device, at);
      if (verdict.kind === 'allow') return;
      const nearest = nearestPermitted(profile, request, verdict, device, at);
      text = nearest && describeAlternative(nearest, request.functionCode);
    },
    get text() {
      return text;
    },
  };
}
