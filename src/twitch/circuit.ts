import { isFault, TwitchError } from './errors.ts';

/** Tries pass while `closed`, none while `open`, exactly one at a time while `half-open`. */
export interface CircuitState {
  circuit: 'closed' | 'open' | 'half-open';
  since: Date;
}

/** A fuse in front of one host. */
export interface Circuit {
  /** Runs a try, or throws `unavailable` without one. `trial` is true for the try that decides about closing. */
  run<T>(path: string, attempt: (trial: boolean) => Promise<T>): Promise<T>;
  /** Whether a try would be turned away now. */
  refuses(): boolean;
  state(): CircuitState;
}

/** Times in milliseconds. */
export interface CircuitSettings {
  now: () => Date;
  /** How many faults in a row open it. */
  faults: number;
  /** The first pause; each failed trial doubles it. */
  firstPauseMs: number;
  longestPauseMs: number;
  onChange: (state: CircuitState['circuit']) => void;
}

/**
 * Opens after faults in a row (5xx, no answer, malformed; an answer that refuses shows a Twitch that works).
 * While a trial runs, all others are turned away at once: waiting for it would pile up callers.
 */
export function createCircuit(settings: CircuitSettings): Circuit {
  let circuit: CircuitState['circuit'] = 'closed';
  let since = settings.now();
  let faults = 0;
  let openings = 0;
  let retryAt = 0;

  return {
    async run(path, attempt) {
      if (refuses()) throw new TwitchError('unavailable', path, { retryAfterS: secondsLeft(), sent: false });
      const trial = circuit === 'open';
      if (trial) become('half-open');
      try {
        const result = await attempt(trial);
        passed(trial);
        return result;
      } catch (error) {
        if (isFault(error)) failed(trial);
        else passed(trial);
        throw error;
      }
    },
    refuses,
    state: () => ({ circuit, since }),
  };

  function refuses(): boolean {
    return circuit === 'half-open' || (circuit === 'open' && settings.now().getTime() < retryAt);
  }

  function secondsLeft(): number {
    return Math.max(1, Math.ceil((retryAt - settings.now().getTime()) / 1000));
  }

  function passed(trial: boolean): void {
    if (trial) {
      openings = 0;
      become('closed');
    }
    faults = 0;
  }

  function failed(trial: boolean): void {
    faults += 1;
    // Tries that began before it opened may still end in faults: they do not lengthen the pause.
    if (trial || (circuit === 'closed' && faults >= settings.faults)) open();
  }

  function open(): void {
    const pause = Math.min(settings.longestPauseMs, settings.firstPauseMs * 2 ** openings);
    openings += 1;
    retryAt = settings.now().getTime() + pause;
    become('open');
  }

  function become(next: CircuitState['circuit']): void {
    circuit = next;
    since = settings.now();
    settings.onChange(next);
  }
}
