import type { Message, Thumb } from "./protocol";

/**
 * The confirmed messages of one conversation: each once, in the order of their seq.
 *
 * `cursor` is the last seq up to which nothing is missing; asking the server for everything after it can neither lose
 * nor double a message, whatever arrived early, late or twice.
 */
export class MessageLog {
  private readonly bySeq = new Map<number, Message>();
  private sorted: Message[] | null = null;
  private complete = 0;

  get cursor(): number {
    return this.complete;
  }

  /** True where a later message is here and an earlier one is not. */
  get hasGap(): boolean {
    return this.messages.length > 0 && this.messages[this.messages.length - 1]!.seq > this.complete;
  }

  get messages(): readonly Message[] {
    this.sorted ??= [...this.bySeq.values()].sort((one, other) => one.seq - other.seq);
    return this.sorted;
  }

  has(seq: number): boolean {
    return this.bySeq.has(seq);
  }

  /** Takes a message in; true where it was not known before. A known one is replaced, so that a rating can change. */
  add(message: Message): boolean {
    const isNew = !this.bySeq.has(message.seq);
    this.bySeq.set(message.seq, message);
    this.sorted = null;
    while (this.bySeq.has(this.complete + 1)) this.complete += 1;
    return isNew;
  }

  /** The server has shown everything up to `seq`: what is still missing there will never come. */
  completeUpTo(seq: number): void {
    this.complete = Math.max(this.complete, seq);
    while (this.bySeq.has(this.complete + 1)) this.complete += 1;
  }

  setRating(messageId: string, rating: Thumb | null): void {
    const message = this.messages.find((candidate) => candidate.id === messageId);
    if (message) this.add({ ...message, rating });
  }
}
