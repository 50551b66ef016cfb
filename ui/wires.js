// What HTML of the page cannot do by itself: tell Python what was pressed, copy, scroll, speak its language.
const NAMES = ["aria-label", "title"];
// Where Streamlit says something in words of its own; a dialog of its own comes when the server is gone.
const SAYS =
  '[data-testid="stFileUploader"], [data-testid="stSkipToContent"], [data-testid="InputInstructions"], ' +
  '[data-testid="stMultiSelectDropdown"], [data-testid="stDialog"], [data-live-announcer]';

// What Streamlit itself says, in the reader's language; what is not known stays as it is. Words are
// looked for where none but its own stand: never in our HTML, which shows foreign words.
function speak(words) {
  const known = Object.entries(words).map(([says, said]) => {
    const plain = says.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace("{}", "(.+)");
    return [new RegExp(`^${plain}$`), said];
  });
  const changed = new Map();
  const put = (node, name, text) => (name ? node.setAttribute(name, text) : (node.nodeValue = text));
  const get = (node, name) => (name ? node.getAttribute(name) : node.nodeValue);
  const say = (node, name) => {
    const was = get(node, name);
    const match = was && known.map(([form, said]) => [was.match(form), said]).find(([found]) => found);
    if (!match) return;
    const said = match[1].replace("{}", () => match[0][1]);
    put(node, name, said);
    changed.set(node, { ...changed.get(node), [name]: [was, said] });
  };
  const look = (node) => {
    const element = node.nodeType === 3 ? node.parentElement : node;
    if (!known.length || !element?.closest || element.closest(".stHtml")) return;
    if (node.nodeType === 3) {
      if (element.closest(SAYS)) say(node, "");
      return;
    }
    NAMES.forEach((name) => say(node, name));
    node.childNodes.forEach(look);
  };
  look(document.body);
  return {
    hear: (changes) =>
      changes.forEach((change) => {
        if (change.type === "childList") change.addedNodes.forEach(look);
        else if (change.type === "attributes") say(change.target, change.attributeName);
        else look(change.target);
      }),
    // Streamlit does not draw again what it thinks unchanged.
    end: () =>
      changed.forEach((names, node) =>
        Object.entries(names).forEach(([name, [was, said]]) => {
          if (get(node, name) === said) put(node, name, was);
        }),
      ),
  };
}

// Where the keys go, kept over the runs of the page. `opener` is the button that opened the place
// beside, which gets them back; `opens` tells that it has just been pressed; `wanted` is a field that is
// on its way; `asks` tells that the field of the question has them at the beginning, or had them, which
// loses them while an answer is made; `pressed` finds the button that was pressed last, which Streamlit may make anew, or where it
// leads; `menu` is the popover that has been entered.
const keys = { opener: null, opens: false, wanted: "", asks: true, pressed: "", menu: null };
const QUESTION = '[data-testid="stChatInput"] textarea';
const EDITED = '[class*="st-key-text-"] textarea';
// Where a document was opened, and is no more when it has been removed.
const SOUGHT = ".st-key-search-documents input";
// It goes after the place that it belongs to.
const POPOVER = '[data-testid="stPopoverBody"]';
// After which a conversation begins.
const BEGINNING = ".st-key-new button, .st-key-delete-conversation button";
// What goes when it is pressed, and after which the next question is asked.
const ASKING =
  '[data-testid="stChatMessage"] [data-testid="stForm"] button, [class*="st-key-again-"] button, ' +
  '.st-key-stop button, [data-bf^="suggested:"], [data-bf^="chat:"]';
// Where a finger asks, the keys would bring a keyboard over half of the page.
const byFinger = () => matchMedia("(pointer: coarse)").matches;
const loose = () => document.activeElement === document.body || document.activeElement === null;

const pressedAgain = () => (keys.pressed ? document.querySelector(keys.pressed) : null);

function lead() {
  const place = document.querySelector(".st-key-beside");
  const title = place?.querySelector("h2");
  if (title && keys.opens) {
    keys.opens = false;
    title.focus({ preventScroll: true });
  } else if (!place && keys.opener && !keys.opens && !document.activeElement?.closest(POPOVER)) {
    const same = `[data-bf="${CSS.escape(keys.opener.dataset.bf)}"]`;
    const opener = keys.opener.isConnected ? keys.opener : document.querySelector(same);
    if (loose()) (opener ?? document.querySelector(SOUGHT))?.focus();
    keys.opener = null;
  }
  const menu = document.querySelector(POPOVER);
  if (menu && menu !== keys.menu) {
    const first = menu.querySelector("input, textarea, button");
    // It stands at the end of the page, far from what opened it.
    if (first && document.activeElement?.closest('[data-testid="stPopover"]')) first.focus();
    keys.menu = first ? menu : null;
  } else if (!menu) keys.menu = null;
  const wanted = keys.wanted && document.querySelector(keys.wanted);
  if (wanted) {
    keys.wanted = "";
    // It comes into view, whatever else was to stay there.
    letGo();
    wanted.focus();
    wanted.setSelectionRange(wanted.value.length, wanted.value.length);
  }
  if (!loose()) return;
  const question = document.querySelector(QUESTION);
  const next = keys.asks && !byFinger() && !question?.disabled ? question : pressedAgain();
  // What slides in is not where it will be.
  next?.focus({ preventScroll: next === question || keys.pressed === NEW });
}

const COLLAPSE = '[data-testid="stSidebarCollapseButton"] button';
const EXPAND = '[data-testid="stExpandSidebarButton"]';
const NEW = ".st-key-new button";
const CHAT = ".st-key-view-chat button";
// These pages have a title, which takes the keys.
const PAGES = ":is(.st-key-view-documents, .st-key-view-settings) button, [data-bf^='view:']";
const TITLE = ".stHtml h1[tabindex]";

const MESSAGE = '[data-testid="stChatMessage"]';
const PAGE = '[data-testid="stMainBlockContainer"]';
const seen = { messages: 0, isMade: false };
// What stays where it is while the page grows, until the reader does something or all is drawn: Streamlit
// would go on to the end of what is drawn, away from what is read.
const held = { still: null, rests: 0 };

// The newest question stands at the top, and its answer grows below it.
function follow() {
  const messages = [...document.querySelectorAll(MESSAGE)];
  const isMade = document.querySelector(".st-key-stop") !== null;
  if (messages.length !== seen.messages || isMade !== seen.isMade)
    held.still = () =>
      [...document.querySelectorAll(MESSAGE)]
        .findLast((one) => one.querySelector(".bf-question"))
        ?.scrollIntoView();
  seen.messages = messages.length;
  seen.isMade = isMade;
  hold();
}

function hold() {
  held.still?.();
  clearTimeout(held.rests);
  if (!seen.isMade) held.rests = setTimeout(letGo, 1000);
}

// What is pressed in a message stays under the finger, whatever opens below or beside it.
function stay(pressed) {
  const place = pressed.closest?.(`${MESSAGE} :is(summary, button)`);
  const page = place && document.querySelector(PAGE)?.parentElement;
  if (!page) return;
  const top = place.getBoundingClientRect().top;
  held.still = () => {
    const by = place.getBoundingClientRect().top - top;
    if (place.isConnected && Math.abs(by) > 1) page.scrollTop += by;
  };
  hold();
}

const ACTS = ["keydown", "pointerdown", "touchmove", "wheel"];
const letGo = () => (held.still = null);
const moved = (event) => event.target.querySelector?.(PAGE) && held.still?.();

// What Streamlit may make anew after it was pressed; what shows or hides the sidebar goes itself.
function findsAgain(target) {
  if (target.closest?.(EXPAND)) return NEW;
  if (target.closest?.(COLLAPSE)) return EXPAND;
  const named = target.closest?.('[data-testid^="stBaseButton"]')?.closest('[class*="st-key-"]');
  const name = named && [...named.classList].find((one) => one.startsWith("st-key-"));
  return name ? `.${CSS.escape(name)} button` : "";
}

// On a phone the sidebar lies over the page: what is chosen in it is seen when it has gone, and the keys
// go there too.
function uncover(target) {
  const leads = target.closest?.('[data-testid="stSidebar"] :is([data-bf], .st-key-new, .st-key-views)');
  if (!leads || !matchMedia("(max-width: 768px)").matches) return;
  document.querySelector(COLLAPSE)?.click();
  if (target.closest(PAGES)) keys.pressed = TITLE;
  else if (target.closest(CHAT) && !byFinger()) keys.wanted = QUESTION;
}

export default function ({ data, setTriggerValue }) {
  document.documentElement.lang = data.lang;
  const keep = (name, value, seconds) => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; path=/; SameSite=Strict; Max-Age=${seconds}${secure}`;
  };
  if (data.token) keep("bifolio", data.token, 43200);
  // Longer: by it a browser finds its conversations again.
  if (data.reader) keep("bifolio-reader", data.reader, 31536000);
  const here = (node) => (node.querySelector ? node.querySelector(".st-key-beside .bf-here") : null);
  const show = () => {
    const found = here(document);
    if (found && found.dataset.shown !== data.beside) {
      found.dataset.shown = data.beside;
      found.scrollIntoView({ block: "center", inline: "nearest" });
    }
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Browsers lend the clipboard to safe addresses alone; the old way works on the others.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  const given = (event) => {
    keys.asks = event.target.matches?.(QUESTION) ?? false;
    // A list is made anew when it is searched, and what has the keys in it too.
    const own = event.target.dataset?.bf;
    if (own) keys.pressed = `[data-bf="${CSS.escape(own)}"]`;
    else if (!keys.pressed || !event.target.matches?.(keys.pressed)) keys.pressed = "";
  };
  const pressed = (event) => {
    stay(event.target);
    if (event.target.closest?.('[class*="st-key-edit-"] button')) keys.wanted = EDITED;
    if (event.target.closest?.(ASKING)) keys.asks = true;
    keys.pressed = findsAgain(event.target);
    uncover(event.target);
    if (event.target.closest?.(BEGINNING) && !byFinger()) keys.wanted = QUESTION;
    const button = event.target.closest?.("[data-bf], [data-bf-copy]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.bfCopy === undefined) {
      if (/^(source|document):/.test(button.dataset.bf)) {
        keys.opener = button;
        keys.opens = true;
      }
      setTriggerValue("pressed", button.dataset.bf);
    } else
      copy(button.dataset.bfCopy).then(() => {
        button.classList.add("bf-copied");
        setTimeout(() => button.classList.remove("bf-copied"), 1500);
      });
  };
  const typed = (event) => {
    // Who leaves a place by Tab does not want to be brought back.
    if (event.key === "Tab") [keys.asks, keys.pressed] = [false, ""];
    if (event.key === "Escape" && document.querySelector(".st-key-beside"))
      setTriggerValue("pressed", "close");
  };
  // The browser has gone back or forth: told before Streamlit asks for the page as it is now.
  const gone = () => setTriggerValue("pressed", `address:${location.search}`);
  addEventListener("popstate", gone, true);
  document.addEventListener("click", pressed);
  document.addEventListener("focusin", given);
  document.addEventListener("pointerdown", given);
  document.addEventListener("keydown", typed);
  // The sidebar comes and goes; the browser takes the keys from what is hidden a moment later.
  const slid = () => setTimeout(lead, 100);
  document.addEventListener("transitionend", slid);
  ACTS.forEach((act) => document.addEventListener(act, letGo, true));
  document.addEventListener("scroll", moved, true);
  const speaking = speak(data.words);
  const watch = new MutationObserver((changes) => {
    speaking.hear(changes);
    follow();
    show();
    lead();
  });
  const names = { attributes: true, attributeFilter: NAMES };
  watch.observe(document.body, { childList: true, characterData: true, subtree: true, ...names });
  follow();
  show();
  lead();
  return () => {
    speaking.end();
    removeEventListener("popstate", gone, true);
    document.removeEventListener("click", pressed);
    document.removeEventListener("focusin", given);
    document.removeEventListener("pointerdown", given);
    document.removeEventListener("keydown", typed);
    document.removeEventListener("transitionend", slid);
    ACTS.forEach((act) => document.removeEventListener(act, letGo, true));
    document.removeEventListener("scroll", moved, true);
    watch.disconnect();
  };
}
