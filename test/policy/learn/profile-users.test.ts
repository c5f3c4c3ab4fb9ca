import { expect, test } from 'vitest';
import { profileUsers, whyNotProfile } from '../../../policy/learn/profile-users.ts';
import { plant } from '../prove/plants.ts';

test.for([
  ['one client and one server', 'src: a-1, dst: b-1', undefined],
  ['two clients', 'src: [a-1, a-2], dst: b-1', /a-1 → b-1, a-2 → b-1: what is added/],
  ['a whole zone', 'src: a, dst: b-1', /each of zone a → b-1: what is added/],
] as const)('what one client was seen to ask goes into a profile of %s', ([, ends, why]) => {
  const model = plant(
    ['a', 'b'],
    `zones:
  a: {kind: control, networks: [10.1.0.0/24], sl_t: {level: 2, rationale: r}, assets: {a-1: {ip: 10.1.0.5, criticality: low}, a-2: {ip: 10.1.0.6, criticality: low}}}
  b: {kind: control, networks: [10.2.0.0/24], sl_t: {level: 2, rationale: r}, assets: {b-1: {ip: 10.2.0.5, criticality: low}}}
modbus_profiles:
  p: {allow: [{fc: [3], units: [1], address: 0-9}]}
conduits:
  C-1: {from: a, to: b, sl_t: {level: 2, rationale: r}, purpose: p, ticket: t, flows: {F-1: {${ends}, proto: tcp, port: 502, modbus: p}}}`,
  );
  const [profile] = model.profiles;
  const found = profile && whyNotProfile(profile, profileUsers(model, profile));
  if (why === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(why);
});
