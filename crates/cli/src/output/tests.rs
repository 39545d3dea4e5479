use super::*;

#[derive(Serialize)]
struct Fruit {
    name: &'static str,
    status: &'static str,
    made: i64,
}

impl Row for Fruit {
    const PLURAL: &'static str = "fruits";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("NAME", false), ("STATUS", false), ("MADE", true), ("AGE", false)];

    fn name(&self) -> String {
        self.name.into()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        vec![self.name.into(), Cell::status(self.status), exact(self.made).into(), age(self.made, now).into()]
    }
}

const NOW: i64 = 1_566_888_911_125;

fn fruits() -> Vec<Fruit> {
    let made = 1_566_888_011_125;
    vec![Fruit { name: "apple", status: "ACTIVE", made }, Fruit { name: "p\u{1b}[31mear", status: "FAILED", made }]
}

fn output(format: Format, coloured: bool) -> Output {
    Output { format, coloured, width: None, now: NOW }
}

#[test]
fn a_table_has_columns_and_no_control_characters() {
    let text = output(Format::Table, false).table(&fruits());
    let replaced = "p\u{fffd}[31mear";
    assert_eq!(text, format!("NAME       STATUS  AGE\napple      ACTIVE  15m\n{replaced}  FAILED  15m"));
}

#[test]
fn the_wide_table_has_more() {
    let text = output(Format::Wide, false).table(&fruits()[..1]);
    assert_eq!(text, "NAME   STATUS  MADE                  AGE\napple  ACTIVE  2019-08-27T06:40:11Z  15m");
}

#[test]
fn colour_is_for_terminals() {
    let text = output(Format::Table, true).table(&fruits()[..1]);
    assert!(text.contains("\u{1b}[") && text.contains("ACTIVE"), "{text:?}");
}

#[test]
fn a_narrow_terminal_breaks_cells_and_a_pipe_does_not() {
    let long = Fruit { name: "a name that is much longer than the terminal is wide", status: "ACTIVE", made: 1 };
    let narrow = Output { format: Format::Table, coloured: false, width: Some(40), now: NOW };
    assert!(narrow.table(std::slice::from_ref(&long)).lines().all(|line| line.chars().count() <= 40));
    assert_eq!(output(Format::Table, false).table(&[long]).lines().count(), 2);
}

#[test]
fn programs_get_the_fields() {
    let fruit = &fruits()[0];
    assert_eq!(line(fruit).unwrap(), r#"{"name":"apple","status":"ACTIVE","made":1566888011125}"#);
    assert_eq!(yaml(fruit).unwrap(), "name: apple\nstatus: ACTIVE\nmade: 1566888011125\n");
    assert_eq!(pretty(&Vec::<Fruit>::new()).unwrap(), "[]");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    assert!(written(Err(ErrorKind::BrokenPipe.into())).is_ok());
    assert!(written(Err(ErrorKind::StorageFull.into())).is_err());
}

#[test]
fn the_form_is_seen_in_a_command_line_that_is_wrong() {
    let seen = |line: &str| format_of(line.split(' ').map(str::to_owned));
    for line in ["x -o json bad", "x bad --output json", "x --output=json", "x -ojson", "x -o=json"] {
        assert_eq!(seen(line), Format::Json, "{line}");
    }
    assert_eq!((seen("x bad"), seen("x -o"), seen("x -o xml")), (Format::Table, Format::Table, Format::Table));
}
