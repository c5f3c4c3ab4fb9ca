/**
 * One attempt, whole: replayed without the generator that made it. As text it is a line per step, so that a
 * person can read, shorten and keep it; what follows `#` is a comment.
 */
export interface FuzzCase {
  /** A name of `policies`. */
  readonly policy: string;
  readonly steps: readonly Step[];
}

/** `on` is one of two connections to the same device. */
export type Step =
  | { readonly do: 'client'; readonly on: number; readonly bytes: Uint8Array }
  /** The server answers one of the requests it has, as it should. */
  | { readonly do: 'honest'; readonly on: number; readonly which: number }
  /** The server says something else, under the identifier of one of the requests it has, or as it stands (-1). */
  | { readonly do: 'server'; readonly on: number; readonly which: number; readonly bytes: Uint8Array }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'policy'; readonly name: string };

export function writeCase({ policy, steps }: FuzzCase): string {
  return `${[`policy ${policy}`, ...steps.map(writeStep)].join('\n')}\n`;
}

function writeStep(step: Step): string {
  switch (step.do) {
    case 'client':
      return `client ${step.on} ${hex(step.bytes)}`;
    case 'honest':
      return `honest ${step.on} ${step.which}`;
    case 'server':
      return `server ${step.on} ${step.which} ${hex(step.bytes)}`;
    case 'wait':
      return `wait ${step.milliseconds}`;
    case 'policy':
      return `policy ${step.name}`;
  }
}

/** Throws where the text is no case. */
export function readCase(text: string): FuzzCase {
  const steps = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map(readStep);
  const [first, ...rest] = steps;
  if (first?.do !== 'policy') throw new Error('a case begins with its policy');
  return { policy: first.name, steps: rest };
}

function readStep(line: string): Step {
  const [verb = '', first = '', second = '', third = ''] = line.split(/ +/);
  switch (verb) {
    case 'client':
      return { do: verb, on: Number(first), bytes: bytesOf(second) };
    case 'honest':
      return { do: verb, on: Number(first), which: Number(second) };
    case 'server':
      return { do: verb, on: Number(first), which: Number(second), bytes: bytesOf(third) };
    case 'wait':
      return { do: verb, milliseconds: Number(first) };
    case 'policy':
      return { do: verb, name: first };
    default:
      throw new Error(`no step: ${line}`);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
