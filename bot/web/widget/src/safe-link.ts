/**
 * The address for a link, or null where it must not become one: only http(s), or a path on the server itself.
 * Everything else (javascript:, data:, //other.host, …) stays text.
 */
export function safeLink(url: string | null | undefined, server: string): string | null {
  if (!url) return null;
  const isPath = /^\/(?![/\\])/.test(url);
  const isWeb = /^https?:\/\/[^/\\]/i.test(url);
  if (!isPath && !isWeb) return null;
  try {
    const parsed = new URL(url, server + "/");
    return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed.href : null;
  } catch {
    return null;
  }
}
