import { type Api, ApiError } from "./api";
import type { Memory, StoredSession } from "./memory";
import type { Customer } from "./protocol";

/** What a refusal of the server took away. */
export type Loss = "conversation" | "session" | "customer";

/** Who this browser is to the server, and in which conversation; remembered over reloads. */
export class SessionKeeper {
  private current: StoredSession | null;

  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
  ) {
    this.current = memory.readSession();
  }

  get customer(): Customer | null {
    return this.current?.customer ?? null;
  }

  get conversationId(): string | null {
    return this.current?.conversationId ?? null;
  }

  /** What every call about the conversation needs. Throws where none is open yet. */
  credentials(): { token: string; conversationId: string } {
    const { token, conversationId } = this.current ?? { token: null, conversationId: null };
    if (token === null || conversationId === null) throw new Error("no conversation is open yet; call start() first");
    return { token, conversationId };
  }

  /** Makes what is missing of session and conversation, as long as `isWanted`. Rejects with the server's refusal. */
  async ensure(isWanted: () => boolean): Promise<void> {
    if (this.current === null) {
      const { token } = await this.api.createSession();
      if (isWanted()) this.keep({ token, conversationId: null, customer: null });
    }
    const session = this.current;
    if (isWanted() && session !== null && session.conversationId === null) {
      const { conversation_id } = await this.api.openConversation(session.token);
      if (isWanted()) this.keep({ ...session, conversationId: conversation_id });
    }
  }

  /** Makes the visitor a known customer; an expired visitor's session is replaced on the way. */
  async identify(identityToken: string): Promise<void> {
    const { token, conversation_id, customer } = await this.identified(identityToken);
    this.keep({ token, conversationId: conversation_id, customer: { id: customer.id, name: customer.name } });
  }

  /** Forgets what the server no longer accepts and tells what that was; null where the error is about something else. */
  drop(error: unknown): Loss | null {
    if (!isRefusal(error)) return null;
    if (error.status === 401) {
      const loss = this.customer ? "customer" : "session";
      this.forget();
      return loss;
    }
    this.keep(this.current && { ...this.current, conversationId: null });
    return "conversation";
  }

  forget(): void {
    this.keep(null);
  }

  /** True where another tab has stored something else than this one goes by. */
  get isOutdated(): boolean {
    const stored = this.memory.readSession();
    return stored?.token !== this.current?.token || stored?.conversationId !== this.current?.conversationId;
  }

  adoptStored(): void {
    this.current = this.memory.readSession();
  }

  private async identified(identityToken: string) {
    if (this.current !== null) {
      try {
        return await this.api.identify(this.current.token, identityToken);
      } catch (error) {
        // The session has expired; a bad identity token would be refused with 403.
        if (!(error instanceof ApiError && error.status === 401)) throw error;
      }
    }
    const { token } = await this.api.createSession();
    return this.api.identify(token, identityToken);
  }

  private keep(session: StoredSession | null): void {
    this.current = session;
    this.memory.writeSession(session);
  }
}

/** The server refuses the token (401) or the conversation (403, 404), not the message. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 401 || error.status === 403 || error.status === 404);
}
