// Shows what is pushed, and opens what is clicked. Served at the root of the backoffice.
"use strict";

const FALLBACK = { title: "Quittance", body: "", navigate: "/", tag: "quittance" };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Every push must show something: a browser withdraws the permission of a worker that stays silent.
self.addEventListener("push", (event) => {
  const told = read(event.data);
  event.waitUntil(
    self.registration.showNotification(told.title, {
      body: told.body,
      tag: told.tag,
      lang: told.lang || "",
      data: { navigate: told.navigate },
      renotify: true,
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open((event.notification.data || {}).navigate));
});

// Rare and not to be relied on: every page tells the server its subscription again anyway.
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event.oldSubscription));
});

/** The notification inside a declarative push message, or a fallback that names nobody. */
function read(data) {
  try {
    const told = data.json().notification;
    return { ...FALLBACK, ...told, title: String(told.title) };
  } catch {
    return FALLBACK;
  }
}

/** Bring the page to the front if a window shows it, else open it; never a page of another site. */
async function open(navigate) {
  let target = new URL("/", self.location.origin);
  try {
    target = new URL(navigate, self.location.origin);
  } catch {
    // Stay with the start page.
  }
  if (target.origin !== self.location.origin) target = new URL("/", self.location.origin);
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((window) => window.url === target.href);
  return shown ? shown.focus() : self.clients.openWindow(target.href);
}

async function renew(old) {
  if (!old || !old.options.applicationServerKey) return;
  await self.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: old.options.applicationServerKey,
  });
  const windows = await self.clients.matchAll({ type: "window" });
  for (const window of windows) window.postMessage("push-subscription-changed");
}
