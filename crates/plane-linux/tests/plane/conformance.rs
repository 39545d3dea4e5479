//! The rules that every plane is held to, each in namespaces of its own.

use linkspan_plane::conformance::RULES;

use crate::isolated::isolated_each;
use crate::scene::Scene;

#[test]
fn the_plane_keeps_every_rule() {
    let names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    isolated_each(&names, |directory, name| {
        let scene = Scene::new(&directory);
        let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
        scene.runtime.block_on((rule.check)(&scene.plane)).unwrap();
    });
}
