//! The layouts that are compared.

/// How records and audit rows lie.
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    /// Beside `head` and `commits`, which all share.
    pub(crate) schema: &'static str,
    pub(crate) page_size: u32,
    /// Whether a row's key is `revision << 20 | n` in one integer.
    pub(crate) one_key: bool,
    pub(crate) audit: bool,
    /// Whether the head is the last row of `commits` instead of a row that is updated.
    pub(crate) head_is_last_commit: bool,
}

const PLAIN: Layout = Layout {
    name: "integer key",
    schema: "CREATE TABLE record (at INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL, body TEXT) STRICT;
        CREATE TABLE audit (at INTEGER PRIMARY KEY, time INTEGER NOT NULL, project TEXT, event TEXT NOT NULL) STRICT;",
    page_size: 4096,
    one_key: true,
    audit: true,
    head_is_last_commit: false,
};

const WITHOUT_ROWID: Layout = Layout {
    name: "(revision, n) without rowid",
    schema: "CREATE TABLE record (revision INTEGER NOT NULL, n INTEGER NOT NULL, kind INTEGER NOT NULL,
            id TEXT NOT NULL, body TEXT, PRIMARY KEY (revision, n)) WITHOUT ROWID, STRICT;
        CREATE TABLE audit (revision INTEGER NOT NULL, n INTEGER NOT NULL, time INTEGER NOT NULL,
            project TEXT, event TEXT NOT NULL, PRIMARY KEY (revision, n)) WITHOUT ROWID, STRICT;",
    one_key: false,
    ..PLAIN
};

pub(crate) const LAYOUTS: &[Layout] = &[
    WITHOUT_ROWID,
    Layout { name: "(revision, n), no audit", audit: false, ..WITHOUT_ROWID },
    Layout {
        name: "(revision, n), index on (kind, id)",
        schema: "CREATE TABLE record (revision INTEGER NOT NULL, n INTEGER NOT NULL, kind INTEGER NOT NULL,
                id TEXT NOT NULL, body TEXT, PRIMARY KEY (revision, n)) WITHOUT ROWID, STRICT;
            CREATE TABLE audit (revision INTEGER NOT NULL, n INTEGER NOT NULL, time INTEGER NOT NULL,
                project TEXT, event TEXT NOT NULL, PRIMARY KEY (revision, n)) WITHOUT ROWID, STRICT;
            CREATE INDEX record_key ON record (kind, id);",
        ..WITHOUT_ROWID
    },
    PLAIN,
    Layout { name: "integer key, no audit", audit: false, ..PLAIN },
    Layout {
        name: "integer key, index on (kind, id)",
        schema: "CREATE TABLE record (at INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL,
                body TEXT) STRICT;
            CREATE TABLE audit (at INTEGER PRIMARY KEY, time INTEGER NOT NULL, project TEXT,
                event TEXT NOT NULL) STRICT;
            CREATE INDEX record_key ON record (kind, id);",
        ..PLAIN
    },
    Layout {
        name: "integer key, audit index on project",
        schema: "CREATE TABLE record (at INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL,
                body TEXT) STRICT;
            CREATE TABLE audit (at INTEGER PRIMARY KEY, time INTEGER NOT NULL, project TEXT,
                event TEXT NOT NULL) STRICT;
            CREATE INDEX audit_project ON audit (project);",
        ..PLAIN
    },
    Layout { name: "integer key, head = last commit", head_is_last_commit: true, ..PLAIN },
    Layout { name: "integer key, pages of 8 KiB", page_size: 8192, ..PLAIN },
];
