import { css } from "lit";

/** Launcher, panel, header and the scrolling log. */
export const panelStyles = css`
  :host {
    position: fixed;
    right: 24px;
    bottom: 24px;
    z-index: 2147483000;
    display: block;
    text-align: left;
  }
  :host([hidden]) {
    display: none;
  }
  .launcher {
    position: relative;
    display: grid;
    place-items: center;
    width: 60px;
    height: 60px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    font-size: 30px;
    box-shadow: 0 6px 20px rgb(10 50 36 / 32%);
    transition: transform 140ms;
  }
  .launcher:hover {
    background: var(--accent-strong);
    transform: translateY(-2px);
  }
  .unread {
    position: absolute;
    top: -4px;
    right: -4px;
    min-width: 22px;
    padding: 0 6px;
    border: 2px solid #fff;
    border-radius: 12px;
    background: var(--alarm);
    color: #fff;
    font-size: 12px;
    line-height: 18px;
    text-align: center;
  }
  .panel {
    position: relative;
    display: flex;
    flex-direction: column;
    width: 392px;
    /* Leaves the page's header, and with it the login, in reach; on low screens the chat needs the room itself. */
    height: clamp(420px, 100vh - 132px, 660px);
    max-height: calc(100vh - 32px);
    border-radius: 18px;
    background: var(--ground);
    box-shadow:
      0 0 0 1px rgb(16 40 30 / 8%),
      0 16px 48px rgb(10 40 30 / 26%);
    overflow: hidden;
    animation: rise 180ms ease-out;
  }
  .head {
    position: relative;
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 12px 10px 12px 16px;
    background: linear-gradient(120deg, var(--accent-strong), var(--accent));
    color: var(--on-accent);
  }
  .head .avatar {
    width: 38px;
    height: 38px;
    background: rgb(255 255 255 / 16%);
    font-size: 24px;
  }
  .head .grow {
    flex: 1;
    min-width: 0;
  }
  .head h2 {
    margin: 0;
    font-size: 16px;
    line-height: 1.35;
  }
  .connection {
    display: flex;
    align-items: center;
    gap: 6px;
    margin: 0;
    font-size: 12.5px;
    line-height: 1.4;
  }
  .connection::before {
    content: "";
    flex: none;
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: #ffd479;
  }
  .connection[data-state="online"]::before,
  .connection[data-state="polling"]::before {
    background: #7fe3a8;
  }
  .connection[data-state="reconnecting"] {
    font-weight: 600;
  }
  .connection[data-state="reconnecting"]::before {
    background: #ff9d8f;
  }
  .head > button {
    display: grid;
    place-items: center;
    width: 38px;
    height: 38px;
    padding: 0;
    border: 0;
    border-radius: 10px;
    background: none;
    color: inherit;
    font-size: 22px;
  }
  .head > button:hover {
    background: rgb(255 255 255 / 14%);
  }
  .head :focus-visible {
    outline-color: var(--on-accent);
    outline-offset: -2px;
  }
  .menu {
    position: absolute;
    top: calc(100% - 4px);
    right: 12px;
    z-index: 4;
    display: grid;
    min-width: 168px;
    padding: 6px;
    border-radius: 12px;
    background: var(--paper);
    color: var(--ink);
    box-shadow: 0 8px 28px rgb(10 40 30 / 26%);
  }
  .menu button {
    padding: 9px 12px;
    border: 0;
    border-radius: 8px;
    background: none;
    text-align: left;
  }
  .menu button:hover,
  .menu button:focus-visible {
    background: var(--tint);
    outline-color: var(--accent);
  }
  .scroll {
    flex: 1;
    min-height: 0;
    padding: 4px 14px 16px;
    overflow-y: auto;
    overscroll-behavior: contain;
  }
  .day {
    margin: 14px 0 0;
    text-align: center;
    font-size: 12px;
    color: var(--ink-soft);
  }
  .quick {
    margin: 14px 0 0 40px;
  }
  .quick p {
    margin: 0 0 8px;
    font-size: 13px;
    color: var(--ink-soft);
  }
  .quick .options {
    margin: 0;
  }
  .typing {
    display: flex;
    align-items: center;
    gap: 8px;
    margin-top: 12px;
  }
  .dots {
    display: flex;
    gap: 5px;
    padding: 13px 15px;
    border-radius: 4px 16px 16px 16px;
    background: var(--paper);
    box-shadow: 0 1px 2px rgb(16 40 30 / 10%);
  }
  .dots i {
    width: 7px;
    height: 7px;
    border-radius: 50%;
    background: var(--ink-soft);
    animation: dot 1.2s infinite ease-in-out;
  }
  .dots i:nth-child(2) {
    animation-delay: 160ms;
  }
  .dots i:nth-child(3) {
    animation-delay: 320ms;
  }
  .newer {
    position: absolute;
    bottom: 84px;
    left: 50%;
    translate: -50% 0;
    z-index: 2;
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 6px 14px;
    border: 0;
    border-radius: 17px;
    background: var(--accent-strong);
    color: var(--on-accent);
    font-size: 13px;
    box-shadow: 0 4px 14px rgb(10 40 30 / 28%);
  }
  .notice {
    margin: 0;
    padding: 7px 14px;
    background: #e7f3ec;
    color: var(--accent-strong);
    font-size: 13px;
    text-align: center;
  }
  .notice.alarm {
    background: var(--alarm-tint);
    color: var(--alarm);
  }
  @media (max-width: 520px) {
    :host {
      right: 16px;
      bottom: 16px;
    }
    .panel {
      position: fixed;
      inset: 0;
      width: auto;
      height: 100dvh;
      max-height: none;
      border-radius: 0;
    }
    .head {
      padding-top: max(12px, env(safe-area-inset-top));
    }
    .head > button {
      width: 44px;
      height: 44px;
    }
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(14px);
    }
  }
  @keyframes dot {
    0%,
    60%,
    100% {
      opacity: 0.35;
      transform: none;
    }
    30% {
      opacity: 1;
      transform: translateY(-4px);
    }
  }
`;
