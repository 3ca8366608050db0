// Uploads with a bar: a form with data-progress and a file in it is sent by a request that tells how far it is. Then
// the browser shows the answer as if the form had been sent without a script: the page that it led to, or the same page
// with its errors. When the network fails, that is said and the form stays as it was.
const WORDS = {
  zh: {
    sending: "正在上传",
    percent: (n) => `${n}%`,
    checking: "已上传，正在检查…",
    broken: "上传没有完成：网络中断。您填写的内容都还在，请再试一次。",
    stop: "停止上传",
    stopped: "已停止上传，没有保存任何内容。",
  },
  en: {
    sending: "Uploading",
    percent: (n) => `${n} %`,
    checking: "Uploaded. It is being checked…",
    broken: "The upload did not finish: the connection broke. All that you filled in is still here; please try again.",
    stop: "Stop the upload",
    stopped: "The upload was stopped and nothing was saved.",
  },
};
const words = () => WORDS[document.documentElement.lang.slice(0, 2)] || WORDS.en;
const underWay = new WeakSet();
const here = location.pathname + location.search;

export function begin() {}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-progress]") || !hasFile(form)) return;
  event.preventDefault();
  if (!underWay.has(form)) send(form, event.submitter);
});

function hasFile(form) {
  return [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length > 0);
}

function send(form, submitter) {
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  const shown = show(form);
  const request = new XMLHttpRequest();
  const fail = (text) => {
    underWay.delete(form);
    delete form.dataset.sent;
    submitter?.classList.remove("btn-loading");
    shown.say(text);
  };
  request.open("POST", submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) shown.go(Math.floor((100 * event.loaded) / event.total));
  });
  request.upload.addEventListener("load", shown.check);
  request.addEventListener("load", () => answer(request));
  request.addEventListener("error", () => fail(words().broken));
  request.addEventListener("abort", () => fail(words().stopped));
  shown.stop.addEventListener("click", () => request.abort());
  underWay.add(form);
  request.send(data);
}

// The answer has been fetched, its messages with it, and cannot be asked for a second time: it becomes the page.
function answer(request) {
  const address = request.responseURL || location.href;
  if (!(request.getResponseHeader("Content-Type") || "").startsWith("text/html")) {
    location.assign(address);
    return;
  }
  if (address.split("#")[0] !== location.href.split("#")[0]) history.pushState(null, "", address);
  scrollTo(0, 0);
  document.open();
  document.write(request.responseText);
  document.close();
}

// "Back" from such a page leads to an address whose page is no longer here.
window.addEventListener("popstate", (event) => {
  if (!event.state?.htmx && location.pathname + location.search !== here) location.reload();
});

function element(tag, facts = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...inside);
  return made;
}

// The bar stands before the button that sent the form, once; a second attempt uses it again.
function show(form) {
  form.querySelector(".upload")?.remove();
  const told = words();
  const bar = element("progress", { max: 100, value: 0, ariaLabel: told.sending });
  const text = element("span", { className: "upload-text", textContent: `${told.sending} · ${told.percent(0)}` });
  const stop = element("button", { type: "button", className: "btn btn-sm", textContent: told.stop });
  const status = element("p", { className: "upload-status" });
  status.setAttribute("role", "status");
  const line = element("div", { className: "upload-line" }, text, stop);
  const box = element("div", { className: "upload" }, line, bar, status);
  const foot = form.querySelector(".form-foot") || form.querySelector("button[type=submit], button:not([type])");
  foot ? foot.before(box) : form.append(box);
  return {
    stop,
    go(percent) {
      bar.value = percent;
      bar.setAttribute("aria-valuetext", told.percent(percent));
      text.textContent = `${told.sending} · ${told.percent(percent)}`;
    },
    check() {
      bar.value = 100;
      stop.hidden = true;
      text.textContent = told.checking;
    },
    say(words) {
      line.remove();
      bar.remove();
      box.classList.add("is-broken");
      status.textContent = words;
    },
  };
}
