import type { Severity } from '../../finding.ts';
import type { Flow, Zone } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import {
  ClearTextAdministration,
  DomainServices,
  Engineering,
  NamesAndTime,
  opens,
  PersonToPerson,
  RemoteControl,
  type WellKnownPort,
} from '../well-known-ports.ts';

/** Passwords in clear text are the attacker's after one look at the wire. */
export const clearTextAdministration = serviceCheck({
  code: 'C-213',
  severity: 'warning',
  clause: '62443-3-3 SR 4.1',
  title: 'Nothing is administered in clear text.',
  known: ClearTextAdministration,
  concerns: () => true,
  effect: 'has passwords that anybody on the wire can read',
  hint: 'Use SSH, SFTP, HTTPS or SNMP version 3.',
});

/** Mail is how most attacks come in. */
export const messagesIntoControl = serviceCheck({
  code: 'C-214',
  severity: 'error',
  clause: '62443-3-3 SR 5.3',
  title: 'No messages from person to person reach control.',
  known: PersonToPerson,
  concerns: ({ conduit }) => isControl(conduit.to),
  effect: 'brings messages from people into the plant',
  hint: 'Remove it; who works there reads mail on another machine.',
});

/** From SL 3 on, none in either direction (SR 5.3 RE1). */
export const messagesOutOfControl = serviceCheck({
  code: 'C-214',
  severity: 'warning',
  clause: '62443-3-3 SR 5.3 RE1',
  title: 'No messages from person to person leave a zone of SL-T 3 or above.',
  known: PersonToPerson,
  concerns: ({ conduit: { from, to } }) => isControl(from) && from.slT.level >= 3 && !isControl(to),
  effect: 'carries messages of people out of the plant',
  hint: 'Send alarms through a relay in the DMZ that makes them itself.',
});

/** Who takes the office domain takes the plant with it. */
export const domainIntoControl = serviceCheck({
  code: 'C-215',
  severity: 'warning',
  clause: '62443-3-3 SR 5.4',
  title: 'Services of the office domain do not reach into control.',
  known: DomainServices,
  concerns: ({ conduit: { from, to } }) =>
    (isControl(to) && !isControl(from)) || (isControl(from) && !isControl(to)),
  effect: 'ties the plant to the domain of the office',
  hint: 'Give the plant a directory of its own, or a read-only one in the DMZ.',
});

/** A name server outside can say where everything is; its answers are not authentic. */
export const namesFromOutside = serviceCheck({
  code: 'C-217',
  severity: 'warning',
  clause: '62443-3-3 SR 2.11 RE2',
  title: 'Names and time come from a relay in the DMZ.',
  known: NamesAndTime,
  concerns: ({ conduit: { from, to } }) =>
    isControl(from) && (to.kind === 'enterprise' || to.kind === 'external'),
  effect: 'makes control depend on what answers outside',
  hint: 'Put a relay into the DMZ and let control ask that.',
});

/** A door for programming that is always open is one for reprogramming. */
export const engineeringAlwaysOpen = serviceCheck({
  code: 'C-220',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'Protocols that program controllers open for a while only.',
  known: Engineering,
  concerns: (flow) => isControl(flow.conduit.to) && isAlwaysOpen(flow),
  effect: 'can reprogram controllers, at all times',
  hint: 'Make the conduit `temporary:`, give it hours, or say `requires: session`.',
});

/** Somebody else's screen and keyboard inside the plant. */
export const remoteControlAlwaysOpen = serviceCheck({
  code: 'C-230',
  severity: 'warning',
  clause: '62443-3-3 SR 1.13',
  title: 'Remote control into the plant needs a session.',
  known: RemoteControl,
  concerns: (flow) => isControl(flow.conduit.to) && !isControl(flow.conduit.from) && isAlwaysOpen(flow),
  effect: 'is remote control of the plant from outside it, at all times',
  hint: 'Say `requires: session`, so that somebody approves each one.',
});

interface ServiceCheck {
  readonly code: string;
  readonly severity: Severity;
  readonly clause: string;
  readonly title: string;
  readonly known: readonly WellKnownPort[];
  readonly concerns: (flow: Flow) => boolean;
  /** Completes "C-01/F-02 opens tcp 23 into process: Telnet …". */
  readonly effect: string;
  readonly hint: string;
}

function serviceCheck({ known, concerns, effect, hint, ...check }: ServiceCheck): Check {
  return {
    ...check,
    run: ({ flows }) =>
      flows.flatMap((flow) => {
        const service = concerns(flow) ? opens(flow, known) : undefined;
        if (service === undefined) return [];
        const { protocol, port, name } = service;
        return [
          {
            at: flow.at,
            about: flow.id,
            message: `${flow.id} opens ${protocol} ${port} into ${flow.conduit.to.id}: ${name} ${effect}.`,
            hint,
          },
        ];
      }),
  };
}

function isControl({ kind }: Zone): boolean {
  return kind === 'control' || kind === 'safety';
}

function isAlwaysOpen({ conduit, requiresSession }: Flow): boolean {
  return conduit.temporary === undefined && conduit.schedule === undefined && !requiresSession;
}
