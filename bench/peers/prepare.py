"""Makes what the peers serve out of one page of 1000 connections: SQL, an OpenAPI example, a Mockoon mock, a db.json."""

import json
import sys
from pathlib import Path

LIST = "v2.0/:project/datasource/enhanced-connections"
COLUMNS = "id", "name", "status", "dest_vpc_id", "dest_network_id", "create_time"
TABLES = """
CREATE TABLE connection (id text PRIMARY KEY, project text, name text, status text, dest_vpc_id text,
    dest_network_id text, create_time bigint);
CREATE TABLE host (connection text REFERENCES connection, name text, ip text, PRIMARY KEY (connection, name));
CREATE TABLE peer (connection text REFERENCES connection, peer_id text PRIMARY KEY, name text, status text,
    err_msg text, update_time bigint);
CREATE INDEX ON connection (project, create_time DESC);
CREATE INDEX ON peer (connection);
"""


def insert(table, values):
    quoted = ", ".join("'" + str(value).replace("'", "''") + "'" for value in values)
    return f"INSERT INTO {table} VALUES ({quoted});"


def sql(rows):
    yield TABLES
    for row in rows:
        id, name, *rest = (row[column] for column in COLUMNS)
        yield insert("connection", [id, "p1", name, *rest])
        for host in row["hosts"]:
            yield insert("host", [id, host["name"], host["ip"]])
        for peer in row["available_queue_info"]:
            fields = (peer[field] for field in ("peer_id", "name", "status", "err_msg", "update_time"))
            yield insert("peer", [id, *fields])
    yield "ANALYZE;"


def openapi(page):
    answer = {"description": "a page", "content": {"application/json": {"example": page}}}
    parameter = {"name": "project", "in": "path", "required": True, "schema": {"type": "string"}}
    operation = {"parameters": [parameter], "responses": {"200": answer}}
    path = "/" + LIST.replace(":project", "{project}")
    return {"openapi": "3.0.3", "info": {"title": "list", "version": "1"}, "paths": {path: {"get": operation}}}


def mockoon(page, port):
    response = {
        "uuid": "b0000000-0000-4000-8000-000000000001", "body": json.dumps(page), "latency": 0, "statusCode": 200,
        "label": "", "headers": [{"key": "Content-Type", "value": "application/json"}], "bodyType": "INLINE",
        "filePath": "", "databucketID": "", "sendFileAsBody": False, "rules": [], "rulesOperator": "OR",
        "disableTemplating": True, "fallbackTo404": False, "default": True, "crudKey": "id", "callbacks": [],
    }
    route = {
        "uuid": "b0000000-0000-4000-8000-000000000002", "type": "http", "documentation": "", "method": "get",
        "endpoint": LIST, "responses": [response], "responseMode": None, "streamingMode": None, "streamingInterval": 0,
    }
    tls = {"enabled": False, "type": "CERT", "pfxPath": "", "certPath": "", "keyPath": "", "caPath": "", "passphrase": ""}
    return {
        "uuid": "b0000000-0000-4000-8000-000000000003", "lastMigration": 33, "name": "list", "endpointPrefix": "",
        "latency": 0, "port": port, "hostname": "127.0.0.1", "folders": [], "routes": [route],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}], "proxyMode": False, "proxyHost": "",
        "proxyRemovePrefix": False, "tlsOptions": tls, "cors": False, "headers": [], "proxyReqHeaders": [],
        "proxyResHeaders": [], "data": [], "callbacks": [],
    }


def main(source, directory, port):
    rows = json.loads(Path(source).read_text())["connections"]
    page = {"is_success": True, "message": "", "connections": rows[:100], "count": 100}
    to = Path(directory)
    (to / "rows.sql").write_text("\n".join(sql(rows)))
    (to / "openapi.json").write_text(json.dumps(openapi(page)))
    (to / "mockoon.json").write_text(json.dumps(mockoon(page, port)))
    (to / "db.json").write_text(json.dumps({"connections": rows}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
