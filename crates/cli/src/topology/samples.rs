//! A graph to draw, whose names try to break out of every language.

use linkspan_wire::own::Topology;

pub(super) fn graph() -> Topology {
    serde_json::from_str(
        r#"{"nodes":[
        {"id":"connection:c","kind":"connection","name":"orders","project_id":"p"},
        {"id":"queue:etl","kind":"queue","name":"etl","project_id":"p","cidr":"10.10.0.0/24"},
        {"id":"pool:main","kind":"elastic_resource_pool","name":"main","project_id":"p","cidr":"10.20.0.0/20"},
        {"id":"subnet:n","kind":"subnet","name":"a \"b\" <script>alert(1)</script> & \\ #1; `x` ]\u0007\n--> n9","project_id":"p","cidr":"192.168.1.0/24"},
        {"id":"vpc:v","kind":"vpc","name":"v","project_id":"p"},
        {"id":"queue:in_pool","kind":"queue","name":"in_pool","project_id":"p"},
        {"id":"queue:lonely","kind":"queue","name":"lonely","project_id":"p","cidr":"10.30.0.0/24"},
        {"id":"vpc:empty","kind":"vpc","name":"数据源网络","project_id":"p"}],
        "edges":[
        {"from":"queue:etl","to":"connection:c","kind":"peer","peer":{"peer_id":"d2ae6628-fa37-4e04-806d-c59c497492d1","status":"FAILED","err_msg":"CIDR \"10\" overlaps"}},
        {"from":"pool:main","to":"connection:c","kind":"peer","peer":{"peer_id":"d2ae6628-fa37-4e04-806d-c59c497492d2","status":"ACTIVE","reachability":"unreachable"}},
        {"from":"connection:c","to":"subnet:n","kind":"leads_to"},
        {"from":"subnet:n","to":"vpc:v","kind":"part_of"},
        {"from":"queue:in_pool","to":"pool:main","kind":"lives_in"}],"left_out":0}"#,
    )
    .unwrap()
}
