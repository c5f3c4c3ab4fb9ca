import { readFileSync } from 'node:fs';
import { GatewayError } from '../errors.ts';

/** A system account as numbers. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The number of a group in `/etc/group`; undefined where there is none of that name. */
export function findGroup(name: string): number | undefined {
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [group, , gid] = line.split(':');
    if (group === name) return Number(gid);
  }
  return undefined;
}

/** The name of a user in `/etc/passwd`; the number as text where there is none. */
export function nameOfUser(uid: number): string {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , number] = line.split(':');
    if (Number(number) === uid && number !== '') return name;
  }
  return String(uid);
}

/** Finds an account by name or number in `/etc/passwd`. @throws GatewayError PST_ERR_CONFIG */
export function findAccount(name: string): Account {
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: Number(name) };
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new GatewayError(
    'PST_ERR_CONFIG',
    `users: there is no account “${name}”; hardware/install.sh makes it.`,
  );
}

/** The name of a group in `/etc/group`; the number as text where there is none. */
export function nameOfGroup(gid: number): string {
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [name = '', , number] = line.split(':');
    if (Number(number) === gid && number !== '' && number !== undefined) return name;
  }
  return String(gid);
}
