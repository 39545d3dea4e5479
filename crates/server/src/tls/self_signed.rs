//! A certificate of our own: for a year, renewed a month before its end, or when it is to be for other names.
//!
//! Certificate and key lie in one file, so that they always fit. A line before them says until when and for what it was
//! made; what stands outside the armour is no part of a PEM file.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use linkspan_model::UnixMillis;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};

use super::{Pem, TlsError, read};
use crate::auth::private_file;

const FILE: &str = "tls-self-signed.pem";
const PUBLIC_FILE: &str = "tls-certificate.pem";
const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const LIFE_MS: i64 = 365 * DAY_MS;
/// A certificate starts a day before it is made, for clients whose clock is behind.
const BEFORE_MS: i64 = DAY_MS;
const RENEW_BEFORE_MS: i64 = 30 * DAY_MS;

pub(super) fn read_or_make(directory: &Path, names: &[String], now: UnixMillis) -> Result<Pem, TlsError> {
    let path = directory.join(FILE);
    let names = all_names(names);
    match read(&path) {
        Ok(content) if is_good(&content, &names, now) => return Ok(pem(content, path)),
        Ok(_) => {}
        Err(TlsError::File { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let ends = now.saturating_add(LIFE_MS);
    let (certificate, key) = make(&names, now, ends).map_err(|error| TlsError::Make(error.to_string()))?;
    let content = format!("{}{certificate}{key}", note(ends, &names)).into_bytes();
    private_file::write(&path, &content).map_err(|cause| TlsError::File { path: path.clone(), cause })?;
    let public = directory.join(PUBLIC_FILE);
    std::fs::write(&public, certificate).map_err(|cause| TlsError::File { path: public, cause })?;
    Ok(pem(content, path))
}

fn all_names(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = ALWAYS.into_iter().map(str::to_owned).chain(names.iter().cloned()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn pem(content: Vec<u8>, path: PathBuf) -> Pem {
    Pem { chain: content.clone(), key: content, path }
}

fn note(ends: UnixMillis, names: &[String]) -> String {
    format!("Made by Linkspan until {ends} for {}\n", names.join(" "))
}

fn is_good(content: &[u8], names: &[String], now: UnixMillis) -> bool {
    let first = content.split(|byte| *byte == b'\n').next().and_then(|line| str::from_utf8(line).ok());
    let Some(line) = first else { return false };
    let ends = line.strip_prefix("Made by Linkspan until ").and_then(|rest| rest.split(' ').next()?.parse().ok());
    let Some(ends) = ends else { return false };
    // One from the future is of a clock that was wrong then.
    let lasts = (now.saturating_add(RENEW_BEFORE_MS)..=now.saturating_add(LIFE_MS)).contains(&ends);
    lasts && note(ends, names).trim_end() == line
}

fn make(names: &[String], now: UnixMillis, ends: UnixMillis) -> Result<(String, String), rcgen::Error> {
    let mut params = CertificateParams::new(names.to_vec())?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "Linkspan");
    params.distinguished_name = subject;
    let day = |at: UnixMillis| {
        let date =
            Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned_datetime(TimeZone::UTC).date();
        let part = |part: i8| u8::try_from(part).unwrap_or(1);
        date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = day(now.saturating_sub(BEFORE_MS));
    // Dates are cut to the day, so one more keeps the promise of the note.
    params.not_after = day(ends.saturating_add(DAY_MS));
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}
