import { readSocketAddress, type SocketAddress } from '../config.ts';
import { isLoopback } from '../front/loopback.ts';
import { readCredentials } from './connect/credentials.ts';
import { failureText } from './connect/failure-text.ts';
import { type Box, knock, openTunnel } from './connect/tunnel.ts';
import { ExitStatus, UsageError } from './output.ts';
import { askedToStop } from './stop-signal.ts';

/**
 * `penstock connect`: a vendor's end of a session granted over TLS. What connects to the local port speaks to the
 * target. It ends with Ctrl-C, with the session, or when the box takes no connection any more.
 */
export async function connect(options: {
  readonly credentials: string;
  readonly to: string;
  readonly listen: string;
  readonly target?: string;
}): Promise<number> {
  const stopped = askedToStop();
  const credentials = readCredentials(options.credentials);
  const { grant, until } = credentials;
  const box = readBox(options.to);
  const listen = readLocal(options.listen);
  if (Date.now() >= until) {
    console.error(`${grant} ended at ${clockTime(until)}. A new session has to be asked for.`);
    return ExitStatus.refused;
  }
  const unreachable = await knock(box);
  if (unreachable !== '') {
    console.error(failureText(unreachable, options.to));
    return ExitStatus.refused;
  }
  let over: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const tunnel = await openTunnel({
    box,
    listen,
    credentials,
    target: options.target ?? '',
    onFailure: (code) => {
      console.error(failureText(code, options.to));
      void knock(box).then((gone) => gone === 'ECONNREFUSED' && over());
    },
  });
  const leadsTo = options.target ?? 'the target';
  console.log(
    `${grant}: ${listen.address}:${tunnel.port} is ${leadsTo} until ${clockTime(until)} (${left(until)} left).\nCtrl-C closes the tunnel. The session itself is ended on its page.`,
  );
  const warnings = Warnings.map((before) =>
    at(until - before, () => console.log(`${grant}: ${left(until)} left.`)),
  );
  const timeUp = at(until, over);
  const how = await Promise.race([stopped.then(() => 'stopped'), ended.then(() => 'ended')]);
  for (const timer of [...warnings, timeUp]) clearTimeout(timer);
  tunnel.close();
  if (how === 'stopped') return ExitStatus.good;
  const onTime = Date.now() >= until;
  console.log(
    onTime ? `${grant} has reached its end.` : `${grant} was ended, ${left(until)} before its time.`,
  );
  return onTime ? ExitStatus.good : ExitStatus.refused;
}

function readBox(text: string): Box {
  const [, six, name, port = ''] = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? name;
  if (host === undefined || !(Number(port) > 0 && Number(port) <= 65_535)) {
    throw new UsageError(`“${text}” is not HOST:PORT.`, 'Give --to as the page of the session shows it.');
  }
  return { host, port: Number(port) };
}

/** Behind the port is a device of the plant: it is for this machine and for nobody else in its network. */
function readLocal(text: string): SocketAddress {
  const local = readSocketAddress(text, '--listen');
  if (isLoopback(local.address)) return local;
  throw new UsageError(
    `${local.address} can be reached from other machines.`,
    'Listen on 127.0.0.1: the session is yours and not that of your network.',
  );
}

function at(time: number, act: () => void): NodeJS.Timeout | undefined {
  const wait = time - Date.now();
  return wait > 0 ? setTimeout(act, wait) : undefined;
}

function clockTime(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB', { timeZoneName: 'short' });
}

function left(until: number): string {
  const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Milliseconds before the end at which it says so. */
const Warnings: readonly number[] = [900_000, 300_000, 60_000];
