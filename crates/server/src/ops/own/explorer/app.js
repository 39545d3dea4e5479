// The explorer: finds an operation, fills it in, signs it here, sends it, and shows what came back.
//
// The secret is read from its field when a request is signed and goes nowhere else: into no address, no storage, no log.

import { Api, bodyExample, description, summary } from "./api.js";
import { el, json, line } from "./show.js";
import { canSign, encode, sign, stamp } from "./sign.js";
import { curl, sdk, wire } from "./snippets.js";
import { WORDS } from "./words.js";

const field = (id) => document.getElementById(id);
const state = { language: navigator.language.startsWith("zh") ? "zh" : "en", tab: "http", bodies: new Map(), values: new Map() };
const say = (key) => WORDS[state.language][key];
let api;

// --- credentials ---

const how = () => document.querySelector("input[name=how]:checked").value;

function credentialsChanged() {
  field("by-key").hidden = how() !== "key";
  field("by-token").hidden = how() !== "token";
  const isReady = { key: field("access-key").value && field("secret-key").value, token: field("auth-token").value, none: true };
  field("signed-in").textContent = isReady[how()] ? say("ready") : say("notReady");
  for (const input of document.querySelectorAll("[data-project]")) input.value = field("project").value;
  preview();
}

async function readCredentials(event) {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const read = JSON.parse(await file.text());
    if (!read.access_key || !read.secret_key) throw new Error();
    field("access-key").value = read.access_key;
    field("secret-key").value = read.secret_key;
    field("project").value = read.project_id ?? "";
    document.querySelector("input[value=key]").checked = true;
    notice("");
    field("credentials").open = false;
  } catch {
    notice(say("badFile"));
  }
  event.target.value = "";
  credentialsChanged();
}

function notice(text) {
  field("notice").textContent = text;
  field("notice").hidden = !text;
}

// --- the list ---

/** A name that may be broken before its words. */
const breakable = (name) => name.split(/(?=[A-Z][a-z])/).flatMap((word) => [el("wbr"), word]);

const methodOf = (operation) => el("span", { class: `method ${operation.method.toLowerCase()}` }, operation.method);

function showList() {
  const wanted = field("search").value.trim().toLowerCase();
  const matches = (operation) =>
    [operation.operationId, operation.path, operation.summary, operation["x-summary-zh"], operation["x-document"]]
      .some((text) => text?.toLowerCase().includes(wanted));
  const groups = api.groups(state.language).map(({ name, operations }) => {
    const rows = operations.filter(matches).map((operation) => {
      const isShown = operation === current() && "page";
      const link = { href: `#${operation.operationId}`, "aria-current": isShown, title: summary(operation, state.language) };
      return el("li", {}, el("a", link, methodOf(operation), el("span", {}, breakable(operation.operationId))));
    });
    return rows.length ? el("section", {}, el("h2", {}, name), el("ul", {}, rows)) : null;
  });
  const found = groups.filter(Boolean);
  field("list").replaceChildren(...(found.length ? found : [el("p", { class: "empty" }, say("none"))]));
}

// --- an operation ---

const current = () => api.find(state.shown) ?? api.find("ListEnhancedConnections");

function showOperation() {
  const operation = current();
  const path = operation.path.split(/(\{[^}]+\})/).map((part) =>
    part.startsWith("{") ? el("span", { class: "parameter" }, part) : part);
  const facts = [
    [say("document"), operation["x-document"]],
    [say("action"), operation.security.length ? operation["x-action"] : say("open")],
    [say("clients"), (operation["x-clients"] ?? []).join(", ")],
  ].filter(([, value]) => value && value !== "none");
  const example = bodyExample(operation);
  const notes = description(operation, state.language).split("\n\n").filter(Boolean);
  const reset = () => ((field("body").value = example), changed());
  field("operation").replaceChildren(
    el("h2", {}, summary(operation, state.language) || operation.operationId, " ",
      operation.deprecated ? el("span", { class: "tag" }, say("deprecated")) : null),
    el("p", { class: "path" }, methodOf(operation), path),
    el("dl", { class: "facts" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    notes.length ? el("details", { class: "notes" }, el("summary", {}, say("notes")), notes.map((text) => el("p", {}, line(text)))) : null,
    el("form", { id: "form", submit: (event) => (event.preventDefault(), send()), input: changed, change: changed },
      parameters(operation),
      example === undefined ? null : body(operation, example),
      el("div", { class: "row" }, el("button", { class: "send", id: "send", type: "submit" }, say("send")),
        example === undefined ? null : el("button", { type: "button", click: reset }, say("example")),
        el("span", { class: "fault", id: "fault", role: "status" }))),
    el("h3", {}, say("request")),
    tabs(),
    el("pre", { id: "request", tabindex: "0" }),
    el("p", { class: "hint", id: "signed" }),
    el("h3", {}, say("answer")),
    el("div", { id: "answer", "aria-live": "polite" }, el("p", { class: "empty" }, say("notSent"))),
  );
  document.title = `${operation.operationId} – Linkspan`;
  preview();
}

function parameters(operation) {
  const all = operation.parameters ?? [];
  if (!all.length) return null;
  return [el("h3", {}, say("parameters")), el("div", { class: "parameters" }, all.map((parameter) => {
    const id = `p-${parameter.name}`;
    const label = el("label", { for: id }, parameter.name, parameter.required ? el("span", {}, ` ${say("required")}`) : null);
    return el("div", {}, label, input(id, parameter), el("p", {}, line(parameter.description ?? "")));
  }))];
}

/** What a path names is named again by the next operation; what else was filled in belongs to its operation. */
const keyOf = (place, name) => (place === "path" ? name : `${current().operationId} ${name}`);

function input(id, parameter) {
  const schema = api.resolve(parameter.schema);
  const isProject = parameter.in === "path" && parameter.name === "project_id";
  const known = isProject ? field("project").value : state.values.get(keyOf(parameter.in, parameter.name)) ?? "";
  const attributes = { id, "data-name": parameter.name, "data-in": parameter.in, "data-type": schema.type, "data-project": isProject };
  const words = schema.enum ?? (schema.type === "boolean" ? ["true", "false"] : null);
  if (words) {
    const option = (word) => el("option", { value: word, selected: word === known }, word);
    const first = parameter.required ? [] : [el("option", { value: "" }, schema.default == null ? "–" : `– (${schema.default})`)];
    return el("select", attributes, first, words.map(option));
  }
  const hint = schema.default ?? schema.examples?.[0] ?? "";
  return el("input", { ...attributes, value: known, placeholder: hint, autocomplete: "off", spellcheck: "false" });
}

function body(operation, example) {
  const text = state.bodies.get(operation.operationId) ?? example;
  const area = el("textarea", { id: "body", rows: Math.min(20, text.split("\n").length + 1), spellcheck: "false", "aria-describedby": "fault" });
  area.value = text;
  return [el("h3", {}, el("label", { for: "body", class: "heading" }, say("body"))), area];
}

function tabs() {
  const names = { http: "HTTP", curl: "curl", python: "Python SDK" };
  const choose = (tab) => () => ((state.tab = tab), preview(state.sent));
  const buttons = Object.entries(names).map(([tab, name]) =>
    el("button", { type: "button", role: "tab", "data-tab": tab, "aria-controls": "request", click: choose(tab) }, name));
  return el("div", { class: "tabs" }, el("div", { role: "tablist", class: "tabs" }, buttons), copier(() => field("request").textContent));
}

function copier(text) {
  const button = el("button", { type: "button", class: "copy" }, say("copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(text());
    button.textContent = say("copied");
  });
  return button;
}

function changed() {
  for (const input of document.querySelectorAll("[data-name]:not([data-project])")) {
    state.values.set(keyOf(input.dataset.in, input.dataset.name), input.value);
  }
  const project = document.querySelector("[data-project]");
  if (project && project.value !== field("project").value) field("project").value = project.value;
  if (field("body")) state.bodies.set(current().operationId, field("body").value);
  preview();
}

// --- a request ---

/** What the form asks for, before it is signed. */
function asked() {
  const operation = current();
  const inputs = [...document.querySelectorAll("[data-name]")];
  const given = inputs.filter((input) => input.value !== "");
  const valueOf = (name) => inputs.find((input) => input.dataset.in === "path" && input.dataset.name === name)?.value ?? "";
  const segments = operation.path.split("/").map((segment) => (segment.startsWith("{") ? valueOf(segment.slice(1, -1)) : segment));
  const query = given.filter((input) => input.dataset.in === "query").map((input) => [input.dataset.name, input.value]);
  const text = field("body")?.value.trim();
  const headers = { host: location.host };
  if (text) headers["content-type"] = "application/json";
  for (const input of given.filter((input) => input.dataset.in === "header")) headers[input.dataset.name.toLowerCase()] = input.value;
  const search = query.map((pair) => pair.map(encode).join("=")).join("&");
  return {
    operation, segments, query, headers, body: text || undefined, method: operation.method,
    target: segments.map(encode).join("/") + (search && `?${search}`),
    missing: inputs.filter((input) => input.dataset.in === "path" && !input.value).map((input) => input.dataset.name),
    parameters: given.filter((input) => input.dataset.in !== "header").map((input) => [input.dataset.name, input.value, input.dataset.type]),
  };
}

/** Why the request can't be sent as it stands; nothing = it can. */
function fault(request) {
  if (request.missing.length) return say("missing") + request.missing.join(", ");
  if (request.body) {
    try {
      JSON.parse(request.body);
    } catch (why) {
      return say("notJson") + why.message;
    }
  }
  if (!request.operation.security.length || how() === "none") return "";
  if (how() === "token") return field("auth-token").value ? "" : say("noToken");
  return field("access-key").value && field("secret-key").value ? "" : say("noKey");
}

async function prove(request) {
  const headers = { ...request.headers };
  if (how() === "token" && field("auth-token").value) headers["x-auth-token"] = field("auth-token").value;
  if (how() === "key" && request.operation.security.length) {
    headers["x-sdk-date"] = stamp(new Date());
    const keys = { accessKey: field("access-key").value.trim(), secretKey: field("secret-key").value.trim() };
    headers.authorization = await sign({ ...request, headers }, keys);
  }
  return headers;
}

/** Shows the request: as it was sent last, or, once something of it has changed, as it would be. */
function preview(sent) {
  if (!field("request")) return;
  const request = asked();
  const headers = { ...request.headers };
  if (request.operation.security.length && how() === "key") Object.assign(headers, { "x-sdk-date": say("unsigned"), authorization: say("unsigned") });
  if (how() === "token") headers["x-auth-token"] = "…";
  const shown = { ...request, headers: sent ?? headers };
  for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-selected", String(tab.dataset.tab === state.tab));
  const why = fault(request);
  field("body")?.setAttribute("aria-invalid", String(why.startsWith(say("notJson"))));
  field("request").textContent = { http: wire, curl, python }[state.tab](shown);
  field("signed").textContent = sent?.authorization ? say("short") : "";
  state.sent = sent;
}

function python(request) {
  if (!request.operation["x-sdk"]) return say("noSdk");
  const { body } = request;
  try {
    return sdk(request.operation, { ...request, body, projectId: field("project").value });
  } catch (why) {
    return say("notJson") + why.message;
  }
}

async function send() {
  const request = asked();
  const why = fault(request) || (how() === "key" && request.operation.security.length && !canSign() ? say("insecure") : "");
  field("fault").textContent = why;
  if (why) return;
  const button = field("send");
  button.disabled = true;
  button.textContent = say("sending");
  try {
    const headers = await prove(request);
    preview(headers);
    const { host, ...settable } = headers;
    const began = performance.now();
    const answer = await fetch(request.target, {
      method: request.method, headers: settable, body: request.body, cache: "no-store", credentials: "omit", redirect: "error",
    });
    const text = await answer.text();
    showAnswer(answer, text, Math.round(performance.now() - began));
  } catch (error) {
    field("answer").replaceChildren(el("p", { class: "fault" }, say("unreachable") + error.message));
  } finally {
    button.disabled = false;
    button.textContent = say("send");
  }
}

/** What was just made is what the next operation will be about. */
function remember(text) {
  const made = JSON.parse(text);
  for (const name of ["connection_id", "queue_name", "elastic_resource_pool_name", "task_id"]) {
    if (["string", "number"].includes(typeof made?.[name])) state.values.set(name, String(made[name]));
  }
}

function showAnswer(answer, text, took) {
  const isJson = /json/.test(answer.headers.get("content-type") ?? "");
  if (isJson && answer.ok && text) remember(text);
  const headers = [...answer.headers].map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  const status = el("span", { class: `status ${answer.ok ? "good" : "bad"}`, id: "status" }, `${answer.status} ${answer.statusText}`);
  field("answer").replaceChildren(
    el("div", { class: "row" }, status, el("span", { class: "empty" }, `${took} ${say("tookMs")} · ${text.length} B`), copier(() => text)),
    el("dl", { class: "headers" }, headers),
    text ? el("pre", { id: "content", tabindex: "0" }, isJson ? json(text) : text) : el("p", { class: "empty" }, say("emptyBody")),
  );
}

// --- the page ---

function translate() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  field("search").placeholder = say("searchHint");
  field("list").setAttribute("aria-label", say("operations"));
  field("language").textContent = say("other");
  field("language").lang = state.language === "zh" ? "en" : "zh";
  if (!canSign()) notice(say("insecure"));
}

function show() {
  translate();
  showList();
  showOperation();
  credentialsChanged();
}

function listen() {
  field("file").addEventListener("change", readCredentials);
  field("credentials").addEventListener("input", credentialsChanged);
  field("search").addEventListener("input", showList);
  field("language").addEventListener("click", () => ((state.language = state.language === "zh" ? "en" : "zh"), show()));
  document.querySelector(".skip").addEventListener("click", (event) => (event.preventDefault(), field("operation").focus()));
  addEventListener("hashchange", () => {
    if (!api.find(location.hash.slice(1))) return;
    state.shown = location.hash.slice(1);
    showList();
    showOperation();
    field("operation").focus({ preventScroll: true });
    scrollTo({ top: 0 });
  });
  addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !isTyping) (event.preventDefault(), field("search").focus());
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) field("form")?.requestSubmit();
  });
}

translate();
try {
  api = new Api(await (await fetch("/linkspan/v1/openapi.json")).json());
  field("release").textContent = api.version;
  state.shown = location.hash.slice(1);
  listen();
  show();
} catch (why) {
  notice(say("noDocument") + why.message);
}
