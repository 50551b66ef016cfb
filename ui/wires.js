// What HTML of the page cannot do by itself: tell Python what was pressed, copy, scroll, speak its language.
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
  const pressed = (event) => {
    const button = event.target.closest?.("[data-bf], [data-bf-copy]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.bfCopy === undefined) setTriggerValue("pressed", button.dataset.bf);
    else
      copy(button.dataset.bfCopy).then(() => {
        button.classList.add("bf-copied");
        setTimeout(() => button.classList.remove("bf-copied"), 1500);
      });
  };
  const escape = (event) => {
    if (event.key === "Escape" && document.querySelector(".st-key-beside"))
      setTriggerValue("pressed", "close");
  };
  document.addEventListener("click", pressed);
  document.addEventListener("keydown", escape);
  const watch = new MutationObserver(show);
  watch.observe(document.body, { childList: true, subtree: true });
  show();
  return () => {
    document.removeEventListener("click", pressed);
    document.removeEventListener("keydown", escape);
    watch.disconnect();
  };
}
