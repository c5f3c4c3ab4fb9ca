/**
 * What the board itself can do wrong. This room imports no other, so it has its own small catalogue; the
 * shape (code, message, remedy) is the gateway's.
 */
const Catalogue = {
  PST_ERR_WATCHDOG_OPEN: {
    sentence: 'The watchdog device cannot be opened.',
    remedy:
      'Stop whatever else holds it (RuntimeWatchdogSec in /etc/systemd/system.conf, a watchdog daemon) ' +
      'and give the device to the group penstock-watchdog; hardware/install.sh does that.',
  },
  PST_ERR_WATCHDOG_WRITE: {
    sentence: 'The watchdog device no longer takes its keep-alive.',
    remedy: 'The box restarts when the device runs out; check the kernel log for the watchdog driver.',
  },
  PST_ERR_REBOOT_HISTORY: {
    sentence: 'The list of reboots the watchdog caused cannot be kept.',
    remedy: 'Give the state directory of penstock-watchdog to its user; until then no reboot is caused.',
  },
  PST_ERR_GPIO: {
    sentence: 'A line of the board cannot be used.',
    remedy:
      'Compare board: in gateway.yaml with what penstock doctor shows, and with hardware/README.md; ' +
      'the chips belong to the group penstock-engine, which hardware/install.sh sees to.',
  },
  PST_ERR_RELEASE_BUILD: {
    sentence: 'The release cannot be built.',
    remedy: 'Mend what the program named here says, and run npm run release again.',
  },
  PST_ERR_UPDATE: {
    sentence: 'The system does not let another release run.',
    remedy:
      'Look with systemctl --failed and journalctl -u penstock-return; the former release returns by itself.',
  },
} as const satisfies Record<string, { readonly sentence: string; readonly remedy: string }>;

/** A code of the catalogue. */
export type HardwareErrorCode = keyof typeof Catalogue;

/** A failure of the board, told for the person who must mend it. */
export class HardwareError extends Error {
  readonly code: HardwareErrorCode;
  readonly remedy: string;

  /** `detail` names the device or file. */
  constructor(code: HardwareErrorCode, detail: string, cause?: unknown) {
    const { sentence, remedy } = Catalogue[code];
    super(`${sentence} ${detail}`, cause === undefined ? {} : { cause });
    this.name = 'HardwareError';
    this.code = code;
    this.remedy = remedy;
  }
}
