/** What knows where on a roll it stands; the roll alone writes it. */
export interface Enrolled {
  place: number;
}

/**
 * Those who come and go by the thousand, in no order. A `Set` would keep each of them in memory until all of it is
 * searched for what is not used: it writes its table anew every few of them, a former table leads to the next for
 * those who walk through it, and once one of these is old, V8's quick collections keep all that the later ones hold.
 */
export class Roll<Member extends Enrolled> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** It must be on the roll. The last one takes its place. */
  remove(member: Member): void {
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    this.#members[member.place] = last;
    last.place = member.place;
  }

  /** As they are now, whoever goes meanwhile. */
  all(): readonly Member[] {
    return [...this.#members];
  }
}
