/** A customer of the demo shop, as `GET /demo/customers` lists them. */
export interface ShopCustomer {
  readonly id: string;
  readonly name: string;
}

export interface ShopLogin {
  readonly customer: ShopCustomer;
  /** Signed by the shop's server; the widget shows it to the chat server. */
  readonly identityToken: string;
}

const REMEMBERED = "yunshan-shop:customer";

/** The shop's own login. It stands for whatever a real shop has; only the identity token matters to the widget. */
export class ShopLoginService {
  constructor(
    private readonly address = "../demo/",
    private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> = localStorage,
  ) {}

  /** The customers one may play. Rejects where the shop's server has no demo mode or cannot be reached. */
  async customers(): Promise<ShopCustomer[]> {
    const body = await answer(await fetch(`${this.address}customers`));
    return (body.customers as ShopCustomer[]).map(({ id, name }) => ({ id, name }));
  }

  async login(customerId: string): Promise<ShopLogin> {
    const body = await answer(
      await fetch(`${this.address}login`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ customer_id: customerId }),
      }),
    );
    const customer = body.customer as ShopCustomer;
    this.storage.setItem(REMEMBERED, customer.id);
    return { customer: { id: customer.id, name: customer.name }, identityToken: String(body.identity_token) };
  }

  /** Who was logged in before the reload, or null. */
  rememberedCustomerId(): string | null {
    return this.storage.getItem(REMEMBERED);
  }

  logout(): void {
    this.storage.removeItem(REMEMBERED);
  }
}

async function answer(response: Response): Promise<Record<string, unknown>> {
  if (!response.ok) throw new Error(`the shop answered ${response.status} for ${response.url}`);
  return (await response.json()) as Record<string, unknown>;
}
