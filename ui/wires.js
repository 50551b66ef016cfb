// What HTML of the page cannot do by itself: tell Python what was pressed, copy, scroll, speak its language.
const NAMES = ["aria-label", "title"];

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
      if (element.closest('[data-testid="stFileUploader"], [data-testid="stSkipToContent"], [data-testid="InputInstructions"]')) say(node, "");
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

// Where the keys go, kept over the runs of the page. `opener` is what opened the place beside, which
// gets them back; `opens` tells that it has just been pressed; `wanted` is a field that is on its way;
// `asks` tells that the field of the question had them, which loses them while an answer is made.
const keys = { opener: "", opens: false, wanted: "", asks: false };
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
  '.st-key-stop button, [data-bf^="suggested:"]';
// Where a finger asks, the keys would bring a keyboard over half of the page.
const byFinger = () => matchMedia("(pointer: coarse)").matches;
const loose = () => document.activeElement === document.body || document.activeElement === null;

function lead() {
  const place = document.querySelector(".st-key-beside");
  const title = place?.querySelector("h2");
  if (title && keys.opens) {
    keys.opens = false;
    title.focus({ preventScroll: true });
  } else if (!place && keys.opener && !keys.opens && !document.activeElement?.closest(POPOVER)) {
    const opener = document.querySelector(`[data-bf="${CSS.escape(keys.opener)}"]`);
    if (loose()) (opener ?? document.querySelector(SOUGHT))?.focus({ preventScroll: true });
    keys.opener = "";
  }
  const wanted = keys.wanted && document.querySelector(keys.wanted);
  if (wanted) {
    keys.wanted = "";
    wanted.focus();
    wanted.setSelectionRange(wanted.value.length, wanted.value.length);
  }
  if (!keys.asks || !loose() || byFinger()) return;
  const question = document.querySelector(QUESTION);
  if (question && !question.disabled) question.focus({ preventScroll: true });
}

// On a phone the sidebar lies over the page: what is chosen in it is seen when it has gone.
function uncover(target) {
  const leads = target.closest?.('[data-testid="stSidebar"] :is([data-bf], .st-key-new, .st-key-views)');
  if (leads && matchMedia("(max-width: 768px)").matches)
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
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
  const held = (event) => (keys.asks = event.target.matches?.(QUESTION) ?? false);
  const pressed = (event) => {
    uncover(event.target);
    if (event.target.closest?.('[class*="st-key-edit-"] button')) keys.wanted = EDITED;
    if (event.target.closest?.(ASKING)) keys.asks = true;
    if (event.target.closest?.(BEGINNING) && !byFinger()) keys.wanted = QUESTION;
    const button = event.target.closest?.("[data-bf], [data-bf-copy]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.bfCopy === undefined) {
      if (/^(source|document):/.test(button.dataset.bf)) {
        keys.opener = button.dataset.bf;
        keys.opens = true;
      }
      setTriggerValue("pressed", button.dataset.bf);
    } else
      copy(button.dataset.bfCopy).then(() => {
        button.classList.add("bf-copied");
        setTimeout(() => button.classList.remove("bf-copied"), 1500);
      });
  };
  const escape = (event) => {
    if (event.key === "Escape" && document.querySelector(".st-key-beside"))
      setTriggerValue("pressed", "close");
  };
  // The browser has gone back or forth: told before Streamlit asks for the page as it is now.
  const gone = () => setTriggerValue("pressed", `address:${location.search}`);
  addEventListener("popstate", gone, true);
  document.addEventListener("click", pressed);
  document.addEventListener("focusin", held);
  document.addEventListener("pointerdown", held);
  document.addEventListener("keydown", escape);
  const speaking = speak(data.words);
  const watch = new MutationObserver((changes) => {
    speaking.hear(changes);
    show();
    lead();
  });
  const names = { attributes: true, attributeFilter: NAMES };
  watch.observe(document.body, { childList: true, characterData: true, subtree: true, ...names });
  show();
  lead();
  return () => {
    speaking.end();
    removeEventListener("popstate", gone, true);
    document.removeEventListener("click", pressed);
    document.removeEventListener("focusin", held);
    document.removeEventListener("pointerdown", held);
    document.removeEventListener("keydown", escape);
    watch.disconnect();
  };
}
