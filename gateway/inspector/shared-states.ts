/** What is known about one thing, shared by all connections it concerns and kept when the policy changes. */
export interface SharedStates<State extends object> {
  /**
   * The one of this name, made anew where there is none or where it does not fit any more: what was known in
   * other terms stays forgotten, also when those come back, since nobody kept it up meanwhile.
   */
  readonly of: (name: string, make: () => State, fits?: (state: State) => boolean) => State;
}

/**
 * Nothing known. At most `limit` states are kept, the longest unused forgotten first: a flow towards a
 * whole zone must not let a client fill the memory by walking through its addresses. The state of an open
 * connection is never forgotten, or a second connection would find steps, intervals and rates unguarded.
 */
export function createSharedStates<State extends object>(limit: number = StateLimit): SharedStates<State> {
  const states = new Map<string, State>();
  /** Pushed out of the list; there as long as a connection still holds it. */
  const held = new Map<string, WeakRef<State>>();
  /** The last in the list, where many connections in a row are to one server: for them it stays as it is. */
  let newest: string | undefined;
  return {
    of: (name, make, fits = () => true) => {
      const known = states.get(name) ?? held.get(name)?.deref();
      if (name === newest && known !== undefined && fits(known)) return known;
      const state = known !== undefined && fits(known) ? known : make();
      newest = name;
      states.delete(name);
      states.set(name, state);
      held.delete(name);
      const [oldest] = states;
      if (states.size > limit && oldest !== undefined) {
        states.delete(oldest[0]);
        held.set(oldest[0], new WeakRef(oldest[1]));
        if (held.size > limit) sweep();
      }
      return state;
    },
  };

  function sweep(): void {
    for (const [name, state] of held) if (state.deref() === undefined) held.delete(name);
  }
}

const StateLimit = 4096;
