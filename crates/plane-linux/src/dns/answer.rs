//! What is said to a question. Pure.

use hickory_proto::op::{Edns, Header, Message, MessageType, Metadata, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use crate::hosts::Zone;

/// Seconds for which an answer may be kept: records change under running programs.
const TTL: u32 = 5;
/// The longest datagram that is taken without splitting on its way.
const PAYLOAD: u16 = 1232;

/// What is to be done about what came in.
#[derive(Debug)]
pub(super) enum Reply {
    /// This is said.
    Say(Vec<u8>),
    /// It is a question that others may know the answer to.
    Ask(Box<Question>),
    /// It is no question.
    Nothing,
}

/// A question that is well-formed.
#[derive(Debug)]
pub(super) struct Question {
    /// As it came in.
    pub(super) bytes: Vec<u8>,
    /// Where, in those, the question itself ends; it begins after the header.
    pub(super) end: usize,
    message: Message,
}

/// What is said by the records of a network; none if they can't be read.
pub(super) fn reply(bytes: &[u8], zone: Option<&Zone>) -> Reply {
    let Ok(header) = Header::read(&mut BinDecoder::new(bytes)) else { return Reply::Nothing };
    // An answer that was answered would be answered in turn.
    if header.metadata.message_type == MessageType::Response {
        return Reply::Nothing;
    }
    let Some(question) = Question::read(bytes) else { return said(failure(&header.metadata, ResponseCode::FormErr)) };
    if header.metadata.op_code != OpCode::Query {
        return question.fail(ResponseCode::NotImp);
    }
    let Some(zone) = zone else { return question.fail(ResponseCode::ServFail) };
    let asked = question.asked();
    let Some(found) = asked.and_then(|asked| zone.resolve(&text(&asked.name)?)) else {
        return Reply::Ask(Box::new(question));
    };
    let mut answer = question.answer(ResponseCode::NoError);
    answer.metadata.authoritative = true;
    if let Some(asked) = asked.filter(|asked| asked.query_class == DNSClass::IN && asked.query_type == RecordType::A) {
        answer.add_answer(Record::from_rdata(asked.name.clone(), TTL, RData::A(found.address.into())));
    }
    said(answer)
}

impl Question {
    /// None unless exactly one thing is asked, in a message that can be read to its end.
    fn read(bytes: &[u8]) -> Option<Self> {
        let message = Message::from_vec(bytes).ok().filter(|message| message.queries.len() == 1)?;
        let mut decoder = BinDecoder::new(bytes);
        Header::read(&mut decoder).ok()?;
        Query::read(&mut decoder).ok()?;
        Some(Self { bytes: bytes.to_vec(), end: decoder.index(), message })
    }

    fn asked(&self) -> Option<&Query> {
        self.message.queries.first()
    }

    /// The answer that there is none, and why.
    pub(super) fn fail(&self, why: ResponseCode) -> Reply {
        said(self.answer(why))
    }

    fn answer(&self, code: ResponseCode) -> Message {
        let mut answer = failure(&self.message.metadata, code);
        answer.add_queries(self.asked().cloned());
        if self.message.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(PAYLOAD);
            answer.set_edns(edns);
        }
        answer
    }
}

fn failure(question: &Metadata, code: ResponseCode) -> Message {
    let mut answer = Message::response(question.id, question.op_code);
    answer.metadata = Metadata::response_from_request(question);
    answer.metadata.recursion_available = true;
    answer.metadata.response_code = code;
    answer
}

fn said(message: Message) -> Reply {
    message.to_vec().map_or(Reply::Nothing, Reply::Say)
}

/// A name as records have it; none if no record could.
fn text(name: &Name) -> Option<String> {
    let labels: Option<Vec<&str>> = name.iter().map(|label| std::str::from_utf8(label).ok()).collect();
    let labels = labels.filter(|labels| !labels.iter().any(|label| label.contains('.')))?;
    Some(labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use linkspan_plane::HostTable;
    use linkspan_plane::conformance::samples;

    fn zone() -> Zone {
        let table = HostTable::new(vec![samples::host_part(1, &[("Kafka.internal", "10.0.0.1")])]);
        Zone { digest: table.digest(), names: table.merged() }
    }

    fn question(name: &str, kind: RecordType) -> Message {
        let mut message = Message::new(7, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message
    }

    fn answered(message: &Message) -> Message {
        match reply(&message.to_vec().unwrap(), Some(&zone())) {
            Reply::Say(bytes) => Message::from_vec(&bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_record_is_answered_whatever_the_case_and_its_other_types_are_empty() {
        for name in ["kafka.internal.", "KAFKA.Internal."] {
            let answer = answered(&question(name, RecordType::A));
            assert_eq!((answer.metadata.id, answer.metadata.response_code), (7, ResponseCode::NoError));
            assert!(answer.metadata.authoritative && answer.metadata.recursion_desired);
            assert_eq!((answer.answers.len(), answer.answers[0].ttl), (1, 5));
            assert_eq!(answer.answers[0].data, RData::A("10.0.0.1".parse().unwrap()));
            // Letter case is the asker's own way of recognising its answer.
            assert!(answer.queries[0].name.eq_case(&Name::from_ascii(name).unwrap()));
        }
        for kind in [RecordType::AAAA, RecordType::MX, RecordType::ANY] {
            let answer = answered(&question("kafka.internal.", kind));
            assert_eq!((answer.metadata.response_code, answer.answers.len()), (ResponseCode::NoError, 0), "{kind}");
        }
    }

    #[test]
    fn a_name_without_record_is_for_others_and_unreadable_records_hide_nothing() {
        for name in ["kafka.", "x.kafka.internal.", "internal.", "."] {
            let bytes = question(name, RecordType::A).to_vec().unwrap();
            let Reply::Ask(question) = reply(&bytes, Some(&zone())) else { panic!("{name}") };
            assert_eq!(question.end, bytes.len());
            let Reply::Say(bytes) = reply(&bytes, None) else { panic!("{name}") };
            assert_eq!(Message::from_vec(&bytes).unwrap().metadata.response_code, ResponseCode::ServFail);
        }
    }

    #[test]
    fn what_is_no_question_is_passed_over_or_told_so() {
        let good = question("kafka.internal.", RecordType::A).to_vec().unwrap();
        for length in 0..12 {
            assert!(matches!(reply(&good[..length], Some(&zone())), Reply::Nothing), "{length}");
        }
        for length in 12..good.len() {
            let Reply::Say(bytes) = reply(&good[..length], Some(&zone())) else { panic!("{length}") };
            let answer = Message::from_vec(&bytes).unwrap();
            assert_eq!((answer.metadata.id, answer.metadata.response_code), (7, ResponseCode::FormErr));
        }
        let mut answer = question("kafka.internal.", RecordType::A);
        answer.metadata.message_type = MessageType::Response;
        assert!(matches!(reply(&answer.to_vec().unwrap(), Some(&zone())), Reply::Nothing));
        let mut update = question("kafka.internal.", RecordType::A);
        update.metadata.op_code = OpCode::Status;
        assert_eq!(answered(&update).metadata.response_code, ResponseCode::NotImp);
        // Two questions have no answer in one message.
        let mut two = question("kafka.internal.", RecordType::A);
        two.add_query(Query::query(Name::from_ascii("other.").unwrap(), RecordType::A));
        assert_eq!(answered(&two).metadata.response_code, ResponseCode::FormErr);
    }

    #[test]
    fn whatever_comes_in_is_survived() {
        let mut seed = 1_u32;
        let good = question("kafka.internal.", RecordType::A).to_vec().unwrap();
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..3 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (seed >> 16) as usize % bytes.len();
                bytes[at] = (seed >> 8) as u8;
            }
            reply(&bytes, Some(&zone()));
        }
    }
}
