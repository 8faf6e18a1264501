// Lets a browser be told: subscribes after a click, and tells the server again on every page.
//
// One element carries the settings: data-vapid-key, data-vapid-key-id, data-endpoint-url,
// data-unsubscribe-url, data-csrf. It may be the button itself, or any element of a page without
// one, which may say with data-who whose page it is. [data-push-status] has a sentence for each state in data-ready, data-working,
// data-subscribed, data-denied, data-unsupported, data-install and data-failed.

const settings = document.querySelector("[data-vapid-key]");
const status = document.querySelector("[data-push-status]");
const subscribeButton = document.querySelector("[data-push-subscribe]");
const unsubscribeButton = document.querySelector("[data-push-unsubscribe]");

function say(state) {
  if (status) {
    status.textContent = status.dataset[state] || "";
    status.dataset.state = state;
  }
  const canAsk = state === "ready" || state === "failed";
  if (subscribeButton) subscribeButton.hidden = !canAsk;
  if (unsubscribeButton) unsubscribeButton.hidden = state !== "subscribed";
}

function supported() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Safari on a phone pushes only to a page that was put on the Home Screen. */
function mustBeInstalled() {
  const apple = /iP(hone|ad|od)/.test(navigator.userAgent) ||
    (navigator.userAgent.includes("Macintosh") && navigator.maxTouchPoints > 1);
  return apple && !window.matchMedia("(display-mode: standalone)").matches;
}

function bytes(base64url) {
  const padded = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
}

function subscribedWithOurKey(subscription) {
  const key = subscription.options.applicationServerKey;
  const ours = bytes(settings.dataset.vapidKey);
  const theirs = new Uint8Array(key || []);
  return ours.length === theirs.length && ours.every((byte, index) => byte === theirs[index]);
}

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": settings.dataset.csrf },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
}

function tell(subscription) {
  const { endpoint, keys, expirationTime } = subscription.toJSON();
  return post(settings.dataset.endpointUrl, {
    endpoint,
    p256dh: keys.p256dh,
    auth: keys.auth,
    key_id: settings.dataset.vapidKeyId,
    expiration_time: expirationTime ?? null,
  });
}

async function subscribe(registration) {
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(settings.dataset.vapidKey),
  });
  await tell(subscription);
}

async function register() {
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  return navigator.serviceWorker.ready;
}

/** On a page without the button, once in a visit of the same person with the same key. */
function isToldAlready() {
  const now = `${settings.dataset.vapidKeyId} ${settings.dataset.who}`;
  if (status || sessionStorage.getItem("push") !== now) {
    sessionStorage.setItem("push", now);
    return false;
  }
  return true;
}

/** What there is already: told again, or renewed when the server's key has changed. */
async function refresh() {
  const registration = await register();
  const existing = await registration.pushManager.getSubscription();
  if (!existing) return say("ready");
  if (subscribedWithOurKey(existing)) {
    await tell(existing);
  } else {
    await existing.unsubscribe();
    await subscribe(registration);
  }
  return say("subscribed");
}

async function onSubscribe() {
  // Asked first, and within the click: a browser refuses a question nobody asked for.
  const permission = await Notification.requestPermission();
  if (permission !== "granted") return say(permission === "denied" ? "denied" : "ready");
  say("working");
  await subscribe(await register());
  return say("subscribed");
}

async function onUnsubscribe() {
  const registration = await register();
  const existing = await registration.pushManager.getSubscription();
  if (existing) {
    await post(settings.dataset.unsubscribeUrl, { endpoint: existing.endpoint });
    await existing.unsubscribe();
  }
  return say("ready");
}

function failed(error) {
  console.warn("push:", error);
  say(Notification.permission === "denied" ? "denied" : "failed");
}

if (settings) {
  if (!supported()) {
    say(mustBeInstalled() ? "install" : "unsupported");
  } else if (Notification.permission === "denied") {
    say("denied");
  } else if (status || (Notification.permission === "granted" && !isToldAlready())) {
    refresh().catch(failed);
    subscribeButton?.addEventListener("click", () => onSubscribe().catch(failed));
    unsubscribeButton?.addEventListener("click", () => onUnsubscribe().catch(failed));
    navigator.serviceWorker.addEventListener("message", (event) => {
      if (event.data === "push-subscription-changed") refresh().catch(failed);
    });
  }
}
