// A request as text: on the wire, for curl, and for the vendor's SDK for Python.

const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
const title = (name) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** The request as it goes over the wire. */
export function wire({ method, target, headers, body }) {
  const lines = Object.entries(headers).map(([name, value]) => `${title(name)}: ${value}`);
  return [`${method} ${target} HTTP/1.1`, ...lines, ...(body ? ["", body] : [])].join("\n");
}

/** The request as a command. */
export function curl({ method, target, headers, body }) {
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}${quoted(location.origin + target)}`];
  for (const [name, value] of Object.entries(headers)) {
    if (name !== "host") lines.push(`-H ${quoted(`${title(name)}: ${value}`)}`);
  }
  if (body) lines.push(`--data-raw ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

const snake = (name) => name.replace(/-/g, "_").replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();

function python(value, depth = 1) {
  const pad = "    ".repeat(depth);
  const wrap = (open, items, close) =>
    items.length ? `${open}\n${items.map((item) => `${pad}    ${item},\n`).join("")}${pad}${close}` : open + close;
  if (Array.isArray(value)) return wrap("[", value.map((item) => python(item, depth + 1)), "]");
  if (value && typeof value === "object") {
    return wrap("{", Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${python(item, depth + 1)}`), "}");
  }
  return value === null ? "None" : value === true ? "True" : value === false ? "False" : JSON.stringify(value);
}

/** A script with the vendor's SDK; the secret is read from the environment, so the text can be shared. */
export function sdk(operation, { parameters, body, projectId }) {
  const name = operation["x-sdk"];
  const given = parameters.filter(([key]) => key !== "project_id").map(([key, value, type]) => {
    const text = type === "integer" || type === "boolean" ? python(JSON.parse(value)) : python(value);
    return `    ${snake(key)}=${text},\n`;
  });
  if (body) given.push(`    body=${python(JSON.parse(body))},\n`);
  return `import os
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkdli.v1 import DliClient, ${name}Request

keys = BasicCredentials(
    os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"], ${python(projectId || "PROJECT_ID")}
)
client = DliClient.new_builder().with_credentials(keys).with_endpoint(${python(location.origin)}).build()

print(client.${snake(name)}(${name}Request(${given.length ? `\n${given.join("")}` : ""})))
`;
}
