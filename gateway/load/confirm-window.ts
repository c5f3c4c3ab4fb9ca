/** The time a new policy has to be confirmed in. It runs on the monotonic clock: no set clock makes it longer. */
export interface ConfirmWindow {
  /** Opens it for so many milliseconds; `onTimeOut` is called once unless it is closed before. */
  readonly open: (span: number, onTimeOut: () => void) => void;
  readonly close: () => void;
  /** Milliseconds left; 0 when it is not open. */
  readonly left: () => number;
}

export function createConfirmWindow(monotonic: () => number): ConfirmWindow {
  let timer: NodeJS.Timeout | undefined;
  let end = 0;

  return {
    open: (span, onTimeOut) => {
      clearTimeout(timer);
      end = monotonic() + span;
      timer = setTimeout(() => {
        timer = undefined;
        onTimeOut();
      }, span);
    },
    close: () => {
      clearTimeout(timer);
      timer = undefined;
    },
    left: () => (timer === undefined ? 0 : Math.max(0, end - monotonic())),
  };
}
