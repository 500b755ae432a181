// @ts-check
/** The key of a link: taken out of the address at once, and kept for as long as the tab is open. */

/** @param {() => any} use */
function attempt(use) {
  try {
    return use();
  } catch {
    // Storage may be off: a reload then needs the link again.
    return null;
  }
}

/** The key that the page was opened with, or before a reload; empty when there is none. @returns {string} */
export function takeKey() {
  const address = new URL(location.href);
  // Other pages may be at the same host, behind a proxy.
  const name = `alwidgets key of ${address.pathname}`;
  const given = address.searchParams.get("key");
  if (given === null) return attempt(() => sessionStorage.getItem(name)) ?? "";
  attempt(() => sessionStorage.setItem(name, given));
  address.searchParams.delete("key");
  history.replaceState(null, "", address);
  return given;
}
