import { ShopLoginService } from "./shop-login";

/** The part of the widget's element that the shop uses. */
interface ChatElement extends HTMLElement {
  open(): void;
  close(): void;
  identify(identityToken: string): Promise<void>;
  logout(): Promise<void>;
}

const NARROW = "(max-width: 520px)";

const chat = one<ChatElement>("yingda-chat");
const account = one("#account");
const form = one<HTMLFormElement>("#login");
const select = one<HTMLSelectElement>("#customer");
const loginButton = one<HTMLButtonElement>("#login button");
const signedIn = one("#signed-in");
const customerName = one("#customer-name");
const hint = one("#hint");
const shop = new ShopLoginService();
let reopensChat = false;

function one<Found extends HTMLElement>(selector: string): Found {
  const found = document.querySelector<Found>(selector);
  if (!found) throw new Error(`the shop page has no element ${selector}`);
  return found;
}

function show(customer: { name: string } | null): void {
  form.hidden = customer !== null;
  signedIn.hidden = customer === null;
  customerName.textContent = customer?.name ?? "";
  say("");
}

function say(text: string): void {
  hint.textContent = text;
  account.classList.toggle("wanted", text !== "");
}

async function login(customerId: string): Promise<void> {
  loginButton.disabled = true;
  try {
    const { customer, identityToken } = await shop.login(customerId);
    await chat.identify(identityToken);
    show(customer);
    if (reopensChat) chat.open();
    reopensChat = false;
  } catch {
    shop.logout();
    show(null);
    say("登录没有成功，请稍后再试。");
  } finally {
    loginButton.disabled = false;
  }
}

async function offerCustomers(): Promise<void> {
  try {
    const customers = await shop.customers();
    select.replaceChildren(...customers.map(({ id, name }) => new Option(name, id)));
    select.disabled = loginButton.disabled = customers.length === 0;
  } catch {
    select.replaceChildren(new Option("演示登录不可用", ""));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (select.value) void login(select.value);
});

one("#logout").addEventListener("click", () => {
  shop.logout();
  show(null);
  void chat.logout();
});

one("#ask").addEventListener("click", () => chat.open());

chat.addEventListener("yingda-login-required", (event) => {
  const { reason } = (event as CustomEvent<{ reason: string }>).detail;
  const remembered = shop.rememberedCustomerId();
  if (reason === "session_expired" && remembered) {
    void login(remembered);
    return;
  }
  if (remembered) return;
  say("请选择一个演示账号登录");
  if (reason !== "button") return;
  // On a phone the chat covers the page; it comes back once the customer is logged in.
  reopensChat = true;
  if (matchMedia(NARROW).matches) chat.close();
  account.scrollIntoView({ block: "center" });
  setTimeout(() => select.focus());
});

show(null);
await Promise.all([offerCustomers(), customElements.whenDefined("yingda-chat")]);
const remembered = shop.rememberedCustomerId();
if (remembered) await login(remembered);
