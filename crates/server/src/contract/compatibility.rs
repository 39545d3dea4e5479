//! The register of compatibility, in Markdown and in two languages: every operation with its source, who was seen
//! calling it, and what differs; then the vendor's calls that are not answered.

use std::fmt::Write;

use super::openapi::all_operations;
use super::words::{COMMON, Words};
use super::{Area, Contract, Said, contracts, family};
use crate::operation::Operation;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

impl Language {
    fn of(self, said: Said) -> &'static str {
        match self {
            Self::English => said.en,
            Self::Chinese => said.zh,
        }
    }
}

/// The whole page.
#[must_use]
pub fn register(language: Language) -> String {
    let page = Page { language, words: Words::of(language), contracts: contracts() };
    page.write()
}

struct Page {
    language: Language,
    words: &'static Words,
    contracts: Vec<Contract>,
}

impl Page {
    fn write(&self) -> String {
        let words = self.words;
        let mut page = String::new();
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(page, "# {}\n\n{}\n\n{}\n", words.title, words.intro, words.warning);
        let _ = writeln!(page, "{}\n", self.figures());
        let _ = writeln!(page, "## {}\n", words.everywhere);
        for said in COMMON {
            let _ = writeln!(page, "- {}", self.language.of(said));
        }
        for area in Area::ALL {
            self.write_area(area, &mut page);
        }
        self.write_absent(&mut page);
        page
    }

    fn figures(&self) -> String {
        let all: Vec<_> = family::members().collect();
        let answered = all.iter().filter(|member| is_answered(member)).count();
        let own = all_operations().filter(|operation| operation.document == "linkspan").count();
        (self.words.figures)(answered, all.len(), own)
    }

    fn write_area(&self, area: Area, page: &mut String) {
        let rows: Vec<_> = self.contracts.iter().filter(|contract| contract.area == area).filter_map(found).collect();
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(page, "\n## {}\n\n{}", self.language.of(area.name()), self.words.head);
        for (contract, operation) in &rows {
            let _ = writeln!(page, "{}", self.row(contract, operation));
        }
        let noted = rows.iter().filter(|(contract, _)| !contract.lacks.is_empty() || !contract.notes.is_empty());
        for (index, (contract, _)) in noted.enumerate() {
            if index == 0 {
                page.push('\n');
            }
            for lack in &contract.lacks {
                let (mark, text) = (self.words.partial, self.language.of(*lack));
                let _ = writeln!(page, "- `{}` – {mark}: {text}", contract.operation);
            }
            for note in &contract.notes {
                let _ = writeln!(page, "- `{}` – {}", contract.operation, self.language.of(*note));
            }
        }
    }

    fn row(&self, contract: &Contract, operation: &Operation) -> String {
        let clients: Vec<_> = contract.clients.iter().map(|client| client.name()).collect();
        let status = if contract.lacks.is_empty() { self.words.supported } else { self.words.partial };
        let document = match operation.document {
            "linkspan" | "none" => "–",
            document => document,
        };
        format!(
            "| `{}` | {} | `{} {}` | {document} | {} | {status} |",
            operation.name,
            self.language.of(contract.summary),
            operation.method,
            operation.path,
            or_dash(&clients.join(", ")),
        )
    }

    fn write_absent(&self, page: &mut String) {
        let words = self.words;
        let _ = writeln!(page, "\n## {}\n\n{}\n\n{}", words.absent, words.absent_intro, words.absent_head);
        for member in family::members().filter(|member| !is_answered(member)) {
            let (method, path) = member.place();
            let document = member.document.unwrap_or("–");
            let _ = writeln!(page, "| `{}` | {} | `{method} {path}` | {document} |", member.name, member.group);
        }
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

fn found(contract: &Contract) -> Option<(&Contract, &'static Operation)> {
    all_operations().find(|operation| operation.name == contract.operation).map(|operation| (contract, operation))
}

fn is_answered(member: &family::Member) -> bool {
    all_operations().any(|operation| member.is_answered_by(operation))
}
