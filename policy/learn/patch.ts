import type { ZoneModel } from '../model/zone-model.ts';
import { evidenceText } from './evidence.ts';
import { groupBy } from './group-by.ts';
import type { Insertion, ModelText } from './model-text.ts';
import { type ProposedPermission, permissionNote, permissionText } from './permissions.ts';
import type { FlowProposal, LearnOptions, PermissionProposal, Proposal } from './propose.ts';

/** The lines that say the proposals, or why they cannot be put in. */
export type Patch =
  | { readonly ok: true; readonly insertions: readonly Insertion[] }
  | { readonly ok: false; readonly problem: string };

/** Lines for all of these proposals together: only added ones, and none that is there is touched. */
export function patchOf(
  text: ModelText,
  model: ZoneModel,
  proposals: readonly Proposal[],
  options: LearnOptions,
): Patch {
  const insertions: Insertion[] = [];
  const names = createNames(model);
  const flows = proposals
    .filter((one) => one.kind === 'flow')
    .map((flow) => ({ flow, profile: names.profile(flow) }));
  let problem = '';

  /** Puts lines to the end of what is there; `lines` are indented against its entries. */
  function add(path: readonly string[], lines: readonly string[]): void {
    const spot = text.endOf(path);
    if (typeof spot === 'string') problem ||= spot;
    else insertions.push({ after: spot.after, lines: lines.map((line) => spot.indent + line) });
  }

  const permissions = proposals.filter((one) => one.kind === 'permission');
  for (const group of groupBy(permissions, ({ profile }) => profile.name)) {
    add(['modbus_profiles', group[0].profile.name, 'allow'], group.flatMap(permissionLines));
  }
  const profiles = flows.flatMap(({ flow, profile }) => profileLines(flow, profile));
  const hasProfiles = text.has(['modbus_profiles']);
  if (profiles.length > 0 && hasProfiles) add(['modbus_profiles'], profiles);
  for (const group of groupBy(flows, ({ flow }) => flow.conduit?.id ?? '')) {
    const { conduit } = group[0].flow;
    if (conduit === undefined) continue;
    const lines = group.flatMap(({ flow, profile }) =>
      flowLines(flow, names.flow(conduit.id), profile, options),
    );
    add(['conduits', conduit.id, 'flows'], lines);
  }
  const homeless = flows.filter(({ flow }) => flow.conduit === undefined);
  for (const group of groupBy(homeless, ({ flow }) => `${flow.client.zone.id} ${flow.server.zone.id}`)) {
    const id = names.conduit();
    const lines = group.flatMap(({ flow, profile }) => flowLines(flow, names.flow(id), profile, options));
    add(['conduits'], conduitLines(id, group[0].flow, lines));
  }
  // Last of all: what else goes to the end of the text belongs to the part that stands there.
  if (profiles.length > 0 && !hasProfiles)
    add([], ['', 'modbus_profiles:', ...profiles.map((line) => `  ${line}`)]);
  return problem === '' ? { ok: true, insertions: joinSame(insertions) } : { ok: false, problem };
}

function permissionLines({ permission }: PermissionProposal): readonly string[] {
  return [`# Proposed: ${permissionNote(permission)}.`, `- ${permissionText(permission)}`];
}

function profileLines({ client, server, profile }: FlowProposal, name: string): readonly string[] {
  if (profile === undefined) return [];
  const { permissions, perSecond } = profile;
  const limit = Math.min(MostPerSecond, Math.max(LeastPerSecond, 2 * perSecond));
  return [
    `# Proposed: what ${client.name} was seen to ask of ${server.name}, and twice its pace.`,
    `${name}:`,
    '  allow:',
    ...permissions.flatMap((one: ProposedPermission) => [
      `    # ${permissionNote(one)}.`,
      `    - ${permissionText(one)}`,
    ]),
    `  limits: {adu_per_second: ${limit}}`,
  ];
}

function flowLines(
  { client, server, protocol, port, evidence }: FlowProposal,
  id: string,
  profile: string,
  { ticket }: LearnOptions,
): readonly string[] {
  const parts = [`src: ${client.name}`, `dst: ${server.name}`, `proto: ${protocol}`];
  if (port !== 0) parts.push(`port: ${port}`);
  if (profile !== '') parts.push(`modbus: ${profile}`);
  if (ticket !== '') parts.push(`ticket: ${JSON.stringify(ticket)}`);
  const what = profile !== '' ? 'request' : protocol === 'tcp' ? 'connection' : 'packet';
  return [`# Proposed: ${evidenceText(evidence, what)}.`, `${id}: {${parts.join(', ')}}`];
}

/** Its level is the higher of both zones; why that is right, and what the conduit is for, only a person can say. */
function conduitLines(
  id: string,
  { client, server }: FlowProposal,
  flows: readonly string[],
): readonly string[] {
  const [from, to] = [client.zone, server.zone];
  const level = Math.max(from.slT.level, to.slT.level);
  return [
    '# Proposed: say why its level is right and what it is for before it is applied.',
    `${id}:`,
    `  name: Traffic seen from ${from.id} to ${to.id}`,
    `  from: ${from.id}`,
    `  to: ${to.id}`,
    `  sl_t: {level: ${level}, rationale: "Higher of both zones; to be confirmed"}`,
    `  purpose: "To be stated: ${client.name} was seen to talk to ${server.name}"`,
    '  flows:',
    ...flows.map((line) => `    ${line}`),
  ];
}

/** Names that nothing in the model has yet. */
function createNames(model: ZoneModel) {
  const profiles = new Set(model.profiles.map(({ name }) => name));
  const conduits = new Set(model.conduits.map(({ id }) => id));
  const flows = new Set(model.flows.map(({ id }) => id));
  const first = (known: Set<string>, nameOf: (number: number) => string): string => {
    let number = 1;
    while (known.has(nameOf(number))) number++;
    known.add(nameOf(number));
    return nameOf(number);
  };
  const two = (number: number): string => String(number).padStart(2, '0');
  return {
    profile: ({ client, server, profile }: FlowProposal): string => {
      if (profile === undefined) return '';
      const base = `${client.name}-to-${server.name}`.slice(0, LongestName);
      return first(profiles, (number) => (number === 1 ? base : `${base}-${number}`));
    },
    conduit: (): string => first(conduits, (number) => `L-${two(number)}`),
    flow: (conduit: string): string =>
      first(flows, (number) => `${conduit}/F-${two(number)}`).slice(conduit.length + 1),
  };
}

/** What goes to one place stays in one piece, in order. */
function joinSame(insertions: readonly Insertion[]): readonly Insertion[] {
  return groupBy(insertions, ({ after }) => String(after)).map((group) => ({
    after: group[0].after,
    lines: group.flatMap(({ lines }) => lines),
  }));
}

/** A name has 63 characters, and a number may follow. */
const LongestName = 58;
const LeastPerSecond = 10;
const MostPerSecond = 100_000;
