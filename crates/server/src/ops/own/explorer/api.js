// The description of the API, as the page needs it.

const METHODS = ["get", "post", "put", "patch", "delete"];

/** The description, with references that can be followed. */
export class Api {
  constructor(document) {
    this.document = document;
    this.version = document.info.version;
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({ ...item[method], path, method: method.toUpperCase() })),
    );
  }

  /** The operations by their tag, in the order of the tags, with the tag's name in a language. */
  groups(language) {
    const name = (tag) => (language === "zh" && tag["x-name-zh"]) || tag.name;
    const of = (tag) => this.operations.filter((operation) => operation.tags.includes(tag.name));
    return this.document.tags.map((tag) => ({ name: name(tag), operations: of(tag) })).filter((group) => group.operations.length);
  }

  find(id) {
    return this.operations.find((operation) => operation.operationId === id);
  }

  /** A schema without references at its top. */
  resolve(schema) {
    if (!schema?.$ref) return schema ?? {};
    return schema.$ref.slice(2).split("/").reduce((place, name) => place[name], this.document);
  }
}

/** What an operation says in a language. */
export const summary = (operation, language) => (language === "zh" && operation["x-summary-zh"]) || operation.summary || "";
export const description = (operation, language) =>
  (language === "zh" && operation["x-description-zh"]) || operation.description || "";

/** The example of a request's body, indented; none = it takes no body. */
export function bodyExample(operation) {
  const content = operation.requestBody?.content["application/json"];
  return content ? JSON.stringify(content.example ?? {}, null, 2) : undefined;
}
